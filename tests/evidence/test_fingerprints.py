"""Fingerprints: copies are found, strangers are not, flat frames say nothing."""

from io import BytesIO
from itertools import combinations
from random import Random

import pytest
from PIL import Image

from backend.evidence.fingerprints import BAND_BITS, bands, dhash, distance, probes
from tests.pictures import NEAR, phone_jpeg, recompressed


def fingerprint(jpeg: bytes) -> int | None:
    with Image.open(BytesIO(jpeg)) as image:
        return dhash(image)


def steps(rows: list[str]) -> Image.Image:
    """Return a 9 x 8 picture whose brightness rises at 1 and falls at 0."""
    image = Image.new("L", (9, 8))
    for y, row in enumerate(rows):
        level = 128
        image.putpixel((0, y), level)
        for x, step in enumerate(row, start=1):
            level += 10 if step == "1" else -10
            image.putpixel((x, y), level)
    return image


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["00000000"] * 7 + ["00001111"], 0x0F),
        (["01010101"] * 8, 0x5555_5555_5555_5555),
        (["10000000"] + ["00000000"] * 6 + ["00000001"], -(2**63) + 1),
        (["11111111"] * 7 + ["11111100"], -4),
    ],
)
def test_reads_row_by_row_from_the_top_left_as_a_signed_number(rows, expected):
    assert expected == dhash(steps(rows))


@pytest.mark.parametrize("seed", range(20))
def test_a_recompressed_and_watermarked_copy_is_near(seed):
    photo = phone_jpeg(seed)

    assert distance(fingerprint(photo), fingerprint(recompressed(photo))) <= NEAR


@pytest.mark.parametrize("seed", range(5))
def test_a_smaller_copy_is_near(seed):
    assert (
        distance(fingerprint(phone_jpeg(seed)), fingerprint(phone_jpeg(seed, (320, 240)))) <= NEAR
    )


def test_other_scenes_are_far():
    scenes = [fingerprint(phone_jpeg(seed, (160, 120))) for seed in range(60)]

    assert 10 < min(distance(a, b) for a, b in combinations(scenes, 2))


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(Image.new("RGB", (640, 480), "grey"), id="grey"),
        pytest.param(Image.new("L", (1, 1)), id="a pixel"),
        pytest.param(Image.frombytes("L", (640, 480), Random(1).randbytes(307_200)), id="noise"),
        pytest.param(Image.linear_gradient("L"), id="light from below"),
        pytest.param(Image.linear_gradient("L").rotate(90), id="light from the side"),
    ],
)
def test_a_flat_frame_has_none(image):
    assert dhash(image) is None


@pytest.mark.parametrize(
    ("expected", "a", "b"),
    [(0, 0, 0), (64, 0, -1), (1, 0, -(2**63)), (2, 5, 6), (0, -7, -7)],
)
def test_counts_differing_bits(expected, a, b):
    assert expected == distance(a, b) == distance(b, a)


@pytest.mark.parametrize(
    ("expected", "signed"),
    [
        ((2**22 - 1, 2**21 - 1, 2**21 - 1), -1),
        ((2**21, 0, 0), -(2**63)),
        ((1, 0, 0), 1),
        ((0, 0, 1), 2),
        ((0, 1, 0), 4),
    ],
)
def test_deals_the_bits_out_to_three_bands_in_turn(expected, signed):
    assert expected == bands(signed)
    assert BAND_BITS == tuple(band.bit_length() for band in bands(-1))


def test_probes_are_the_band_and_its_neighbours():
    assert 22 == len(set(probes(0x1BEEF, 21)))
    assert all((0x1BEEF ^ probe).bit_count() <= 1 for probe in probes(0x1BEEF, 21))
    assert all(probe < 2**21 for probe in probes(0x1BEEF, 21))


def test_probing_three_bands_finds_everything_within_five_bits():
    random = Random(7)
    for _ in range(2_000):
        known = random.getrandbits(64) - 2**63
        seen = known
        for bit in random.sample(range(63), random.randrange(6)):
            seen ^= 1 << bit
        asked = zip(bands(known), bands(seen), BAND_BITS, strict=True)
        assert any(band in probes(probe, width) for band, probe, width in asked)
