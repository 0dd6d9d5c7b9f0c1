"""Turns: one of the largest dealers that begins to fall becomes a task, to find the cause.

Judged a few days after each month, when phones and feeds have brought what was sold in it, and
again when more of it comes. A dealer falls where the robust slope of six months says so, and
turns where that of the six months before did not. A turn is one task, and none while the last one
still runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID, uuid5

import orjson
from peewee import Case, fn

from backend.fieldwork.case_models import Task
from backend.fieldwork.escalation import Ladder
from backend.fieldwork.task_log import insert_new
from backend.insight import buyers
from backend.insight.buyers import Customer, Ranked
from backend.insight.rankings import AbcClass
from backend.insight.windows import PROVISIONAL, last_closed_month, month_of
from backend.network.models import Person, Region, Store, StoreDealer
from backend.platform import clock, jobs, ledger
from backend.platform.actors import SYSTEM, Role
from backend.platform.consumers import Consumer
from backend.platform.database import take_turns, transaction
from backend.platform.models import LedgerEntry
from backend.platform.settings import settings
from backend.standards.service import TaskOrigin

KIND = "judge-trends"
SEVERITY = 3
_NAMESPACE = UUID("6b0d0b1e-6f0e-5d5c-9c33-2a3f5d0f8a11")


def judge(month: date, *, at: datetime) -> int:
    """Make a task for each of the largest dealers that began to fall in a month; return how many.

    They are the largest of the brand, and of each region that has a manager of its own; of a
    region not those of class C, which a small one would have among its largest too. Judging again
    makes none again. A dealer without a store has nowhere to go to, so no task.
    """
    top = settings().trend_top
    if not top:
        return 0
    turned: dict[int, tuple[Ranked, Region | None]] = {}
    for region in (None, *_managed()):
        ranking = buyers.key_customers(
            SYSTEM, window=month_of(month), top=top, region_id=region.id if region else None
        )
        for one in ranking.items:
            is_key = region is None or one.place.abc is not AbcClass.C
            if one.turned_falling and is_key:
                turned.setdefault(one.customer.id, (one, region))
    with transaction():
        take_turns("judging trends")
        return sum(_tell(one, region, month, at) for one, region in turned.values())


def _managed() -> list[Region]:
    """Return the regions of active managers below the top, the widest first."""
    return list(
        Region.select()
        .join(Person)
        .where(Person.role == str(Role.MANAGER), Person.is_active, Region.parent.is_null(False))
        .group_by(Region.id)
        .order_by(fn.LENGTH(Region.path), Region.id)
    )


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a judgement of the month in which something was sold, once that is over and known.

    What comes later than that is judged with the last month that is.
    """
    owed: dict[date, datetime] = {}
    for entry in entries:
        if entry.verb == "sell_in.recorded":
            day = orjson.loads(entry.facts).get("day")  # none of what was loaded in bulk
            known = last_month(entry.at)
            month = known if day is None else max(known, month_of(date.fromisoformat(day)).from_on)
            owed[month] = max(_known_from(month), entry.at)
    for month, due in owed.items():
        jobs.enqueue(KIND, [month.isoformat()], at=due)


def judge_owed(job_key: str) -> None:
    """Judge the month that the key of a job names, unless a later one is known by now."""
    at, month = clock.now(), date.fromisoformat(job_key)
    if month == last_month(at):
        judge(month, at=at)


def last_month(at: datetime) -> date:
    """Return the first day of the last month of which everything should be known."""
    return last_closed_month(clock.business_date(at)).from_on


def task_of(dealer_id: int, month: date) -> UUID:
    """Return the id of the task that a turn becomes."""
    return uuid5(_NAMESPACE, f"{dealer_id} {month:%Y-%m}")


def _tell(one: Ranked, region: Region | None, month: date, at: datetime) -> bool:
    """Make the task of a turn and tell of it, unless that was done or the last one still runs."""
    dealer, task_id = one.customer, task_of(one.customer.id, month)
    running = (
        (Task.dealer == dealer.id)
        & (Task.origin == str(TaskOrigin.TREND))
        & Task.ended_at.is_null()
    )
    if Task.select().where((Task.id == task_id) | running).exists():
        return False
    store = _leading_store(dealer.id, clock.business_date(at))
    if store is None:
        return False
    row = {
        "store": store.id,
        "id": task_id,
        "origin": str(TaskOrigin.TREND),
        "violation_id": None,
        "kind": None,
        "subject": f"dealer:{dealer.id}",
        "severity": SEVERITY,
        "note": _note(one, region, month),
        "dealer": dealer.id,
        "region": store.region_id,
        "owner": _owner(dealer, store),
        "due_on": None,
        "content_sha256": None,
    }
    insert_new(None, [row], at=at)
    ledger.append(
        None,
        "dealer.turned_falling",
        dealer.id,
        at=at,
        dealer=dealer.id,
        region=dealer.region_id,
        month=f"{month:%Y-%m}",
        rank=one.place.rank,
        among=region and region.id,
        task=str(task_id),
    )
    return True


def _note(one: Ranked, region: Region | None, month: date) -> str:
    slope = one.trend.robust_rel if one.trend else None
    among = f"{region.name}区域内" if region else ""
    return (
        f"{one.customer.name}（{one.customer.code}）{month:%Y-%m} "
        f"{among}进货额排名第 {one.place.rank}，"
        f"趋势转为下滑（每月 {slope or 0:+.1%}）。请查明原因并采取措施。"
    )


def _leading_store(dealer_id: int, day: date) -> Store | None:
    """Return the store of a dealer to begin with: a trading one of the best grade."""
    trading = Case(None, [(Store.status.in_(["active", "at_risk"]), 0)], 1)
    store: Store | None = (
        Store.select()
        .join(StoreDealer, on=StoreDealer.store == Store.id)
        .where(StoreDealer.dealer == dealer_id, StoreDealer.on(day), Store.merged_into.is_null())
        .order_by(trading, Store.grade, Store.code)
        .first()
    )
    return store


def _owner(dealer: Customer, store: Store) -> int | None:
    """Return the supervisor nearest to the dealer's region who can see the store, or nobody."""
    ladder = Ladder()
    owner = ladder.nearest(dealer.region_id, Role.SUPERVISOR)
    if owner is not None:
        reach = ladder.paths[ladder.people[owner].region_id]
        if ladder.paths[store.region_id].startswith(reach):
            return owner
    return ladder.nearest(store.region_id, Role.SUPERVISOR)


def _known_from(month: date) -> datetime:
    """Return the instant from which everything of a month should be known."""
    return clock.instants_of(month_of(month).to_on + PROVISIONAL)[0]


CONSUMER = Consumer("trends", handle)
JOBS: dict[str, Callable[[str], None]] = {KIND: judge_owed}
