"""The records behind what sales, stock and orders give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backend.insight.asked import Asked
from backend.insight.dialect import text
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels
from backend.insight.statements import Sql, a_day, sql, within
from backend.insight.trade_sources import (
    TRADE_SOURCES,
    before,
    lying,
    received,
    sold_to,
    stock_at,
    with_the_one_before,
)
from backend.insight.visit_sources import active
from backend.insight.windows import Span

_DAY_ID = " || ':' || ".join(map(text, ("f.dealer_id", "f.day", "f.store_id")))
_SOLD = labels(RecordKind.SALES_DAY, _DAY_ID, "f.day")
_STOCK = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")
_NAMES = "r.kind, r.id, r.day, r.person_id, r.subject"
_OF_KNOWN = "ON v.k = r.k AND v.store_id = r.store_id"


def _sold(asked: Asked, span: Span) -> Sql:
    columns = f"{_SOLD}, f.sell_out_units AS sold, f.sell_in_units AS bought"
    return asked.listed("sales_day", within("f.day", span), columns)


def _counted(asked: Asked, day: date) -> Sql:
    return sql(
        "SELECT f.k, f.store_id, {names}, f.stock_units AS stock FROM ({stock}) AS f",
        names=_STOCK,
        stock=stock_at(asked, day),
    )


def _sales(asked: Asked) -> Sql:
    """Return sales by day, and the counts that say what was there before."""
    return sql(
        "SELECT r.k, r.store_id, {names}, CASE WHEN v.sold IS NOT NULL THEN r.sold END AS sold,"
        " r.bought, CASE WHEN v.opening IS NOT NULL THEN 0 END AS opening "
        "FROM ({days}) r JOIN ({known}) v {of_known} UNION ALL "
        "SELECT r.k, r.store_id, {names}, CASE WHEN v.sold IS NOT NULL THEN 0 END, 0, r.stock "
        "FROM ({opening}) r JOIN ({known}) v {of_known}",
        names=_NAMES,
        days=_sold(asked, asked.window),
        known=TRADE_SOURCES["sales"](asked),
        opening=_counted(asked, asked.window.from_on),
        of_known=_OF_KNOWN,
    )


def _cover(asked: Asked) -> Sql:
    """Return the counts of what is there, and the sales of the 28 days before."""
    return sql(
        "SELECT r.k, r.store_id, {names}, r.stock, 0 AS sold_28 "
        "FROM ({counted}) r JOIN ({known}) v {of_known} AND v.sold_28 IS NOT NULL "
        "UNION ALL SELECT r.k, r.store_id, {names}, 0, r.sold "
        "FROM ({days}) r JOIN ({known}) v {of_known} AND v.sold_28 IS NOT NULL",
        names=_NAMES,
        counted=_counted(asked, asked.window.to_on),
        known=TRADE_SOURCES["cover"](asked),
        days=_sold(asked, before(asked.window.to_on)),
        of_known=_OF_KNOWN,
    )


def _orders(asked: Asked) -> Sql:
    """Return the days on which stores were sold to, of those that were before the window."""
    parts = sql(
        "{sold}, CASE WHEN f.day < {since} THEN 1 ELSE 0 END AS before, "
        "CASE WHEN f.day >= {since} THEN 1 ELSE 0 END AS again",
        sold=_SOLD,
        since=a_day(asked.window.from_on),
    )
    return sql(
        "SELECT r.k, r.store_id, {names}, r.before, r.again FROM ({days}) r "
        "JOIN ({known}) v {of_known} AND v.before = 1",
        names=_NAMES,
        days=asked.listed("sales_day", sold_to(with_the_one_before(asked.window)), parts),
        known=TRADE_SOURCES["orders"](asked),
        of_known=_OF_KNOWN,
    )


def _per_store(asked: Asked) -> Sql:
    """Return active stores, what they and others were sold, and complaints."""
    complaint = labels(
        RecordKind.COMPLAINT, "f.id", "f.received_on", "f.recorded_by_id", "f.category"
    )
    return sql(
        "SELECT a.k, a.store_id, {store}, 1 AS stores, 0 AS sell_in_fen, 0 AS complaints "
        "FROM ({stores}) AS a UNION ALL {bought} UNION ALL {complained}",
        store=labels(RecordKind.STORE, "a.store_id"),
        stores=active(asked),
        bought=asked.listed(
            "sales_day", within("f.day", asked.window), f"{_SOLD}, 0, f.sell_in_fen, 0"
        ),
        complained=asked.listed(received(asked), "1 = 1", f"{complaint}, 0, 0, 1"),
    )


def _distribution(asked: Asked) -> Sql:
    columns = labels(
        RecordKind.PRODUCT, "f.visit_id", "f.day", "f.person_id", str(int(asked.sku_id or 0))
    )
    listed = as_they_are(TRADE_SOURCES["distribution"], columns, "f.is_listed, f.weight")
    return listed(asked)


_PRODUCT = labels(RecordKind.PRODUCT, "f.visit_id", "f.day", "f.person_id", "f.sku_id")

TRADE_RECORDS: Mapping[str, Records] = {
    "sales": Records(_sales),
    "cover": Records(_cover),
    "orders": Records(_orders, is_sum=False),
    "per_store": Records(_per_store),
    "slow": Records(as_they_are(lying, _PRODUCT, "f.stock, f.slow")),
    "distribution": Records(_distribution),
}
