"""Reading photos: what is believed, what is cleaned, what is refused."""

import struct
import warnings
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import ExifTags, Image

from backend.evidence import frames, images
from backend.evidence.fingerprints import distance
from backend.evidence.frames import TooManyPixelsError, UnreadableImageError
from tests import pictures
from tests.pictures import NEAR, phone_jpeg, png_chunk

BEIJING = timezone(timedelta(hours=8))
MAX_PIXELS = 1_000_000


@pytest.fixture
def kept(tmp_path):
    def keep(content: bytes):
        path = tmp_path / "photo"
        path.write_bytes(content)
        return path

    return keep


@pytest.fixture
def analyse(kept):
    return lambda content: images.analyse(kept(content), max_pixels=4 * MAX_PIXELS)


@pytest.fixture
def header(kept):
    return lambda content: header_of(kept(content), MAX_PIXELS)


def header_of(path, max_pixels: int) -> tuple[str, int, int]:
    """Return what the first bytes declare: the format, and the pixels of its sides."""
    with frames.opened(path, max_pixels) as raw:
        return frames.format_of(raw), *raw.size


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_exif(kind: str = "JPEG", *, main=(), photo=(), gps=()) -> bytes:
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(ExifTags.IFD.Exif).update(photo)
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return encoded(Image.new("RGB", (40, 30), "teal"), kind, exif=exif)


def shown(jpeg: bytes) -> Image.Image:
    with Image.open(BytesIO(jpeg)) as image:
        image.load()
    return image


def near(expected, pixel):
    return all(abs(a - b) <= 6 for a, b in zip(expected, pixel, strict=True))


TEAL = Image.new("RGB", (40, 30), "teal")


@pytest.mark.parametrize(
    ("format_", "content"),
    [
        ("JPEG", encoded(TEAL, "JPEG")),
        ("JPEG", encoded(TEAL, "MPO", save_all=True, append_images=[TEAL])),
        ("PNG", encoded(TEAL, "PNG")),
        ("WEBP", encoded(TEAL, "WEBP")),
        ("HEIF", encoded(TEAL, "HEIF")),
    ],
)
def test_reads_the_header(header, format_, content):
    assert (format_, 40, 30) == header(content)


def test_a_phone_photo_says_when_where_and_by_what_it_was_taken(analyse):
    taken_at = datetime(2025, 6, 18, 10, 30, tzinfo=timezone(timedelta(hours=6)))

    photo = analyse(phone_jpeg(taken_at=taken_at, lat=39.990475, lon=116.481499, model="YAOSHI X1"))

    assert (640, 480, "image/jpeg") == (photo.width, photo.height, photo.media_type)
    assert taken_at == photo.taken_at
    assert UTC == photo.taken_at.tzinfo
    assert (39.990475, 116.481499) == pytest.approx((photo.lat, photo.lon), abs=1e-6)
    assert "YAOSHI X1" == photo.device_model
    assert -(2**63) <= photo.dhash < 2**63


def test_a_photo_without_exif_claims_nothing(analyse):
    photo = analyse(encoded(TEAL, "JPEG"))

    assert (None,) * 4 == (photo.taken_at, photo.lat, photo.lon, photo.device_model)


def test_copies_are_progressive_jpegs_without_any_metadata(analyse):
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Secret"
    source = encoded(
        shown(phone_jpeg(size=(2000, 400))),
        "JPEG",
        exif=exif,
        comment=b"Secret",
        xmp=b"Secret",
        icc_profile=b"Secret",
    )

    photo = analyse(source)

    for copy, size in ((photo.display, (1600, 320)), (photo.thumbnail, (320, 64))):
        image = shown(copy)
        assert ("JPEG", "RGB", size) == (image.format, image.mode, image.size)
        assert {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        } == (set(image.info))
        assert b"Secret" not in copy
        assert b"Exif" not in copy


def test_a_small_photo_is_not_enlarged(analyse):
    photo = analyse(phone_jpeg(size=(200, 100)))

    assert (200, 100) == shown(photo.display).size == shown(photo.thumbnail).size


def test_a_sliver_keeps_a_pixel(analyse):
    assert (1600, 1) == shown(analyse(encoded(Image.new("RGB", (9000, 1)), "PNG")).display).size


@pytest.mark.parametrize("width", range(1601, 1700, 7))
def test_the_longest_edge_is_exact(analyse, width):
    assert 1600 == shown(analyse(encoded(Image.new("RGB", (width, 3)), "PNG")).display).width


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [
        (1, (40, 20), "upper left"),
        (2, (40, 20), "upper right"),
        (3, (40, 20), "lower right"),
        (4, (40, 20), "lower left"),
        (5, (20, 40), "upper left"),
        (6, (20, 40), "upper right"),
        (7, (20, 40), "lower right"),
        (8, (20, 40), "lower left"),
        (9, (40, 20), "upper left"),
        (0, (40, 20), "upper left"),
    ],
)
def test_stands_upright(analyse, orientation, size, corner):
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    photo = analyse(encoded(image, "PNG", exif=exif))

    display = shown(photo.display)
    assert size == (photo.width, photo.height) == display.size
    x = 3 if "left" in corner else size[0] - 4
    y = 3 if "upper" in corner else size[1] - 4
    assert near((255, 255, 255), display.getpixel((x, y)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_which_turns_itself_is_not_turned_twice(analyse, orientation):
    image = Image.new("RGB", (128, 64), "black")
    image.paste("white", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    heic, png = (analyse(encoded(image, kind, exif=exif.tobytes())) for kind in ("HEIF", "PNG"))

    first, second = (shown(photo.display) for photo in (heic, png))
    assert (png.width, png.height) == (heic.width, heic.height) == first.size == second.size
    for x, y in ((8, 8), (first.width - 8, 8), (8, first.height - 8)):
        assert near(second.getpixel((x, y)), first.getpixel((x, y)))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("size", [(3_300, 1_000), (1_000, 3_300), (1_601, 1_601)])
def test_a_large_photo_is_put_together_without_a_seam(analyse, kind, size):
    ramp = Image.linear_gradient("L").resize(size).convert("RGB")

    display = shown(analyse(encoded(ramp, kind)).display).convert("L")

    column = [display.getpixel((display.width // 2, y)) for y in range(display.height)]
    assert all(abs(b - a) <= 4 for a, b in pairwise(column))
    assert column[0] <= 4
    assert column[-1] >= 251


def transparent_palette() -> Image.Image:
    image = Image.new("P", (40, 30), 1)
    image.putpalette([200, 30, 30, 0, 128, 128])
    image.paste(0, (0, 0, 20, 30))
    return image


def grey16() -> Image.Image:
    return Image.frombytes("I;16", (40, 30), struct.pack("<H", 0x8000) * 1200)


def half_seen(mode: str) -> Image.Image:
    image = Image.new("RGBA", (40, 30), (0, 128, 128, 255))
    image.paste((0, 0, 0, 0), (0, 0, 20, 30))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("content", "left", "right"),
    [
        pytest.param(
            encoded(TEAL.convert("CMYK"), "JPEG"), (0, 128, 128), (0, 128, 128), id="cmyk"
        ),
        pytest.param(encoded(TEAL.convert("L"), "JPEG"), (90,) * 3, (90,) * 3, id="grey"),
        pytest.param(
            encoded(TEAL.convert("1", dither=0), "PNG"), (0,) * 3, (0,) * 3, id="two-tone"
        ),
        pytest.param(encoded(grey16(), "PNG"), (128,) * 3, (128,) * 3, id="16-bit grey"),
        pytest.param(
            encoded(transparent_palette(), "PNG"), (200, 30, 30), (0, 128, 128), id="palette"
        ),
        pytest.param(
            encoded(transparent_palette(), "PNG", transparency=0),
            (255, 255, 255),
            (0, 128, 128),
            id="palette with a transparent colour",
        ),
        pytest.param(
            encoded(TEAL, "PNG", transparency=(0, 128, 128)),
            (255, 255, 255),
            (255, 255, 255),
            id="transparent colour",
        ),
        pytest.param(encoded(half_seen("RGBA"), "PNG"), (255, 255, 255), (0, 128, 128), id="alpha"),
        pytest.param(encoded(half_seen("LA"), "PNG"), (255,) * 3, (90,) * 3, id="grey and alpha"),
        pytest.param(
            encoded(half_seen("RGBA"), "WEBP", lossless=True),
            (255, 255, 255),
            (0, 128, 128),
            id="webp alpha",
        ),
        pytest.param(encoded(TEAL, "HEIF", quality=95), (0, 128, 128), (0, 128, 128), id="heic"),
        pytest.param(
            encoded(half_seen("RGBA"), "HEIF", quality=-1),
            (255, 255, 255),
            (0, 128, 128),
            id="heic alpha",
        ),
        pytest.param(
            encoded(TEAL, "HEIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
            (0, 128, 128),
            (0, 128, 128),
            id="first frame of heic",
        ),
        pytest.param(
            encoded(TEAL, "PNG", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
            (0, 128, 128),
            (0, 128, 128),
            id="first frame of png",
        ),
        pytest.param(
            encoded(TEAL, "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
            (0, 128, 128),
            (0, 128, 128),
            id="first frame of webp",
        ),
        pytest.param(
            encoded(TEAL, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
            (0, 128, 128),
            (0, 128, 128),
            id="first frame of mpo",
        ),
    ],
)
def test_shows_every_kind_of_picture_as_rgb(analyse, content, left, right):
    display = shown(analyse(content).display)

    assert "RGB" == display.mode
    assert near(left, display.getpixel((6, 15)))
    assert near(right, display.getpixel((33, 15)))


def test_a_noisy_photo_still_encodes(analyse):
    noise = Image.frombytes("RGB", (900, 900), pictures.Random(1).randbytes(3 * 900 * 900))

    assert (900, 900) == shown(analyse(encoded(noise, "PNG")).display).size


def test_the_fingerprint_is_that_of_the_upright_picture(analyse):
    sideways = phone_jpeg(orientation=6)
    upright = encoded(shown(sideways).transpose(Image.Transpose.ROTATE_270), "JPEG")

    assert distance(analyse(sideways).dhash, analyse(upright).dhash) <= NEAR


def test_a_flat_frame_has_no_fingerprint(analyse):
    assert analyse(encoded(TEAL, "JPEG")).dhash is None


@pytest.mark.parametrize(
    ("original", "offset", "taken_at"),
    [
        ("2025:06:18 10:30:00", None, datetime(2025, 6, 18, 10, 30, tzinfo=BEIJING)),
        ("2025:06:18 10:30:00", "+08:00", datetime(2025, 6, 18, 10, 30, tzinfo=BEIJING)),
        ("2025:06:18 10:30:00", "+00:00", datetime(2025, 6, 18, 10, 30, tzinfo=UTC)),
        ("2025:06:18 10:30:00", "Z", datetime(2025, 6, 18, 10, 30, tzinfo=UTC)),
        ("2025:06:18 10:30:00", "noon", datetime(2025, 6, 18, 10, 30, tzinfo=BEIJING)),
        ("2025:06:18 10:30:00", 8, datetime(2025, 6, 18, 10, 30, tzinfo=BEIJING)),
        ("0000:00:00 00:00:00", None, None),
        ("0001:01:01 00:00:00", None, None),
        ("9999:12:31 23:59:59", "-12:00", None),
        ("2025:02:30 10:30:00", None, None),
        ("2025-06-18T10:30:00", None, None),
        ("    :  :     :  :  ", None, None),
        (42, None, None),
    ],
)
def test_reads_the_time_and_takes_beijing_where_no_zone_is_written(
    analyse, original, offset, taken_at
):
    photo = {ExifTags.Base.DateTimeOriginal: original}
    if offset is not None:
        photo[ExifTags.Base.OffsetTimeOriginal] = offset

    assert taken_at == analyse(with_exif(photo=photo)).taken_at


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_reads_exif_of_every_kind(analyse, kind):
    assert "X1" == analyse(with_exif(kind, main={ExifTags.Base.Model: "X1"})).device_model


def gps(lat=(39.0, 30.0, 0.0), lat_ref="N", lon=(116.0, 15.0, 0.0), lon_ref="E"):
    tags = {
        ExifTags.GPS.GPSLatitude: lat,
        ExifTags.GPS.GPSLatitudeRef: lat_ref,
        ExifTags.GPS.GPSLongitude: lon,
        ExifTags.GPS.GPSLongitudeRef: lon_ref,
    }
    return {tag: value for tag, value in tags.items() if value is not None}


@pytest.mark.parametrize(
    ("tags", "position"),
    [
        pytest.param(gps(), (39.5, 116.25), id="north-east"),
        pytest.param(gps(lat_ref="S", lon_ref="W"), (-39.5, -116.25), id="south-west"),
        pytest.param(gps(lat=(91.0, 0.0, 0.0)), (None, None), id="beyond the pole"),
        pytest.param(gps(lon=(180.0, 0.0, 1.0)), (None, None), id="beyond the date line"),
        pytest.param(gps(lat=(39.0, 61.0, 0.0)), (None, None), id="61 minutes"),
        pytest.param(gps(lat=(39.0, 30.0)), (None, None), id="no seconds"),
        pytest.param(gps(lat_ref="North"), (None, None), id="a word for a letter"),
        pytest.param(gps(lat_ref="E"), (None, None), id="wrong letter"),
        pytest.param(gps(lon_ref=None), (None, None), id="no side"),
        pytest.param(gps(lon=None), (None, None), id="half a position"),
        pytest.param(
            gps(lat=(0.0, 0.0, 0.0), lon=(0.0, 0.0, 0.0)), (None, None), id="phone without a fix"
        ),
        pytest.param({}, (None, None), id="none"),
    ],
)
def test_reads_the_position_and_no_nonsense(analyse, tags, position):
    photo = analyse(with_exif(gps=tags))

    assert position == (photo.lat, photo.lon)


@pytest.mark.parametrize("denominator", [0, 1])
def test_a_fraction_over_zero_is_no_position(analyse, denominator):
    photo = with_exif(gps=gps(lat=(39.0, 30.0, 0.0)))
    assert 1 == photo.count(struct.pack(">II", 39, 1))
    photo = photo.replace(struct.pack(">II", 39, 1), struct.pack(">II", 0, denominator))

    assert (0.5 if denominator else None) == analyse(photo).lat


@pytest.mark.parametrize(
    ("make", "model", "device_model"),
    [
        ("YAOSHI", "X1", "YAOSHI X1"),
        ("YAOSHI", "Yaoshi X1", "Yaoshi X1"),
        ("", "X1", "X1"),
        ("YAOSHI", "", "YAOSHI"),
        ("YAO\0SHI\x1b[2J", " X1\n\0\0", "YAO SHI [2J X1"),
        ("\0\0", " ", None),
        ("M" * 100, "X" * 60_000, "M" * 100 + " " + "X" * 19),
    ],
)
def test_cleans_the_device_model(analyse, make, model, device_model):
    tags = {ExifTags.Base.Make: make, ExifTags.Base.Model: model}

    assert device_model == analyse(with_exif("PNG", main=tags)).device_model


def test_huge_exif_is_no_obstacle(analyse):
    tags = {ExifTags.Base.Model: "X1", ExifTags.Base.ImageDescription: "x" * 2_000_000}

    assert "X1" == analyse(with_exif("PNG", main=tags)).device_model


def test_exif_that_is_none_claims_nothing(analyse):
    photo = analyse(hostile_png(b"eXIf", b"garbage", before=b"IDAT"))

    assert (40, None, None) == (photo.width, photo.taken_at, photo.lat)


@pytest.mark.parametrize("seed", range(60))
def test_mangled_exif_never_refuses_the_picture(analyse, seed):
    random = pictures.Random(seed)
    photo = bytearray(phone_jpeg(size=(64, 48), taken_at=datetime(2025, 6, 1), lat=39.5, lon=116.2))  # noqa: DTZ001  # as phones write it
    start = photo.index(b"Exif\0\0") + 6
    length = struct.unpack_from(">H", photo, start - 8)[0] - 8
    for _ in range(12):
        photo[start + random.randrange(length)] = random.choice((0, 1, 7, 128, 255))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        photo = analyse(bytes(photo))

    assert {64, 48} == {photo.width, photo.height}


def test_a_resolution_of_a_wrong_type_does_not_refuse_the_picture(analyse):
    entries = struct.pack(">HHI4s", 0x011A, 1, 1, b"\1") + struct.pack(">HHIHxx", 0x0128, 3, 1, 2)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 2) + entries + bytes(4)
    jpeg = encoded(TEAL, "JPEG")
    without_jfif = jpeg[4 + struct.unpack_from(">H", jpeg, 4)[0] :]
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif

    assert 40 == analyse(b"\xff\xd8" + segment + without_jfif).width


def hostile_png(kind: bytes, content: bytes, *, before: bytes) -> bytes:
    """Return a PNG with a malformed chunk that has a correct checksum."""
    png = encoded(TEAL, "PNG")
    at = png.index(before) - 4
    return png[:at] + png_chunk(kind, content) + png[at:]


PHOTO = phone_jpeg(size=(200, 150))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not an image", id="text"),
        pytest.param(pictures.text_as_jpeg(), id="text as jpeg"),
        pytest.param(encoded(TEAL, "GIF"), id="gif"),
        pytest.param(encoded(TEAL, "TIFF"), id="tiff"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="only a signature"),
        pytest.param(pictures.truncated(PHOTO), id="half a jpeg"),
        pytest.param(pictures.truncated(PHOTO, keep=0.98), id="nearly a jpeg"),
        pytest.param(pictures.truncated(encoded(shown(PHOTO), "PNG"), keep=0.9), id="cut png"),
        pytest.param(pictures.truncated(encoded(shown(PHOTO), "WEBP"), keep=0.9), id="cut webp"),
        pytest.param(pictures.truncated(encoded(shown(PHOTO), "HEIF"), keep=0.5), id="cut heic"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(200), id="only a signature of heic"),
        pytest.param(hostile_png(b"acTL", b"\0", before=b"IDAT"), id="ValueError inside"),
        pytest.param(hostile_png(b"iCCP", b"", before=b"IEND"), id="IndexError inside"),
        pytest.param(hostile_png(b"zTXt", b"k\0\1a", before=b"IEND"), id="SyntaxError inside"),
    ],
)
def test_refuses_what_it_cannot_read(analyse, content):
    with pytest.raises(UnreadableImageError) as refusal:
        analyse(content)

    assert "unreadable-photo" == refusal.value.reason


def test_the_header_refuses_what_is_no_image(header):
    with pytest.raises(UnreadableImageError):
        header(pictures.text_as_jpeg())


@pytest.mark.parametrize("size", [(4001, 1000), (15_000, 15_000), (100_000, 100_000)])
def test_refuses_too_many_pixels_before_decoding(analyse, header, size):
    bomb = pictures.bomb_png(*size)

    for read in (header, analyse):
        with pytest.raises(TooManyPixelsError) as refusal:
            read(bomb)
        assert "too-many-pixels" == refusal.value.reason


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        pytest.param(pictures.bomb_png(5_800, 5_800), True, id="png that fits"),
        pytest.param(pictures.bomb_png(5_900, 5_900), False, id="png that does not"),
        pytest.param(encoded(Image.new("L", (7_000, 7_000)), "JPEG"), True, id="jpeg"),
        pytest.param(
            encoded(Image.new("RGB", (4_600, 4_600)), "JPEG", progressive=True, subsampling=0),
            False,
            id="jpeg in many scans",
        ),
        pytest.param(
            encoded(Image.new("RGB", (4_600, 4_600)), "JPEG", progressive=True),
            True,
            id="jpeg in many scans with less colour",
        ),
    ],
)
def test_how_many_pixels_are_too_many_is_a_question_of_memory(kept, content, is_read):
    path = kept(content)
    if is_read:
        assert all(header_of(path, 50_000_000))
    else:
        with pytest.raises(TooManyPixelsError):
            header_of(path, 50_000_000)


def test_a_missing_file_is_not_the_fault_of_the_photo(tmp_path):
    with pytest.raises(FileNotFoundError):
        images.analyse(tmp_path / "gone", max_pixels=MAX_PIXELS)
