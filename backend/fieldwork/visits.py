"""Visits: checking in, and finding them again."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork import fence_policy, fixes, placing, waiting
from backend.fieldwork.arrivals import Arrival, Result, conclude
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.stores import dealer_on
from backend.platform import clock as clocks
from backend.platform import ledger, work_hours
from backend.platform.actors import Actor, Role
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.standards.codes import VisitType


def check_in(
    actor: Actor,
    visit_id: UUID,
    *,
    store_id: int,
    kind: str,
    clock: dict[str, Any],
    position: dict[str, Any] | None,
    unplanned_reason: str | None,
    is_rooted: bool | None = None,
    arrival: Arrival,
) -> Result:
    """Record that a person arrived at a store, once, however often it is sent.

    A store that is unknown, or not the person's to visit on that day, a point abroad, a patrol by
    somebody who supervises nobody, and a place that the policy refuses are no reason to lose the
    visit: it is quarantined. Raises IdTakenError.
    """
    event = conclude(clock, arrival)
    day = clocks.business_date(event.at)
    with transaction(turn=placing.turn_of(actor.id)):
        store = placing.store_for(actor, store_id, day)
        fix = fixes.check_in_columns(position, clock["device_at"])
        refusal, demand = fence_policy.at_arrival(store, fix)
        visit = Visit(
            id=visit_id,
            person=actor.id,
            claimed_store_id=store_id,
            store=store and store.id,
            dealer=store and dealer_on(store.id, day),
            region=store and store.region_id,
            tier=store and store.tier,
            grade=store and store.grade,
            chain=store and store.chain,
            division_code=store and store.division_code,
            kind=kind,
            unplanned_reason=unplanned_reason,
            status=placing.OPEN,
            quarantine_reason=_doubt(actor, store, kind, position) or refusal,
            demand=demand,
            business_on=day,
            checked_in_at=event.at,
            device_at=clock["device_at"],
            elapsed_ms=clock.get("elapsed_ms"),
            received_at=arrival.at,
            skew_s=event.skew_s,
            is_clock_suspect=event.is_suspect,
            device_id=actor.device_id,
            is_rooted=is_rooted,
            is_off_hours=work_hours.is_off(event.at),
            content_sha256=arrival.content_sha256,
            **fix,
        )
        if not insert_rows(Visit, [visit.__data__], ignore=True):
            return _replay(actor, visit_id, arrival)
        facts = {"day": day.isoformat()} | placing.facts_of(visit)
        ledger.append(
            actor,
            "visit.checked_in",
            visit_id,
            at=arrival.at,
            device_at=clock["device_at"],
            person=actor.id,
            reason=visit.quarantine_reason,
            **facts,
        )
        of_day = placing.of_day(actor.id, day)
        visit = of_day[visit_id]
        placing.settle(visit, at=arrival.at)
        placing.keep_one_open(of_day.values(), at=arrival.at)
        if visit.has_more:
            waiting.place(visit_id, at=arrival.at)
    return Result.QUARANTINED if visit.quarantine_reason else Result.CREATED


def get(actor: Actor, visit_id: UUID) -> Visit:
    """Return one visit the actor may see. Raises NotFoundError."""
    visit = Visit.get_or_none(Visit.visible_to(actor), Visit.id == visit_id)
    if visit is None:
        raise NotFoundError(what="visit")
    return visit


def list_visits(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    person_id: int | None = None,
    status: str | None = None,
    kind: str | None = None,
) -> ModelSelect[Visit]:
    """Return visits the actor may see, newest first; the id breaks ties so pages never overlap."""
    conditions = [Visit.visible_to(actor)]
    if from_on is not None:
        conditions.append(Visit.business_on >= from_on)
    if to_on is not None:
        conditions.append(Visit.business_on < to_on)
    if store_id is not None:
        conditions.append(Visit.store == store_id)
    if dealer_id is not None:
        conditions.append(Visit.dealer == dealer_id)
    if person_id is not None:
        conditions.append(Visit.person == person_id)
    if status is not None:
        conditions.append(Visit.status == status)
    if kind is not None:
        conditions.append(Visit.kind == kind)
    return (
        Visit.select()
        .where(*conditions)
        .order_by(Visit.business_on.desc(), Visit.checked_in_at.desc(), Visit.id)
    )


def _replay(actor: Actor, visit_id: UUID, arrival: Arrival) -> Result:
    stored = Visit.get_by_id(visit_id)
    if (stored.person_id, stored.content_sha256) != (actor.id, arrival.content_sha256):
        raise IdTakenError(id=str(visit_id))
    return Result.REPLAYED


def _doubt(
    actor: Actor, store: Store | None, kind: str, position: dict[str, Any] | None
) -> str | None:
    """Return why a check-in is not believed as it is."""
    if store is None:
        return placing.UNKNOWN_STORE
    if fixes.is_abroad(position):
        return placing.OUTSIDE_SERVICE_AREA
    if kind == VisitType.SUPERVISOR_PATROL and actor.role is Role.REP:
        return placing.NOT_A_SUPERVISOR
    return None
