"""Reading what a phone handed in: what the photo says, and copies that are safe to show.

Files are hostile until decoded. Run `analyse` where memory and time are limited.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, UnidentifiedImageError

from backend.evidence.fingerprints import dhash

DISPLAY_EDGE = 1600
THUMBNAIL_EDGE = 320

# Every picture is measured against the caller's own limit as soon as its header is read; a second,
# process-wide limit would warn or raise at a size that nobody chose.
Image.MAX_IMAGE_PIXELS = None

_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
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


class ImageRefusedError(Exception):
    """The file is not a picture we keep; `reason` is permanent."""

    reason: str


class UnreadableImageError(ImageRefusedError):
    """The file is not a whole JPEG, PNG or WebP image."""

    reason = "unreadable-photo"


class TooManyPixelsError(ImageRefusedError):
    """The header declares more pixels than are decoded."""

    reason = "too-many-pixels"


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first bytes declare: JPEG, PNG or WEBP, and pixels as stored."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A decoded photo: facts, the camera's unproven claims, and two JPEGs without metadata.

    Width and height are as displayed; the position is in WGS-84 degrees; `taken_at` is in UTC;
    `dhash` is None if the frame is too flat to compare.
    """

    width: int
    height: int
    media_type: str
    taken_at: datetime | None
    lat: float | None
    lon: float | None
    device_model: str | None
    dhash: int | None
    display: bytes
    thumbnail: bytes


def header(path: Path, max_pixels: int) -> Header:
    """Read the header without decoding; raise ImageRefusedError."""
    with _opened(path, max_pixels) as raw:
        return Header(format=_format(raw), width=raw.width, height=raw.height)


def analyse(path: Path, *, max_pixels: int) -> Analysis:
    """Decode a photo and say what it shows and claims; raise ImageRefusedError."""
    with _opened(path, max_pixels) as raw:
        width, height = raw.size
        display = _decoded(raw)
        media_type = _MEDIA_TYPES[_format(raw)]
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
        display=_jpeg(display, quality=82),
        thumbnail=_jpeg(thumbnail, quality=75),
    )


@contextmanager
def _opened(path: Path, max_pixels: int) -> Iterator[Image.Image]:
    """Open a picture; whatever fails until it is closed again refuses it.

    A file that is missing or cannot be opened is an OSError: that is our fault, not the photo's.
    """
    with path.open("rb") as file:
        try:
            with _open(file) as raw:
                _require_few(raw.size, max_pixels)
                yield raw
        except ImageRefusedError:
            raise
        except Exception as error:  # the decoders raise nearly every type there is
            raise UnreadableImageError("Not a whole JPEG, PNG or WebP image.") from error


def _open(file: BinaryIO) -> Image.Image:
    # MPO, which many phones write, is recognised as a kind of JPEG and must not be listed.
    formats = tuple(_MEDIA_TYPES)
    try:
        return Image.open(file, formats=formats)
    except UnidentifiedImageError:
        # Pillow gives up on a JPEG whose EXIF states its resolution in a wrong type.
        file.seek(0)
        return Image.open(BytesIO(file.read().replace(b"Exif\0\0", bytes(6))), formats=formats)


def _require_few(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixelsError(f"{width} x {height} pixels are more than {max_pixels}.")


def _format(raw: Image.Image) -> str:
    return raw.format if raw.format in _MEDIA_TYPES else "JPEG"


def _decoded(raw: Image.Image) -> Image.Image:
    """Decode the first frame to at most the display size, opaque RGB, without metadata."""
    scale = min(1.0, DISPLAY_EDGE / max(raw.size))
    size = (max(1, round(raw.width * scale)), max(1, round(raw.height * scale)))
    raw.draft(None, size)
    raw.load()
    image: Image.Image = raw
    if raw.mode.startswith("I"):
        # Pillow clips 16-bit grey instead of scaling it.
        image = raw.point(lambda level: level * (1 / 257)).convert("L")
    elif raw.has_transparency_data:
        image = raw.convert("RGBA")
    if image.mode not in {"RGB", "RGBA"}:
        image = image.convert("RGB")
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    image.info.clear()
    return image


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
