"""Verdicts: what auditors say of the photos they hold, one by one or many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from backend.evidence import audits
from backend.evidence.audit_filters import counts, only
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit
from backend.evidence.said import (
    JudgedAlreadyError,
    Opinion,
    events,
    not_withdrawn,
    record,
    said_of,
    take_back,
    visit_of,
)
from backend.evidence.standing import Part, Status
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, StaleError, XundianError


class NotInQueueError(ConflictError):
    """The photo was not drawn, or is not believed, or its visit does not count."""

    code = "not-in-queue"
    title = "The photo is not in the queue"
    title_zh = "照片不在审核队列中"
    detail = "The photo was not drawn, or its visit was cancelled or quarantined."
    detail_zh = "照片未被抽中，或其拜访已取消或被隔离。"


class JudgedByAnotherError(ConflictError):
    """A verdict stands, or waits for an arbiter."""

    code = "judged-by-another"
    title = "The photo is judged"
    title_zh = "照片已判定"
    detail = "The photo is judged or waits for an arbiter; only an arbiter may decide otherwise."
    detail_zh = "照片已判定或等待仲裁，仅仲裁人可作出改判。"


class ClaimNeededError(ConflictError):
    """Who judges a photo holds it."""

    code = "claim-needed"
    title = "Claim the photo first"
    title_zh = "请先领取照片"
    detail = "You do not hold the photo; claim it first."
    detail_zh = "您尚未领取该照片，请先领取。"


class ClaimLapsedError(ClaimNeededError):
    """The claim was too long ago."""

    code = "claim-lapsed"
    title = "Your claim has lapsed"
    title_zh = "领取已过期"
    detail = "You held the photo until {until}; claim it again."
    detail_zh = "您的领取已于 {until} 到期，请重新领取。"


class Item(NamedTuple):
    """One verdict of many."""

    visit_id: UUID
    photo_id: UUID
    verdict: str
    reasons: Sequence[str]
    note: str
    version: int


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
    """Say what a held photo is, and return it as the queue shows it to the actor.

    Where two are to read it, what the first says stands once the second says the same. Raises
    NotFoundError, StaleError, ReasonsError, OwnPhotoError, JudgedAlreadyError,
    ClaimedByAnotherError or an error of this module.
    """
    _judge(actor, Item(visit_id, photo_id, verdict, list(reasons), note, version), at)
    return audits.get(actor, visit_id, photo_id)


def judge_many(
    actor: Actor, items: Sequence[Item], *, at: datetime
) -> list[dict[str, Any] | XundianError]:
    """Judge each photo as `judge` does; return each one's result or error, in the same order."""
    errors: dict[int, XundianError] = {}
    with transaction():
        # In one order for everybody, so that two who hold rows cannot wait for each other.
        for number in sorted(range(len(items)), key=lambda n: items[n][:2]):
            try:
                _judge(actor, items[number], at)
            except XundianError as error:
                errors[number] = error
        judged = [item[:2] for number, item in enumerate(items) if number not in errors]
        shown = audits.get_many(actor, judged)
    return [errors.get(number) or shown[item[:2]] for number, item in enumerate(items)]


def withdraw(actor: Actor, visit_id: UUID, photo_id: UUID, *, at: datetime) -> dict[str, Any]:
    """Take one's own verdict back and hold the photo anew; return it as the queue shows it.

    Raises NotFoundError, NothingToUndoError, BuiltOnError or UndoTooLateError.
    """
    return take_back(actor, visit_id, photo_id, {Part.FIRST, Part.SECOND}, at=at)


def _judge(actor: Actor, item: Item, at: datetime) -> None:
    opinion = Opinion.checked(item.verdict, item.reasons, item.note)
    with transaction():
        audit = audits.locked(actor, item.visit_id, item.photo_id)
        visit = visit_of(actor, audit)
        said = said_of(audit)
        _refuse_unless_held(actor, audit, said, at)
        # Nobody sees what others did to a pending photo, so each has a version of their own.
        seen = 1 + events([one for one in said if one.person_id == actor.id])
        if seen != item.version:
            raise StaleError(version=seen)
        part = Part.FIRST if audit.first_by_id is None else Part.SECOND
        record(actor, audit, opinion, part=part, said=said, visit=visit, at=at)


def _refuse_unless_held(
    actor: Actor, audit: PhotoAudit, said: list[PhotoVerdict], at: datetime
) -> None:
    if any(one.person_id == actor.id for one in not_withdrawn(said)):
        raise JudgedAlreadyError
    believed = PhotoAudit.select().where(only(audit.visit_id, audit.photo_id), counts())
    if audit.status == Status.LEFT_OUT or not believed.exists():
        raise NotInQueueError
    if audit.status != Status.PENDING:
        raise JudgedByAnotherError
    audits.refuse_held_by_another(actor, audit, at)
    if audit.claimed_until is None or audit.claimed_by_id != actor.id:
        raise ClaimNeededError
    if audit.claimed_until <= at:
        raise ClaimLapsedError(until=audit.claimed_until.isoformat())
