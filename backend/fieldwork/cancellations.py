"""Cancellations: a visit that was broken off, where and why; it never counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fieldwork import fixes, placing, retractions
from backend.fieldwork.arrivals import Arrival, Conclusion, Result, conclude, within
from backend.fieldwork.models import Visit
from backend.fieldwork.visit_models import VisitCancellation
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import IdTakenError, RuleError
from backend.platform.settings import settings


class VisitSettledError(RuleError):
    """A visit is complete for too long to be changed by the one who made it."""

    code = "visit-settled"
    title = "Too late to change the visit"
    title_zh = "已超过可修改期限"
    detail = "The visit is complete since {completed_at}; it could be changed for {hours} hours."
    detail_zh = "该拜访已于 {completed_at} 齐全，可修改期限为 {hours} 小时。"


def cancel(
    actor: Actor,
    visit_id: UUID,
    *,
    reason: str,
    note: str,
    clock: dict[str, Any],
    position: dict[str, Any] | None,
    arrival: Arrival,
) -> Result:
    """Record that a visit was broken off, once; it may come before the check-in.

    What was reported of it is kept, and counts no more. Raises VisitSettledError, and IdTakenError
    for other content or another person's visit.
    """
    event = conclude(clock, arrival)
    with transaction(turn=placing.turn_of(actor.id)):
        visit = placing.visit_of(visit_id)
        placing.refuse_strangers(actor, visit, visit_id)
        known = VisitCancellation.get_or_none(VisitCancellation.visit_id == visit_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, arrival.content_sha256):
                raise IdTakenError(id=str(visit_id))
            return Result.REPLAYED
        is_late = visit is not None and refuse_settled(visit, event, at=arrival.at)
        row = {
            "visit_id": visit_id,
            "person": actor.id,
            "reason": reason,
            "note": note,
            "cancelled_at": event.at,
            "device_at": clock["device_at"],
            "elapsed_ms": clock.get("elapsed_ms"),
            "received_at": arrival.at,
            "is_clock_suspect": event.is_suspect or is_late,
            "content_sha256": arrival.content_sha256,
        }
        insert_rows(VisitCancellation, [row | fixes.columns_of(position)])
        ledger.append(
            actor,
            "visit.cancelled",
            visit_id,
            at=arrival.at,
            device_at=clock["device_at"],
            reason=reason,
            **(placing.facts_of(visit) if visit else {}),
        )
        if visit is not None:
            _end(visit, event.at, at=arrival.at)
    return Result.CREATED


def refuse_settled(visit: Visit, event: Conclusion, *, at: datetime) -> bool:
    """Raise VisitSettledError for what was done too long after a visit was complete.

    Return whether it came after that time, and only a wall clock says that it was done before.
    """
    if visit.completed_at is None:
        return False
    hours = settings().amend_hours
    settled_at = visit.completed_at + timedelta(hours=hours)
    if event.at > settled_at:
        raise VisitSettledError(completed_at=visit.completed_at, hours=hours)
    return at > settled_at and not event.is_proven


def of_visit(visit_id: UUID) -> VisitCancellation | None:
    """Return the cancellation of a visit, if it has one."""
    found: VisitCancellation | None = VisitCancellation.get_or_none(
        VisitCancellation.visit_id == visit_id
    )
    return found


def place(visit: Visit, *, at: datetime) -> None:
    """Cancel a visit that is here, if that was asked for before it came."""
    known = of_visit(visit.id)
    if known is None or known.person_id != visit.person_id or visit.cancelled_at is not None:
        return
    facts = placing.facts_of(visit)
    ledger.append(None, "visit.cancelled", visit.id, at=at, reason=known.reason, **facts)
    _end(visit, known.cancelled_at, at=at)


def _end(visit: Visit, cancelled_at: datetime, *, at: datetime) -> None:
    ended, is_early = within(cancelled_at, visit.checked_in_at)
    if ended != cancelled_at:
        said = VisitCancellation.visit_id == visit.id
        doubt = {"is_clock_suspect": True} if is_early else {}
        VisitCancellation.update(cancelled_at=ended, **doubt).where(said).execute()
    visit.status, visit.cancelled_at = placing.CANCELLED, ended
    visit.checked_out_at, visit.auto_closed_at = ended, None
    Visit.update(
        status=visit.status,
        cancelled_at=ended,
        checked_out_at=ended,
        auto_closed_at=None,
    ).where(Visit.id == visit.id).execute()
    retractions.stand(visit, at=at)
    of_day = placing.of_day(visit.person_id, visit.business_on)
    placing.keep_one_open(of_day.values(), at=at)
