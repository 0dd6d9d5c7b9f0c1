"""Appeals: what a person says against the score of an own visit, and what a reviewer answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect

from backend.evidence import scores
from backend.evidence.signal_models import Appeal, VisitScore
from backend.evidence.signals import AppealState
from backend.fieldwork import visits
from backend.fieldwork.models import Visit
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
)


class NotYourVisitError(RuleError):
    """Only who made a visit appeals against its score."""

    code = "not-your-visit"
    title = "Somebody else's visit"
    title_zh = "非本人拜访"
    detail = "Only who made the visit may appeal against its score."
    detail_zh = "只有拜访本人可以申诉。"


class OwnVisitError(RuleError):
    """Nobody judges an own visit."""

    code = "own-visit"
    title = "One does not judge one's own visit"
    title_zh = "不能审核本人的拜访"
    detail = "You made this visit; somebody else reviews it."
    detail_zh = "该拜访由您完成，须由他人审核。"


class SignalNotThereError(RuleError):
    """An appeal is about signals that the visit has."""

    code = "signal-not-there"
    title = "The visit has no such signal"
    title_zh = "该拜访没有该信号"
    detail = "The visit has no signal {codes}."
    detail_zh = "该拜访没有信号 {codes}。"


class AppealOpenError(ConflictError):
    """One appeal is answered before the next is made."""

    code = "appeal-open"
    title = "An appeal waits for its answer"
    title_zh = "已有待答复的申诉"
    detail = "An appeal about this visit waits for its answer."
    detail_zh = "该拜访已有一条申诉等待答复。"


class AppealAnsweredError(ConflictError):
    """An answer is final."""

    code = "appeal-answered"
    title = "The appeal is answered"
    title_zh = "申诉已答复"
    detail = "The appeal was answered at {answered_at}."
    detail_zh = "该申诉已于 {answered_at} 答复。"


def put(
    actor: Actor,
    visit_id: UUID,
    appeal_id: UUID,
    *,
    text: str,
    codes: Sequence[str],
    content_sha256: str,
    at: datetime,
) -> tuple[Appeal, bool]:
    """Appeal against the score of an own visit, once; return the appeal and whether it is new.

    It is about the named signals, or all. Raises NotFoundError, NotYourVisitError,
    SignalNotThereError, AppealOpenError, or IdTakenError for a known id with other content.
    """
    with transaction():
        take_turns(f"appeals of {visit_id}")
        visit = visits.get(actor, visit_id)
        if visit.person_id != actor.id:
            raise NotYourVisitError(reason="person")
        known = _of(visit_id, appeal_id)
        if known is not None:
            if known.content_sha256 != content_sha256:
                raise IdTakenError(id=str(appeal_id))
            return known, False
        score = _require(visit_id, codes)
        if Appeal.select().where(Appeal.visit_id == visit_id, _is_open()).exists():
            raise AppealOpenError
        appeal = Appeal.create(
            visit_id=visit_id,
            id=appeal_id,
            person=actor.id,
            state=str(AppealState.OPEN),
            text=text,
            codes=sorted(set(codes)),
            score=score.score,
            made_at=at,
            waived=[],
            version=1,
            content_sha256=content_sha256,
        )
        ledger.append(actor, "appeal.made", appeal_id, at=at, **_facts(visit))
    return appeal, True


def answer(
    actor: Actor,
    visit_id: UUID,
    appeal_id: UUID,
    *,
    is_accepted: bool,
    reason: str,
    codes: Sequence[str],
    version: int,
    at: datetime,
) -> Appeal:
    """Accept an appeal, which waives signals and scores the visit anew, or decline it.

    Waived are the named signals, or else those it is about, or else all. Raises NotFoundError,
    OwnVisitError, StaleError, AppealAnsweredError or SignalNotThereError.
    """
    with transaction():
        take_turns(f"appeals of {visit_id}")
        appeal = get(actor, visit_id, appeal_id)
        visit = visits.get(actor, visit_id)
        if visit.person_id == actor.id:
            raise OwnVisitError(reason="person")
        if appeal.version != version:
            raise StaleError(version=appeal.version)
        if appeal.answered_at is not None:
            raise AppealAnsweredError(answered_at=appeal.answered_at.isoformat())
        waived: list[str] = []
        if is_accepted:
            score = _require(visit_id, codes)
            waived = sorted(set(codes or appeal.codes or score.codes))
        appeal.state = str(AppealState.ACCEPTED if is_accepted else AppealState.DECLINED)
        appeal.answer, appeal.waived = reason, waived
        appeal.answered_by_id, appeal.answered_at = actor.id, at
        appeal.version = version + 1
        appeal.save()
        facts = _facts(visit) | {"state": appeal.state, "waived": waived}
        ledger.append(actor, "appeal.answered", appeal_id, at=at, **facts)
        if waived:
            scores.weigh([visit_id], at=at)
    return get(actor, visit_id, appeal_id)


def get(actor: Actor, visit_id: UUID, appeal_id: UUID) -> Appeal:
    """Return one appeal about a visit in sight. Raises NotFoundError."""
    visits.get(actor, visit_id)
    appeal = _of(visit_id, appeal_id)
    if appeal is None:
        raise NotFoundError(what="appeal")
    return appeal


def of_visit(visit_id: UUID) -> list[Appeal]:
    """Return the appeals about a visit, the first one first."""
    made = Appeal.select().where(Appeal.visit_id == visit_id)
    return list(made.order_by(Appeal.made_at, Appeal.id))


def list_appeals(
    actor: Actor,
    *,
    state: str | None = None,
    region_id: int | None = None,
    person_id: int | None = None,
) -> ModelSelect[Appeal]:
    """Return the appeals about visits in sight, oldest first."""
    found = (
        Appeal.select()
        .where(Appeal.visible_to(actor))
        .order_by(Appeal.made_at, Appeal.visit_id, Appeal.id)
    )
    if state is not None:
        found = found.where(Appeal.state == state)
    if person_id is not None:
        found = found.where(Appeal.person == person_id)
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        below = Region.select(Region.id).where(Region.path.startswith(top.path if top else "-"))
        there = Visit.select(Visit.id).where(Visit.region.in_(below))
        found = found.where(Appeal.visit_id.in_(there))
    return found


def _require(visit_id: UUID, codes: Sequence[str]) -> VisitScore:
    """Return the score of a visit that has signals, the named ones among them."""
    score = VisitScore.get_or_none(VisitScore.visit_id == visit_id)
    has = set(score.codes) if score else set()
    lacking = sorted(set(codes) - has)
    if score is None or lacking or not has:
        raise SignalNotThereError(codes=", ".join(lacking) or "-", reason="signal")
    return score


def _of(visit_id: UUID, appeal_id: UUID) -> Appeal | None:
    appeal: Appeal | None = Appeal.get_or_none(Appeal.visit_id == visit_id, Appeal.id == appeal_id)
    return appeal


def _is_open() -> Expression:
    return Appeal.state == str(AppealState.OPEN)


def _facts(visit: Visit) -> dict[str, Any]:
    """Return who and which visit; its store-day is not named, as no figure changes by it."""
    return {"visit": str(visit.id), "person": visit.person_id, "region": visit.region_id}
