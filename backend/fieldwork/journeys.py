"""Journeys: a rep's planned visits of a cycle, generated from rules; and a week as it stands.

What somebody planned by hand, moved, cancelled or already made stays; only what was generated,
lies ahead and nobody has touched is replaced. Asking twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from backend.fieldwork import plans, substitutions, visit_rules
from backend.fieldwork.cycles import Call, FieldDay, Proposal, Unplaced, propose
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.fieldwork.plans import DONE, OPEN, PLANNED
from backend.network import people
from backend.network.models import Person, Region, Store, StoreDealer
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import canonical, insert_rows, run, transaction
from backend.platform.errors import RuleError
from backend.platform.settings import settings
from backend.standards import calendar, frequencies
from backend.standards.calendar import Day
from backend.standards.frequencies import CYCLE_DAYS
from backend.standards.journey_codes import PlanOrigin

GENERATED = str(PlanOrigin.GENERATED)
_IDS = UUID("6f1d3b0e-58f0-4b53-9f6c-6a1c0f6f2a77")


class CycleOverError(RuleError):
    """There is no day left to plan."""

    code = "cycle-over"
    title = "The cycle is over"
    title_zh = "该周期已结束"
    detail = "The cycle from {starts_on} has no day ahead of today."
    detail_zh = "自 {starts_on} 开始的周期已没有可安排的日期。"


@dataclass(frozen=True, slots=True)
class Generation:
    """What a generation made, or would make: `kept` counts what of the cycle stays as it was.

    `ends_on` is the last day of the cycle.
    """

    person_id: int
    starts_on: date
    ends_on: date
    is_dry_run: bool
    kept: int
    made: list[PlanEntry]
    withdrawn: list[PlanEntry]
    unplaced: list[Unplaced]


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned visit of a week, with its store."""

    entry: PlanEntry
    store: Store


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """A day with its visits; `fullness` is 1 when the day is full."""

    day: Day
    fullness: float
    stops: list[Stop]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a person, Monday first; `number` is the week of the cycle, from 1."""

    person_id: int
    from_on: date
    number: int
    days: list[DayOfWeek]


@dataclass(frozen=True, slots=True)
class _Cycle:
    person: Person
    starts_on: date
    today: date
    stand_ins: list[substitutions.Span]

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=CYCLE_DAYS - 1)

    @property
    def crew(self) -> list[int]:
        return sorted({self.person.id, *(span.substitute_id for span in self.stand_ins)})

    def who_goes(self, day: date) -> int:
        """Return the person, or who stands in on the day."""
        for span in self.stand_ins:
            if span.from_on <= day < span.to_on:
                return span.substitute_id
        return self.person.id


def generate(
    actor: Actor, person_id: int, *, on: date, is_dry_run: bool, at: datetime
) -> Generation:
    """Plan the cycle of a rep that a day lies in, for the days after today.

    Raises NotFoundError, NoVisitorError, CycleOverError or PlannedTooFarError.
    """
    with transaction():
        person, today = plans.visitor(actor, person_id), clock.business_date(at)
        starts_on = cycle_start(on)
        if starts_on + timedelta(days=CYCLE_DAYS - 1) <= today:
            raise CycleOverError(starts_on=starts_on)
        if (starts_on - today).days > plans.FARTHEST_DAYS - CYCLE_DAYS:
            raise plans.PlannedTooFarError(days=plans.FARTHEST_DAYS)
        if not is_dry_run:
            substitutions.turn()
        spans = substitutions.spans_of(person_id, starts_on, starts_on + timedelta(CYCLE_DAYS))
        cycle = _Cycle(person, starts_on, today, spans)
        for member in () if is_dry_run else cycle.crew:
            plans.turn_of(member)
        stores = _stores(actor, cycle)
        entries = _entries(cycle)
        old = _replaceable(actor, entries, cycle)
        replaced = {entry.id for entry in old}
        kept = [entry for entry in entries if entry.id not in replaced]
        proposal = _proposal(cycle, stores, kept)
        made, withdrawn = _difference(cycle, proposal, old)
        done = Generation(
            person_id,
            starts_on,
            cycle.ends_on,
            is_dry_run,
            kept=len(entries) - len(withdrawn),
            made=made,
            withdrawn=withdrawn,
            unplaced=proposal.unplaced,
        )
        if not is_dry_run:
            _write(actor, cycle, done, at)
    return done


def week(actor: Actor, person_id: int, *, on: date) -> Week:
    """Return the week of a person that a day lies in, with what others do in their place.

    Raises NotFoundError.
    """
    person = people.get(actor, person_id)
    monday = on - timedelta(days=on.weekday())
    entries = (
        PlanEntry.select(PlanEntry, Store)
        .join(Store)
        .where(
            PlanEntry.visible_to(actor),
            (PlanEntry.person == person_id) | (PlanEntry.stands_in_for == person_id),
            PlanEntry.planned_on >= monday,
            PlanEntry.planned_on < monday + timedelta(days=7),
        )
        .order_by(PlanEntry.planned_on, Store.code, PlanEntry.id)
    )
    stops: defaultdict[date, list[Stop]] = defaultdict(list)
    for entry in entries:
        stops[entry.planned_on].append(Stop(entry, entry.store))
    days = calendar.between(monday, monday + timedelta(days=6), Region.get_by_id(person.region_id))
    return Week(
        person_id,
        monday,
        (monday - cycle_start(monday)).days // 7 + 1,
        [DayOfWeek(day, _fill(stops[day.day], person_id), stops[day.day]) for day in days],
    )


def cycle_start(on: date) -> date:
    """Return the Monday on which the cycle of a day begins."""
    anchor = date.fromisoformat(settings().cycle_starts_on)
    return on - timedelta(days=(on - anchor).days % CYCLE_DAYS)


def cost(tier: str) -> Fraction:
    """Return the share of a rep's day that a visit in a tier takes, the way there included."""
    return Fraction(1, getattr(settings(), f"plan_capacity_{tier}"))


def _fill(stops: list[Stop], person_id: int) -> float:
    costs = [
        cost(stop.store.tier)
        for stop in stops
        if stop.entry.person_id == person_id and stop.entry.status in {*OPEN, DONE}
    ]
    return float(sum(costs))


def _stores(actor: Actor, cycle: _Cycle) -> list[Store]:
    """Return the rep's stores that are open in what is left of the cycle."""
    found = (
        Store.select()
        .where(
            Store.visible_to(actor),
            Store.owner == cycle.person.id,
            Store.status.in_(["active", "at_risk"])
            | ((Store.status == "closed") & (Store.closed_on > cycle.today)),
            Store.opened_on <= cycle.ends_on,
        )
        .order_by(Store.id)
    )
    return list(found)


def _entries(cycle: _Cycle) -> list[PlanEntry]:
    """Return what the rep, and whoever stands in, is asked for in the cycle."""
    found = PlanEntry.select().where(
        PlanEntry.person.in_(cycle.crew) | (PlanEntry.stands_in_for == cycle.person.id),
        PlanEntry.planned_on >= cycle.starts_on,
        PlanEntry.planned_on <= cycle.ends_on,
    )
    return list(found.order_by(PlanEntry.planned_on, PlanEntry.id))


def _is_ours(entry: PlanEntry, cycle: _Cycle) -> bool:
    return (entry.stands_in_for_id or entry.person_id) == cycle.person.id


def _replaceable(actor: Actor, entries: list[PlanEntry], cycle: _Cycle) -> list[PlanEntry]:
    """Return what was generated, lies ahead and nobody has touched, for stores in sight."""
    ids = {entry.store_id for entry in entries}
    seen = {
        store.id
        for store in Store.select(Store.id).where(Store.visible_to(actor), Store.id.in_(ids))
    }
    return [
        entry
        for entry in entries
        if (entry.origin, entry.status) == (GENERATED, PLANNED)
        and _is_ours(entry, cycle)
        and entry.planned_on > cycle.today
        and entry.store_id in seen
    ]


def _proposal(cycle: _Cycle, stores: list[Store], kept: list[PlanEntry]) -> Proposal:
    taken: defaultdict[int, set[date]] = defaultdict(set)
    blocked: defaultdict[int, set[date]] = defaultdict(set)
    for entry in kept:
        blocked[entry.store_id].add(entry.planned_on)
        # A rescheduled visit was one of its first day's part, wherever it went.
        if _is_ours(entry, cycle) and entry.moved_from_id is None:
            taken[entry.store_id].add(entry.planned_on)
    for store_id, day in _visits(cycle, [store.id for store in stores]):
        taken[store_id].add(day)
    due, rules = frequencies.required(), visit_rules.of_stores([store.id for store in stores])
    calls = []
    for store in stores:
        rule = rules[store.id]
        visits = due[store.tier, store.grade] if rule.visits is None else rule.visits
        calls.append(
            Call(
                store_id=store.id,
                visits=_while_open(visits, store, cycle),
                cost=cost(store.tier),
                weekdays=frozenset(rule.weekdays),
                weeks=frozenset(rule.weeks),
                from_on=store.opened_on,
                to_on=store.closed_on or date.max,
                taken=frozenset(taken[store.id]),
                blocked=frozenset(blocked[store.id]),
                point=store.point,
            )
        )
    return propose(calls, _field_days(cycle, kept))


def _while_open(visits: int, store: Store, cycle: _Cycle) -> int:
    """Return the visits due in the part of the cycle in which the store is open, one at least."""
    start = max(store.opened_on, cycle.starts_on)
    end = min(store.closed_on or date.max, cycle.ends_on + timedelta(days=1))
    return max(visits * (end - start).days // CYCLE_DAYS, min(visits, 1))


def _visits(cycle: _Cycle, store_ids: list[int]) -> Sequence[tuple[int, date]]:
    rows: Any = (
        Visit.select(Visit.store, Visit.business_on)
        .where(
            Visit.counts(),
            Visit.person.in_(cycle.crew),
            Visit.store.in_(store_ids),
            Visit.business_on >= cycle.starts_on,
            Visit.business_on <= cycle.ends_on,
        )
        .tuples()
    )
    return list(rows)


def _field_days(cycle: _Cycle, kept: list[PlanEntry]) -> list[FieldDay]:
    """Return the cycle's working days and holidays among them, with the room left in each."""
    asked = [entry for entry in kept if entry.status in {*OPEN, DONE}]
    ids = {entry.store_id for entry in asked}
    tiers: Any = Store.select(Store.id, Store.tier).where(Store.id.in_(ids)).tuples()
    tier_of = dict(tiers)
    used: defaultdict[tuple[int, date], Fraction] = defaultdict(Fraction)
    for entry in asked:
        used[entry.person_id, entry.planned_on] += cost(tier_of[entry.store_id])
    region = Region.get_by_id(cycle.person.region_id)
    return [
        FieldDay(
            day.day,
            (day.day - cycle.starts_on).days // 7 + 1,
            Fraction(day.share) - used[cycle.who_goes(day.day), day.day],
            day.day > cycle.today,
            is_worked=day.share > 0,
        )
        for day in calendar.between(cycle.starts_on, cycle.ends_on, region)
        if day.share or day.day.weekday() < 5
    ]


def _difference(
    cycle: _Cycle, proposal: Proposal, old: list[PlanEntry]
) -> tuple[list[PlanEntry], list[PlanEntry]]:
    """Return the entries to be made and those to be withdrawn; what stays the same is neither."""
    wanted = {entry.id: entry for entry in (_entry(cycle, *visit) for visit in proposal.visits)}
    known = {(entry.store_id, entry.planned_on, entry.person_id): entry.id for entry in old}
    staying = set()
    for entry in wanted.values():
        staying.add(known.get((entry.store_id, entry.planned_on, entry.person_id)))
    made = [
        entry
        for entry in wanted.values()
        if (entry.store_id, entry.planned_on, entry.person_id) not in known
    ]
    return made, [entry for entry in old if entry.id not in staying]


def _entry(cycle: _Cycle, day: date, store_id: int) -> PlanEntry:
    who = cycle.who_goes(day)
    content = canonical({"store_id": store_id, "person_id": who, "planned_on": day})
    return PlanEntry(
        id=uuid5(_IDS, f"{cycle.person.id} {content}"),
        store=store_id,
        person=who,
        stands_in_for=None if who == cycle.person.id else cycle.person.id,
        planned_on=day,
        status=PLANNED,
        origin=GENERATED,
        content_sha256=hashlib.sha256(content.encode()).hexdigest(),
    )


def _write(actor: Actor, cycle: _Cycle, done: Generation, at: datetime) -> None:
    """Store what changed, and tell of each entry and of the whole."""
    changes = [("plan.withdrawn", entry) for entry in done.withdrawn]
    changes += [("plan.created", entry) for entry in done.made]
    ids = sorted({entry.store_id for _, entry in changes})
    rows: Any = Store.select(Store.id, Store.region).where(Store.id.in_(ids)).tuples()
    region_of = dict(rows)
    links = list(StoreDealer.select().where(StoreDealer.store.in_(ids)))
    PlanEntry.delete().where(PlanEntry.id.in_([entry.id for entry in done.withdrawn])).execute()
    insert_rows(PlanEntry, [entry.__data__ for entry in done.made])
    told = []
    for verb, entry in changes:
        dealer = next((link.dealer_id for link in links if _is_of(link, entry)), None)
        facts = plans.facts_of(entry, region_of[entry.store_id], dealer)
        told.append(ledger.entry(actor, verb, entry.id, at=at, **facts))
    counts: dict[str, Any] = {
        "made": len(done.made),
        "withdrawn": len(done.withdrawn),
        "kept": done.kept,
        "unplaced": sum(each.visits for each in done.unplaced),
    }
    whole = ledger.entry(
        actor,
        "journey.generated",
        f"{cycle.person.id}:{cycle.starts_on}",
        at=at,
        person=cycle.person.id,
        region=cycle.person.region_id,
        from_on=done.starts_on,
        **counts,
    )
    run(ledger.written([*told, whole]))
    plans.owe_a_look(sorted({entry.planned_on for entry in done.made}), at=at)


def _is_of(link: StoreDealer, entry: PlanEntry) -> bool:
    day = entry.planned_on
    return (
        link.store_id == entry.store_id
        and link.from_on <= day
        and (link.to_on is None or day < link.to_on)
    )
