"""Readings: what is known of one photo, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN

from backend.evidence import repeats
from backend.evidence.decoding import adviser
from backend.evidence.frames import ImageRefusedError
from backend.evidence.models import PhotoAudit, PhotoReading
from backend.evidence.photos import advice_of
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.photos import UNSUPPORTED_MEDIA_TYPE
from backend.platform import blobs
from backend.platform.actors import Actor, Permission
from backend.platform.errors import ForbiddenError, NotFoundError
from backend.platform.settings import settings

DISPLAY, THUMBNAIL, ORIGINAL = "display", "thumbnail", "original"
UNKNOWN_TYPE = "application/octet-stream"


class File(NamedTuple):
    """A stored file: where it is, its SHA-256 and what it may be shown as."""

    path: Path
    sha256: str
    media_type: str


def get(actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
    """Return a photo, its reading, its verdict and the earlier photos it repeats.

    `is_read` says whether it was looked at yet; `variants`, of it and of each earlier photo,
    which files the actor may open. Raises NotFoundError.
    """
    photo = _get(actor, visit_id, photo_id)
    reading: PhotoReading | None = getattr(photo, "reading", None)
    audit: PhotoAudit | None = getattr(photo, "audit", None)
    matches = repeats.list_earlier(actor, visit_id, photo_id)
    for match in matches:
        is_shown = match["photo_id"] is not None
        match["variants"] = _variants(
            actor, is_held=is_shown, is_readable=is_shown and match["display_sha256"] is not None
        )
    return {
        **photo.__data__,
        "photo_id": photo.id,
        "is_read": reading is not None,
        "reading": reading,
        "quality": (reading and reading.quality) or [],
        "audit": audit,
        "matches": matches,
        "variants": _variants(
            actor,
            is_held=photo.sha256 is not None and photo.original_erased_at is None,
            is_readable=reading is not None and reading.display_sha256 is not None,
        ),
    }


def advise(actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
    """Return what may be wrong with a photo, looking at it now if that was not done yet.

    `is_looked_at` is false when there was no time for it; the worker will read it anyway. Whoever
    handed it in may ask before the check-in came. Raises NotFoundError.
    """
    mine = Visit.select(Visit.id).where(Visit.visible_to(actor))
    photo = Photo.get_or_none(
        Photo.visit_id == visit_id,
        Photo.id == photo_id,
        (Photo.person == actor.id) | Photo.visit_id.in_(mine),
    )
    if photo is None or photo.sha256 is None:
        raise NotFoundError(what="photo")
    reading = PhotoReading.get_or_none(
        PhotoReading.visit_id == visit_id,
        PhotoReading.photo_id == photo_id,
        PhotoReading.sha256 == photo.sha256,
    )
    if reading is not None and (reading.quality or reading.unreadable_reason):
        return _advice(reading.quality, reading.unreadable_reason)
    if photo.media_type is None:
        return _advice(None, UNSUPPORTED_MEDIA_TYPE)
    if photo.original_erased_at is not None:
        return _advice(None, None)
    try:
        found = adviser.look(blobs.path_of(photo.sha256), max_pixels=settings().max_pixels)
    except ImageRefusedError as error:
        return _advice(None, error.reason)
    return _advice(advice_of(found) if found else None, None)


def _advice(measures: list[dict[str, Any]] | None, unreadable_reason: str | None) -> dict[str, Any]:
    return {
        "is_looked_at": bool(measures) or unreadable_reason is not None,
        "unreadable_reason": unreadable_reason,
        "advice": measures,
        "quality": measures or [],
    }


def file_of(actor: Actor, visit_id: UUID, photo_id: UUID, variant: str) -> File:
    """Return one of a photo's files. Raises NotFoundError or ForbiddenError.

    The original is evidence, for auditors; bytes that could not be decoded are shown as nothing
    in particular.
    """
    needed = Permission.PHOTO_ORIGINAL if variant == ORIGINAL else Permission.PHOTO_READ
    photo = _get(actor, visit_id, photo_id)
    if not actor.may(needed):
        raise ForbiddenError(permission=str(needed))
    reading: PhotoReading | None = getattr(photo, "reading", None)
    is_original = variant == ORIGINAL
    sha256 = photo.sha256 if is_original else getattr(reading, f"{variant}_sha256", None)
    if sha256 is None or (is_original and photo.original_erased_at is not None):
        raise NotFoundError(what="file")
    is_sound = reading is not None and reading.unreadable_reason is None
    media_type = photo.media_type if is_original else "image/jpeg"
    return File(
        blobs.path_of(sha256), sha256, media_type if is_sound and media_type else UNKNOWN_TYPE
    )


def _variants(actor: Actor, *, is_held: bool, is_readable: bool) -> list[str]:
    variants = [DISPLAY, THUMBNAIL] if is_readable else []
    if is_held and actor.may(Permission.PHOTO_ORIGINAL):
        variants.append(ORIGINAL)
    return variants


def _get(actor: Actor, visit_id: UUID, photo_id: UUID) -> Photo:
    photo = (
        Photo.select(Photo, PhotoReading, PhotoAudit)
        .join(Visit, on=Photo.visit_id == Visit.id)
        .join_from(
            Photo,
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=(PhotoReading.visit_id == Photo.visit_id) & (PhotoReading.photo_id == Photo.id),
            attr="reading",
        )
        .join_from(
            Photo,
            PhotoAudit,
            JOIN.LEFT_OUTER,
            on=(PhotoAudit.visit_id == Photo.visit_id) & (PhotoAudit.photo_id == Photo.id),
            attr="audit",
        )
        .where(Visit.visible_to(actor), Photo.visit_id == visit_id, Photo.id == photo_id)
        .first()
    )
    if photo is None:
        raise NotFoundError(what="photo")
    return photo
