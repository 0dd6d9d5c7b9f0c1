"""Substitutions: somebody goes to another's stores for some days.

The open visits of those days go to the substitute, who sees the stores too; each entry still
names the one who answers for the store. Taken back or over, what is still ahead returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect

from backend.fieldwork import plans
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.plans import GONE, PLANNED
from backend.network.models import Person, Store, StoreDealer, Substitution
from backend.platform import clock, jobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import run, take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
)
from backend.platform.settings import settings
from backend.standards.validity import EndsBeforeStartError

CLOSE_JOB = "close-substitution"
"""The job that ends what a substitute sees, once no visit of those days can arrive any more."""


class OwnSubstituteError(RuleError):
    """Nobody stands in for themselves."""

    code = "own-substitute"
    title = "Nobody stands in for themselves"
    title_zh = "不能由本人代班"
    detail = "Person {person_id} cannot stand in for themselves."
    detail_zh = "人员 {person_id} 不能为自己代班。"


class SubstitutionOverlapError(ConflictError):
    """One of the two is away, or stands in for somebody, in these days already."""

    code = "substitution-overlap"
    title = "Overlaps another substitution"
    title_zh = "与其他代班安排冲突"
    detail = "From {from_on} until {to_on} person {substitute_id} stands in for {person_id}."
    detail_zh = "{from_on} 至 {to_on} 期间，人员 {substitute_id} 已为 {person_id} 代班。"


@dataclass(frozen=True, slots=True)
class Span:
    """The days, the last excluded, on which somebody stands in."""

    from_on: date
    to_on: date
    substitute_id: int


def turn() -> None:
    """Wait until nobody else changes who stands in for whom."""
    take_turns("substitutions")


def list_substitutions(
    actor: Actor, *, person_id: int | None = None, day: date | None = None
) -> ModelSelect[Substitution]:
    """Return the substitutions the actor may see, newest first; `person_id` is either of the two.

    `day` asks for those in force on a day.
    """
    found = (
        Substitution.select()
        .where(Substitution.visible_to(actor))
        .order_by(Substitution.from_on.desc(), Substitution.id)
    )
    if person_id is not None:
        either = (Substitution.person == person_id) | (Substitution.substitute == person_id)
        found = found.where(either)
    if day is not None:
        found = found.where(Substitution.from_on <= day, Substitution.to_on > day)
    return found


def get(actor: Actor, substitution_id: UUID) -> Substitution:
    """Return one substitution the actor may see. Raises NotFoundError."""
    found = Substitution.get_or_none(
        Substitution.visible_to(actor), Substitution.id == substitution_id
    )
    if found is None:
        raise NotFoundError(what="substitution")
    return found


def put(
    actor: Actor,
    substitution_id: UUID,
    *,
    person_id: int,
    substitute_id: int,
    from_on: date,
    to_on: date,
    note: str = "",
    content_sha256: str,
    at: datetime,
) -> tuple[Substitution, bool]:
    """Let somebody stand in for another until (not including) a day; say whether that is new.

    Raises IdTakenError, NotFoundError for either person, NoVisitorError, OwnSubstituteError,
    EndsBeforeStartError, PlannedInPastError, PlannedTooFarError or SubstitutionOverlapError.
    """
    with transaction():
        turn()
        known = Substitution.get_or_none(Substitution.id == substitution_id)
        if known is not None:
            if known.content_sha256 != content_sha256:
                raise IdTakenError(id=str(substitution_id))
            return get(actor, substitution_id), False
        person = plans.visitor(actor, person_id)
        plans.visitor(actor, substitute_id)
        _check(person_id, substitute_id, from_on, to_on, at)
        made = Substitution.create(
            id=substitution_id,
            person=person_id,
            substitute=substitute_id,
            from_on=from_on,
            to_on=to_on,
            note=note,
            is_open=True,
            version=1,
            content_sha256=content_sha256,
        )
        Person.update(is_standing_in=True).where(Person.id == substitute_id).execute()
        _owe_closing(made, at)
        moved = _hand_over(actor, made, from_on, to_on, at=at)
        ledger.append(
            actor,
            "substitution.created",
            substitution_id,
            at=at,
            region=person.region_id,
            person=person_id,
            substitute=substitute_id,
            from_on=from_on,
            to_on=to_on,
            plans=moved,
        )
    return made, True


def end(
    actor: Actor, substitution_id: UUID, *, on: date, version: int, at: datetime
) -> Substitution:
    """Let one version of a substitution end earlier: the person is back on that day.

    Raises NotFoundError, StaleError, PlannedInPastError for a day before today, or
    EndsBeforeStartError for one that is not earlier.
    """
    with transaction():
        turn()
        found = get(actor, substitution_id)
        plans.refuse_past(on, at)
        if found.version == version and on >= found.to_on:
            raise EndsBeforeStartError(starts_on=on, ends_on=found.to_on)
        formerly, on = found.to_on, max(on, found.from_on)
        changed = (
            Substitution.update(to_on=on, version=version + 1)
            .where(Substitution.id == substitution_id, Substitution.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=found.version)
        found.to_on, found.version = on, version + 1
        moved = _give_back(actor, found, on, formerly, at=at)
        ledger.append(actor, "substitution.ended", substitution_id, at=at, to_on=on, plans=moved)
        if on == found.from_on and on > clock.business_date(at):
            _shut(found, at)  # it never began, so no visit of it can arrive
        else:
            _owe_closing(found, at)
    return found


def spans_of(person_id: int, from_on: date, to_on: date) -> list[Span]:
    """Return on which days before `to_on` others stand in for a person, in order."""
    rows = (
        Substitution.select()
        .where(
            Substitution.person == person_id,
            Substitution.from_on < to_on,
            Substitution.to_on > from_on,
            Substitution.to_on > Substitution.from_on,
        )
        .order_by(Substitution.from_on)
    )
    return [Span(row.from_on, row.to_on, row.substitute_id) for row in rows]


def close(substitution_id: UUID, *, at: datetime) -> None:
    """Let the substitute see the stores no more, if the time has come."""
    with transaction():
        turn()
        found = Substitution.get_by_id(substitution_id)
        if at < _closes_at(found):  # it was prolonged by nobody, but a job may be run by hand
            _owe_closing(found, at)
            return
        if found.is_open:
            _shut(found, at)


def _shut(about: Substitution, at: datetime) -> None:
    Substitution.update(is_open=False).where(Substitution.id == about.id).execute()
    about.is_open = False
    others = Substitution.select().where(
        Substitution.substitute == about.substitute_id, Substitution.is_open
    )
    if not others.exists():
        mine = Person.id == about.substitute_id
        Person.update(is_standing_in=False).where(mine).execute()
    ledger.append(None, "substitution.closed", about.id, at=at)


def _check(person_id: int, substitute_id: int, from_on: date, to_on: date, at: datetime) -> None:
    if person_id == substitute_id:
        raise OwnSubstituteError(person_id=person_id)
    if to_on <= from_on:
        raise EndsBeforeStartError(starts_on=from_on, ends_on=to_on)
    plans.refuse_past(from_on, at)
    plans.refuse_too_far(to_on, at)
    # Whoever is away stands in for nobody, and whoever stands in is not away.
    away = Substitution.person.in_([person_id, substitute_id])
    asked = Substitution.substitute == person_id
    other = (
        Substitution.select()
        .where(
            away | asked,
            Substitution.from_on < to_on,
            Substitution.to_on > from_on,
            Substitution.to_on > Substitution.from_on,
        )
        .order_by(Substitution.from_on)
        .first()
    )
    if other is not None:
        raise SubstitutionOverlapError(
            person_id=other.person_id,
            substitute_id=other.substitute_id,
            from_on=other.from_on,
            to_on=other.to_on,
        )


def _hand_over(
    actor: Actor, made: Substitution, from_on: date, to_on: date, *, at: datetime
) -> int:
    own = (PlanEntry.person == made.person_id) & PlanEntry.stands_in_for.is_null()
    changes = {"person": made.substitute_id, "stands_in_for": made.person_id}
    return _move(actor, made, own, (from_on, to_on), changes, at=at)


def _give_back(
    actor: Actor, ended: Substitution, from_on: date, to_on: date, *, at: datetime
) -> int:
    lent = (PlanEntry.person == ended.substitute_id) & (PlanEntry.stands_in_for == ended.person_id)
    changes = {"person": ended.person_id, "stands_in_for": None}
    return _move(actor, ended, lent, (from_on, to_on), changes, at=at)


def _move(
    actor: Actor,
    about: Substitution,
    whose: Expression,
    days: tuple[date, date],
    changes: Mapping[str, int | None],
    *,
    at: datetime,
) -> int:
    """Give open entries of the days to the other of the two, and return how many.

    An entry stays where the other is asked to visit the same store that day already.
    """
    for person_id in sorted((about.person_id, about.substitute_id)):
        plans.turn_of(person_id)
    within = (PlanEntry.planned_on >= days[0]) & (PlanEntry.planned_on < days[1])
    busy = {
        (entry.store_id, entry.planned_on)
        for entry in PlanEntry.select().where(
            PlanEntry.person == changes["person"], within, PlanEntry.status.not_in(GONE)
        )
    }
    entries = list(
        PlanEntry.select().where(whose, within, PlanEntry.status == PLANNED).order_by(PlanEntry.id)
    )
    moved = [entry for entry in entries if (entry.store_id, entry.planned_on) not in busy]
    PlanEntry.update(changes).where(PlanEntry.id.in_([entry.id for entry in moved])).execute()
    regions, links = _regions(moved), _links(moved)
    told = []
    for entry in moved:
        for name, value in changes.items():
            setattr(entry, name, value)
        of_day = (link for link in links[entry.store_id] if link.is_on(entry.planned_on))
        dealer_id = next((link.dealer_id for link in of_day), None)
        facts = plans.facts_of(entry, regions[entry.store_id], dealer_id)
        told.append(ledger.entry(actor, "plan.handed_over", entry.id, at=at, **facts))
    run(ledger.written(told))
    return len(moved)


def _links(entries: Iterable[PlanEntry]) -> dict[int, list[StoreDealer]]:
    found: defaultdict[int, list[StoreDealer]] = defaultdict(list)
    ids = {entry.store_id for entry in entries}
    for link in StoreDealer.select().where(StoreDealer.store.in_(ids)):
        found[link.store_id].append(link)
    return found


def _regions(entries: Iterable[PlanEntry]) -> dict[int, int]:
    ids = {entry.store_id for entry in entries}
    rows: Any = Store.select(Store.id, Store.region).where(Store.id.in_(ids)).tuples()
    return dict(rows)


def _owe_closing(about: Substitution, at: datetime) -> None:
    jobs.enqueue(CLOSE_JOB, [str(about.id)], at=max(_closes_at(about), at))


def _closes_at(about: Substitution) -> datetime:
    """Return when no visit of these days can arrive any more."""
    return clock.instants_of(about.to_on + timedelta(days=settings().max_offline_days))[0]


def _close_job(key: str) -> None:
    close(UUID(key), at=clock.now())


JOBS: dict[str, Callable[[str], None]] = {CLOSE_JOB: _close_job}
