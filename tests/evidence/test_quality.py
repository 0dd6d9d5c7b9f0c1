"""Quality of photos: what is measured, and what it is called."""

from io import BytesIO

import pytest
from PIL import Image, ImageFilter

from backend.evidence import quality
from backend.evidence.quality import Quality
from tests.pictures import phone_jpeg, screen_photo

SOUND = {
    "sharpness": 200.0,
    "brightness": 120.0,
    "burnt": 0.01,
    "jpeg_quality": 85,
    "recapture": 0.03,
}


def flags(width=4000, height=3000, *, has_camera=True, **changes) -> set[str]:
    rows = quality.judge(Quality(**SOUND | changes), width, height, has_camera=has_camera)
    assert 7 == len(rows)
    return {row["code"] for row in rows if row["is_flagged"]}


def photo(seed: int = 1) -> Image.Image:
    with Image.open(BytesIO(phone_jpeg(seed, (1600, 1200)))) as image:
        return image.convert("RGB")


def measured(image: Image.Image) -> Quality:
    return quality.measure(image, None)


@pytest.mark.usefixtures("app")
class TestAdvice:
    def test_a_sound_photo_is_not_flagged(self):
        assert set() == flags()

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"sharpness": 39.9}, {"blurred"}),
            ({"sharpness": 40.0}, set()),
            ({"brightness": 44.0}, {"dark"}),
            ({"burnt": 0.35}, {"overexposed"}),
            ({"jpeg_quality": 44}, {"recompressed"}),
            ({"jpeg_quality": None}, set()),
            ({"recapture": 0.2}, {"screen_photo"}),
            ({"recapture": None}, set()),
            ({"width": 640, "height": 479}, {"tiny"}),
            ({"width": 1080, "height": 2400, "has_camera": False}, {"screenshot"}),
            ({"width": 2400, "height": 1080, "has_camera": False}, {"screenshot"}),
            ({"width": 1080, "height": 2400}, set()),
            ({"width": 1000, "height": 2400, "has_camera": False}, set()),
            ({"width": 1080, "height": 1440, "has_camera": False}, set()),
        ],
    )
    def test_names_what_is_past_its_threshold(self, changes, expected):
        assert expected == flags(**changes)

    def test_has_words_for_all(self):
        assert all(advice.zh and advice.en for advice in quality.Advice)


class TestMeasures:
    def test_blur_lowers_sharpness(self):
        sharp = photo()
        soft = sharp.filter(ImageFilter.GaussianBlur(4))

        assert measured(soft).sharpness < 40 < measured(sharp).sharpness

    @pytest.mark.parametrize(("level", "burnt"), [(0, 0.0), (249, 0.0), (255, 1.0)])
    def test_light(self, level, burnt):
        found = measured(Image.new("RGB", (64, 48), (level,) * 3))

        assert (float(level), burnt, 0.0) == (found.brightness, found.burnt, found.sharpness)

    @pytest.mark.parametrize("asked", [20, 44, 50, 75, 95])
    def test_estimates_the_quality_of_a_jpeg(self, asked):
        out = BytesIO()
        photo().save(out, "JPEG", quality=asked)

        with Image.open(out) as raw:
            assert asked == pytest.approx(quality.jpeg_quality_of(raw), abs=2)

    def test_other_kinds_have_no_jpeg_quality(self):
        assert quality.jpeg_quality_of(Image.new("RGB", (8, 8))) is None

    @pytest.mark.parametrize("seed", range(6))
    def test_a_photographed_screen_repeats_a_fine_pattern(self, seed):
        with Image.open(BytesIO(screen_photo(seed))) as screen:
            assert measured(screen).recapture > 0.2 > measured(photo(seed)).recapture

    @pytest.mark.parametrize("size", [(40, 40), (1600, 90)])
    def test_of_a_sliver_nothing_is_said(self, size):
        assert measured(Image.new("RGB", size)).recapture is None

    @pytest.mark.parametrize("jpeg_quality", [50, 75, 88])
    def test_of_a_blur_that_repeats_but_the_blocks_of_its_file_nothing_is_said(self, jpeg_quality):
        out = BytesIO()
        photo().filter(ImageFilter.GaussianBlur(16)).save(out, "JPEG", quality=jpeg_quality)

        with Image.open(out) as blurred:
            assert measured(blurred.convert("RGB")).recapture is None

    def test_a_screen_out_of_focus_is_still_one(self):
        with Image.open(BytesIO(screen_photo())) as screen:
            assert measured(screen.filter(ImageFilter.GaussianBlur(1))).recapture > 0.2

    def test_of_a_flat_frame_nothing_is_said(self):
        assert measured(Image.new("RGB", (640, 480), "grey")).recapture is None
