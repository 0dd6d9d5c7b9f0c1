"""Photos: reading what was handed in, once per photo and in any order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression

from backend.evidence import audits, matches, repeats
from backend.evidence.decoding import decoder
from backend.evidence.fingerprints import bands
from backend.evidence.frames import ImageRefusedError
from backend.evidence.images import Analysis
from backend.evidence.models import PhotoReading
from backend.evidence.quality import judge
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.photos import ERASE_BLOB, UNSUPPORTED_MEDIA_TYPE
from backend.fieldwork.placing import facts_of
from backend.network.models import Person
from backend.platform import blobs, jobs, ledger
from backend.platform.database import take_turns, transaction
from backend.platform.settings import settings

_FOUND = ("width", "height", "taken_at", "lat", "lon", "device_model", "dhash")
_PERSONAL = ("lat", "lon", "device_model")
_BANDS = ("band0", "band1", "band2")


def analyse(visit_id: UUID, photo_id: UUID, *, at: datetime) -> None:
    """Read a held photo: copies to show, facts, repeats, and its place in the auditors' queue.

    Doing it again changes nothing, unless other bytes came. A photo that cannot be read is
    quarantined. A blob that is missing is an OSError: our fault, so the job is tried again and
    then set aside.
    """
    photo = Photo.get_or_none(Photo.visit_id == visit_id, Photo.id == photo_id)
    if photo is None or photo.sha256 is None or photo.original_erased_at is not None:
        return
    if not _is_read(photo):
        # Outside the transaction: decoding takes long, and orphan blobs are harmless.
        row = _read(photo, photo.sha256)
        with transaction():
            take_turns("photo readings")  # so that of two copies read at once one sees the other
            if not _is_read(photo):
                if _is_of_somebody_erased(photo):
                    row |= dict.fromkeys(_PERSONAL)
                _keep(row, at)
    settle(visit_id, at=at)


def held_for(visit_ids: list[UUID]) -> set[UUID]:
    """Return those of the visits that hold photos; most visits of a busy day have none to weigh."""
    held = Photo.select(Photo.visit_id).where(
        Photo.visit_id.in_(visit_ids), Photo.sha256.is_null(False)
    )
    return {photo.visit_id for photo in held}


def unread(visit_id: UUID) -> list[UUID]:
    """Return the ids of a visit's held photos whose bytes have not been read."""
    held = (
        Photo.select(Photo.id)
        .join(
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=_is(Photo.visit_id, Photo.id) & (PhotoReading.sha256 == Photo.sha256),
        )
        .where(
            Photo.visit_id == visit_id,
            Photo.sha256.is_null(False),
            Photo.original_erased_at.is_null(),
            PhotoReading.photo_id.is_null(),
        )
        .order_by(Photo.id)
    )
    return [photo.id for photo in held]


def settle(visit_id: UUID, *, at: datetime) -> None:
    """Quarantine what could not be read of a visit, and queue the rest once the visit counts.

    What its photos repeat is placed, now that its store may be known.
    """
    refused = PhotoReading.select().where(
        PhotoReading.visit_id == visit_id, PhotoReading.unreadable_reason.is_null(False)
    )
    with transaction():
        for reading in refused:
            Photo.update(quarantine_reason=reading.unreadable_reason).where(
                Photo.visit_id == visit_id,
                Photo.id == reading.photo_id,
                Photo.sha256 == reading.sha256,
                Photo.quarantine_reason.is_null(),
                Photo.released_at.is_null(),
            ).execute()
        matches.place(visit_id, at=at)
        audits.queue(visit_id, at=at)


def _is(visit_id: Any, photo_id: Any) -> Expression:
    return (PhotoReading.visit_id == visit_id) & (PhotoReading.photo_id == photo_id)


def _is_read(photo: Photo) -> bool:
    mine = _is(photo.visit_id, photo.id) & (PhotoReading.sha256 == photo.sha256)
    return PhotoReading.select().where(mine).exists()


def _is_of_somebody_erased(photo: Photo) -> bool:
    erased = Person.erased_at.is_null(False)
    return Person.select().where(Person.id == photo.person_id, erased).exists()


def _read(photo: Photo, sha256: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "visit_id": photo.visit_id,
        "photo_id": photo.id,
        "sha256": sha256,
        "received_at": photo.received_at,
    }
    if photo.media_type is None:
        return row | {"unreadable_reason": UNSUPPORTED_MEDIA_TYPE}
    try:
        found = decoder.analyse(blobs.path_of(sha256), max_pixels=settings().max_pixels)
    except ImageRefusedError as error:
        return row | {"unreadable_reason": error.reason}
    return row | _facts(found)


def advice_of(found: Analysis) -> list[dict[str, Any]]:
    """Return what was measured of a decoded photo, judged by the thresholds in force."""
    return judge(
        found.quality, found.width, found.height, has_camera=found.device_model is not None
    )


def _facts(found: Analysis) -> dict[str, Any]:
    thirds = (None,) * 3 if found.dhash is None else bands(found.dhash)
    return {
        "display_sha256": blobs.put(found.display),
        "thumbnail_sha256": blobs.put(found.thumbnail),
        **{name: getattr(found, name) for name in _FOUND},
        **dict(zip(_BANDS, thirds, strict=True)),
        "quality": advice_of(found),
        "recapture_score": found.quality.recapture,
    }


def _keep(row: dict[str, Any], at: datetime) -> None:
    """Store a reading and its matches, and tell of every photo whose matches changed."""
    here = (row["visit_id"], row["photo_id"])
    touched = repeats.forget(*here)
    former = PhotoReading.get_or_none(_is(*here))
    if former is not None:  # of other bytes
        copies = (former.display_sha256, former.thumbnail_sha256)
        jobs.enqueue(ERASE_BLOB, [sha256 for sha256 in copies if sha256], at=at)
        PhotoReading.delete().where(_is(*here)).execute()
    reading = PhotoReading.create(**row)
    touched |= repeats.record(reading)
    matches.place(reading.visit_id, at=at)
    _tell(reading, at)
    for other in sorted(touched):
        _tell(PhotoReading.get(_is(*other)), at)


def _tell(reading: PhotoReading, at: datetime) -> None:
    """Append what is now known of a photo; its store-day is named once its visit has a store."""
    visit = Visit.get_or_none(Visit.id == reading.visit_id)
    ledger.append(
        None,
        "photo.analysed",
        reading.photo_id,
        at=at,
        visit=str(reading.visit_id),
        sha256=reading.sha256,
        matched=repeats.count(reading.visit_id, reading.photo_id),
        unreadable=reading.unreadable_reason,
        **(facts_of(visit) if visit else {}),
    )
