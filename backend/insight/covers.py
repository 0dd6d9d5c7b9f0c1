"""How long stock lasts: the flag of each product in each store, or why there is none.

Cover is the sellable stock over the average daily sell-out of the window (kpi stock_cover_days);
whole numbers are compared, so that no rounding decides. Nothing sold is no endless cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from peewee import JOIN, Case, Expression, ModelSelect, fn

from backend.fieldwork.trade_models import SellOut
from backend.insight.stock import UNITS
from backend.insight.stock_models import StoreStock
from backend.network import regions
from backend.network.models import Region, Store, StoreDealer
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards.models import Sku
from backend.standards.trade_codes import NoStockFlag, StockFlag

COUNTED = (*UNITS, "counted_at", "counted_on", "source", "source_id")


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

    A mapping has the counted units, `sold_units` of the window that ends with the day,
    `cover_days`, and either a `flag` or the `reason` why there is none. `region_id` includes
    the regions below; the dealer is that of the day. `store_ids` keeps to some stores.
    """
    seen = Store.select(Store.id).where(Store.visible_to(actor))
    if store_ids is not None:
        seen = seen.where(Store.id.in_(store_ids))
    sold = _sold(seen, day)
    verdict = _verdict(sold, day)
    same = (sold.c.store_id == StoreStock.store) & (sold.c.sku_id == StoreStock.sku)
    of_day = (StoreDealer.store == Store.id) & StoreDealer.on(day)
    found = (
        StoreStock.select(
            StoreStock.store.alias("store_id"),
            StoreStock.sku.alias("sku_id"),
            *(getattr(StoreStock, name) for name in COUNTED),
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            StoreDealer.dealer.alias("dealer_id"),
            Sku.code.alias("sku_code"),
            Sku.name.alias("sku_name"),
            fn.COALESCE(sold.c.units, 0).alias("sold_units"),
            verdict.alias("verdict"),
        )
        .join(Store, on=StoreStock.store == Store.id)
        .join(StoreDealer, JOIN.LEFT_OUTER, on=of_day)
        .join(Sku, on=StoreStock.sku == Sku.id)
        .join(sold, JOIN.LEFT_OUTER, on=same)
        .where(Store.visible_to(actor))
        .order_by(Store.code, Sku.code)
        .objects(_sheet)
    )
    if store_ids is not None:
        found = found.where(StoreStock.store.in_(store_ids))
    exact = (
        (verdict, flag),
        (verdict, reason),
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


def _sold(seen: ModelSelect[Store], day: date) -> Any:
    """Return the units each store sold of each product in the two windows that end with the day."""
    limits = settings()
    window, slow = _before(day, limits.stock_window_days), _before(day, limits.slow_moving_days)
    in_window = Case(None, [(SellOut.sold_on > window, SellOut.units)], 0)
    going_out = Case(None, [((SellOut.sold_on > slow) & (SellOut.units > 0), SellOut.units)], 0)
    return (
        SellOut.select(
            SellOut.store.alias("store_id"),
            SellOut.sku.alias("sku_id"),
            fn.SUM(in_window).alias("units"),
            fn.SUM(going_out).alias("gone"),
        )
        .where(SellOut.sold_on > min(window, slow), SellOut.sold_on <= day, SellOut.store.in_(seen))
        .group_by(SellOut.store, SellOut.sku)
        .alias("sold")
    )


def _verdict(sold: Any, day: date) -> Case:
    limits = settings()
    units, gone = fn.COALESCE(sold.c.units, 0), fn.COALESCE(sold.c.gone, 0)
    window, slow = _before(day, limits.stock_window_days), _before(day, limits.slow_moving_days)
    left = StoreStock.stock * limits.stock_window_days  # cover times the units sold
    return Case(
        None,
        [
            (StoreStock.counted_on <= window, NoStockFlag.COUNT_TOO_OLD),
            (
                ~_told((SellOut.sold_on > window) & (SellOut.sold_on <= day)),
                NoStockFlag.NO_SELL_OUT_FEED,
            ),
            (~_told(SellOut.sold_on <= window), NoStockFlag.FEED_TOO_YOUNG),
            (
                (StoreStock.stock > 0) & (gone == 0) & _told(SellOut.sold_on <= slow),
                StockFlag.SLOW_MOVING,
            ),
            (units <= 0, NoStockFlag.NO_SALES),
            (left < units * limits.understock_cover_days, StockFlag.UNDERSTOCK),
            (left > units * limits.overstock_cover_days, StockFlag.OVERSTOCK),
            (
                (left >= units * limits.suitable_cover_from_days)
                & (left <= units * limits.suitable_cover_to_days),
                StockFlag.STOCK_PRESSURE_OK,
            ),
        ],
        NoStockFlag.BETWEEN_BANDS,
    )


def _told(when: Expression) -> Any:
    """Return the condition that the store sent any sell-out of those days."""
    return fn.EXISTS(
        SellOut.select(SellOut.id).where(SellOut.store == StoreStock.store, when).limit(1)
    )


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _sheet(**row: Any) -> dict[str, Any]:
    verdict, sold = row.pop("verdict"), row["sold_units"]
    is_flag = verdict in list(StockFlag)
    cover = None
    if (is_flag and sold > 0) or verdict == NoStockFlag.BETWEEN_BANDS:
        cover = row["stock"] * settings().stock_window_days / sold
    return row | {
        "cover_days": cover,
        "flag": verdict if is_flag else None,
        "reason": None if is_flag else verdict,
    }
