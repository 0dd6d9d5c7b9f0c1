"""Reviews: a person decides whether a visit is to be believed. Nothing else ends its counting."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.evidence.appeals import OwnVisitError
from backend.evidence.signal_models import VisitReview
from backend.evidence.signals import Verdict
from backend.fieldwork import placing, visits
from backend.fieldwork.models import Visit
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import RuleError, StaleError


class VisitSetAsideError(RuleError):
    """What is kept aside for another reason is not to be decided yet."""

    code = "visit-set-aside"
    title = "The visit is kept aside already"
    title_zh = "该拜访已被搁置"
    detail = "The visit is {state}; settle that first."
    detail_zh = "该拜访当前状态为 {state}，请先处理。"


def decide(
    actor: Actor, visit_id: UUID, *, verdict: str, reason: str, version: int, at: datetime
) -> VisitReview:
    """Believe or reject a complete visit; the version is that of the decision before, 0 for none.

    A rejected visit is quarantined: it counts nowhere and stands for nothing it saw, until
    somebody decides that it is to be believed. Raises NotFoundError, OwnVisitError,
    VisitSetAsideError or StaleError.
    """
    person_id = visits.get(actor, visit_id).person_id
    if person_id == actor.id:
        raise OwnVisitError(reason="person")
    with transaction(turn=placing.turn_of(person_id)):
        visit = visits.get(actor, visit_id)
        if visit.status != placing.COMPLETE:
            raise VisitSetAsideError(state=visit.status)
        if visit.quarantine_reason not in {None, placing.REJECTED}:
            raise VisitSetAsideError(state=visit.quarantine_reason)
        row = {
            "verdict": str(Verdict(verdict)),
            "reason": reason,
            "decided_by": actor.id,
            "decided_at": at,
            "version": version + 1,
        }
        _store(visit_id, row, version)
        facts = placing.facts_of(visit)
        ledger.append(actor, "visit.reviewed", visit_id, at=at, verdict=verdict, **facts)
        _act_on(visit_id, placing.of_day(person_id, visit.business_on), verdict, at)
    review: VisitReview = VisitReview.get_by_id(visit_id)
    return review


def _store(visit_id: UUID, row: dict[str, object], version: int) -> None:
    changed = (
        VisitReview.update(**row)
        .where(VisitReview.visit_id == visit_id, VisitReview.version == version)
        .execute()
        if version
        else insert_rows(VisitReview, [{"visit_id": visit_id} | row], ignore=True)
    )
    if not changed:
        known = VisitReview.get_or_none(VisitReview.visit_id == visit_id)
        raise StaleError(version=known.version if known else 0)


def _act_on(visit_id: UUID, of_day: dict[UUID, Visit], verdict: str, at: datetime) -> None:
    wanted = placing.REJECTED if verdict == Verdict.REJECTED else None
    if of_day[visit_id].quarantine_reason != wanted:
        placing.quarantine(of_day[visit_id], wanted, at=at)
        placing.keep_one_open(of_day.values(), at=at)
