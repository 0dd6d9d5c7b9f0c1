"""Repeats: photos that were handed in before, whoever did and wherever it was.

A photo repeats an earlier one if its bytes are the same, or if it shows the same frame and
belongs to another visit. Which of two is the earlier is decided by when they were received, so
the order in which they are analysed does not matter. What auditors say of a pair is in `matches`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN, Case, Expression, fn

from backend.evidence.fingerprints import BAND_BITS, bands, distance, probes
from backend.evidence.models import PhotoMatch, PhotoReading
from backend.fieldwork.models import Visit
from backend.network.models import Person, Store
from backend.platform.actors import Actor
from backend.platform.database import db, insert_rows
from backend.platform.settings import settings

MOST_MATCHES = 50  # on either side of a photo: one copy proves it, a thousand prove no more
MOST_CANDIDATES = 20_000  # different fingerprints compared bit by bit for one photo
MOST_FINGERPRINTS = 500  # of those that are near, the nearest
STANDING = ("open", "confirmed")  # what an auditor, or a scene learned from one, did not clear


class Key(NamedTuple):
    """A photo among all visits' photos, as it is ordered among those of one instant."""

    received_at: datetime
    visit_id: UUID
    photo_id: UUID


def record(reading: PhotoReading) -> set[tuple[UUID, UUID]]:
    """Store what the photo repeats and what repeats it; return the later photos found.

    They are (visit id, photo id), each at least now known to be a repeat. The caller sees to it
    that nobody records at the same time. Of more than `MOST_MATCHES` copies on one side those of
    the same bytes are stored first, which no scene excuses, then those nearest in time.
    """
    here = _key(reading)
    found = {
        _key(other): ("exact", 0) if other.sha256 == reading.sha256 else ("near", bits)
        for other, bits in (*_near(reading), *_exact(reading))
    }

    def is_near(key: Key) -> bool:
        return found[key][0] == "near"

    nearest_before = sorted((key for key in found if key < here), reverse=True)
    nearest_after = sorted(key for key in found if key > here)
    before = sorted(nearest_before, key=is_near)[:MOST_MATCHES]
    after = sorted(nearest_after, key=is_near)[:MOST_MATCHES]
    rows = [_row(here, key, *found[key]) for key in before]
    rows += [_row(key, here, *found[key]) for key in after]
    insert_rows(PhotoMatch, rows, ignore=True)
    return {(key.visit_id, key.photo_id) for key in after}


def forget(visit_id: UUID, photo_id: UUID) -> set[tuple[UUID, UUID]]:
    """Drop a photo's matches, as its bytes were replaced; return the later photos that lose one."""
    earlier = (PhotoMatch.earlier_visit_id == visit_id) & (PhotoMatch.earlier_photo_id == photo_id)
    later = {(row.visit_id, row.photo_id) for row in PhotoMatch.select().where(earlier)}
    PhotoMatch.delete().where(earlier | _of(visit_id, photo_id)).execute()
    return later


def count(visit_id: UUID, photo_id: UUID) -> int:
    """Return how many earlier photos a photo repeats; those that were cleared are none."""
    return PhotoMatch.select().where(_of(visit_id, photo_id), stands()).count()


def stands() -> Expression:
    """Return the condition for matches that nobody cleared."""
    return PhotoMatch.status.in_(STANDING)


def list_earlier(actor: Actor, visit_id: UUID, photo_id: UUID) -> list[dict[str, Any]]:
    """Return the earlier photos that a photo repeats, the closest and then the latest first.

    The caller has checked that the actor may see the photo. Of an earlier photo that is out of
    the actor's scope only kind, distance, status and dates are told; the rest is None.
    """
    found: Any = (
        PhotoMatch.select(
            PhotoMatch.kind,
            PhotoMatch.distance,
            PhotoMatch.status,
            Case(None, [(Visit.id.is_null(False), PhotoMatch.reason)]).alias("reason"),
            PhotoMatch.resolved_at,
            PhotoMatch.version,
            PhotoReading.received_at,
            PhotoReading.display_sha256,
            Visit.id.alias("visit_id"),
            Case(None, [(Visit.id.is_null(False), PhotoMatch.earlier_photo_id)]).alias("photo_id"),
            Visit.business_on,
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            Person.name.alias("person_name"),
        )
        .join(
            PhotoReading,
            on=(PhotoReading.visit_id == PhotoMatch.earlier_visit_id)
            & (PhotoReading.photo_id == PhotoMatch.earlier_photo_id),
        )
        .join_from(
            PhotoMatch,
            Visit,
            JOIN.LEFT_OUTER,
            on=(Visit.id == PhotoMatch.earlier_visit_id) & Visit.visible_to(actor),
        )
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Visit, Person, JOIN.LEFT_OUTER)
        .where(_of(visit_id, photo_id))
        .order_by(PhotoMatch.distance, PhotoReading.received_at.desc(), PhotoReading.photo_id)
    )
    return list(found.dicts())


def matches_of(visit_id: Any, photo_id: Any) -> Any:
    """Return the scalar subquery of `count`, for two columns of an outer query."""
    mine = _of(visit_id, photo_id) & stands()
    return PhotoMatch.select(fn.COUNT(PhotoMatch.photo_id)).where(mine)


def _of(visit_id: Any, photo_id: Any) -> Expression:
    return (PhotoMatch.visit_id == visit_id) & (PhotoMatch.photo_id == photo_id)


def _exact(reading: PhotoReading) -> Iterator[tuple[PhotoReading, int]]:
    """Yield the copies nearest in time, on both sides; also those of the same visit."""
    same = (PhotoReading.sha256 == reading.sha256) & (
        (PhotoReading.visit_id != reading.visit_id) | (PhotoReading.photo_id != reading.photo_id)
    )
    yield from ((copy, 0) for copy in _nearest_in_time(reading, same))


def _near(reading: PhotoReading) -> Iterator[tuple[PhotoReading, int]]:
    """Yield the photos of other visits whose fingerprints are close, and by how many bits."""
    if reading.dhash is None:
        return
    bits_of = near_fingerprints(reading.dhash, settings().near_duplicate_bits)
    if not bits_of:
        return
    close = PhotoReading.dhash.in_(list(bits_of)) & (PhotoReading.visit_id != reading.visit_id)
    yield from ((other, bits_of[other.dhash]) for other in _nearest_in_time(reading, close))


def near_fingerprints(fingerprint: int, most: int) -> dict[int, int]:
    """Return the known fingerprints that differ in at most so many bits (0-5), and in how many.

    Every band asks an index that holds the fingerprint too, so no row is visited; one that
    thousands of photos share is met once.
    """
    asked = zip(bands(fingerprint), BAND_BITS, strict=True)
    values = [probe for band, width in asked for probe in probes(band, width)]
    found = db.execute_sql(_near_sql(db.param), values).fetchall()
    near = sorted((distance(fingerprint, other), other) for (other,) in found)
    return {other: bits for bits, other in near[:MOST_FINGERPRINTS] if bits <= most}


@lru_cache(maxsize=2)
def _near_sql(mark: str) -> str:
    """Return the search as text: writing it anew takes longer than running it."""
    parts = (
        f"SELECT dhash FROM photo_reading WHERE band{number} IN ({', '.join([mark] * (width + 1))})"  # noqa: S608
        for number, width in enumerate(BAND_BITS)
    )
    return f"{' UNION '.join(parts)} LIMIT {MOST_CANDIDATES}"


def _nearest_in_time(reading: PhotoReading, which: Expression) -> Iterator[Any]:
    """Yield at most `MOST_MATCHES` readings of each side of a photo in time."""
    at, ids = PhotoReading.received_at, (PhotoReading.visit_id, PhotoReading.photo_id)
    first = (at, *ids)
    last = tuple(column.desc() for column in first)
    for side, order in ((at <= reading.received_at, last), (at >= reading.received_at, first)):
        found = (
            PhotoReading.select(*ids, at, PhotoReading.sha256, PhotoReading.dhash)
            .where(which, side, _in_window(reading))
            .order_by(*order)
        )
        yield from found.limit(MOST_MATCHES)


def _in_window(reading: PhotoReading) -> Expression:
    window = timedelta(days=settings().reuse_window_days)
    return PhotoReading.received_at.between(
        reading.received_at - window, reading.received_at + window
    )


def _key(reading: PhotoReading) -> Key:
    return Key(reading.received_at, reading.visit_id, reading.photo_id)


def _row(later: Key, earlier: Key, kind: str, bits: int) -> dict[str, Any]:
    return {
        "visit_id": later.visit_id,
        "photo_id": later.photo_id,
        "earlier_visit_id": earlier.visit_id,
        "earlier_photo_id": earlier.photo_id,
        "kind": kind,
        "distance": bits,
        "received_at": later.received_at,
        "status": "open",
        "version": 1,
    }
