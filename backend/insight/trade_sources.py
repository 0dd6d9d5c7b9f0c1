"""What sales, stock and orders give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from backend.insight.asked import Asked, Source, Statement, of_customers, of_last
from backend.insight.visit_sources import active
from backend.insight.windows import Span

RECENT = timedelta(days=28)  # a count of stock, or a feed, says something for so long
UNSOLD_FOR = timedelta(days=30)
WEIGHED_MONTHS = 3


def before(day: date) -> Span:
    """Return the 28 days before a day."""
    return Span(day - RECENT, day)


def stock_at(asked: Asked, sql: Statement, day: date) -> str:
    """Return what was in stock when it was last counted in the 28 days before a day."""
    where = f"{sql.within('f.day', before(day))} AND f.stock_units IS NOT NULL"
    last = sql.grouped(asked, "visit_fact", where, "MAX(f.seq) AS seq")
    return of_last(last, ("stock_units", "visit_id", "day", "person_id", "visits"))


def sold_by(asked: Asked, sql: Statement, window: Span) -> str:
    """Return what was sold by stores whose feed said anything of late, and what they bought."""
    in_window = f"f.day >= {sql.day(window.from_on)}"
    sold = f"SUM(CASE WHEN {in_window} THEN f.sell_out_units ELSE 0 END)"
    in_window = f"f.day >= {sql.day(window.from_on)}"
    sums = (
        f"CASE WHEN SUM(f.sell_out_lines) > 0 THEN {sold} END AS sold, "
        f"SUM(CASE WHEN {in_window} THEN f.sell_in_units ELSE 0 END) AS bought"
    )
    where = sql.within("f.day", Span(window.from_on - RECENT, window.to_on))
    return sql.grouped(asked, "sales_day", where, sums)


def _sales(asked: Asked, sql: Statement) -> str:
    sold = sold_by(asked, sql, asked.window)
    opening = stock_at(asked, sql, asked.window.from_on)
    return (
        "SELECT v.k, v.store_id, v.sold, v.bought, o.stock_units AS opening "
        f"FROM ({sold}) v LEFT JOIN ({opening}) o ON o.k = v.k AND o.store_id = v.store_id"
    )


def _cover(asked: Asked, sql: Statement) -> str:
    stock = stock_at(asked, sql, asked.window.to_on)
    sold = sold_by(asked, sql, before(asked.window.to_on))
    return (
        "SELECT o.k, o.store_id, o.stock_units AS stock, v.sold AS sold_28 "
        f"FROM ({stock}) o JOIN ({sold}) v ON v.k = o.k AND v.store_id = o.store_id"
    )


def lying(asked: Asked, sql: Statement) -> str:
    """Return what lies in stores that send their sales, by product, and what is not selling."""
    until = asked.window.to_on
    late = Span(until - UNSOLD_FOR, until)
    stock = stock_at(asked, sql, until)
    sums = "SUM(f.sell_out_lines) AS lines"
    feed = sql.grouped(asked, "sales_day", sql.within("f.day", late), sums)
    going = (
        "SELECT 1 FROM sell_out x WHERE x.store_id = l.store_id AND x.sku_id = l.sku_id "
        f"AND {sql.within('x.sold_on', late)} AND x.units > 0"
    )
    # Joined to the left with a doubt about stock, so that SQLite looks up and does not read it all.
    lines = " UNION ALL ".join(
        "SELECT o.k, o.store_id, o.visit_id, o.day, o.person_id, l.sku_id, l.stock "
        f"FROM fed o LEFT JOIN {table} l "
        f"ON {its} WHERE COALESCE(l.stock, 0) > 0"
        for table, its in (
            ("product_line", "l.visit_id = o.visit_id"),
            ("stock_count_line", "l.store_id = o.store_id AND l.count_id = o.visit_id"),
        )
    )
    return (
        "WITH fed AS MATERIALIZED (SELECT o.k, o.store_id, o.visit_id, o.day, o.person_id "
        f"FROM ({stock}) o "
        f"JOIN ({feed}) v ON v.k = o.k AND v.store_id = o.store_id AND v.lines > 0) "
        "SELECT l.k, l.store_id, l.visit_id, l.day, l.person_id, l.sku_id, l.stock, "
        f"CASE WHEN EXISTS ({going}) THEN 0 ELSE l.stock END AS slow FROM ({lines}) l"
    )


def _slow(asked: Asked, sql: Statement) -> str:
    return (
        "SELECT k, store_id, SUM(stock) AS stock, SUM(slow) AS slow "
        f"FROM ({lying(asked, sql)}) AS products GROUP BY k, store_id"
    )


def _orders(asked: Asked, sql: Statement) -> str:
    window = asked.window
    before = Span(window.from_on - (window.to_on - window.from_on), window.to_on)
    then = f"SUM(CASE WHEN f.day < {sql.day(window.from_on)} THEN f.sell_in_lines ELSE 0 END)"
    now = f"SUM(CASE WHEN f.day >= {sql.day(window.from_on)} THEN f.sell_in_lines ELSE 0 END)"
    where = f"{sql.within('f.day', before)} AND f.sell_in_units > 0"
    sold_to = sql.grouped(asked, "sales_day", where, f"{then} AS then_, {now} AS now_")
    return (
        "SELECT k, store_id, CASE WHEN then_ > 0 THEN 1 END AS before, "
        f"CASE WHEN then_ > 0 AND now_ > 0 THEN 1 ELSE 0 END AS again FROM ({sold_to}) AS orders"
    )


def received(asked: Asked, sql: Statement) -> str:
    """Return the complaints of the window, with the dealer of that day."""
    columns = "c.id, c.received_on, c.recorded_by_id, c.category"
    return of_customers("complaint", "received_on", columns, asked.window, sql)


def _per_store(asked: Asked, sql: Statement) -> str:
    """Return what is divided by the number of active stores: of each its own, and of the rest."""
    stores = active(asked, sql)
    bought = sql.grouped(
        asked,
        "sales_day",
        sql.within("f.day", asked.window),
        "SUM(f.sell_in_fen) AS sell_in_fen",
    )
    complained = sql.grouped(asked, received(asked, sql), "1 = 1", "COUNT(*) AS complaints")
    return (
        "SELECT k, store_id, 1 AS stores, 0 AS sell_in_fen, 0 AS complaints "
        f"FROM ({stores}) AS a "
        f"UNION ALL SELECT k, store_id, 0, sell_in_fen, 0 FROM ({bought}) AS b "
        f"UNION ALL SELECT k, store_id, 0, 0, complaints FROM ({complained}) AS c"
    )


def _distribution(asked: Asked, sql: Statement) -> str:
    """Return whether stores list the product, and what they sold of its category."""
    found = (
        "(SELECT x.dealer_id, x.store_id, x.visit_id, x.day, x.person_id, x.seq, "
        "CASE WHEN l.is_listed THEN 1 ELSE 0 END AS is_listed FROM visit_fact x "
        f"JOIN product_line l ON l.visit_id = x.visit_id AND l.sku_id = {asked.sku_id or 0:d} "
        f"AND l.is_listed IS NOT NULL WHERE {sql.within('x.day', asked.window)})"
    )
    listed = sql.latest(asked, found, "1 = 1", "is_listed, visit_id, day, person_id", "f.seq DESC")
    first = asked.window.to_on.replace(day=1)
    until = first
    for _ in range(WEIGHED_MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
    weighed = (
        "SELECT o.store_id, SUM(o.units) AS weight FROM sell_out o JOIN sku k ON k.id = o.sku_id "
        f"WHERE k.category = (SELECT category FROM sku WHERE id = {asked.sku_id or 0:d}) "
        f"AND {sql.within('o.sold_on', Span(first, until))} GROUP BY o.store_id"
    )
    return (
        "SELECT a.k, a.store_id, a.visit_id, a.day, a.person_id, a.is_listed, w.weight "
        f"FROM ({listed}) a LEFT JOIN ({weighed}) w ON w.store_id = a.store_id"
    )


TRADE_SOURCES: Mapping[str, Source] = {
    "sales": _sales,
    "cover": _cover,
    "slow": _slow,
    "orders": _orders,
    "per_store": _per_store,
    "distribution": _distribution,
}
