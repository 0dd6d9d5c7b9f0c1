"""Following the ledger: every write that touches a store-day owes its rollup a refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from backend.fieldwork.models import Visit
from backend.fieldwork.trade_models import StockCount
from backend.insight import rollups
from backend.insight.facts import Key
from backend.platform import jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry

KIND = "store-day"
OF_VISITS = ("visit.scored", "visit.located")
"""Verbs about a visit that do not name its store-day."""
MOVED = "store.moved"
"""A store's new dealer, perhaps since a day on which its goods were counted already."""


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a refresh of each store-day that the entries name, or whose visits they are about."""
    keys = [f"{dealer}:{day}:{store}" for dealer, day, store in store_days(entries)]
    jobs.enqueue(KIND, keys, at=entries[-1].at)


def store_days(entries: list[LedgerEntry]) -> list[Any]:
    """Return (dealer, day, store) of all that entries name, or whose visits they are about.

    Store 0 is the dealer itself.
    """
    keys, visits = [], set()
    for entry in entries:
        fact = orjson.loads(entry.facts)
        if fact.get("dealer") and fact.get("day"):
            keys.append((fact["dealer"], fact["day"], fact.get("store") or 0))
        elif entry.verb == MOVED:
            keys += _counted_since(int(entry.object_id), date.fromisoformat(fact["from_on"]))
        elif entry.verb in OF_VISITS:
            visits.add(UUID(entry.object_id))
        else:
            visits |= {UUID(fact[name]) for name in ("visit", "former") if fact.get(name)}
    return keys + _days_of(visits)


def refresh(job_keys: list[str]) -> None:
    """Do the refreshes that the keys of jobs stand for."""
    rollups.refresh(_parsed(key) for key in job_keys)


def rebuild(_: str) -> None:
    """Work out all rollups again, as a new version of them asks for."""
    rollups.rebuild()


def _days_of(visits: Iterable[UUID]) -> list[Any]:
    """Return the store-days of visits; one whose store is unknown has none."""
    ids = sorted(visits)
    if not ids:
        return []
    return list(
        Visit.select(Visit.dealer, Visit.business_on, Visit.store)
        .where(Visit.id.in_(ids), Visit.dealer.is_null(False))
        .tuples()
    )


def _counted_since(store_id: int, day: date) -> list[Any]:
    """Return the store-days of counts outside visits, which are the dealer's of their day."""
    counts = StockCount.select(StockCount.counted_on).distinct()
    since = (StockCount.store == store_id) & (StockCount.counted_on >= day)
    return [(0, str(count.counted_on), store_id) for count in counts.where(since)]


def _parsed(job_key: str) -> Key:
    dealer, day, store = job_key.split(":")
    return int(dealer), date.fromisoformat(day), int(store)


CONSUMER = Consumer("insight", handle)
JOBS: dict[str, Callable[[str], None]] = {"rebuild-rollups": rebuild}
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: refresh}
