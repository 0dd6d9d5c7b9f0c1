"""Audits: the queue of photos as auditors see it, and the photos they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Unpack
from uuid import UUID

from peewee import JOIN, Case, Expression, ModelSelect, fn

from backend.evidence.audit_filters import Filters as Filters  # noqa: PLC0414  # asked by callers
from backend.evidence.audit_filters import in_scope, matching, only
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit, PhotoReading
from backend.evidence.queueing import queue as queue  # noqa: PLC0414  # where photos enter
from backend.evidence.repeats import matches_of
from backend.evidence.standing import STATUS_OF, Status
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person, Store
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import is_sqlite, transaction
from backend.platform.errors import ConflictError, NotFoundError
from backend.platform.settings import settings

MOST_CLAIMED = 50

Own = PhotoVerdict.alias("own")
_ORDER = (PhotoAudit.business_on, PhotoAudit.visit_id, PhotoAudit.photo_id)


class ClaimedByAnotherError(ConflictError):
    """Another auditor is looking at the photo."""

    code = "claimed-by-another"
    title = "Another auditor holds this photo"
    title_zh = "照片正由其他审核员处理"
    detail = "Another auditor holds the photo until {until}."
    detail_zh = "其他审核员正在处理该照片，直至 {until}。"


def list_audits(
    actor: Actor, *, status: str | None = None, **filters: Unpack[Filters]
) -> ModelSelect[PhotoAudit]:
    """Return the queue and its verdicts in the actor's regions as dicts, oldest first.

    Who has said something sees it as if it stood; a photo that was read before looks to others
    like one that was not.
    """
    shown = _shown(actor).where(matching(actor, **filters))
    return shown if status is None else shown.where(_seen_as(Status(status)))


def claim(
    actor: Actor, *, limit: int, at: datetime, **filters: Unpack[Filters]
) -> list[dict[str, Any]]:
    """Hold up to `limit` photos for the actor, and return all the actor now holds, oldest first.

    Photos still held count towards the limit and are held anew; the filters only choose further
    ones. Nobody else gets them for `claim_minutes`. Nobody gets a photo that they took, or judged.
    """
    pending = PhotoAudit.status == Status.PENDING
    mine = pending & (PhotoAudit.claimed_by == actor.id) & (PhotoAudit.claimed_until > at)
    with transaction():
        held = _ids(PhotoAudit.select().where(mine))
        free = pending & (PhotoAudit.claimed_until.is_null() | (PhotoAudit.claimed_until <= at))
        wanted = (
            PhotoAudit.select()
            .where(free, _strange_to(actor), matching(actor, **filters))
            .order_by(*_ORDER)
            .limit(max(0, min(limit, MOST_CLAIMED) - len(held)))
        )
        if not is_sqlite():  # SQLite has one writer at a time, and this is it
            wanted = wanted.for_update(skip_locked=True)
        taken = _ids(wanted)
        until = at + timedelta(minutes=settings().claim_minutes)
        if held:
            PhotoAudit.update(claimed_until=until).where(_any_of(held)).execute()
        if taken:
            PhotoAudit.update(claimed_by=actor.id, claimed_at=at, claimed_until=until).where(
                _any_of(taken)
            ).execute()
            ledger.append(actor, "audit.claimed", actor.id, at=at, photos=len(taken))
    shown: Any = _shown(actor).where(mine, matching(actor))
    return list(shown)


def release(actor: Actor, visit_id: UUID, photo_id: UUID, *, at: datetime) -> None:
    """Give a claimed photo back; one that nobody holds stays as it is.

    Raises NotFoundError, and ClaimedByAnotherError when it is another's to give back.
    """
    with transaction():
        audit = locked(actor, visit_id, photo_id)
        refuse_held_by_another(actor, audit, at)
        if audit.claimed_until is None:
            return
        PhotoAudit.update(claimed_by=None, claimed_at=None, claimed_until=None).where(
            only(visit_id, photo_id), PhotoAudit.claimed_by == audit.claimed_by_id
        ).execute()
        ledger.append(actor, "audit.released", photo_id, at=at, visit=str(visit_id))


def get(actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
    """Return a photo as the queue shows it to the actor, who was found to see it."""
    return get_many(actor, [(visit_id, photo_id)])[visit_id, photo_id]


def get_many(actor: Actor, ids: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """Return photos, by visit and photo, like `get`."""
    shown: Any = _shown(actor).where(_any_of(ids)) if ids else ()
    return {(audit["visit_id"], audit["photo_id"]): audit for audit in shown}


def locked(actor: Actor, visit_id: UUID, photo_id: UUID) -> PhotoAudit:
    """Return one photo of the actor's regions, held still until the end of the transaction.

    Raises NotFoundError.
    """
    one = PhotoAudit.select().where(only(visit_id, photo_id), in_scope(actor))
    audit = (one if is_sqlite() else one.for_update()).first()
    if audit is None:
        raise NotFoundError(what="photo")
    return audit


def refuse_held_by_another(actor: Actor, audit: PhotoAudit, at: datetime) -> None:
    """Raise ClaimedByAnotherError while somebody else holds the photo."""
    if audit.claimed_until and audit.claimed_until > at and audit.claimed_by_id != actor.id:
        raise ClaimedByAnotherError(until=audit.claimed_until.isoformat())


def _strange_to(actor: Actor) -> Expression:
    """Return the condition for photos that the actor has neither judged nor taken."""
    own = Photo.select(Photo.id).where(
        Photo.visit_id == PhotoAudit.visit_id,
        Photo.id == PhotoAudit.photo_id,
        Photo.person == actor.id,
    )
    unread = PhotoAudit.first_by_id.is_null() | (PhotoAudit.first_by_id != actor.id)
    return unread & ~fn.EXISTS(own)


def _seen_as(status: Status) -> Expression:
    """Return the condition for photos that have a status in the eyes of whom they are shown to."""
    if status is Status.PENDING:
        return (PhotoAudit.status == status) & Own.number.is_null()
    said = [str(word) for word, meant in STATUS_OF.items() if meant is status]
    as_said = (PhotoAudit.status == Status.PENDING) & Own.verdict.in_(said)
    return (PhotoAudit.status == status) | as_said if said else PhotoAudit.status == status


def _any_of(ids: list[tuple[UUID, UUID]]) -> Expression:
    return reduce(or_, (only(*pair) for pair in ids))


def _ids(audits: Iterable[PhotoAudit]) -> list[tuple[UUID, UUID]]:
    return [(audit.visit_id, audit.photo_id) for audit in audits]


def _shown(actor: Actor) -> ModelSelect[PhotoAudit]:
    claimer, judge = Person.alias(), Person.alias()
    same = (Own.visit_id == PhotoAudit.visit_id) & (Own.photo_id == PhotoAudit.photo_id)
    hidden = same & (PhotoAudit.status == Status.PENDING) & (Own.person == actor.id)
    return (
        PhotoAudit.select(
            PhotoAudit.visit_id,
            PhotoAudit.photo_id,
            _as_it_seems(_own_status(), PhotoAudit.status).alias("status"),
            PhotoAudit.region_id,
            PhotoAudit.business_on,
            PhotoAudit.claimed_until,
            _as_it_seems(Own.judged_at, PhotoAudit.judged_at).alias("judged_at"),
            _as_it_seems(Own.reasons, PhotoAudit.reasons).alias("reasons"),
            _as_it_seems(Own.note, PhotoAudit.note).alias("note"),
            _version_for(actor).alias("version"),
            Photo.subject,
            Photo.item,
            Store.id.alias("store_id"),
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            Person.name.alias("person_name"),
            claimer.name.alias("claimed_by"),
            judge.name.alias("judged_by"),
            matches_of(PhotoAudit.visit_id, PhotoAudit.photo_id).alias("matches"),
            PhotoReading.quality,
        )
        .join(Photo, on=(Photo.visit_id == PhotoAudit.visit_id) & (Photo.id == PhotoAudit.photo_id))
        .join_from(PhotoAudit, Visit, on=PhotoAudit.visit_id == Visit.id)
        .join(Store)
        .join_from(Visit, Person)
        .join_from(PhotoAudit, Own, JOIN.LEFT_OUTER, on=hidden & Own.withdrawn_at.is_null())
        .join_from(PhotoAudit, claimer, JOIN.LEFT_OUTER, on=PhotoAudit.claimed_by == claimer.id)
        .join_from(
            PhotoAudit,
            judge,
            JOIN.LEFT_OUTER,
            on=judge.id == fn.COALESCE(Own.person, PhotoAudit.judged_by),
        )
        .join_from(
            PhotoAudit,
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=(PhotoReading.visit_id == PhotoAudit.visit_id)
            & (PhotoReading.photo_id == PhotoAudit.photo_id),
        )
        .order_by(*_ORDER)
        .dicts()
    )


def _own_status() -> Case:
    return Case(Own.verdict, [(str(word), str(status)) for word, status in STATUS_OF.items()])


def _as_it_seems(own: Any, stands: Any) -> Any:
    """Return one's own word of a photo that waits for another's, or else what stands."""
    return fn.COALESCE(own, stands).converter(stands.python_value)


def _version_for(actor: Actor) -> Case:
    """Return the version of a photo, in which one does not see what others did to a pending one."""
    done = PhotoVerdict.select(
        fn.COUNT(PhotoVerdict.number) + fn.COUNT(PhotoVerdict.withdrawn_at) + 1
    ).where(
        PhotoVerdict.visit_id == PhotoAudit.visit_id,
        PhotoVerdict.photo_id == PhotoAudit.photo_id,
        PhotoVerdict.person == actor.id,
    )
    return Case(None, [(PhotoAudit.status == Status.PENDING, done)], PhotoAudit.version)
