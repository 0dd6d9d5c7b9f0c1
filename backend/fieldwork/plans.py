"""Plans: the visits that somebody is asked to make, and what becomes of each.

An entry is `planned`, and ends as `done` (fulfilment.py), `missed`, `excused`, `rescheduled` or
`cancelled_by_manager`. What was asked for a day that is past is not changed any more: it can
only be explained, excused, or done late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork.journey_models import PlanEntry
from backend.network import people, stores
from backend.network.models import Person, Store, Substitution
from backend.platform import clock, jobs, ledger
from backend.platform.actors import GRANTS, Actor, Permission, Role
from backend.platform.database import take_turns, transaction
from backend.platform.errors import ConflictError, IdTakenError, NotFoundError, RuleError
from backend.standards.journey_codes import PlanStatus

PLANNED, DONE, MISSED = str(PlanStatus.PLANNED), str(PlanStatus.DONE), str(PlanStatus.MISSED)
GONE = (str(PlanStatus.CANCELLED), str(PlanStatus.RESCHEDULED))
"""What nobody is asked for any more."""
MISS_JOB = "miss-plans"
"""The job that, when a day is over, says which of its planned visits were not made."""
OPEN = (PLANNED, MISSED)
"""What a visit may still do, and a supervisor still excuse."""
FARTHEST_DAYS = 366
MAY_BECOME = {
    PlanStatus.CANCELLED: (PLANNED,),
    PlanStatus.RESCHEDULED: (PLANNED,),
    PlanStatus.MISSED: (PLANNED,),
    PlanStatus.EXCUSED: OPEN,
}


class NoVisitorError(RuleError):
    """The person makes no visits, so none can be planned."""

    code = "no-visitor"
    title = "The person makes no visits"
    title_zh = "该人员不拜访门店"
    detail = "Person {person_id} is not somebody who visits stores."
    detail_zh = "人员 {person_id} 不负责拜访门店。"


class PlannedInPastError(RuleError):
    """Nobody can be asked to have made a visit."""

    code = "planned-in-past"
    title = "The day is past"
    title_zh = "日期已过"
    detail = "{day} is past: what was planned for it stays as it is."
    detail_zh = "{day} 已过，当日计划不可更改。"


class PlannedTooFarError(RuleError):
    """Nobody knows that far ahead."""

    code = "planned-too-far"
    title = "Too far ahead"
    title_zh = "日期过远"
    detail = "Visits are planned {days} days ahead at most."
    detail_zh = "最多提前 {days} 天安排拜访。"


class StoreClosedError(RuleError):
    """There is nobody to be visited."""

    code = "store-closed"
    title = "The store is closed on that day"
    title_zh = "门店当日未营业"
    detail = "Store {store_id} is not open on {day}."
    detail_zh = "门店 {store_id} 在 {day} 不营业。"


class PlannedTwiceError(ConflictError):
    """One visit a day is enough for a person and a store."""

    code = "planned-twice"
    title = "The visit is planned already"
    title_zh = "该拜访已有计划"
    detail = "Person {person_id} is asked to visit store {store_id} on {day} already."
    detail_zh = "人员 {person_id} 在 {day} 已有门店 {store_id} 的拜访计划。"


class PlanSettledError(ConflictError):
    """The entry ended another way."""

    code = "plan-settled"
    title = "The planned visit cannot become that"
    title_zh = "计划状态不可变更"
    detail = "The planned visit is {now} and cannot become {wanted}."
    detail_zh = "该计划当前状态为 {now}，不能变更为 {wanted}。"


class NotYetDueError(RuleError):
    """What is still to come was not missed."""

    code = "not-yet-due"
    title = "The planned visit is still to come"
    title_zh = "计划日期未到"
    detail = "The visit is planned for {day}; reschedule or cancel it instead."
    detail_zh = "该拜访计划于 {day}，请改期或取消。"


def list_entries(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    person_id: int | None = None,
    store_id: int | None = None,
    status: str | None = None,
    origin: str | None = None,
    is_unexplained: bool | None = None,
) -> ModelSelect[PlanEntry]:
    """Return the entries the actor may see by day; both days are included.

    `is_unexplained` asks for missed ones that nobody gave a reason for, or for all others.
    """
    entries = (
        PlanEntry.select()
        .where(PlanEntry.visible_to(actor))
        .order_by(PlanEntry.planned_on, PlanEntry.id)
    )
    exact = {
        PlanEntry.person: person_id,
        PlanEntry.store: store_id,
        PlanEntry.status: status,
        PlanEntry.origin: origin,
    }
    for column, value in exact.items():
        if value is not None:
            entries = entries.where(column == value)
    if from_on is not None:
        entries = entries.where(PlanEntry.planned_on >= from_on)
    if to_on is not None:
        entries = entries.where(PlanEntry.planned_on <= to_on)
    if is_unexplained is not None:
        bare = (PlanEntry.status == MISSED) & PlanEntry.reason.is_null()
        entries = entries.where(bare if is_unexplained else ~bare)
    return entries


def get(actor: Actor, plan_id: UUID) -> PlanEntry:
    """Return one entry the actor may see. Raises NotFoundError."""
    entry = PlanEntry.get_or_none(PlanEntry.visible_to(actor), PlanEntry.id == plan_id)
    if entry is None:
        raise NotFoundError(what="plan entry")
    return entry


def put(
    actor: Actor,
    plan_id: UUID,
    *,
    store_id: int,
    person_id: int,
    planned_on: date,
    content_sha256: str,
    at: datetime,
) -> tuple[PlanEntry, bool]:
    """Ask somebody to visit a store on a day; return the entry and whether it is new.

    `content_sha256` tells a replay from another use of the id (IdTakenError). Raises
    NoVisitorError, PlannedInPastError, PlannedTooFarError, StoreClosedError, PlannedTwiceError,
    or NotFoundError for store or person.
    """
    with transaction():
        take_turns(f"plan {plan_id}")
        if (known := _known(actor, plan_id, content_sha256)) is not None:
            return known, False
        store = stores.get(actor, store_id)
        person = visitor(actor, person_id)
        entry = PlanEntry(
            id=plan_id,
            store=store_id,
            person=person.id,
            planned_on=planned_on,
            status=PLANNED,
            content_sha256=content_sha256,
        )
        _add(entry, store, at)
        _tell(actor, "plan.created", entry, store.region_id, at)
    return entry, True


def cancel(actor: Actor, plan_id: UUID, *, reason: str, note: str = "", at: datetime) -> PlanEntry:
    """Take back an entry that is still to come; saying the same twice is fine.

    Raises NotFoundError, PlanSettledError or PlannedInPastError.
    """
    return _settle(
        actor, plan_id, PlanStatus.CANCELLED, "plan.cancelled", reason=reason, note=note, at=at
    )


def miss(actor: Actor, plan_id: UUID, *, reason: str, note: str = "", at: datetime) -> PlanEntry:
    """Say why a visit that was due is not made; saying the same twice is fine.

    Raises NotFoundError, PlanSettledError (also for another reason), or NotYetDueError.
    """
    return _settle(
        actor, plan_id, PlanStatus.MISSED, "plan.missed", reason=reason, note=note, at=at
    )


def excuse(actor: Actor, plan_id: UUID, *, reason: str, note: str = "", at: datetime) -> PlanEntry:
    """Accept that a visit is not made; saying the same twice is fine.

    Raises NotFoundError or PlanSettledError.
    """
    return _settle(
        actor, plan_id, PlanStatus.EXCUSED, "plan.excused", reason=reason, note=note, at=at
    )


def reschedule(
    actor: Actor,
    plan_id: UUID,
    successor_id: UUID,
    *,
    to_on: date,
    reason: str,
    note: str = "",
    content_sha256: str,
    at: datetime,
) -> tuple[PlanEntry, bool]:
    """Plan a visit for another day instead; return the new entry and whether it is new.

    The old one stays as it was and says where it went; the new one is for who answers for it, or
    stands in on its day. Raises NotFoundError, IdTakenError, PlanSettledError,
    PlannedInPastError, PlannedTooFarError, StoreClosedError or PlannedTwiceError.
    """
    with transaction():
        take_turns(f"plan {successor_id}")
        entry = _in_turn(actor, plan_id)
        known = PlanEntry.get_or_none(PlanEntry.id == successor_id)
        if known is not None:
            # Whoever sees the old entry may ask again, even where the new one is another's.
            if (known.moved_from_id, known.content_sha256) != (plan_id, content_sha256):
                raise IdTakenError(id=str(successor_id))
            return known, False
        refuse_past(entry.planned_on, at)
        store = Store.get_by_id(entry.store_id)
        successor = PlanEntry(
            id=successor_id,
            store=entry.store_id,
            planned_on=to_on,
            **_who_goes(entry.stands_in_for_id or entry.person_id, to_on),
            status=PLANNED,
            content_sha256=content_sha256,
            moved_from_id=plan_id,
        )
        _become(entry, PlanStatus.RESCHEDULED, reason, note, moved_to_id=successor_id)
        _add(successor, store, at)
        _tell(actor, "plan.rescheduled", entry, store.region_id, at, to=to_on, reason=reason)
        _tell(actor, "plan.created", successor, store.region_id, at, moved_from=str(plan_id))
    return successor, True


def visitor(actor: Actor, person_id: int) -> Person:
    """Return somebody who visits stores. Raises NotFoundError or NoVisitorError."""
    person = people.get(actor, person_id)
    if Permission.VISIT_WRITE not in GRANTS[Role(person.role)] or not person.is_active:
        raise NoVisitorError(person_id=person_id)
    return person


def turn_of(person_id: int) -> None:
    """Wait until nobody else changes what this person is asked to do."""
    take_turns(f"plans of {person_id}")


def owe_a_look(days: list[date], *, at: datetime) -> None:
    """Owe a look at what was not done of these days, each when it is over."""
    for day in days:
        over = clock.instants_of(day)[1]
        jobs.enqueue(MISS_JOB, [day.isoformat()], at=max(over, at))


def facts_of(entry: PlanEntry, region_id: int, dealer_id: int | None) -> dict[str, Any]:
    """Return the facts of a ledger entry that changes what is asked for a day.

    Whoever counts plans counts them for the dealer of the day.
    """
    facts: dict[str, Any] = {
        "store": entry.store_id,
        "region": region_id,
        "person": entry.person_id,
        "day": entry.planned_on,
    }
    if entry.stands_in_for_id is not None:
        facts["stands_in_for"] = entry.stands_in_for_id
    if dealer_id is not None:
        facts["dealer"] = dealer_id
    return facts


def _who_goes(person_id: int, day: date) -> dict[str, int | None]:
    """Return whose an entry of a person is on a day."""
    away = Substitution.get_or_none(
        Substitution.person == person_id, Substitution.from_on <= day, Substitution.to_on > day
    )
    if away is None:
        return {"person": person_id, "stands_in_for": None}
    return {"person": away.substitute_id, "stands_in_for": person_id}


def _known(actor: Actor, plan_id: UUID, content_sha256: str) -> PlanEntry | None:
    entry = PlanEntry.get_or_none(PlanEntry.id == plan_id)
    if entry is None:
        return None
    mine = PlanEntry.select().where(PlanEntry.visible_to(actor), PlanEntry.id == plan_id)
    if entry.content_sha256 != content_sha256 or not mine.exists():
        raise IdTakenError(id=str(plan_id))
    return entry


def _add(entry: PlanEntry, store: Store, at: datetime) -> None:
    """Store a new entry, where one can be."""
    day = entry.planned_on
    refuse_past(day, at)
    refuse_too_far(day, at)
    if not is_open(store, day):
        raise StoreClosedError(store_id=store.id, day=day)
    turn_of(entry.person_id)
    same = PlanEntry.select().where(
        PlanEntry.person == entry.person_id,
        PlanEntry.store == entry.store_id,
        PlanEntry.planned_on == day,
        PlanEntry.status.not_in(GONE),
    )
    if same.exists():
        raise PlannedTwiceError(person_id=entry.person_id, store_id=entry.store_id, day=day)
    entry.save(force_insert=True)
    owe_a_look([day], at=at)


def is_open(store: Store, day: date) -> bool:
    """Tell whether a store can be visited on a day."""
    if store.closed_on is None and store.status == "closed":
        return False
    return store.opened_on <= day and (store.closed_on is None or day < store.closed_on)


def refuse_past(day: date, at: datetime) -> None:
    """Raise PlannedInPastError for a day before today."""
    if day < clock.business_date(at):
        raise PlannedInPastError(day=day)


def refuse_too_far(day: date, at: datetime) -> None:
    """Raise PlannedTooFarError for a day nobody plans yet."""
    if (day - clock.business_date(at)).days > FARTHEST_DAYS:
        raise PlannedTooFarError(days=FARTHEST_DAYS)


def _settle(
    actor: Actor,
    plan_id: UUID,
    wanted: PlanStatus,
    verb: str,
    *,
    reason: str,
    note: str,
    at: datetime,
) -> PlanEntry:
    with transaction():
        entry = _in_turn(actor, plan_id)
        if (entry.status, entry.reason, entry.note) == (str(wanted), reason, note):
            return entry
        if wanted is PlanStatus.CANCELLED:
            refuse_past(entry.planned_on, at)
        if wanted is PlanStatus.MISSED and entry.planned_on > clock.business_date(at):
            raise NotYetDueError(day=entry.planned_on)
        _become(entry, wanted, reason, note)
        region_id = Store.get_by_id(entry.store_id).region_id
        _tell(actor, verb, entry, region_id, at, reason=reason)
    return entry


def _in_turn(actor: Actor, plan_id: UUID) -> PlanEntry:
    """Return an entry that nobody hands over or replaces meanwhile. Raises NotFoundError."""
    turn_of(get(actor, plan_id).person_id)
    return get(actor, plan_id)


def _become(entry: PlanEntry, wanted: PlanStatus, reason: str, note: str, **columns: UUID) -> None:
    """Change the state of an entry if it still is in one that allows it."""
    allowed = PlanEntry.status.in_(MAY_BECOME[wanted])
    if wanted is PlanStatus.MISSED:  # found out by the worker, explained by the rep
        allowed |= (PlanEntry.status == MISSED) & PlanEntry.reason.is_null()
    changes: Mapping[str, Any] = {
        "status": str(wanted),
        "reason": reason,
        "note": note,
        **columns,
    }
    if not PlanEntry.update(changes).where(PlanEntry.id == entry.id, allowed).execute():
        now = PlanEntry.get_by_id(entry.id).status
        raise PlanSettledError(now=now, wanted=str(wanted))
    for name, value in changes.items():
        setattr(entry, name, value)


def _tell(
    actor: Actor, verb: str, entry: PlanEntry, region_id: int, at: datetime, **more: Any
) -> None:
    dealer_id = stores.dealer_on(entry.store_id, entry.planned_on)
    facts = facts_of(entry, region_id, dealer_id)
    ledger.append(actor, verb, entry.id, at=at, **facts, **more)
