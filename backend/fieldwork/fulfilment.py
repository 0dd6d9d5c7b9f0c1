"""What became of planned visits: done by a visit that counts, or missed when the day is over.

A visit does one entry of the same person and store: that of its day, else the oldest of the
last few days (the setting plan_late_days), late. It follows the ledger, so that a report that
arrives days afterwards still turns a missed entry into a done one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.fieldwork.plans import DONE, MISS_JOB, MISSED, OPEN, PLANNED
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from backend.platform.settings import settings

Pair = tuple[int, int | None]
"""A person and a store."""


def handle(entries: list[LedgerEntry]) -> None:
    """Let the visits that the entries are about do what was planned."""
    ids = sorted({entry.object_id for entry in entries if entry.object == "visit"})
    if ids:
        match([UUID(id_) for id_ in ids], at=entries[-1].at)


def match(visit_ids: Sequence[UUID], *, at: datetime) -> None:
    """Let those visits that count do an entry each, and take back what the others had done."""
    visits = list(
        Visit.select(Visit.id, Visit.person, Visit.store, Visit.business_on)
        .where(Visit.id.in_(visit_ids), Visit.counts(), Visit.store.is_null(False))
        .order_by(Visit.business_on, Visit.checked_in_at, Visit.id)
    )
    done_by = {entry.visit_id: entry for entry in _done_by(visit_ids)}
    counting = {visit.id for visit in visits}
    new = [visit for visit in visits if visit.id not in done_by]
    for visit_id, entry in done_by.items():
        if visit_id not in counting:
            _reopen(entry, at)
            new.extend(_others_for(entry))
    waiting = _waiting(new)
    for visit in new:
        _do_one(visit, waiting[visit.person_id, visit.store_id], at)


def look_back(day: date, *, at: datetime) -> None:
    """Say of what was planned for a day that is over, and not done, that it was missed."""
    with transaction():
        match(_visits_for(day), at=at)
        left = PlanEntry.select().where(PlanEntry.status == PLANNED, PlanEntry.planned_on == day)
        _change(left, PLANNED, {"status": MISSED}, "plan.missed", at)


def _visits_for(day: date) -> list[UUID]:
    """Return the visits that may do what is still open of a day."""
    last = day + timedelta(days=settings().plan_late_days)
    rows: Any = (
        Visit.select(Visit.id)
        .join(PlanEntry, on=(PlanEntry.person == Visit.person) & (PlanEntry.store == Visit.store))
        .where(
            PlanEntry.status == PLANNED,
            PlanEntry.planned_on == day,
            Visit.counts(),
            Visit.business_on >= day,
            Visit.business_on <= last,
        )
        .tuples()
    )
    return [visit_id for (visit_id,) in rows]


def _others_for(entry: PlanEntry) -> Iterable[Visit]:
    """Return the visits that have done nothing yet and could do this entry."""
    last = entry.planned_on + timedelta(days=settings().plan_late_days)
    busy = PlanEntry.select(PlanEntry.visit_id).where(
        PlanEntry.person == entry.person_id, PlanEntry.visit_id.is_null(False)
    )
    found: Iterable[Visit] = (
        Visit.select(Visit.id, Visit.person, Visit.store, Visit.business_on)
        .where(
            Visit.counts(),
            Visit.person == entry.person_id,
            Visit.store == entry.store_id,
            Visit.business_on >= entry.planned_on,
            Visit.business_on <= last,
            Visit.id.not_in(busy),
        )
        .order_by(Visit.business_on, Visit.checked_in_at, Visit.id)
    )
    return found


def _done_by(visit_ids: Sequence[UUID]) -> Iterable[PlanEntry]:
    found: Iterable[PlanEntry] = PlanEntry.select().where(PlanEntry.visit_id.in_(visit_ids))
    return found


def _waiting(visits: Sequence[Visit]) -> defaultdict[Pair, list[PlanEntry]]:
    """Return the entries that the visits could do, and the late ones they could take over."""
    waiting: defaultdict[Pair, list[PlanEntry]] = defaultdict(list)
    if not visits:
        return waiting
    days = [visit.business_on for visit in visits]
    entries = (
        PlanEntry.select()
        .where(
            PlanEntry.person.in_({visit.person_id for visit in visits}),
            PlanEntry.store.in_({visit.store_id for visit in visits}),
            PlanEntry.planned_on >= min(days) - timedelta(days=settings().plan_late_days),
            PlanEntry.planned_on <= max(days),
            PlanEntry.status.in_([*OPEN, DONE]),
        )
        .order_by(PlanEntry.planned_on, PlanEntry.id)
    )
    for entry in entries:
        waiting[entry.person_id, entry.store_id].append(entry)
    return waiting


def _do_one(visit: Visit, entries: list[PlanEntry], at: datetime) -> None:
    """Do the entry of the visit's day, or else the oldest that is open."""
    oldest = visit.business_on - timedelta(days=settings().plan_late_days)
    of_day = [entry for entry in entries if entry.planned_on == visit.business_on]
    late = [entry for entry in entries if oldest <= entry.planned_on < visit.business_on]
    for entry in [*of_day, *late]:
        if entry.status in OPEN and _do(entry, visit, at):
            return
    for entry in of_day:
        if entry.days_late:  # a later visit that arrived first had done it
            later_id = entry.visit_id
            if _do(entry, visit, at):
                later = Visit.get_by_id(later_id)
                _do_one(later, entries, at)
                return


def _do(entry: PlanEntry, visit: Visit, at: datetime) -> bool:
    before = entry.status
    days_late = (visit.business_on - entry.planned_on).days
    changes = {"status": DONE, "visit_id": visit.id, "days_late": days_late}
    told = {"visit": str(visit.id)}
    if entry.visit_id:
        told["former"] = str(entry.visit_id)
    return bool(_change([entry], before, changes, "plan.done", at, **told))


def _reopen(entry: PlanEntry, at: datetime) -> None:
    """Take back that an entry was done, because its visit counts no more."""
    is_over = entry.planned_on < clock.business_date(at)
    status, verb = (MISSED, "plan.missed") if is_over else (PLANNED, "plan.reopened")
    _change([entry], DONE, {"status": status, "visit_id": None, "days_late": None}, verb, at)


def _change(
    entries: Iterable[PlanEntry],
    before: str,
    changes: dict[str, Any],
    verb: str,
    at: datetime,
    **more: Any,
) -> int:
    """Change entries that are still as they were, tell of each, and return how many.

    The entry names no dealer: figures read plans as they are, and refresh the visits it names.
    """
    entries = list(entries)
    stores = {entry.store_id for entry in entries}
    rows: Any = Store.select(Store.id, Store.region).where(Store.id.in_(stores)).tuples()
    region_of = dict(rows)
    changed = 0
    for entry in entries:
        mine = (PlanEntry.id == entry.id) & (PlanEntry.status == before)
        if not PlanEntry.update(changes).where(mine).execute():
            continue
        changed += 1
        for name, value in changes.items():
            setattr(entry, name, value)
        facts = {
            "store": entry.store_id,
            "region": region_of[entry.store_id],
            "person": entry.person_id,
            "day": entry.planned_on,
        }
        ledger.append(None, verb, entry.id, at=at, **facts, **more)
    return changed


def _missed_job(key: str) -> None:
    look_back(date.fromisoformat(key), at=clock.now())


CONSUMER = Consumer("plans", handle)
JOBS: dict[str, Callable[[str], None]] = {MISS_JOB: _missed_job}
