"""Which store-days the ledger says were written to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from peewee import chunked

from backend.fieldwork.models import Visit
from backend.fieldwork.trade_models import StockCount
from backend.insight.facts import Key
from backend.platform import ledger
from backend.platform.models import LedgerEntry

AT_ONCE = 500
OF_VISITS = ("visit.scored", "visit.located")
"""Verbs about a visit that do not name its store-day."""
MOVED = "store.moved"
"""A store's new dealer, perhaps since a day on which its goods were counted already."""


class Since:
    """What was written since it was made; entries that are not sealed yet count too."""

    def __init__(self) -> None:
        self._seq = ledger.head().seq
        self._known = {entry.id for entry in self._entries()}

    def more(self) -> set[Key]:
        """Return the store-days written to since the last time."""
        entries = [entry for entry in self._entries() if entry.id not in self._known]
        self._known |= {entry.id for entry in entries}
        self._seq = max([self._seq, *(entry.seq for entry in entries if entry.seq)])
        found: set[Key] = set()
        for some in chunked(entries, AT_ONCE):
            for dealer, day, store in store_days(some):
                on = date.fromisoformat(day) if isinstance(day, str) else day
                found.add((int(dealer), on, int(store)))
        return found

    def _entries(self) -> list[LedgerEntry]:
        """Return entries that are not sealed, or were since; one may be both in its turn."""
        new = LedgerEntry.seq.is_null() | (LedgerEntry.seq > self._seq)
        return list(LedgerEntry.select().where(new))


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
