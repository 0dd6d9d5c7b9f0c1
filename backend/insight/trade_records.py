"""The records behind what sales, stock and orders give."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked, Statement
from backend.insight.dialect import text
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels
from backend.insight.trade_sources import TRADE_SOURCES, before, lying, received, stock_at
from backend.insight.visit_sources import active
from backend.insight.windows import Span

_DAY_ID = " || ':' || ".join(map(text, ("f.dealer_id", "f.day", "f.store_id")))
_SOLD = labels(RecordKind.SALES_DAY, _DAY_ID, "f.day")
_STOCK = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")
_NAMES = "kind, r.id, r.day, r.person_id, r.subject"
_OF_KNOWN = "ON v.k = r.k AND v.store_id = r.store_id"


def _sold(asked: Asked, sql: Statement, window: Span) -> str:
    columns = f"{_SOLD}, f.sell_out_units AS sold, f.sell_in_units AS bought"
    return sql.listed(asked, "sales_day", sql.within("f.day", window), columns)


def _sales(asked: Asked, sql: Statement) -> str:
    """Return sales by day, and the counts that say what was there before."""
    days = _sold(asked, sql, asked.window)
    selling = TRADE_SOURCES["sales"](asked, sql)
    stock = stock_at(asked, sql, asked.window.from_on)
    opening = TRADE_SOURCES["sales"](asked, sql)
    return (
        f"SELECT r.k, r.store_id, r.{_NAMES}, CASE WHEN v.sold IS NOT NULL THEN r.sold END AS sold,"
        " r.bought, CASE WHEN v.opening IS NOT NULL THEN 0 END AS opening "
        f"FROM ({days}) r JOIN ({selling}) v {_OF_KNOWN} UNION ALL "
        f"SELECT r.k, r.store_id, r.{_NAMES}, CASE WHEN v.sold IS NOT NULL THEN 0 END, 0, r.stock "
        f"FROM (SELECT f.k, f.store_id, {_STOCK}, f.stock_units AS stock FROM ({stock}) AS f) r "
        f"JOIN ({opening}) v {_OF_KNOWN}"
    )


def _cover(asked: Asked, sql: Statement) -> str:
    """Return the counts of what is there, and the sales of the 28 days before."""
    stock = stock_at(asked, sql, asked.window.to_on)
    counted = TRADE_SOURCES["cover"](asked, sql)
    days = _sold(asked, sql, before(asked.window.to_on))
    selling = TRADE_SOURCES["cover"](asked, sql)
    return (
        f"SELECT r.k, r.store_id, r.{_NAMES}, r.stock, 0 AS sold_28 "
        f"FROM (SELECT f.k, f.store_id, {_STOCK}, f.stock_units AS stock FROM ({stock}) AS f) r "
        f"JOIN ({counted}) v {_OF_KNOWN} AND v.sold_28 IS NOT NULL UNION ALL "
        f"SELECT r.k, r.store_id, r.{_NAMES}, 0, r.sold FROM ({days}) r "
        f"JOIN ({selling}) v {_OF_KNOWN} AND v.sold_28 IS NOT NULL"
    )


def _orders(asked: Asked, sql: Statement) -> str:
    """Return the days on which stores were sold to, of those that were before the window."""
    window = asked.window
    both = Span(window.from_on - (window.to_on - window.from_on), window.to_on)
    parts = (
        f"CASE WHEN f.day < {sql.day(window.from_on)} THEN 1 ELSE 0 END AS before, "
        f"CASE WHEN f.day >= {sql.day(window.from_on)} THEN 1 ELSE 0 END AS again"
    )
    where = f"{sql.within('f.day', both)} AND f.sell_in_units > 0"
    days = sql.listed(asked, "sales_day", where, f"{_SOLD}, {parts}")
    known = TRADE_SOURCES["orders"](asked, sql)
    return (
        f"SELECT r.k, r.store_id, r.{_NAMES}, r.before, r.again FROM ({days}) r "
        f"JOIN ({known}) v {_OF_KNOWN} AND v.before = 1"
    )


def _per_store(asked: Asked, sql: Statement) -> str:
    """Return active stores, what they and others were sold, and complaints."""
    store = labels(RecordKind.STORE, "a.store_id")
    stores = active(asked, sql)
    where = sql.within("f.day", asked.window)
    bought = sql.listed(asked, "sales_day", where, f"{_SOLD}, 0, f.sell_in_fen, 0")
    complaint = labels(
        RecordKind.COMPLAINT, "f.id", "f.received_on", "f.recorded_by_id", "f.category"
    )
    complained = sql.listed(asked, received(asked, sql), "1 = 1", f"{complaint}, 0, 0, 1")
    return (
        f"SELECT a.k, a.store_id, {store}, 1 AS stores, 0 AS sell_in_fen, 0 AS complaints "
        f"FROM ({stores}) AS a UNION ALL {bought} UNION ALL {complained}"
    )


def _slow(asked: Asked, sql: Statement) -> str:
    columns = labels(RecordKind.PRODUCT, "f.visit_id", "f.day", "f.person_id", "f.sku_id")
    return f"SELECT f.k, f.store_id, {columns}, f.stock, f.slow FROM ({lying(asked, sql)}) AS f"


def _distribution(asked: Asked, sql: Statement) -> str:
    columns = labels(
        RecordKind.PRODUCT, "f.visit_id", "f.day", "f.person_id", str(int(asked.sku_id or 0))
    )
    listed = as_they_are(TRADE_SOURCES["distribution"], columns, "f.is_listed, f.weight")
    return listed(asked, sql)


TRADE_RECORDS: Mapping[str, Records] = {
    "sales": Records(_sales),
    "cover": Records(_cover),
    "orders": Records(_orders, is_sum=False),
    "per_store": Records(_per_store),
    "slow": Records(_slow),
    "distribution": Records(_distribution),
}
