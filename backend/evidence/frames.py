"""Opening pictures: what a header declares, and the first frame at a size that fits in memory.

Files are hostile until decoded. Nothing is decoded whose header says that it would take more than
`WORKING_BYTES`; where a header lies, the limit of the process (`decoding.py`) holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image, UnidentifiedImageError

# Every picture is measured against the caller's own limit as soon as its header is read; a second,
# process-wide limit would warn or raise at a size that nobody chose.
Image.MAX_IMAGE_PIXELS = None
# A thumbnail inside a file may show something else, and what lies beside the picture is not shown.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
}
WORKING_BYTES = 135_000_000
# Measured as the peak of the process over what it held before, by pixels decoded. A JPEG in one
# scan is scaled while it is decoded and takes nearly nothing; one in many scans is kept whole.
_BYTES_PER_PIXEL = {"PNG": 4.0, "WEBP": 15.0, "HEIF": 5.5}
_STRIP_ROWS = 64


class ImageRefusedError(Exception):
    """The file is not a picture we keep; `reason` is permanent."""

    reason: str


class UnreadableImageError(ImageRefusedError):
    """The file is not a whole JPEG, PNG, WebP or HEIC image."""

    reason = "unreadable-photo"


class TooManyPixelsError(ImageRefusedError):
    """The header declares more pixels than are decoded."""

    reason = "too-many-pixels"


def format_of(raw: Image.Image) -> str:
    """Return which of our formats a picture has: MPO, which many phones write, is JPEG."""
    return raw.format if raw.format in MEDIA_TYPES else "JPEG"


@contextmanager
def opened(path: Path, max_pixels: int) -> Iterator[Image.Image]:
    """Open a picture; whatever fails until it is closed again refuses it.

    A file that is missing or cannot be opened is an OSError: that is our fault, not the photo's.
    """
    with path.open("rb") as file:
        try:
            with _open(file) as raw:
                _require_few(raw, max_pixels)
                yield raw
        except ImageRefusedError:
            raise
        except MemoryError as error:
            raise TooManyPixelsError("Decoding took too much memory.") from error
        except Exception as error:  # the decoders raise nearly every type there is
            raise UnreadableImageError("Not a whole JPEG, PNG, WebP or HEIC image.") from error


def shrunk(raw: Image.Image, path: Path, edge: int) -> Image.Image:
    """Decode the first frame to at most `edge` pixels a side: opaque RGB, without metadata."""
    scale = min(1.0, edge / max(raw.size))
    size = (max(1, round(raw.width * scale)), max(1, round(raw.height * scale)))
    raw.draft(None, size)
    strips = _heif_strips(path) if raw.format == "HEIF" else _strips(raw, size)
    image = _reduced(raw.size, size, strips)
    image.info.clear()
    return image


def _open(file: BinaryIO) -> Image.Image:
    # MPO is recognised as a kind of JPEG and must not be listed.
    formats = tuple(MEDIA_TYPES)
    try:
        return Image.open(file, formats=formats)
    except UnidentifiedImageError:
        # Pillow gives up on a JPEG whose EXIF states its resolution in a wrong type.
        file.seek(0)
        return Image.open(BytesIO(file.read().replace(b"Exif\0\0", bytes(6))), formats=formats)


def _require_few(raw: Image.Image, max_pixels: int) -> None:
    pixels = raw.width * raw.height
    if pixels > max_pixels or pixels * _bytes_per_pixel(raw) > WORKING_BYTES:
        raise TooManyPixelsError(f"{raw.width} x {raw.height} pixels are too many.")


def _bytes_per_pixel(raw: Image.Image) -> float:
    """Return how much memory decoding takes; a JPEG in many scans keeps all its coefficients."""
    kind = format_of(raw)
    if kind != "JPEG":
        return _BYTES_PER_PIXEL[kind]
    if not raw.info.get("progressive"):
        return 0.0
    samples = [across * down for _, across, down, _ in raw.layer]  # type: ignore[attr-defined]
    return 2.2 * sum(samples) / max(samples)


def _strips(raw: Image.Image, size: tuple[int, int]) -> Iterator[Image.Image]:
    """Yield a picture in strips, so that what they become is not held beside it as a whole."""
    raw.load()
    if raw.width < 2 * size[0] and raw.height < 2 * size[1]:
        yield raw
        return
    for top in range(0, raw.height, _STRIP_ROWS):
        yield raw.crop((0, top, raw.width, min(raw.height, top + _STRIP_ROWS)))


def _heif_strips(path: Path) -> Iterator[Image.Image]:
    """Yield strips straight from the decoder's memory, without a second copy of the picture."""
    picture = pillow_heif.open_heif(path, convert_hdr_to_8bit=True)
    pixels, stride, mode = picture.data, picture.stride, picture.mode
    width, height = picture.size
    for top in range(0, height, _STRIP_ROWS):
        rows = min(_STRIP_ROWS, height - top)
        part = pixels[top * stride : (top + rows) * stride]
        yield Image.frombuffer(mode, (width, rows), part, "raw", mode, stride, 1)


def _reduced(
    whole: tuple[int, int], size: tuple[int, int], strips: Iterator[Image.Image]
) -> Image.Image:
    """Put averaged strips of a picture together, once to twice the size, and resize that."""
    across = max(1, whole[0] // size[0])
    down = max(1, min(_STRIP_ROWS, whole[1] // size[1]))
    down = 1 << down.bit_length() - 1  # so that a strip holds whole steps
    image = Image.new("RGB", (-(-whole[0] // across), -(-whole[1] // down)))
    top = 0
    for strip in strips:
        part = _opaque(strip)
        if across > 1 or down > 1:
            part = part.reduce((across, down))
        if part.size == image.size:
            image = part
        else:
            image.paste(part, (0, top))
        top += part.height
    box = (0, 0, whole[0] / across, whole[1] / down)
    # Sharp enough for what is at most halved, in half the time of Lanczos.
    return image.resize(size, Image.Resampling.HAMMING, box)


def _opaque(strip: Image.Image) -> Image.Image:
    """Return RGB, what is transparent as white."""
    if strip.mode.startswith("I"):
        # Pillow clips 16-bit grey instead of scaling it.
        return strip.point(lambda level: level * (1 / 257)).convert("L").convert("RGB")
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        paper = Image.new("RGB", strip.size, "white")
        paper.paste(strip, mask=strip.getchannel("A"))
        return paper
    return strip if strip.mode == "RGB" else strip.convert("RGB")
