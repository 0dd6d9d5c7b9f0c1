"""Sales as feeds bring them: sell-in to dealers and stores, sell-out to shoppers.

The lines of a feed come in together or not at all. Each has an id of its sender; the same line
again is a replay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect, fn

from backend.fieldwork import imei
from backend.fieldwork.sales_lines import TABLES, Checked, Feed, Line, RowError, check
from backend.network import regions
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, run_in_one_trip, take_turns, transaction
from backend.platform.errors import RuleError

MOST_ERRORS = 200
VERBS = {Feed.SELL_IN: "sell_in.recorded", Feed.SELL_OUT: "sell_out.recorded"}


class LinesRefusedError(RuleError):
    """Some lines are wrong, so none was taken; `rows` says which and why."""

    code = "lines-refused"
    title = "Some lines are wrong, so none was taken"
    title_zh = "部分行有误，全部未导入"
    detail = "{error_count} of the values are wrong; `rows` says where."
    detail_zh = "共有 {error_count} 处错误，详见 rows。"


def record(actor: Actor, feed: Feed, lines: Sequence[Line], *, at: datetime) -> Checked:
    """Take in lines, all or none; what was taken in before is a replay.

    Raises LinesRefusedError.
    """
    with transaction():
        take_turns(f"feed {feed}")
        if any(line.imei for line in lines):
            imei.one_at_a_time()
        checked = check(actor, feed, lines, at=at)
        if checked.errors:
            raise refusal(checked.errors)
        insert_rows(TABLES[feed], checked.rows)
        run_in_one_trip(ledger.written(_entries(actor, feed, checked.rows, at)))
        imei.judge(actor, [row["imei"] for row in checked.rows if row["imei"]], at=at)
    return checked


def refusal(errors: Sequence[RowError]) -> LinesRefusedError:
    """Return the failure that tells what is wrong."""
    return LinesRefusedError(error_count=len(errors), rows=first_of(errors), reason="lines")


def first_of(errors: Sequence[RowError]) -> list[dict[str, Any]]:
    """Return the first errors by row, in words."""
    first = sorted(errors, key=lambda error: (error.row, error.column))[:MOST_ERRORS]
    return [error.as_dict() for error in first]


def list_sales(
    actor: Actor,
    feed: Feed,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    region_id: int | None = None,
    sku_id: int | None = None,
    imei: str | None = None,
) -> ModelSelect[Any]:
    """Return the lines of a feed that the actor may see, newest first.

    `region_id` includes the regions below; the dealer is that of the day.
    """
    table = TABLES[feed]
    sales = table.select().where(table.visible_to(actor))
    exact = (
        (table.store, store_id),
        (table.dealer, dealer_id),
        (table.sku, sku_id),
        (table.imei, imei),
    )
    for column, value in exact:
        if value is not None:
            sales = sales.where(column == value)
    if region_id is not None:
        sales = sales.where(
            table.region.in_(Region.select(Region.id).where(regions.below(region_id)))
        )
    if from_on is not None:
        sales = sales.where(table.sold_on >= from_on)
    if to_on is not None:
        sales = sales.where(table.sold_on < to_on)
    return sales.order_by(table.sold_on.desc(), table.id)


def known_from(table: Any) -> date | None:
    """Return the first day of a feed: of those before it nothing is known, not even nought."""
    first: date | str | None = table.select(fn.MIN(table.sold_on)).scalar()
    return date.fromisoformat(first) if isinstance(first, str) else first


def _entries(
    actor: Actor, feed: Feed, rows: Sequence[dict[str, Any]], at: datetime
) -> list[dict[str, Any]]:
    """Return what came in for whoever counts: one ledger entry per buyer and day."""
    units: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        key = (row["dealer_id"], row["store_id"], row["region_id"], row["sold_on"])
        units[key] += row["units"]
    entries = []
    for (dealer_id, store_id, region_id, day), count in units.items():
        facts = {"store": store_id, "dealer": dealer_id, "region": region_id}
        told = {name: value for name, value in facts.items() if value is not None}
        buyer = f"dealer:{dealer_id}" if store_id is None else f"store:{store_id}"
        entry = ledger.entry(
            actor, VERBS[feed], buyer, at=at, day=day.isoformat(), units=count, **told
        )
        entries.append(entry)
    return entries
