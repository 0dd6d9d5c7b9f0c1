"""Stock counts outside a visit; those of a visit are its product lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.fieldwork.arrivals import Result
from backend.fieldwork.trade_models import StockCount, StockCountLine
from backend.network import stores
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import IdTakenError
from backend.standards import skus


def put(
    actor: Actor,
    count_id: UUID,
    *,
    store_id: int,
    counted_at: datetime,
    lines: Sequence[dict[str, Any]],
    content_sha256: str,
    at: datetime,
) -> tuple[StockCount, Result]:
    """Record a count once, and return it.

    A line has `sku_id`, `stock`, `demo_stock`, `damaged_stock` and `oldest_receipt_on`. Raises
    NotFoundError for the store or products, and IdTakenError for a known id with other content
    or from another person.
    """
    with transaction():
        take_turns(f"stock count {count_id}")
        known = StockCount.get_or_none(StockCount.id == count_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(count_id))
            return known, Result.REPLAYED
        store = stores.get(actor, store_id)
        skus.require([line["sku_id"] for line in lines])
        counted_at = min(counted_at, at)
        count = StockCount.create(
            store=store_id,
            id=count_id,
            person=actor.id,
            counted_at=counted_at,
            counted_on=clock.business_date(counted_at),
            received_at=at,
            content_sha256=content_sha256,
        )
        rows = [{"store_id": store_id, "count_id": count_id} | line for line in lines]
        insert_rows(StockCountLine, rows)
        ledger.append(
            actor,
            "stock_count.recorded",
            count_id,
            at=at,
            device_at=counted_at,
            dealer=stores.dealer_on(store_id, count.counted_on),
            store=store_id,
            region=store.region_id,
            day=count.counted_on,
            lines=len(lines),
        )
    return count, Result.CREATED


def lines_of(count: StockCount) -> list[StockCountLine]:
    """Return the lines of a count by product."""
    return list(
        StockCountLine.select()
        .where(StockCountLine.store == count.store_id, StockCountLine.count_id == count.id)
        .order_by(StockCountLine.sku)
    )
