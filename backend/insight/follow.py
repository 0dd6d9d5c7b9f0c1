"""Following the ledger: every write that touches a store-day owes its rollup a refresh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend.insight import rollups
from backend.insight.facts import Key
from backend.insight.touched import store_days
from backend.platform import jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry

KIND = "store-day"


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a refresh of each store-day that the entries name, or whose visits they are about."""
    keys = [f"{dealer}:{day}:{store}" for dealer, day, store in store_days(entries)]
    jobs.enqueue(KIND, keys, at=entries[-1].at)


def refresh(job_keys: list[str]) -> None:
    """Do the refreshes that the keys of jobs stand for."""
    rollups.refresh(_parsed(key) for key in job_keys)


def rebuild(_: str) -> None:
    """Work out all rollups again, as a new version of them asks for."""
    rollups.rebuild()


def _parsed(job_key: str) -> Key:
    dealer, day, store = job_key.split(":")
    return int(dealer), date.fromisoformat(day), int(store)


CONSUMER = Consumer("insight", handle)
JOBS: dict[str, Callable[[str], None]] = {"rebuild-rollups": rebuild}
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: refresh}
