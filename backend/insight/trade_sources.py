"""What sales, stock and orders give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from backend.insight import periods
from backend.insight.asked import Asked, Source, of_customers, of_last
from backend.insight.statements import Sql, a_day, sql, within
from backend.insight.visit_sources import active
from backend.insight.windows import Against, Span, Window, months_later

RECENT = timedelta(days=28)  # a count of stock, or a feed, says something for so long
UNSOLD_FOR = timedelta(days=30)
WEIGHED_MONTHS = 3


def before(day: date) -> Span:
    """Return the 28 days before a day."""
    return Span(day - RECENT, day)


def stock_at(asked: Asked, day: date) -> Sql:
    """Return what was in stock when it was last counted in the 28 days before a day."""
    where = sql("{days} AND f.stock_units IS NOT NULL", days=within("f.day", before(day)))
    last = asked.grouped("visit_fact", where, "MAX(f.seq) AS seq")
    return of_last(last, ("stock_units", "visit_id", "day", "person_id", "visits"))


def sold_by(asked: Asked, span: Span) -> Sql:
    """Return what was sold by stores whose feed said anything of late, and what they bought."""
    sums = sql(
        "CASE WHEN SUM(f.sell_out_lines) > 0 THEN "
        "SUM(CASE WHEN f.day >= {since} THEN f.sell_out_units ELSE 0 END) END AS sold, "
        "SUM(CASE WHEN f.day >= {since} THEN f.sell_in_units ELSE 0 END) AS bought",
        since=a_day(span.from_on),
    )
    of_late = Span(span.from_on - RECENT, span.to_on)
    return asked.grouped("sales_day", within("f.day", of_late), sums)


def _sales(asked: Asked) -> Sql:
    return sql(
        "SELECT v.k, v.store_id, v.sold, v.bought, o.stock_units AS opening "
        "FROM ({sold}) v LEFT JOIN ({opening}) o ON o.k = v.k AND o.store_id = v.store_id",
        sold=sold_by(asked, asked.window),
        opening=stock_at(asked, asked.window.from_on),
    )


def _cover(asked: Asked) -> Sql:
    return sql(
        "SELECT o.k, o.store_id, o.stock_units AS stock, v.sold AS sold_28 "
        "FROM ({stock}) o JOIN ({sold}) v ON v.k = o.k AND v.store_id = o.store_id",
        stock=stock_at(asked, asked.window.to_on),
        sold=sold_by(asked, before(asked.window.to_on)),
    )


def lying(asked: Asked) -> Sql:
    """Return what lies in stores that send their sales, by product, and what is not selling."""
    until = asked.window.to_on
    of_late = Span(until - UNSOLD_FOR, until)
    # Joined to the left with a doubt about stock, so that SQLite looks up and does not read it all.
    lines = " UNION ALL ".join(
        "SELECT o.k, o.store_id, o.visit_id, o.day, o.person_id, l.sku_id, l.stock "
        f"FROM fed o LEFT JOIN {table} l "
        f"ON {its} WHERE o.visits = {visits} AND COALESCE(l.stock, 0) > 0"
        for visits, table, its in (
            (1, "product_line", "l.visit_id = o.visit_id"),
            (0, "stock_count_line", "l.store_id = o.store_id AND l.count_id = o.visit_id"),
        )
    )
    return sql(
        "WITH fed AS MATERIALIZED ("
        "SELECT o.k, o.store_id, o.visit_id, o.day, o.person_id, o.visits FROM ({stock}) o "
        "JOIN ({feed}) v ON v.k = o.k AND v.store_id = o.store_id AND v.lines > 0 "
        "WHERE o.stock_units > 0) "
        "SELECT l.k, l.store_id, l.visit_id, l.day, l.person_id, l.sku_id, l.stock, "
        "CASE WHEN EXISTS (SELECT 1 FROM sell_out x WHERE x.store_id = l.store_id "
        "AND x.sku_id = l.sku_id AND {sold} AND x.units > 0) "
        "THEN 0 ELSE l.stock END AS slow FROM ({lines}) l",
        stock=stock_at(asked, until),
        feed=asked.grouped("sales_day", within("f.day", of_late), "SUM(f.sell_out_lines) AS lines"),
        sold=within("x.sold_on", of_late),
        lines=lines,
    )


def _slow(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, SUM(stock) AS stock, SUM(slow) AS slow "
        "FROM ({products}) AS products GROUP BY k, store_id",
        products=lying(asked),
    )


def with_the_one_before(window: Window) -> Span:
    """Return the days of a window and of the one before: of months as many months."""
    return Span(periods.before(window, Against.PREVIOUS).from_on, window.to_on)


def sold_to(span: Span) -> Sql:
    """Return the condition for days on which a store was sold to."""
    return sql("{days} AND f.sell_in_units > 0", days=within("f.day", span))


def _orders(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, CASE WHEN then_ > 0 THEN 1 END AS before, "
        "CASE WHEN then_ > 0 AND now_ > 0 THEN 1 ELSE 0 END AS again FROM ({sold_to}) AS orders",
        sold_to=asked.grouped(
            "sales_day",
            sold_to(with_the_one_before(asked.window)),
            sql(
                "SUM(CASE WHEN f.day < {since} THEN f.sell_in_lines ELSE 0 END) AS then_, "
                "SUM(CASE WHEN f.day >= {since} THEN f.sell_in_lines ELSE 0 END) AS now_",
                since=a_day(asked.window.from_on),
            ),
        ),
    )


def received(asked: Asked) -> Sql:
    """Return the complaints of the window, with the dealer of that day."""
    columns = "c.id, c.received_on, c.recorded_by_id, c.category"
    days = within("c.received_on", asked.window)
    return of_customers("complaint", "received_on", columns, days)


def _per_store(asked: Asked) -> Sql:
    """Return what is divided by the number of active stores: of each its own, and of the rest."""
    return sql(
        "SELECT k, store_id, 1 AS stores, 0 AS sell_in_fen, 0 AS complaints "
        "FROM ({stores}) AS a "
        "UNION ALL SELECT k, store_id, 0, sell_in_fen, 0 FROM ({bought}) AS b "
        "UNION ALL SELECT k, store_id, 0, 0, complaints FROM ({complained}) AS c",
        stores=active(asked),
        bought=asked.grouped(
            "sales_day", within("f.day", asked.window), "SUM(f.sell_in_fen) AS sell_in_fen"
        ),
        complained=asked.grouped(received(asked), "1 = 1", "COUNT(*) AS complaints"),
    )


def _distribution(asked: Asked) -> Sql:
    """Return whether stores list the product, and what they sold of its category."""
    found = sql(
        "(SELECT x.dealer_id, x.store_id, x.visit_id, x.day, x.person_id, x.seq, "
        "CASE WHEN l.is_listed THEN 1 ELSE 0 END AS is_listed FROM visit_fact x "
        "JOIN product_line l ON l.visit_id = x.visit_id AND l.sku_id = {sku} "
        "AND l.is_listed IS NOT NULL WHERE {days})",
        sku=asked.sku_id or 0,
        days=within("x.day", asked.window),
    )
    until = asked.window.to_on.replace(day=1)
    weighed = Span(months_later(until, -WEIGHED_MONTHS), until)
    return sql(
        "SELECT a.k, a.store_id, a.visit_id, a.day, a.person_id, a.is_listed, w.weight "
        "FROM ({listed}) a LEFT JOIN ("
        "SELECT o.store_id, SUM(o.units) AS weight FROM sell_out o JOIN sku k ON k.id = o.sku_id "
        "WHERE k.category = (SELECT category FROM sku WHERE id = {sku}) "
        "AND {months} GROUP BY o.store_id) w ON w.store_id = a.store_id",
        listed=asked.latest(found, "1 = 1", "is_listed, visit_id, day, person_id", "f.seq DESC"),
        sku=asked.sku_id or 0,
        months=within("o.sold_on", weighed),
    )


TRADE_SOURCES: Mapping[str, Source] = {
    "sales": _sales,
    "cover": _cover,
    "slow": _slow,
    "orders": _orders,
    "per_store": _per_store,
    "distribution": _distribution,
}
