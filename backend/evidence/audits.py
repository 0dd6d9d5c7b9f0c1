"""Audits: the queue of photos that auditors claim, and the verdicts they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression, ModelSelect

from backend.evidence.models import PhotoAudit, PhotoReading
from backend.evidence.repeats import matches_of
from backend.fieldwork.models import Photo, Visit
from backend.fieldwork.placing import facts_of
from backend.network.models import Person, Region, Store
from backend.platform import ledger
from backend.platform.actors import Actor, Role
from backend.platform.database import insert_rows, is_sqlite, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError
from backend.platform.settings import settings

MOST_CLAIMED = 50


class Status(StrEnum):
    """Where a photo is in the queue."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why a photo proves nothing."""

    BLURRED = "blurred"
    WRONG_OBJECT = "wrong_object"
    TOO_FAR = "too_far"
    DARK = "dark"
    OTHER_STORE = "other_store"
    OLD_PHOTO = "old_photo"
    SCREEN_PHOTO = "screen_photo"
    OTHER = "other"


class ClaimedByAnotherError(ConflictError):
    """Another auditor is looking at the photo."""

    code = "claimed-by-another"
    title = "Another auditor holds this photo"
    title_zh = "照片正由其他审核员处理"
    detail = "Another auditor holds the photo until {until}."
    detail_zh = "其他审核员正在处理该照片，直至 {until}。"


class JudgedByAnotherError(ConflictError):
    """Only who gave a verdict, or an admin, may change it."""

    code = "judged-by-another"
    title = "Another auditor judged this photo"
    title_zh = "照片已由其他审核员判定"
    detail = "The verdict is another auditor's; only they or an admin may change it."
    detail_zh = "该判定由其他审核员作出，仅其本人或管理员可修改。"


class ReasonsError(RuleError):
    """A rejection says why; an approval has nothing to say."""

    code = "reasons-do-not-fit"
    title = "Reasons and verdict do not fit"
    title_zh = "理由与判定不符"
    detail = "A rejection needs at least one reason, an approval takes none."
    detail_zh = "不合格须至少选择一个理由，合格不得填写理由。"


def queue(visit_id: UUID, *, at: datetime) -> int:
    """Put a countable visit's readable photos into the queue; return how many are new there."""
    with transaction():
        visit = Visit.get_or_none(Visit.id == visit_id, Visit.counts(), Visit.region.is_null(False))
        if visit is None:
            return 0
        readable = PhotoReading.select(PhotoReading.photo_id).where(
            PhotoReading.visit_id == visit_id, PhotoReading.unreadable_reason.is_null()
        )
        photos = (
            Photo.select(Photo.id)
            .where(
                Photo.visit_id == visit_id,
                Photo.quarantine_reason.is_null(),
                Photo.id.in_(readable),
            )
            .order_by(Photo.id)
        )
        rows = [
            {
                "visit_id": visit_id,
                "photo_id": photo.id,
                "region_id": visit.region_id,
                "business_on": visit.business_on,
                "status": Status.PENDING,
                "reasons": [],
                "note": "",
                "version": 1,
            }
            for photo in photos
        ]
        new = insert_rows(PhotoAudit, rows, ignore=True)
        if new:
            ledger.append(None, "audit.queued", visit_id, at=at, photos=new, **facts_of(visit))
    return new


def list_audits(
    actor: Actor,
    *,
    status: str | None = None,
    region_id: int | None = None,
    dealer_id: int | None = None,
    tier: str | None = None,
) -> ModelSelect[PhotoAudit]:
    """Return the queue and its verdicts in the actor's regions as dicts, oldest first."""
    shown = _shown().where(_in_scope(actor, region_id, dealer_id, tier))
    return shown if status is None else shown.where(PhotoAudit.status == status)


def claim(
    actor: Actor,
    *,
    limit: int,
    at: datetime,
    region_id: int | None = None,
    dealer_id: int | None = None,
    tier: str | None = None,
) -> list[dict[str, Any]]:
    """Hold up to `limit` photos for the actor, and return all the actor now holds, oldest first.

    Photos still held count towards the limit and are held anew; the filters only choose further
    ones. Nobody else gets them for `claim_minutes`.
    """
    pending = PhotoAudit.status == Status.PENDING
    mine = pending & (PhotoAudit.claimed_by == actor.id) & (PhotoAudit.claimed_until > at)
    with transaction():
        held = _ids(PhotoAudit.select().where(mine))
        free = pending & (PhotoAudit.claimed_until.is_null() | (PhotoAudit.claimed_until <= at))
        wanted = (
            PhotoAudit.select()
            .where(free, _in_scope(actor, region_id, dealer_id, tier))
            .order_by(PhotoAudit.business_on, PhotoAudit.visit_id, PhotoAudit.photo_id)
            .limit(max(0, min(limit, MOST_CLAIMED) - len(held)))
        )
        if not is_sqlite():  # SQLite has one writer at a time, and this is it
            wanted = wanted.for_update(skip_locked=True)
        taken = _ids(wanted)
        if held or taken:
            until = at + timedelta(minutes=settings().claim_minutes)
            PhotoAudit.update(claimed_by=actor.id, claimed_until=until).where(
                _any_of([*held, *taken])
            ).execute()
        if taken:
            ledger.append(actor, "audit.claimed", actor.id, at=at, photos=len(taken))
    return list(_dicts(_shown().where(mine)))


def release(actor: Actor, visit_id: UUID, photo_id: UUID, *, at: datetime) -> None:
    """Give a claimed photo back; one that nobody holds stays as it is.

    Raises NotFoundError, and ClaimedByAnotherError when it is another's to give back.
    """
    with transaction():
        audit = _get(actor, visit_id, photo_id)
        _refuse_held_by_another(actor, audit, at)
        if audit.claimed_until is None:
            return
        PhotoAudit.update(claimed_by=None, claimed_until=None).where(
            _is(visit_id, photo_id), PhotoAudit.claimed_by == audit.claimed_by_id
        ).execute()
        ledger.append(actor, "audit.released", photo_id, at=at, visit=str(visit_id))


def judge(
    actor: Actor,
    visit_id: UUID,
    photo_id: UUID,
    *,
    verdict: str,
    reasons: Iterable[str],
    note: str,
    version: int,
    at: datetime,
) -> dict[str, Any]:
    """Approve or reject one version of a photo, and return it as the queue shows it.

    A claim is not needed, but another's is respected. Raises NotFoundError, ReasonsError,
    ClaimedByAnotherError, JudgedByAnotherError or StaleError.
    """
    status, why = Status(verdict), sorted({Reason(reason) for reason in reasons})
    if bool(why) != (status is Status.REJECTED):
        raise ReasonsError
    with transaction():
        audit = _get(actor, visit_id, photo_id)
        _refuse_held_by_another(actor, audit, at)
        may_change = audit.judged_by_id in {None, actor.id} or actor.role is Role.ADMIN
        if not may_change:
            raise JudgedByAnotherError
        judged = (
            PhotoAudit.update(
                status=status,
                reasons=why,
                note=note,
                judged_by=actor.id,
                judged_at=at,
                claimed_by=None,
                claimed_until=None,
                version=version + 1,
            )
            .where(_is(visit_id, photo_id), PhotoAudit.version == version)
            .execute()
        )
        if not judged:
            raise StaleError(version=audit.version)
        ledger.append(
            actor,
            "photo.judged",
            photo_id,
            at=at,
            visit=str(visit_id),
            verdict=str(status),
            **facts_of(Visit.get_by_id(visit_id)),
        )
    return next(_dicts(_shown().where(_is(visit_id, photo_id))))


def _get(actor: Actor, visit_id: UUID, photo_id: UUID) -> PhotoAudit:
    """Return one photo of the queue, held still until the end of the transaction."""
    one = PhotoAudit.select().where(_is(visit_id, photo_id), _in_scope(actor))
    audit = (one if is_sqlite() else one.for_update()).first()
    if audit is None:
        raise NotFoundError(what="photo")
    return audit


def _in_scope(
    actor: Actor,
    region_id: int | None = None,
    dealer_id: int | None = None,
    tier: str | None = None,
) -> Expression:
    """Return the condition for photos of the actor's regions, narrowed as asked."""
    regions = Region.select(Region.id).where(Region.visible_to(actor))
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        regions = regions.where(Region.path.startswith(top.path if top else "-"))
    condition = PhotoAudit.region_id.in_(regions)
    visits = Visit.select(Visit.id)
    if dealer_id is not None:
        condition &= PhotoAudit.visit_id.in_(visits.where(Visit.dealer == dealer_id))
    if tier is not None:
        condition &= PhotoAudit.visit_id.in_(visits.where(Visit.tier == tier))
    return condition


def _refuse_held_by_another(actor: Actor, audit: PhotoAudit, at: datetime) -> None:
    if audit.claimed_until and audit.claimed_until > at and audit.claimed_by_id != actor.id:
        raise ClaimedByAnotherError(until=audit.claimed_until.isoformat())


def _is(visit_id: UUID, photo_id: UUID) -> Expression:
    return (PhotoAudit.visit_id == visit_id) & (PhotoAudit.photo_id == photo_id)


def _any_of(ids: list[tuple[UUID, UUID]]) -> Expression:
    return reduce(or_, (_is(*pair) for pair in ids))


def _ids(audits: Iterable[PhotoAudit]) -> list[tuple[UUID, UUID]]:
    return [(audit.visit_id, audit.photo_id) for audit in audits]


def _dicts(query: Any) -> Iterator[dict[str, Any]]:
    return iter(query)


def _shown() -> ModelSelect[PhotoAudit]:
    claimer, judge_ = Person.alias(), Person.alias()
    return (
        PhotoAudit.select(
            PhotoAudit.visit_id,
            PhotoAudit.photo_id,
            PhotoAudit.status,
            PhotoAudit.region_id,
            PhotoAudit.business_on,
            PhotoAudit.claimed_until,
            PhotoAudit.judged_at,
            PhotoAudit.reasons,
            PhotoAudit.note,
            PhotoAudit.version,
            Photo.subject,
            Photo.item,
            Store.id.alias("store_id"),
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            Person.name.alias("person_name"),
            claimer.name.alias("claimed_by"),
            judge_.name.alias("judged_by"),
            matches_of(PhotoAudit.visit_id, PhotoAudit.photo_id).alias("matches"),
        )
        .join(Photo, on=(Photo.visit_id == PhotoAudit.visit_id) & (Photo.id == PhotoAudit.photo_id))
        .join_from(PhotoAudit, Visit, on=PhotoAudit.visit_id == Visit.id)
        .join(Store)
        .join_from(Visit, Person)
        .join_from(PhotoAudit, claimer, JOIN.LEFT_OUTER, on=PhotoAudit.claimed_by == claimer.id)
        .join_from(PhotoAudit, judge_, JOIN.LEFT_OUTER, on=PhotoAudit.judged_by == judge_.id)
        .order_by(PhotoAudit.business_on, PhotoAudit.visit_id, PhotoAudit.photo_id)
        .dicts()
    )
