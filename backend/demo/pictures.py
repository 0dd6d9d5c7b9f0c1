"""Small pictures that are real JPEGs with EXIF, as phones send them; a seed is a scene."""

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import ExifTags, Image, ImageChops, ImageDraw

SMALL = (160, 120)
_GRID = (10, 8)
_PRODUCTS = 8
_DOT = 5


@lru_cache(maxsize=64)
def phone_jpeg(
    seed: int,
    size: tuple[int, int] = SMALL,
    *,
    taken_at: datetime,
    lat: float,
    lon: float,
    model: str = "YAOSHI X1",
) -> bytes:
    """Return a photo of a scene, taken at an aware instant at a WGS-84 place."""
    out = BytesIO()
    _scene(seed, size).save(out, "JPEG", quality=80, exif=_exif(taken_at, lat, lon, model))
    return out.getvalue()


def watermarked(jpeg: bytes) -> bytes:
    """Return the picture encoded anew without EXIF, a caption strip along its lower edge."""
    with Image.open(BytesIO(jpeg)) as raw:
        image = raw.convert("RGB")
    width, height = image.size
    strip = ImageDraw.Draw(image)
    strip.rectangle((0, height * 0.95, width, height), fill=(24, 24, 24))
    strip.rectangle((4, height * 0.965, width // 3, height * 0.98), fill="white")
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def of_screen(jpeg: bytes) -> bytes:
    """Return the picture as it looks when photographed from a screen: under a grid of its dots."""
    with Image.open(BytesIO(jpeg)) as raw:
        image, exif = raw.convert("RGB"), raw.getexif()
    dot = Image.new("L", (_DOT, _DOT), 255)
    ImageDraw.Draw(dot).line([(0, _DOT), (0, 0), (_DOT, 0)], fill=150)
    grid = Image.new("L", image.size)
    for left in range(0, image.width, _DOT):
        for top in range(0, image.height, _DOT):
            grid.paste(dot, (left, top))
    out = BytesIO()
    dots = ImageChops.multiply(image, Image.merge("RGB", (grid, grid, grid)))
    dots.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()


def _scene(seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw soft light and hard-edged products."""
    random = Random(seed)  # noqa: S311  # a picture, not a secret
    width, height = size
    light = Image.frombytes("RGB", _GRID, random.randbytes(3 * _GRID[0] * _GRID[1]))
    scene = light.resize(size, Image.Resampling.BICUBIC)
    shelf = ImageDraw.Draw(scene)
    for _ in range(_PRODUCTS):
        left, top = random.random() * width, random.random() * height
        right = left + width * random.uniform(0.05, 0.19)
        bottom = top + height * random.uniform(0.07, 0.3)
        red, green, blue = random.randbytes(3)
        shelf.rectangle((left, top, right, bottom), fill=(red, green, blue))
    return scene


def _exif(taken_at: datetime, lat: float, lon: float, model: str) -> Image.Exif:
    exif = Image.Exif()
    maker, _, name = model.partition(" ")
    exif[ExifTags.Base.Make] = maker
    exif[ExifTags.Base.Model] = name or maker
    photo = exif.get_ifd(ExifTags.IFD.Exif)
    photo[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    offset = taken_at.strftime("%z")
    photo[ExifTags.Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:5]}"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
    gps[ExifTags.GPS.GPSLatitude] = _sexagesimal(abs(lat))
    gps[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
    gps[ExifTags.GPS.GPSLongitude] = _sexagesimal(abs(lon))
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4)
