"""Real picture bytes for tests and demonstrations: what phones send, and what attackers do."""

import struct
import zlib
from datetime import datetime
from io import BytesIO
from random import Random

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

NEAR = 5  # bits by which two photos of one frame may differ, as it is set

_GRID = (10, 8)
_PRODUCTS = 30


def phone_jpeg(
    seed: int = 0,
    size: tuple[int, int] = (640, 480),
    *,
    taken_at: datetime | None = None,
    lat: float | None = None,
    lon: float | None = None,
    model: str | None = "YAOSHI X1",
    orientation: int = 1,
    quality: int = 85,
) -> bytes:
    """Return a photo-like JPEG; a seed is a scene, the same in every size.

    The size is as stored, before `orientation` turns it. A naive `taken_at` is written without an
    offset, as most phones do. The first word of `model` is written as the maker.
    """
    out = BytesIO()
    exif = _exif(taken_at, lat, lon, model, orientation)
    _scene(seed, size).save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def encoded_as(kind: str, seed: int = 1, size: tuple[int, int] = (320, 240)) -> bytes:
    """Return a photo of a scene as jpeg, png, webp or heic."""
    out = BytesIO()
    _scene(seed, size).save(out, {"heic": "HEIF"}.get(kind, kind))
    return out.getvalue()


def recompressed(jpeg: bytes, quality: int = 70, *, watermark: bool = True) -> bytes:
    """Return the picture encoded anew without EXIF, as messengers and watermark cameras do."""
    with Image.open(BytesIO(jpeg)) as raw:
        image = raw.convert("RGB")
    if watermark:
        width, height = image.size
        top = height - max(12, height // 16)
        strip = ImageDraw.Draw(image)
        strip.rectangle((0, top, width, height), fill=(24, 24, 24))
        strip.text((6, top + 1), "2025-06-18 10:30  Hebei", fill="white")
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def screen_photo(seed: int = 0, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """Return a photo of a screen that shows a scene: its grid of red, green and blue is seen."""
    random = Random(seed)
    across, down = size[0] * 9 // 20, size[1] * 9 // 20
    scene = _scene(seed, (across, down)).resize((3 * across, 3 * down), Image.Resampling.NEAREST)
    cell = Image.new("RGB", (3, 3))
    for x, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255))):
        cell.putpixel((x, 0), colour)
        cell.putpixel((x, 1), colour)
    mask = Image.new("RGB", scene.size)
    for x in range(0, 3 * 64, 3):
        mask.paste(cell, (x, 0))
    for x in range(0, scene.width, 192):
        mask.paste(mask.crop((0, 0, 192, 3)), (x, 0))
    for y in range(0, scene.height, 3):
        mask.paste(mask.crop((0, 0, scene.width, 3)), (0, y))
    lit = ImageChops.multiply(scene, mask).filter(ImageFilter.GaussianBlur(0.9))
    lit = lit.point(lambda level: min(255, round(level * 2.2)))
    wide = round(size[0] * random.uniform(1.1, 1.3))
    seen = lit.resize((wide, wide * size[1] // size[0]), Image.Resampling.BICUBIC)
    seen = seen.rotate(random.uniform(-4, 4), Image.Resampling.BICUBIC)
    left, top = (seen.width - size[0]) // 2, (seen.height - size[1]) // 2
    out = BytesIO()
    seen.crop((left, top, left + size[0], top + size[1])).save(out, "JPEG", quality=88)
    return out.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """Return a tiny PNG that declares a huge size and brings one row of it."""
    declared = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = zlib.compress(bytes(1 + (width + 7) // 8))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", declared)
        + png_chunk(b"IDAT", row)
        + png_chunk(b"IEND", b"")
    )


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a PNG chunk with a correct checksum."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def text_as_jpeg() -> bytes:
    """Return text behind the first bytes of a JPEG."""
    return b"\xff\xd8\xff\xe0<html>this is no photo</html>" * 20


def truncated(jpeg: bytes, keep: float = 0.5) -> bytes:
    """Return the first part of a file, as a broken connection leaves it."""
    return jpeg[: int(len(jpeg) * keep)]


def _scene(seed: int, size: tuple[int, int]) -> Image.Image:
    """Return soft light, hard-edged products and grain."""
    random = Random(seed)
    width, height = size
    light = Image.frombytes("RGB", _GRID, random.randbytes(3 * _GRID[0] * _GRID[1]))
    scene = light.resize(size, Image.Resampling.BICUBIC)
    shelf = ImageDraw.Draw(scene)
    for _ in range(_PRODUCTS):
        left, top = random.random() * width, random.random() * height
        right = left + width * random.uniform(0.05, 0.2)
        bottom = top + height * random.uniform(0.05, 0.3)
        shelf.rectangle((left, top, right, bottom), fill=tuple(random.randbytes(3)))
    coarse = (max(1, width // 4), max(1, height // 4))
    grain = Image.frombytes("L", coarse, random.randbytes(coarse[0] * coarse[1]))
    return Image.blend(scene, grain.resize(size).convert("RGB"), 0.12)


def _exif(
    taken_at: datetime | None,
    lat: float | None,
    lon: float | None,
    model: str | None,
    orientation: int,
) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if model:
        maker, _, name = model.partition(" ")
        exif[ExifTags.Base.Make] = maker
        exif[ExifTags.Base.Model] = name or maker
    if taken_at:
        photo = exif.get_ifd(ExifTags.IFD.Exif)
        photo[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
        if offset := taken_at.strftime("%z"):
            photo[ExifTags.Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:5]}"
    if lat is not None and lon is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _sexagesimal(abs(lat))
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _sexagesimal(abs(lon))
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(degrees * 3600, 4), 60)
    return (minutes // 60, minutes % 60, seconds)
