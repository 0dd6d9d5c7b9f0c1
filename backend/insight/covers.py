"""How long stock lasts: the flag of each product in each store, or why there is none.

Cover is the sellable stock over the average daily sell-out of the window (kpi stock_cover_days);
whole numbers are compared, so that no rounding decides. Nothing sold is no endless cover.
Verdicts are made with the counts (stock.py), and again on the day on which time alone may change
them, so that a list reads what it shows and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import JOIN, Case, ModelSelect, fn

from backend.fieldwork.trade_models import SellOut
from backend.insight.stock_models import StoreStock
from backend.network import regions
from backend.network.models import Region, Store, StoreDealer
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards.models import Sku
from backend.standards.trade_codes import NoStockFlag, StockFlag


@dataclass(frozen=True, slots=True)
class _Feed:
    """The first and the last day of which a store sent sell-out, up to a day."""

    first_on: date
    last_on: date


def flags(
    actor: Actor,
    *,
    day: date,
    flag: str | None = None,
    reason: str | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    region_id: int | None = None,
    sku_id: int | None = None,
    store_ids: Sequence[int] | None = None,
) -> ModelSelect[StoreStock]:
    """Return the last counts the actor may see as mappings, by store and product.

    A mapping has the counted units, `sold_units` of the window, `cover_days`, and either a `flag`
    or the `reason` why there is none, all as of `judged_on`. `region_id` includes the regions
    below; the dealer is that of the day. `store_ids` keeps to some stores.
    """
    of_day = (StoreDealer.store == Store.id) & StoreDealer.on(day)
    found = (
        StoreStock.select(
            StoreStock,
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            StoreDealer.dealer.alias("dealer_id"),
            Sku.code.alias("sku_code"),
            Sku.name.alias("sku_name"),
        )
        .join(Store, on=StoreStock.store == Store.id)
        .join(StoreDealer, JOIN.LEFT_OUTER, on=of_day)
        .join(Sku, on=StoreStock.sku == Sku.id)
        .where(Store.visible_to(actor))
        .order_by(StoreStock.store, StoreStock.sku)
        .objects(_sheet)
    )
    if store_ids is not None:
        found = found.where(StoreStock.store.in_(store_ids))
    exact = (
        (StoreStock.verdict, flag),
        (StoreStock.verdict, reason),
        (StoreStock.store, store_id),
        (StoreStock.sku, sku_id),
        (StoreDealer.dealer, dealer_id),
    )
    for column, value in exact:
        if value is not None:
            found = found.where(column == value)
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        found = found.where(Store.region.in_(within))
    return found


def judged(rows: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """Return last counts with `sold_units`, `verdict`, `judged_on` and `judge_again_on`."""
    store_ids = sorted({row["store_id"] for row in rows})
    feeds, sold = _feeds(store_ids, day), _sold(store_ids, day)
    return [
        row | _verdict(row, feeds.get(row["store_id"]), sold.get(_key(row), (0, 0)), day)
        for row in rows
    ]


def _key(row: dict[str, Any]) -> tuple[int, int]:
    return row["store_id"], row["sku_id"]


def _feeds(store_ids: list[int], day: date) -> dict[int, _Feed]:
    """Return what is known of the sell-out of stores: when it began, and its last day."""
    found: Any = (
        SellOut.select(SellOut.store, fn.MIN(SellOut.sold_on), fn.MAX(SellOut.sold_on))
        .where(SellOut.store.in_(store_ids), SellOut.sold_on <= day)
        .group_by(SellOut.store)
        .tuples()
    )
    return {store: _Feed(first, last) for store, first, last in found}


def _sold(store_ids: list[int], day: date) -> dict[tuple[int, int], tuple[int, int]]:
    """Return by store and product the units of the window, and those that went out of late."""
    limits = settings()
    window, slow = _before(day, limits.stock_window_days), _before(day, limits.slow_moving_days)
    in_window = Case(None, [(SellOut.sold_on > window, SellOut.units)], 0)
    going_out = Case(None, [((SellOut.sold_on > slow) & (SellOut.units > 0), SellOut.units)], 0)
    found: Any = (
        SellOut.select(
            SellOut.store,
            SellOut.sku,
            fn.SUM(in_window).cast("BIGINT"),
            fn.SUM(going_out).cast("BIGINT"),
        )
        .where(
            SellOut.store.in_(store_ids),
            SellOut.sold_on > min(window, slow),
            SellOut.sold_on <= day,
        )
        .group_by(SellOut.store, SellOut.sku)
        .tuples()
    )
    return {(store, sku): (units, gone) for store, sku, units, gone in found}


def _verdict(
    row: dict[str, Any], feed: _Feed | None, sold: tuple[int, int], day: date
) -> dict[str, Any]:
    window = _before(day, settings().stock_window_days)
    again_on: date | None = day + timedelta(days=1)  # every day a sale leaves the window
    if row["counted_on"] <= window:
        verdict, again_on = str(NoStockFlag.COUNT_TOO_OLD), None
    elif feed is None or feed.last_on <= window:
        verdict = str(NoStockFlag.NO_SELL_OUT_FEED)
        again_on = row["counted_on"] + timedelta(days=settings().stock_window_days)
    else:
        verdict = _of_a_feed(row["stock"], feed, sold, day)
    return {
        "sold_units": sold[0],
        "verdict": verdict,
        "judged_on": day,
        "judge_again_on": again_on,
    }


def _of_a_feed(stock: int, feed: _Feed, sold: tuple[int, int], day: date) -> str:
    """Return what a count calls for where the store sends its sell-out."""
    limits = settings()
    (units, gone), left = sold, stock * limits.stock_window_days  # cover times the units sold
    window, slow = _before(day, limits.stock_window_days), _before(day, limits.slow_moving_days)
    if feed.first_on > window:
        return str(NoStockFlag.FEED_TOO_YOUNG)
    if stock > 0 and gone == 0 and feed.first_on <= slow:
        return str(StockFlag.SLOW_MOVING)
    if units <= 0:
        return str(NoStockFlag.NO_SALES)
    if left < units * limits.understock_cover_days:
        return str(StockFlag.UNDERSTOCK)
    if left > units * limits.overstock_cover_days:
        return str(StockFlag.OVERSTOCK)
    suits = units * limits.suitable_cover_from_days <= left <= units * limits.suitable_cover_to_days
    return str(StockFlag.STOCK_PRESSURE_OK if suits else NoStockFlag.BETWEEN_BANDS)


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _sheet(**row: Any) -> dict[str, Any]:
    verdict, sold = row.pop("verdict"), row["sold_units"]
    is_flag = verdict in list(StockFlag)
    cover = None
    if (is_flag and sold > 0) or verdict == NoStockFlag.BETWEEN_BANDS:
        cover = row["stock"] * settings().stock_window_days / sold
    return row | {
        "store_id": row["store"],
        "sku_id": row["sku"],
        "cover_days": cover,
        "flag": verdict if is_flag else None,
        "reason": None if is_flag else verdict,
    }
