"""Custody of photos: who held and opened them, and whether the bytes are still there, unchanged."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

import orjson
from peewee import JOIN, Expression

from backend.evidence.models import PhotoAudit, PhotoReading
from backend.evidence.standing import Status
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person
from backend.platform import blobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError
from backend.platform.ledger import GENESIS
from backend.platform.models import LedgerEntry

OPENED = "photo.opened"
ERASED = "photo.original_erased"
_DECLARING = ("visit.reported", "visit.amended")
_READING = ("photo.judged", "photo.verdict_withdrawn")


def promised() -> list[str]:
    """Return the SHA-256 of every original and derivative that a row says is held, in order."""
    columns = (
        (Photo.sha256, Photo.original_erased_at.is_null()),
        (PhotoReading.display_sha256, True),
        (PhotoReading.thumbnail_sha256, True),
    )
    found = set()
    for column, is_held in columns:
        rows = column.model.select(column).where(column.is_null(False), is_held).tuples()
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


def opened(actor: Actor, photo_id: UUID, visit_id: UUID, *, by: str, at: datetime) -> None:
    """Put on record that somebody was given an original; `by` is `download`, `link` or `pack`."""
    with transaction():
        ledger.append(actor, OPENED, photo_id, at=at, visit=str(visit_id), by=by)


def undisclosed(visit_ids: Collection[UUID], photo_ids: Collection[UUID]) -> Expression:
    """Return the condition for entries that tell what was said of photos others are yet to read.

    Whoever reads a photo after another is not to know of it.
    """
    pending = PhotoAudit.select(PhotoAudit.photo_id).where(
        PhotoAudit.visit_id.in_(list(visit_ids)),
        PhotoAudit.photo_id.in_(list(photo_ids)),
        PhotoAudit.status == Status.PENDING,
    )
    untold = [str(audit.photo_id) for audit in pending]
    condition: Expression = LedgerEntry.verb.in_(_READING) & LedgerEntry.object_id.in_(untold)
    return condition


def chain(actor: Actor, photo_id: UUID) -> dict[str, Any]:
    """Return what is on record of a photo, first to last, and how its bytes are now.

    `stored` is `intact`, `missing`, `changed` or `erased`, and null if none came. Each step says
    by its `is_sound` whether its hash follows from the entry and the one before. Of persons out of
    the actor's scope only the role is told. Raises NotFoundError.
    """
    ledger.seal_all()
    photo = (
        Photo.select()
        .join(Visit, on=Photo.visit_id == Visit.id)
        .where(Photo.id == photo_id, Visit.visible_to(actor))
        .first()
    )
    if photo is None:
        raise NotFoundError(what="photo")
    stored = _stored(photo)
    agree = stored == "intact" and photo.sha256 == (photo.declared_sha256 or photo.sha256)
    head = ledger.head()
    return {
        "photo_id": photo.id,
        "visit_id": photo.visit_id,
        "declared_sha256": photo.declared_sha256,
        "received_sha256": photo.sha256,
        "stored": stored,
        "is_unbroken": photo.is_declared and agree,
        "original_erased_at": photo.original_erased_at,
        "steps": _steps(actor, photo),
        "head": {"seq": head.seq, "hash": head.hash},
    }


def _stored(photo: Photo) -> str | None:
    if photo.sha256 is None:
        return None
    if photo.original_erased_at is not None:
        return "erased"
    ((_, wrong),) = verify([photo.sha256])
    return wrong or "intact"


def _steps(actor: Actor, photo: Photo) -> list[dict[str, Any]]:
    earlier = LedgerEntry.alias()
    told_now = _about(photo) & ~undisclosed([photo.visit_id], [photo.id])
    entries: Any = (
        LedgerEntry.select(LedgerEntry, earlier.hash.alias("previous_hash"))
        .join(earlier, JOIN.LEFT_OUTER, on=earlier.seq == LedgerEntry.seq - 1)
        .where(told_now, LedgerEntry.seq.is_null(False))
        .order_by(LedgerEntry.seq)
        .objects()
    )
    told = [(entry, orjson.loads(entry.facts)) for entry in entries]
    mine = str(photo.id)
    told = [
        (entry, facts)
        for entry, facts in told
        if entry.object != "visit" or mine in facts.get("declared", {})
    ]
    people = _people(actor, {entry.actor_id for entry, _ in told if entry.actor_id})
    return [
        {
            "seq": entry.seq,
            "hash": entry.hash,
            "is_sound": ledger.link(entry.previous_hash or GENESIS, entry) == entry.hash,
            "verb": entry.verb,
            "at": entry.at,
            "device_at": entry.device_at,
            "actor": people.get(entry.actor_id),
            "sha256": facts.get("declared", {}).get(mine) or facts.get("sha256"),
            "facts": {name: fact for name, fact in facts.items() if name != "declared"},
        }
        for entry, facts in told
    ]


def _about(photo: Photo) -> Expression:
    """Return the condition for entries about a photo, or of its visit where it may be declared."""

    def of(kind: str, object_id: UUID) -> Expression:
        condition: Expression = (LedgerEntry.object == kind) & (
            LedgerEntry.object_id == str(object_id)
        )
        return condition

    declaring = of("visit", photo.visit_id) & LedgerEntry.verb.in_(_DECLARING)
    queued = of("audit", photo.visit_id) & (LedgerEntry.verb == "audit.queued")
    kinds = ("photo", "audit", "photo_match")
    own = reduce(or_, (of(kind, photo.id) for kind in kinds))
    about: Expression = own | declaring | queued
    return about


def _people(actor: Actor, ids: set[int]) -> dict[int, dict[str, Any]]:
    """Return role, and where the actor may know them id and name, of persons by id."""
    seen = Person.visible_to(actor)
    rows: Any = Person.select(Person.id, Person.role, Person.name, seen.alias("is_seen")).where(
        Person.id.in_(sorted(ids))
    )
    return {
        person.id: {
            "role": person.role,
            "id": person.id if person.is_seen else None,
            "name": person.name if person.is_seen else None,
        }
        for person in rows
    }
