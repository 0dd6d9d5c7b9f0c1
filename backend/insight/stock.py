"""The stock of a store as last counted, recomputed from visits and counts, and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

import orjson
from peewee import SQL, ModelSelect, chunked, fn

from backend.fieldwork.models import ProductLine, Visit
from backend.fieldwork.trade_models import StockCount, StockCountLine
from backend.insight import covers
from backend.insight.stock_models import StoreStock
from backend.network import stores
from backend.platform import clock, jobs
from backend.platform.actors import Actor
from backend.platform.consumers import Consumer
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.models import LedgerEntry
from backend.standards.models import Sku

KIND, JUDGE = "store-stock", "judge-stock"
MOVED_BY = {
    "stock_count.recorded",
    "visit.completed",
    "visit.cleared",
    "visit.quarantined",
    "visit.placed",
    "visit.amended",
    "visit.cancelled",
}
BATCH = 100  # stores per transaction
UNITS = ("stock", "demo_stock", "damaged_stock", "oldest_receipt_on")


def of_store(actor: Actor, store_id: int) -> list[dict[str, Any]]:
    """Return the last count of every product in a store, by code. Raises NotFoundError."""
    stores.get(actor, store_id)
    counted = latest([store_id])
    names = {
        sku.id: sku
        for sku in Sku.select(Sku.id, Sku.code, Sku.name).where(
            Sku.id.in_([row["sku_id"] for row in counted])
        )
    }
    for row in counted:
        row["sku_code"], row["sku_name"] = names[row["sku_id"]].code, names[row["sku_id"]].name
    return sorted(counted, key=lambda row: row["sku_code"])


def latest(store_ids: list[int]) -> list[dict[str, Any]]:
    """Return the last count of every product of some stores; of two at once, the visit's."""
    newest: dict[tuple[int, int], dict[str, Any]] = {}
    for row in (*_counted_outside(store_ids), *_counted_on_visits(store_ids)):
        key = row["store_id"], row["sku_id"]
        if key not in newest or newest[key]["counted_at"] <= row["counted_at"]:
            newest[key] = row
    return list(newest.values())


def refresh(store_ids: Iterable[int], *, at: datetime | None = None) -> None:
    """Make the rows of these stores say what is stored now, judged as of now."""
    day = clock.business_date(at or clock.now())
    for batch in chunked(sorted(set(store_ids)), BATCH):
        with transaction():
            take_turns("refreshing store stock")  # so that an older reading cannot win
            rows = covers.judged(latest(batch), day)
            StoreStock.delete().where(StoreStock.store.in_(batch)).execute()
            insert_rows(StoreStock, rows)


def judge_due(at: datetime | None = None) -> int:
    """Judge again the stores whose day has come, at most 100, and return how many."""
    at = at or clock.now()
    due: Any = (
        StoreStock.select(StoreStock.store)
        .where(StoreStock.judge_again_on <= clock.business_date(at))
        .distinct()
        .limit(BATCH)
    )
    stores_due = [store_id for (store_id,) in due.tuples()]
    refresh(stores_due, at=at)
    return len(stores_due)


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a refresh of each store whose counts the entries may have changed, or only a judgement.

    What is sold changes what a count calls for; whether it was too much is told when it came in.
    """
    moved_by: dict[str, Collection[str]] = {KIND: MOVED_BY, JUDGE: {"sell_out.recorded"}}
    for kind, verbs in moved_by.items():
        facts = [orjson.loads(entry.facts) for entry in entries if entry.verb in verbs]
        keys = [str(fact["store"]) for fact in facts if fact.get("store")]
        jobs.enqueue(kind, keys, at=entries[-1].at)


def judge_owed(job_keys: list[str]) -> None:
    """Do the judgements that the keys of jobs stand for."""
    refresh(map(int, job_keys))


def _counted_on_visits(store_ids: list[int]) -> list[dict[str, Any]]:
    rank = fn.ROW_NUMBER().over(
        partition_by=[Visit.store, ProductLine.sku],
        order_by=[Visit.checked_in_at.desc(), Visit.id.desc()],
    )
    ranked = (
        ProductLine.select(
            Visit.store.alias("store_id"),
            ProductLine.sku.alias("sku_id"),
            *(getattr(ProductLine, name) for name in UNITS),
            Visit.checked_in_at.alias("counted_at"),
            Visit.business_on.alias("counted_on"),
            ProductLine.visit_id.alias("source_id"),
            rank.alias("place"),
        )
        .join(Visit, on=ProductLine.visit_id == Visit.id)
        .where(Visit.store.in_(store_ids), Visit.counts(), ProductLine.stock.is_null(False))
    )
    return _first_of(ranked, "visit")


def _counted_outside(store_ids: list[int]) -> list[dict[str, Any]]:
    rank = fn.ROW_NUMBER().over(
        partition_by=[StockCountLine.store, StockCountLine.sku],
        order_by=[StockCount.counted_at.desc(), StockCount.id.desc()],
    )
    same = (StockCount.store == StockCountLine.store) & (StockCount.id == StockCountLine.count_id)
    ranked = (
        StockCountLine.select(
            StockCountLine.store.alias("store_id"),
            StockCountLine.sku.alias("sku_id"),
            *(getattr(StockCountLine, name) for name in UNITS),
            StockCount.counted_at,
            StockCount.counted_on,
            StockCountLine.count_id.alias("source_id"),
            rank.alias("place"),
        )
        .join(StockCount, on=same)
        .where(StockCountLine.store.in_(store_ids))
    )
    return _first_of(ranked, "count")


def _first_of(ranked: ModelSelect[Any], source: str) -> list[dict[str, Any]]:
    names = ("store_id", "sku_id", *UNITS, "counted_at", "counted_on", "source_id")
    counted = ranked.select_from(*map(SQL, names)).where(SQL("place = 1")).tuples()
    # The columns of a subquery lose their types, so the fields they go to convert them.
    fields = [StoreStock._meta.combined[name] for name in names]  # noqa: SLF001
    return [
        {"source": source}
        | {
            name: field.python_value(value)
            for name, field, value in zip(names, fields, row, strict=True)
        }
        for row in counted
    ]


CONSUMER = Consumer("stock", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {JUDGE: judge_owed}
