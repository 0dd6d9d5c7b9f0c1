"""Seasons: how much more, or less, some days of the year sell than others.

The season of a product is that of its category over the whole brand, a year ago: a product is
seldom sold long enough to have one of its own, and a store too small. A year is 52 weeks, so that
weekends meet weekends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from peewee import chunked, fn

from backend.fieldwork.trade_models import SellOut
from backend.insight.season_models import SkuDay
from backend.platform import jobs
from backend.platform.consumers import Consumer
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.models import LedgerEntry
from backend.standards.models import Sku

KIND = "sku-day"
YEAR = timedelta(weeks=52)
HISTORY = timedelta(days=396)  # 13 months
BATCH = 20  # days per transaction


@dataclass(frozen=True, slots=True)
class Seasons:
    """What categories sold by day, and since when they are known to sell."""

    units: Mapping[tuple[str, date], int]
    since: Mapping[str, date]

    def ratio(
        self, categories: Collection[str], before: Sequence[date], during: Sequence[date]
    ) -> float | None:
        """Return the season index of some days over that of earlier ones.

        None with less than 13 months of history, or where nothing was sold a year ago.
        """
        if not (before and during and categories) or any(
            self.since.get(each, date.max) > min(during) - HISTORY for each in categories
        ):
            return None
        usual, season = self._daily(categories, before), self._daily(categories, during)
        return season / usual if usual > 0 and season > 0 else None

    def _daily(self, categories: Collection[str], days: Sequence[date]) -> float:
        units = sum(self.units.get((each, day - YEAR), 0) for each in categories for day in days)
        return units / len(days)


def load(categories: Collection[str], from_on: date, to_on: date) -> Seasons:
    """Return what is needed for the seasons of days from one to, not including, another."""
    theirs = Sku.category.in_(sorted(categories))
    days = (SkuDay.day >= from_on - YEAR) & (SkuDay.day < to_on - YEAR)
    units: Any = (
        SkuDay.select(Sku.category, SkuDay.day, fn.SUM(SkuDay.units).cast("BIGINT"))
        .join(Sku)
        .where(theirs, days)
        .group_by(Sku.category, SkuDay.day)
        .tuples()
    )
    since: Any = (
        SkuDay.select(Sku.category, fn.MIN(SkuDay.day))
        .join(Sku)
        .where(theirs)
        .group_by(Sku.category)
        .tuples()
    )
    return Seasons(
        {(category, day): count for category, day, count in units},
        {category: _day(day) for category, day in since},
    )


def refresh(days: Iterable[date]) -> None:
    """Make the rows of these days say what was sold on them."""
    for batch in chunked(sorted(set(days)), BATCH):
        with transaction():
            take_turns("refreshing product days")  # so that an older reading cannot win
            SkuDay.delete().where(SkuDay.day.in_(batch)).execute()
            insert_rows(SkuDay, _sold_on(batch))


def rebuild() -> None:
    """Make every row anew from all sales, in one reading."""
    columns = (SellOut.sku, SellOut.sold_on, fn.SUM(SellOut.units))
    with transaction():
        take_turns("refreshing product days")
        SkuDay.delete().execute()
        sold = SellOut.select(*columns).group_by(SellOut.sku, SellOut.sold_on)
        SkuDay.insert_from(sold, [SkuDay.sku, SkuDay.day, SkuDay.units]).execute()


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a refresh of each day on which the entries say that something was sold.

    What was loaded in bulk names no day; whoever loads it rebuilds.
    """
    facts = [orjson.loads(each.facts) for each in entries if each.verb == "sell_out.recorded"]
    jobs.enqueue(KIND, [fact["day"] for fact in facts if "day" in fact], at=entries[-1].at)


def refresh_owed(job_keys: list[str]) -> None:
    """Do the refreshes that the keys of jobs stand for."""
    refresh(map(date.fromisoformat, job_keys))


def _sold_on(days: list[date]) -> list[dict[str, Any]]:
    sold: Any = (
        SellOut.select(SellOut.sku, SellOut.sold_on, fn.SUM(SellOut.units).cast("BIGINT"))
        .where(SellOut.sold_on.in_(days))
        .group_by(SellOut.sku, SellOut.sold_on)
        .tuples()
    )
    return [{"sku": sku, "day": day, "units": units} for sku, day, units in sold]


def _day(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)


CONSUMER = Consumer("seasons", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: refresh_owed}
