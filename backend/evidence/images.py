"""Reading what a phone handed in: what the photo says, and copies that are safe to show.

Files are hostile until decoded. Run `analyse` where memory and time are limited.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

from backend.evidence import frames
from backend.evidence.fingerprints import dhash
from backend.evidence.quality import Quality, jpeg_quality_of, measure

DISPLAY_EDGE = 1600
THUMBNAIL_EDGE = 320

_CAMERA_ZONE = ZoneInfo("Asia/Shanghai")
_CAMERA_YEARS = range(1990, 2100)
_MODEL_LENGTH = 120
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A decoded photo: facts, the camera's unproven claims, and two JPEGs without metadata.

    Width and height are as displayed; the position is in WGS-84 degrees; `taken_at` is in UTC;
    `dhash` is None if the frame is too flat to compare; the JPEGs are empty if none were asked for.
    """

    width: int
    height: int
    media_type: str
    taken_at: datetime | None
    lat: float | None
    lon: float | None
    device_model: str | None
    dhash: int | None
    quality: Quality
    display: bytes
    thumbnail: bytes


def analyse(path: Path, *, max_pixels: int, copies: bool = True) -> Analysis:
    """Decode a photo and say what it shows and claims; raise ImageRefusedError."""
    with frames.opened(path, max_pixels) as raw:
        width, height = raw.size
        # First, because asking a PNG for its EXIF decodes it too, and hides what goes wrong.
        display = frames.shrunk(raw, path, DISPLAY_EDGE)
        jpeg_quality = jpeg_quality_of(raw)
        media_type = frames.MEDIA_TYPES[frames.format_of(raw)]
        # HEIC is turned by its decoder, which then says 1 here.
        orientation = _claim(raw, None, ExifTags.Base.Orientation)
        taken_at = _taken_at(
            _claim(raw, ExifTags.IFD.Exif, ExifTags.Base.DateTimeOriginal),
            _claim(raw, ExifTags.IFD.Exif, ExifTags.Base.OffsetTimeOriginal),
        )
        lat, lon = _position(raw)
        device_model = _device_model(
            _claim(raw, None, ExifTags.Base.Make), _claim(raw, None, ExifTags.Base.Model)
        )

    if isinstance(orientation, int) and orientation in _UPRIGHT:
        display = display.transpose(_UPRIGHT[orientation])
        if orientation in _SIDEWAYS:
            width, height = height, width
    thumbnail = display.copy()
    thumbnail.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return Analysis(
        width=width,
        height=height,
        media_type=media_type,
        taken_at=taken_at,
        lat=lat,
        lon=lon,
        device_model=device_model,
        dhash=dhash(display),
        quality=measure(display, jpeg_quality),
        display=_jpeg(display, quality=82) if copies else b"",
        thumbnail=_jpeg(thumbnail, quality=75) if copies else b"",
    )


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, progressive=True)
    return out.getvalue()


def _claim(raw: Image.Image, directory: int | None, tag: int) -> object:
    """Return one EXIF value, or None: a photo is not refused for what is written beside it."""
    try:
        exif = raw.getexif()
        return (exif if directory is None else exif.get_ifd(directory)).get(tag)
    except Exception:  # noqa: BLE001  # hostile values raise nearly every type there is
        return None


def _taken_at(original: object, offset: object) -> datetime | None:
    if not isinstance(original, str):
        return None
    try:
        taken_at = datetime.strptime(original.strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=_zone(offset)
        )
    except ValueError:
        return None
    return taken_at.astimezone(UTC) if taken_at.year in _CAMERA_YEARS else None


def _zone(offset: object) -> tzinfo:
    """Read "+08:00"; most phones write no zone, and then mean the one of the trade."""
    if isinstance(offset, str):
        try:
            return datetime.strptime(offset.strip("\0 "), "%z").tzinfo or _CAMERA_ZONE
        except ValueError:
            pass
    return _CAMERA_ZONE


def _position(raw: Image.Image) -> tuple[float, float] | tuple[None, None]:
    gps = ExifTags.IFD.GPSInfo
    lat = _degrees(
        _claim(raw, gps, ExifTags.GPS.GPSLatitude),
        _claim(raw, gps, ExifTags.GPS.GPSLatitudeRef),
        "NS",
        most=90,
    )
    lon = _degrees(
        _claim(raw, gps, ExifTags.GPS.GPSLongitude),
        _claim(raw, gps, ExifTags.GPS.GPSLongitudeRef),
        "EW",
        most=180,
    )
    # Phones without a fix write 0, 0.
    if lat is None or lon is None or (lat, lon) == (0, 0):
        return None, None
    return lat, lon


def _degrees(parts: object, side: object, sides: str, *, most: int) -> float | None:
    """Return signed degrees from (degrees, minutes, seconds) and a letter; None for nonsense."""
    if not isinstance(parts, tuple) or not isinstance(side, str):
        return None
    letter = side.strip("\0 ").upper()
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ArithmeticError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    # Written so that NaN, which 0/0 becomes, is nonsense too.
    sensible = degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60 and value <= most
    if not sensible or len(letter) != 1 or letter not in sides:
        return None
    return round(-value if letter == sides[1] else value, 7)


def _device_model(make: object, model: object) -> str | None:
    maker, name = _text(make), _text(model)
    if not name.casefold().startswith(maker.casefold()):
        name = f"{maker} {name}".strip()
    return name[:_MODEL_LENGTH].strip() or None


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())
