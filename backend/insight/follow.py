"""Following the ledger: every write that touches a store-day owes its rollup a refresh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson

from backend.fieldwork.journey_models import PlanEntry
from backend.insight import rollups
from backend.insight.rollups import Key
from backend.network.models import StoreDealer
from backend.platform import jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry

KIND = "store-day"
CLOSING_FIELDS = {"status", "closed_on"}


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a refresh of each store-day that the entries name or whose plans they move."""
    facts = [(entry, orjson.loads(entry.facts)) for entry in entries]
    keys = [
        (fact["dealer"], fact["day"], fact["store"])
        for _, fact in facts
        if fact.get("dealer") and fact.get("store") and fact.get("day")
    ]
    stores = {int(entry.object_id) for entry, fact in facts if _moves_plans(entry, fact)}
    keys += _planned_days(stores) if stores else []
    jobs.enqueue(
        KIND, [f"{dealer}:{day}:{store}" for dealer, day, store in keys], at=entries[-1].at
    )


def refresh(job_keys: list[str]) -> None:
    """Do the refreshes that the keys of jobs stand for."""
    rollups.refresh(_parsed(key) for key in job_keys)


def _moves_plans(entry: LedgerEntry, facts: dict[str, Any]) -> bool:
    """Return whether plans may now be another dealer's, or for a closed store."""
    return entry.verb == "store.moved" or (
        entry.verb == "store.amended" and not CLOSING_FIELDS.isdisjoint(facts.get("fields", ()))
    )


def _planned_days(stores: set[int]) -> list[Any]:
    """Return the stores' planned days, for every dealer each store ever had."""
    return list(
        PlanEntry.select(StoreDealer.dealer, PlanEntry.planned_on, PlanEntry.store)
        .join(StoreDealer, on=StoreDealer.store == PlanEntry.store)
        .where(PlanEntry.store.in_(sorted(stores)))
        .distinct()
        .tuples()
    )


def _parsed(job_key: str) -> Key:
    dealer, day, store = job_key.split(":")
    return int(dealer), date.fromisoformat(day), int(store)


CONSUMER = Consumer("insight", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: refresh}
