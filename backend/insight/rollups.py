"""Rollups: a store's day worked out again from the rows, so that a wrong one heals by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from peewee import chunked

from backend.fieldwork.models import Visit
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount
from backend.insight import anew, facts
from backend.insight.facts import Batch, Key, seqs_from
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.platform.database import BaseModel, db, is_sqlite, take_turns, transaction
from backend.platform.replacement import fill, forget, replace

BATCH = 200  # store-days per transaction: short enough that intake hardly waits for its turn
MEMORY = "128MB"  # of PostgreSQL for each step of a rebuild
REFRESHING = "refreshing store-days"  # takes turns, so that an older reading cannot win
TABLES = (VisitFact, PromotionFact, SalesDay)
TOGETHER = ((VisitFact,), (SalesDay, PromotionFact))
"""Rollups that PostgreSQL makes one after the other, beside the others."""


def refresh(keys: Iterable[Key]) -> None:
    """Make the facts of these store-days say what is stored now."""
    for keyed in chunked(sorted(set(keys)), BATCH):
        _write(Batch.of(keyed))


def rebuild(progress: Callable[[int], None] = lambda _: None, *, rows: int = anew.ROWS) -> int:
    """Work out every day there is and return how many; `progress` gets how many more are done.

    No transaction may be open. On SQLite a turn to write has not many more than `rows` facts.
    """
    whole = span()
    if whole is None:
        return 0
    days = days_of(whole)
    if is_sqlite():
        _anew(whole, days, progress, rows)
    else:
        _replace(whole)
        progress(days)
    return days


def _anew(whole: tuple[date, date], days: int, progress: Callable[[int], None], rows: int) -> None:
    """Make all facts on SQLite; `progress` gets the days that are like what each turn wrote."""
    told = 0

    def tell(done: int, turns: int) -> None:
        nonlocal told
        progress(days * done // turns - told)
        told = days * done // turns

    refresh(anew.make(whole, tell, rows=rows))


def days_of(whole: tuple[date, date] | None) -> int:
    """Return how many days a span has."""
    return (whole[1] - whole[0]).days if whole else 0


def span() -> tuple[date, date] | None:
    """Return the first day that has facts or rows of them, and the day after the last."""
    days: list[Any] = [
        Visit.business_on,
        StockCount.counted_on,
        SellIn.sold_on,
        SellOut.sold_on,
        *(table.day for table in TABLES),
    ]
    ends = [_first(day, order) for day in days for order in (day.asc(), day.desc())]
    known = [end for end in ends if end is not None]
    return (min(known), max(known) + timedelta(days=1)) if known else None


def _first(day: Any, order: Any) -> date | None:
    found: date | None = day.model.select(day).order_by(order).limit(1).scalar()
    return found


def _write(batch: Batch) -> None:
    with transaction():
        take_turns(REFRESHING)
        for table in TABLES:
            where, values = batch.where("store_id", "day")
            if table is VisitFact and batch.stores is not None:
                where, values = _by_seq(batch.stores)
            db.execute_sql(f'DELETE FROM "{table._meta.table_name}" WHERE {where}', values)  # noqa: SLF001
        facts.write(batch)


def _by_seq(stores: Mapping[date, list[int]]) -> tuple[str, list[Any]]:
    """Return the condition for the facts of some store-days, which reads no other day of theirs."""
    parts: list[str] = []
    values: list[Any] = []
    for day, ids in stores.items():
        marks = ", ".join([db.param] * len(ids))
        since, until = seqs_from(day), seqs_from(day + timedelta(days=1))
        parts.append(f"(store_id IN ({marks}) AND seq >= {since} AND seq < {until})")
        values += ids
    return " OR ".join(parts) or "1 = 0", values


def _replace(whole: tuple[date, date]) -> None:
    """Make all rows anew beside those of PostgreSQL that others read meanwhile."""
    fillers = [partial(_fill, tables, Batch(span=whole)) for tables in TOGETHER]
    try:
        with transaction():
            take_turns(REFRESHING)
            replace(TABLES, fillers)
    except BaseException:
        with transaction():
            take_turns(REFRESHING)
            forget()
        raise


def _fill(tables: Iterable[type[BaseModel]], batch: Batch) -> None:
    # Compiling takes longer than running, and most of what is hashed fits into memory.
    db.execute_sql(
        f"SET LOCAL jit = off; SET LOCAL work_mem = '{MEMORY}'; "
        f"SET LOCAL maintenance_work_mem = '{MEMORY}'"
    )
    for table in tables:
        # Sales are grouped by their key: sorting does both, and several processes sort.
        is_hashed = "off" if table is SalesDay else "on"
        db.execute_sql(f"SET LOCAL enable_hashagg = {is_hashed}")
        fill(table, facts.SELECTS[table](batch))
