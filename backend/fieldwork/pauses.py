"""Pauses: the part of a visit that was not worked, told when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fieldwork import placing
from backend.fieldwork.arrivals import Arrival, Result, conclude
from backend.fieldwork.models import Visit
from backend.fieldwork.visit_models import VisitPause
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import IdTakenError, RuleError


class BackwardsPauseError(RuleError):
    """A pause ended before it began."""

    code = "backwards-pause"
    title = "The pause ends before it begins"
    title_zh = "暂停时间颠倒"
    detail = "By its clocks the pause ended at {resumed_at}, not after it began at {paused_at}."
    detail_zh = "按手机时钟，暂停结束于 {resumed_at}，不晚于开始时间 {paused_at}。"


def put(
    actor: Actor,
    visit_id: UUID,
    pause_id: UUID,
    *,
    paused: dict[str, Any],
    resumed: dict[str, Any],
    arrival: Arrival,
) -> Result:
    """Record a pause, once; `paused` and `resumed` are the phone's clocks at either end.

    It may come before the check-in. Raises BackwardsPauseError, and IdTakenError for other
    content, another person's visit, or the id of a pause of another visit.
    """
    began, ended = conclude(paused, arrival).at, conclude(resumed, arrival).at
    with transaction(turn=placing.turn_of(actor.id)):
        visit = placing.visit_of(visit_id)
        known = VisitPause.get_or_none(VisitPause.visit_id == visit_id, VisitPause.id == pause_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, arrival.content_sha256):
                raise IdTakenError(id=str(pause_id))
            return Result.REPLAYED
        placing.refuse_strangers(actor, visit, visit_id)
        if ended <= began:
            raise BackwardsPauseError(paused_at=began, resumed_at=ended)
        row = {
            "visit_id": visit_id,
            "id": pause_id,
            "person": actor.id,
            "paused_at": began,
            "resumed_at": ended,
            "received_at": arrival.at,
            "content_sha256": arrival.content_sha256,
        }
        insert_rows(VisitPause, [row])
        facts = placing.facts_of(visit) if visit else {}
        ledger.append(actor, "visit.paused", visit_id, at=arrival.at, device_at=began, **facts)
        if visit is not None:
            place(visit)
    return Result.CREATED


def place(visit: Visit) -> None:
    """Store how long a visit paused: what of its pauses lies within it, counted once."""
    pauses = [pause for pause in of_visit(visit.id) if pause.person_id == visit.person_id]
    if pauses:
        ends = visit.checked_out_at or datetime.max.replace(tzinfo=UTC)
        paused_s = round(_length(pauses, visit.checked_in_at, ends).total_seconds())
        Visit.update(paused_s=paused_s).where(Visit.id == visit.id).execute()


def of_visit(visit_id: UUID) -> list[VisitPause]:
    """Return the pauses of a visit in order."""
    pauses = VisitPause.select().where(VisitPause.visit_id == visit_id)
    return list(pauses.order_by(VisitPause.paused_at, VisitPause.id))


def _length(pauses: list[VisitPause], begins: datetime, ends: datetime) -> timedelta:
    """Return how long pauses, in order, last together within a time."""
    total, until = timedelta(0), begins
    for pause in pauses:
        start, stop = max(pause.paused_at, until), min(pause.resumed_at, ends)
        if stop > start:
            total, until = total + (stop - start), stop
    return total
