"""Photos: announced in a manifest, received as bytes, in either order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import JOIN, SQL, fn

from backend.fieldwork import photo_tally, placing
from backend.fieldwork.arrivals import Result
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo, PhotoTally
from backend.platform import blobs, clock, jobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import (
    Statement,
    insert_rows,
    inserts,
    run_at_the_end,
    transaction,
)
from backend.platform.errors import CorruptBodyError, IdTakenError
from backend.platform.prepared import Prepared
from backend.platform.settings import settings

NOT_IN_MANIFEST = "not-in-manifest"
HASH_MISMATCH = "hash-mismatch"
UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
ERASE_BLOB = "erase-blob"  # kind of the job that removes bytes no row names


_Other = Photo.alias()
# What handling an upload reads of its photo, of the visit, and of the person's day.
_UPLOADING = Prepared(
    Photo,
    lambda visit_id, photo_id, person_id, today: (
        Photo.select(
            Photo.person,
            Photo.is_declared,
            Photo.declared_sha256,
            Photo.subject,
            Photo.sha256,
            Photo.size_bytes,
            Photo.quarantine_reason,
            Photo.original_erased_at,
            Visit.person.alias("visitor_id"),
            Visit.status.alias("visit_status"),
            fn.EXISTS(
                _Other.select(SQL("1")).where(
                    _Other.visit_id == Photo.visit_id,
                    _Other.id != Photo.id,
                    _Other.is_declared,
                    _Other.sha256.is_null() | (_Other.sha256 != _Other.declared_sha256),
                )
            ).alias("misses_others"),
            fn.COALESCE(photo_tally.taken(person_id, today), 0).alias("taken_today"),
        )
        .join(Visit, JOIN.LEFT_OUTER, on=(Visit.id == Photo.visit_id))
        .where(Photo.visit_id == visit_id, Photo.id == photo_id)
    ),
    visit_id=Photo.visit_id,
    photo_id=Photo.id,
    person_id=PhotoTally.person_id,
    today=PhotoTally.received_on,
)
_OF_VISIT = Prepared(
    Photo,
    lambda visit_id: Photo.select().where(Photo.visit_id == visit_id).order_by(Photo.id),
    visit_id=Photo.visit_id,
)
_ELSEWHERE = Prepared(
    Photo,
    lambda visit_id, photo_id: (
        Photo.select(Photo.visit_id)
        .where(Photo.id == photo_id, Photo.visit_id != visit_id)
        .limit(1)
    ),
    visit_id=Photo.visit_id,
    photo_id=Photo.id,
)
_HOLD = Prepared(
    Photo,
    lambda visit_id, photo_id, **received: Photo.update(**received).where(
        Photo.visit_id == visit_id, Photo.id == photo_id
    ),
    visit_id=Photo.visit_id,
    photo_id=Photo.id,
    sha256=Photo.sha256,
    size_bytes=Photo.size_bytes,
    media_type=Photo.media_type,
    received_at=Photo.received_at,
    quarantine_reason=Photo.quarantine_reason,
)


class HashMismatchError(CorruptBodyError):
    """The bytes have another SHA-256 than the phone declared."""

    code = "hash-mismatch"
    title = "The bytes are not the declared ones"
    title_zh = "照片哈希不一致"
    detail = "Declared SHA-256 {declared}, received {received}; send it again."
    detail_zh = "声明的SHA-256为 {declared}，实际收到 {received}，请重新发送。"


def declare(actor: Actor, visit_id: UUID, manifest: list[dict[str, Any]]) -> list[Photo]:
    """Record what a report's manifest announces, in the report's transaction.

    Bytes that came before are matched with it; those it does not name are quarantined. What
    the decoder said of early bytes stands. Returns every photo of the visit, by id. Raises
    IdTakenError for a photo of another visit.
    """
    rows = _announced(actor, visit_id, manifest)
    early = _OF_VISIT.models(visit_id=visit_id)
    here = {photo.id for photo in early}
    new = [row for row in rows if row["id"] not in here]
    _refuse_ids_of_other_visits(visit_id, [row["id"] for row in new])
    insert_rows(Photo, new)
    announced = {row["id"]: row for row in rows}
    for photo in early:
        row = announced.get(photo.id)
        if row is None and photo.is_declared:  # by an amendment that came before the report
            continue
        if row is None and photo.quarantine_reason == UNSUPPORTED_MEDIA_TYPE:
            continue
        if row is None:
            changes: dict[str, Any] = {"quarantine_reason": NOT_IN_MANIFEST}
        else:
            changes = _matched(photo, row)
        _change(photo, changes)
    photos = early + [Photo(**row) for row in new]
    return sorted(photos, key=lambda photo: photo.id)


def declare_more(actor: Actor, visit_id: UUID, manifest: list[dict[str, Any]]) -> None:
    """Record what an amendment announces beside what was announced before.

    Raises IdTakenError for a photo of another visit, or announced with another hash.
    """
    rows = _announced(actor, visit_id, manifest)
    here = {photo.id: photo for photo in _OF_VISIT.models(visit_id=visit_id)}
    new = [row for row in rows if row["id"] not in here]
    _refuse_ids_of_other_visits(visit_id, [row["id"] for row in new])
    insert_rows(Photo, new)
    for row in rows:
        photo = here.get(row["id"])
        if photo is None:
            continue
        if photo.person_id != actor.id or photo.declared_sha256 not in {
            None,
            row["declared_sha256"],
        }:
            raise IdTakenError(id=str(photo.id))
        if not photo.is_declared:
            changes = _matched(photo, row)
            if photo.quarantine_reason == NOT_IN_MANIFEST:
                changes.setdefault("quarantine_reason", None)
            _change(photo, changes)


def promised(manifest: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the fact of a ledger entry that says which hash the phone declared for each photo."""
    hashes = {str(photo["id"]): photo["sha256"] for photo in manifest}
    return {"declared": hashes} if hashes else {}


def _announced(
    actor: Actor, visit_id: UUID, manifest: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    return [
        {
            "visit_id": visit_id,
            "id": photo["id"],
            "person": actor.id,
            "is_declared": True,
            "declared_sha256": photo["sha256"],
            "declared_bytes": photo["size_bytes"],
            "subject": photo["subject"],
            "item": photo["item"],
            "captured_at": photo["captured_at"],
            "capture_source": photo["capture_source"],
        }
        for photo in manifest
    ]


def _matched(photo: Photo, row: dict[str, Any]) -> dict[str, Any]:
    """Return what changes on a photo whose bytes came before it was announced."""
    changes = {key: row[key] for key in row if key not in {"visit_id", "id", "person"}}
    if photo.sha256 != row["declared_sha256"]:
        changes["quarantine_reason"] = HASH_MISMATCH
    return changes


def receive(
    actor: Actor,
    visit_id: UUID,
    photo_id: UUID,
    chunks: Iterable[bytes],
    *,
    length: int | None,
    declared_sha256: str | None,
    media_type: str | None,
    at: datetime,
) -> tuple[Photo, Result]:
    """Keep the bytes of a photo, durably, before anything is said about them (promise P1).

    Those of a type that is no photo's (None) are kept in quarantine, and never decoded.
    Raises CorruptBodyError when the body is not as long as announced, HashMismatchError when
    it is not what the header or the manifest declares, IdTakenError when the id already stands
    for other bytes or belongs to somebody else, QuotaError and TooLargeError. Nothing is
    recorded then.
    """
    known: dict[str, Any] = {
        "visit_id": visit_id,
        "photo_id": photo_id,
        "person_id": actor.id,
        "today": clock.business_date(at),
    }
    expected = _UPLOADING.first(**known)
    if expected is None:
        photo_tally.check(actor, at=at)
    elif expected.sha256 is None:  # a replay takes no room
        photo_tally.refuse_more(expected.taken_today, at=at)
    with blobs.receive(chunks, length=length, max_bytes=settings().max_photo_bytes) as body:
        for declared in (declared_sha256, expected.declared_sha256 if expected else None):
            if declared is not None and declared != body.sha256:
                raise HashMismatchError(declared=declared, received=body.sha256)
        # Before the bytes take room for good.
        _refuse_strangers(actor, expected, visit_id, photo_id)
        if expected is not None:
            _refuse_other_bytes(photo_id, expected, body.sha256)
        blobs.keep(body)
        again = _UPLOADING.statement(**known)
        with transaction(turn=placing.turn_of(actor.id), first=again) as rows:
            stored = next(iter(_UPLOADING.made_of(rows, expected)), None)
            _refuse_strangers(actor, stored, visit_id, photo_id)
            received = {
                "sha256": body.sha256,
                "size_bytes": body.size,
                "media_type": media_type,
                "received_at": at,
                "quarantine_reason": None if media_type else UNSUPPORTED_MEDIA_TYPE,
            }
            former = None if stored is None else stored.sha256
            photo, result, changes = _record(actor, visit_id, photo_id, stored, received)
            if result is Result.REPLAYED and photo.original_erased_at is not None:
                jobs.enqueue(ERASE_BLOB, [body.sha256], at=at)
            if result is not Result.REPLAYED and former is not None:  # wrong, and now replaced
                over_at = at + timedelta(days=settings().original_days)
                jobs.enqueue(ERASE_BLOB, [former], at=over_at)
            if result is not Result.REPLAYED:
                facts: dict[str, Any] = {"visit": str(visit_id), "sha256": body.sha256}
                entries = [ledger.entry(actor, "photo.received", photo_id, at=at, **facts)]
                changes.append(photo_tally.one_more(actor, at=at))
                if visit := _completed_by(photo, stored):
                    entries.append(placing.completed(visit, at=at))
                    changes.append(placing.saving(visit))
                run_at_the_end([*changes, *ledger.written(entries)])
    return photo, result


def is_missing(photo: Photo) -> bool:
    """Return whether a photo is announced and not held with its declared hash."""
    return photo.is_declared and (photo.sha256 is None or photo.sha256 != photo.declared_sha256)


def state_of(photo: Photo) -> str:
    """Return what a receipt says of a photo."""
    if photo.quarantine_reason:
        return "quarantined"
    if photo.sha256 is None:
        return "missing"
    return "received" if photo.is_declared else "unannounced"


def _record(
    actor: Actor,
    visit_id: UUID,
    photo_id: UUID,
    stored: Photo | None,
    received: dict[str, Any],
) -> tuple[Photo, Result, list[Statement]]:
    named = {"visit_id": visit_id, "id": photo_id}
    if stored is None:
        reported = Report.select().where(Report.visit_id == visit_id).exists()
        photo = Photo(person=actor.id, is_declared=False, **named, **received)
        if reported and photo.quarantine_reason is None:
            photo.quarantine_reason = NOT_IN_MANIFEST
        return photo, _outcome(photo), inserts(Photo, [photo.__data__])
    stored.__data__ |= named
    if stored.sha256 == received["sha256"]:
        return stored, Result.REPLAYED, []
    _refuse_other_bytes(photo_id, stored, received["sha256"])
    stored.__data__ |= received
    held = _HOLD.statement(visit_id=visit_id, photo_id=photo_id, **received)
    return stored, _outcome(stored), [held]


def _outcome(photo: Photo) -> Result:
    return Result.QUARANTINED if photo.quarantine_reason else Result.CREATED


def _completed_by(photo: Photo, stored: Photo | None) -> Visit | None:
    """Return the reported visit of which nothing is missing once a photo is stored."""
    if stored is not None and (stored.misses_others or stored.visit_status != placing.REPORTED):
        return None
    visit = placing.visit_of(photo.visit_id)
    if visit is None or visit.status != placing.REPORTED:
        return None
    if stored is not None and visit.demand is None:
        return None if is_missing(photo) else visit
    others = [one for one in _OF_VISIT.models(visit_id=photo.visit_id) if one.id != photo.id]
    all_ = [photo, *others]
    is_whole = not any(map(is_missing, all_)) and not placing.owes_storefront(visit, all_)
    return visit if is_whole else None


def _refuse_strangers(actor: Actor, stored: Photo | None, visit_id: UUID, photo_id: UUID) -> None:
    if stored is None:
        visit = placing.visit_of(visit_id)
        owners = [visit and visit.person_id]
    else:
        owners = [stored.person_id, stored.visitor_id]
    if set(owners) - {actor.id, None}:
        raise IdTakenError(id=str(photo_id))
    if stored is None and _ELSEWHERE.rows(visit_id=visit_id, photo_id=photo_id):
        raise IdTakenError(id=str(photo_id))


def _refuse_other_bytes(photo_id: UUID, stored: Photo, sha256: str) -> None:
    if stored.sha256 == sha256:
        return
    if stored.sha256 is not None and stored.quarantine_reason != HASH_MISMATCH:
        raise IdTakenError(id=str(photo_id))
    if stored.declared_sha256 != sha256:
        raise HashMismatchError(declared=stored.declared_sha256, received=sha256)


def _refuse_ids_of_other_visits(visit_id: UUID, photo_ids: list[UUID]) -> None:
    elsewhere = Photo.id.in_(photo_ids) & (Photo.visit_id != visit_id)
    if photo_ids and (taken := Photo.select(Photo.id).where(elsewhere).first()):
        raise IdTakenError(id=str(taken.id))


def _change(photo: Photo, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(photo, name, value)
    Photo.update(changes).where(Photo.visit_id == photo.visit_id, Photo.id == photo.id).execute()
