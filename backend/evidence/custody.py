"""Custody of photos: whether the bytes that the rows promise are still there, unchanged."""

from collections.abc import Iterator

from backend.evidence.models import PhotoReading
from backend.fieldwork.models import Photo
from backend.platform import blobs


def promised() -> list[str]:
    """Return the SHA-256 of every original and derivative that a row names, in order."""
    columns = (
        Photo.sha256,
        PhotoReading.display_sha256,
        PhotoReading.thumbnail_sha256,
    )
    found = set()
    for column in columns:
        rows = column.model.select(column).where(column.is_null(False)).tuples()
        found |= {sha256 for (sha256,) in rows.iterator()}
    return sorted(found)


def verify(hashes: list[str]) -> Iterator[tuple[str, str | None]]:
    """Yield each hash with what is wrong with its blob, or None."""
    for sha256 in hashes:
        place = blobs.path_of(sha256)
        if not place.is_file():
            yield sha256, "missing"
        elif blobs.digest_of(place) != sha256:
            yield sha256, "changed"
        else:
            yield sha256, None
