"""Quality of photos: what is measured, and which advice it gives. Advice, never a refusal.

Everything is measured on the display copy, because that is what an auditor looks at: blur that
vanishes at its size does no harm.
"""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageStat

from backend.platform.settings import settings

# Laplacians, moved to the middle of what a byte holds: four neighbours for sharpness, eight for
# what repeats itself.
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
_EDGES = ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 8, -1, -1, -1, -1), scale=4, offset=128)
_BURNT = 250  # grey levels from here on say nothing any more
_WINDOW, _LAGS = 256, 16
# Below this sharpness all that repeats is the blocks of the JPEG; a screen's grid is sharper.
_LEAST_SHARP = 3.0
_WAYS = ((1, 0), (0, 1), (1, 1), (1, -1))
_SCREEN_WIDTHS = {640, 720, 750, 828, 1080, 1125, 1170, 1179, 1206, 1220, 1242, 1260, 1284, 1290}
_SCREEN_WIDTHS |= {1320, 1344, 1440}
# The luminance table of the JPEG standard (ITU T.81, K.1), summed; libjpeg scales it by quality.
_STANDARD_TABLE_SUM = 3688


class Advice(StrEnum):
    """What may be wrong with a photo."""

    BLURRED = "blurred"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    TINY = "tiny"
    SCREENSHOT = "screenshot"
    RECOMPRESSED = "recompressed"
    SCREEN_PHOTO = "screen_photo"

    @property
    def zh(self) -> str:
        """The words for it in Chinese."""
        return _WORDS[self][0]

    @property
    def en(self) -> str:
        """The words for it in English."""
        return _WORDS[self][1]


_WORDS = {
    Advice.BLURRED: ("照片模糊，请拿稳后重拍", "Blurred: hold still and take it again"),
    Advice.DARK: ("光线太暗，请开灯或补光", "Dark: turn on a light"),
    Advice.OVEREXPOSED: ("曝光过度，请避开强光", "Over-exposed: turn away from the light"),
    Advice.TINY: ("尺寸太小，看不清细节", "Tiny: too small to see details"),
    Advice.SCREENSHOT: ("尺寸像手机截屏", "The size is that of a phone's screen"),
    Advice.RECOMPRESSED: ("压缩过重，请发送原图", "Heavily compressed: send the original"),
    Advice.SCREEN_PHOTO: ("疑似翻拍屏幕", "It looks like a photo of a screen"),
}


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What was measured of a photo; None where there is nothing to measure.

    `sharpness` is the variance of the Laplacian, `brightness` the mean grey level (0-255),
    `burnt` the share of pixels that are white, `jpeg_quality` libjpeg's (10-100), `recapture`
    the depth of the deepest dip of a pattern that repeats every few pixels (`recapture_of`).
    """

    sharpness: float
    brightness: float
    burnt: float
    jpeg_quality: int | None
    recapture: float | None


def measure(display: Image.Image, jpeg_quality: int | None) -> Quality:
    """Measure a display copy."""
    grey = display.convert("L")
    counts = grey.histogram()
    # Without the rim, which the filter leaves as it is.
    steps = grey.filter(_LAPLACIAN).crop((1, 1, max(2, grey.width - 1), max(2, grey.height - 1)))
    sharpness = ImageStat.Stat(steps).var[0]
    return Quality(
        sharpness=round(sharpness, 1),
        brightness=round(ImageStat.Stat(grey).mean[0], 1),
        burnt=round(sum(counts[_BURNT:]) / sum(counts), 4),
        jpeg_quality=jpeg_quality,
        recapture=recapture_of(grey) if sharpness >= _LEAST_SHARP else None,
    )


def recapture_of(grey: Image.Image) -> float | None:
    """Return how plainly a fine pattern repeats, as the grid and the moiré of a screen do.

    The autocorrelation of the edges in the middle of the picture, as mean differences from
    copies of themselves moved by 2 to 15 pixels in four directions: scenes differ the more the
    further they are moved, a pattern agrees with itself again after each period. The depth of
    that dip, in parts of the usual difference, is near 0 for scenes and near 1 for screens.
    """
    side = min(_WINDOW, grey.width - 2 * _LAGS, grey.height - 2 * _LAGS)
    if side < _WINDOW // 4:
        return None
    left, top = (grey.width - side) // 2, (grey.height - side) // 2
    around = (left - _LAGS, top - _LAGS, left + side + _LAGS, top + side + _LAGS)
    edges = grey.crop(around).filter(_EDGES)
    here = edges.crop((_LAGS, _LAGS, _LAGS + side, _LAGS + side))
    deepest = 0.0
    for across, down in _WAYS:
        differences = []
        for lag in range(2, _LAGS):
            x, y = _LAGS + across * lag, _LAGS + down * lag
            moved = edges.crop((x, y, x + side, y + side))
            differences.append(ImageStat.Stat(ImageChops.difference(here, moved)).mean[0])
        usual = median(differences)
        for at in range(1, len(differences) - 1) if usual else ():
            rim = min(max(differences[:at]), max(differences[at + 1 :]))
            deepest = max(deepest, (rim - differences[at]) / usual)
    return round(deepest, 3)


def jpeg_quality_of(raw: Image.Image) -> int | None:
    """Estimate the quality a JPEG was written with from its luminance table; None for others.

    Entries of the table end at 255, so that the worst are called about 10.
    """
    tables = getattr(raw, "quantization", None)
    if not tables:
        return None
    percent = 100 * sum(tables[min(tables)]) / _STANDARD_TABLE_SUM
    quality = (200 - percent) / 2 if percent <= 100 else 5000 / percent
    return max(1, min(100, round(quality)))


def judge(found: Quality, width: int, height: int, *, has_camera: bool) -> list[dict[str, Any]]:
    """Return every measure with the threshold in force and whether it is advised about.

    Width and height are the photo's own. A camera writes its name, a screenshot does not.
    """
    limits = settings()
    short, long = sorted((width, height))
    shape = round(long / short, 2)
    is_screen = short in _SCREEN_WIDTHS and not has_camera
    rows: list[tuple[Advice, float | None, float, bool]] = [
        (Advice.BLURRED, found.sharpness, limits.advise_sharpness, False),
        (Advice.DARK, found.brightness, limits.advise_brightness, False),
        (Advice.OVEREXPOSED, found.burnt, limits.advise_burnt_share, True),
        (Advice.TINY, short, limits.advise_short_edge, False),
        (Advice.SCREENSHOT, shape if is_screen else None, limits.advise_screen_shape, True),
        (Advice.RECOMPRESSED, found.jpeg_quality, limits.advise_jpeg_quality, False),
        (Advice.SCREEN_PHOTO, found.recapture, limits.advise_recapture, True),
    ]
    return [
        {
            "code": str(code),
            "value": value,
            "threshold": limit,
            "is_flagged": value is not None and (value >= limit if is_most else value < limit),
        }
        for code, value, limit, is_most in rows
    ]
