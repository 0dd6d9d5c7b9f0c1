"""How customers behave towards products: what they did in a window against what they did before.

Every statement gives (customer, product, member) of one kind of behaviour, from the lines of one
feed that an actor may see. A customer is a store, or minus the id of the dealer whom we sold to
directly. Units are net of returns. Whole numbers are compared, so that no rounding decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from backend.insight.cube_words import (
    Apart,
    BehaviourBy,
    Leaning,
    Mix,
    PriceDirection,
    Reason,
    Regularity,
    Timing,
    Volume,
)
from backend.insight.dialect import day_number, days_after, greatest, numbered
from backend.insight.enrolments import while_running
from backend.insight.statements import Sql, a_day, sql
from backend.insight.windows import Window
from backend.platform.settings import settings

HALF_YEAR = timedelta(days=182)
SHORTEST_HISTORY_DAYS = 28
MORE, LESS = (3, 2), (67, 100)
"""At least 1.5 times, and at most 0.67 times, the mean of the half-year before."""
MAIN, PART = (3, 10), (1, 10)
"""Shares of the category from which a product is a main one, or a part."""
EARLY_DAYS = 14
PROMO = (3, 5)
LOW_PRICE = (1, 2)
REGULAR_ORDERS = 4
REGULAR_SQUARE = (1, 4)
"""The square of the largest coefficient of variation of regular gaps, 0.5."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a feed that behaviour is read from.

    `source` is the feed's table as `l`, `has_direct` whether some lines name no store,
    `conditions` what else holds for its columns (each begins with AND), and `begun_on` the first
    day of the whole feed.
    `products` is a table of the products with `sku_id` and `is_low`, cheap goods being 1.
    """

    source: str
    has_direct: bool
    conditions: Sql
    window: Window
    begun_on: date
    products: str

    def grouped(
        self, columns: str, *, from_on: date | None, having: str = "", per: str = ""
    ) -> Sql:
        """Return sums per customer and product of the lines from a day to the window's end.

        `columns` see the line as `l`; `per` are further columns to group by. Stores and dealers
        are asked for apart, so that an index gives the stores' lines in order.
        """
        kinds = [("l.store_id", "l.store_id IS NOT NULL")]
        if self.has_direct:
            kinds.append(("-l.dealer_id", "l.store_id IS NULL"))
        since = sql("AND l.sold_on >= {day}", day=a_day(from_on)) if from_on else Sql("")
        parts = [
            sql(
                "SELECT {customer} AS customer, l.sku_id AS sku_id, {columns} FROM {source}"
                " WHERE {kind} {since} AND l.sold_on < {until} {conditions}"
                " GROUP BY {column}, l.sku_id {per} {having}",
                customer=customer,
                columns=columns,
                source=self.source,
                kind=kind,
                since=since,
                until=a_day(self.window.to_on),
                conditions=self.conditions,
                column=customer.removeprefix("-"),
                per=per,
                having=having,
            )
            for customer, kind in kinds
        ]
        return parts[0] if len(parts) == 1 else sql("{a} UNION ALL {b}", a=parts[0], b=parts[1])

    @property
    def days(self) -> int:
        """How long the window is."""
        return self.window.length.days

    @property
    def half_year_from(self) -> date:
        """The first day of the half-year before the window."""
        return self.window.from_on - HALF_YEAR


def members(by: BehaviourBy, lines: Lines) -> Sql:
    """Return the statement of (customer, product, member) of one kind of behaviour."""
    return _STATEMENTS[by](lines)


def is_unknowable(by: BehaviourBy, begun_on: date | None, window: Window) -> Reason | None:
    """Return why nobody's behaviour can be told, if that is so."""
    if begun_on is None or begun_on >= window.to_on:
        return Reason.NO_FEED
    history = (window.from_on - begun_on).days
    if by is BehaviourBy.VOLUME and history < SHORTEST_HISTORY_DAYS:
        return Reason.HISTORY_TOO_SHORT
    return None


def _volume(lines: Lines) -> Sql:
    """Compare the window with the customer's own mean of the half-year before, scaled to it.

    The mean is over the days since the product was launched, the customer opened and the feed
    began, where that is less than the half-year; under 28 such days nothing is said.
    """
    since = max(lines.half_year_from, lines.begun_on)
    first = day_number(lines.window.from_on)
    columns = sql(
        "SUM(CASE WHEN l.sold_on >= {day} THEN l.units ELSE 0 END) AS units,"
        " SUM(CASE WHEN l.sold_on < {day} THEN l.units ELSE 0 END) AS earlier",
        day=f"'{lines.window.from_on.isoformat()}'",
    ).text
    known = greatest(
        str(day_number(since)),
        numbered("k.launched_on"),
        numbered("COALESCE(st.opened_on, dl.opened_on)"),
    )
    days = lines.days
    return sql(
        "SELECT customer, sku_id, CASE"
        " WHEN known_days < {shortest} THEN '{none}'"
        " WHEN earlier <= 0 THEN CASE WHEN units > 0 THEN '{more}' WHEN units < 0 THEN '{less}'"
        " ELSE '{none}' END"
        " WHEN units * known_days * {more_den} >= earlier * {days} * {more_num} THEN '{more}'"
        " WHEN units * known_days * {less_den} <= earlier * {days} * {less_num} THEN '{less}'"
        " ELSE '{same}' END AS member FROM ("
        "SELECT q.customer, q.sku_id, q.units, q.earlier, {first} - {known} AS known_days"
        " FROM ({sums}) q JOIN sku k ON k.id = q.sku_id"
        " LEFT JOIN store st ON st.id = q.customer LEFT JOIN dealer dl ON dl.id = -q.customer) h",
        shortest=SHORTEST_HISTORY_DAYS,
        more_num=MORE[0],
        more_den=MORE[1],
        less_num=LESS[0],
        less_den=LESS[1],
        days=days,
        first=first,
        known=known,
        sums=lines.grouped(columns, from_on=lines.half_year_from),
        none=Apart.NONE,
        more=Volume.MORE,
        less=Volume.LESS,
        same=Volume.SAME,
    )


def _mix(lines: Lines) -> Sql:
    """Tell the share of a product in what the customer took of its category in the window."""
    return sql(
        "SELECT customer, sku_id, CASE WHEN units <= 0 THEN '{none}'"
        " WHEN units * {main_den} >= whole * {main_num} THEN '{main}'"
        " WHEN units * {part_den} >= whole * {part_num} THEN '{part}'"
        " ELSE '{fringe}' END AS member FROM ("
        "SELECT q.customer, q.sku_id, q.units, SUM(CASE WHEN q.units > 0 THEN q.units ELSE 0 END)"
        " OVER (PARTITION BY q.customer, k.category) AS whole"
        " FROM ({sums}) q JOIN sku k ON k.id = q.sku_id) h",
        main_num=MAIN[0],
        main_den=MAIN[1],
        part_num=PART[0],
        part_den=PART[1],
        sums=_in_window(lines),
        none=Apart.NONE,
        main=Mix.MAIN,
        part=Mix.PART,
        fringe=Mix.FRINGE,
    )


def _timing(lines: Lines) -> Sql:
    """Compare the first line with the launch; whoever may have had it before the feed is none."""
    return sql(
        "SELECT q.customer, q.sku_id, CASE WHEN q.first_on <= {until} THEN '{early}'"
        " WHEN k.launched_on < {begun} THEN '{none}' ELSE '{late}' END AS member"
        " FROM ({firsts}) q JOIN sku k ON k.id = q.sku_id",
        until=days_after("k.launched_on", EARLY_DAYS),
        begun=a_day(lines.begun_on),
        firsts=lines.grouped(
            "MIN(CASE WHEN l.units > 0 THEN l.sold_on END) AS first_on",
            from_on=None,
            having="HAVING MAX(l.units) > 0",
        ),
        early=Timing.EARLY,
        late=Timing.LATE,
        none=Apart.NONE,
    )


def _price(lines: Lines) -> Sql:
    """Tell the share of the window's units on days of a promotion the customer takes part in.

    A dealer takes part with the stores that are its on the day.
    """
    enrolled = (
        "SELECT 1 FROM promotion_sku ps JOIN promotion p ON p.id = ps.promotion_id"
        " JOIN promotion_store e ON e.promotion_id = p.id{owner}"
        " WHERE ps.sku_id = d.sku_id AND {runs} AND {whose}"
    )
    runs = while_running("d.sold_on")
    of_dealer = (
        " JOIN store_dealer sd ON sd.store_id = e.store_id AND sd.from_on <= d.sold_on"
        " AND (sd.to_on IS NULL OR sd.to_on > d.sold_on)"
    )
    return sql(
        "SELECT customer, sku_id, CASE WHEN SUM(units) <= 0 THEN '{none}'"
        " WHEN SUM(inside) * {den} >= SUM(units) * {num} THEN '{promo}'"
        " ELSE '{full}' END AS member FROM ("
        "SELECT d.customer, d.sku_id, d.units,"
        " CASE WHEN (d.customer > 0 AND EXISTS ({store})) OR (d.customer < 0 AND EXISTS ({dealer}))"
        " THEN d.units ELSE 0 END AS inside FROM ({days}) d) h GROUP BY customer, sku_id",
        num=PROMO[0],
        den=PROMO[1],
        store=sql(enrolled, owner="", runs=runs, whose="e.store_id = d.customer"),
        dealer=sql(enrolled, owner=of_dealer, runs=runs, whose="sd.dealer_id = -d.customer"),
        days=lines.grouped(
            "l.sold_on AS sold_on, SUM(l.units) AS units",
            from_on=lines.window.from_on,
            per=", l.sold_on",
        ),
        none=Apart.NONE,
        promo=PriceDirection.PROMO_BUYER,
        full=PriceDirection.FULL_PRICE,
    )


def _leaning(lines: Lines) -> Sql:
    """Tell whether half of what the customer took of a category in the window is cheap goods."""
    return sql(
        "SELECT customer, sku_id, CASE WHEN whole <= 0 THEN '{none}'"
        " WHEN low * {den} >= whole * {num} THEN '{low}' ELSE '{brand}' END AS member FROM ("
        "SELECT q.customer, q.sku_id, SUM(q.units) OVER category AS whole,"
        " SUM(q.units * c.is_low) OVER category AS low"
        " FROM ({sums}) q JOIN sku k ON k.id = q.sku_id JOIN {products} c ON c.sku_id = q.sku_id"
        " WINDOW category AS (PARTITION BY q.customer, k.category)) h",
        num=LOW_PRICE[0],
        den=LOW_PRICE[1],
        sums=_in_window(lines),
        products=lines.products,
        none=Apart.NONE,
        low=Leaning.LOW_PRICE,
        brand=Leaning.BRAND,
    )


def _regularity(lines: Lines) -> Sql:
    """Compare the gaps between days with a line, of the half-year before and the window.

    Lapsed is whose last such day is too long ago; regular whose gaps, of four or more days, have
    a coefficient of variation (of the population) of at most 0.5.
    """
    left_on = lines.window.to_on - timedelta(days=settings().lapsed_days)
    day = numbered("d.sold_on")
    return sql(
        "SELECT customer, sku_id, CASE WHEN last_day < {left} THEN '{lapsed}'"
        " WHEN orders >= {fewest} AND ((orders - 1) * squares - gaps * gaps) * {den}"
        " <= gaps * gaps * {num} THEN '{regular}'"
        " ELSE '{irregular}' END AS member FROM ("
        "SELECT customer, sku_id, COUNT(*) AS orders, MAX(day) AS last_day, SUM(gap) AS gaps,"
        " SUM(gap * gap) AS squares FROM ("
        "SELECT customer, sku_id, day,"
        " day - LAG(day) OVER (PARTITION BY customer, sku_id ORDER BY day) AS gap FROM ("
        "SELECT d.customer, d.sku_id, {day} AS day FROM ({days}) d) g) s"
        " GROUP BY customer, sku_id) h",
        left=day_number(left_on),
        fewest=REGULAR_ORDERS,
        num=REGULAR_SQUARE[0],
        den=REGULAR_SQUARE[1],
        day=day,
        days=lines.grouped(
            "l.sold_on AS sold_on",
            from_on=lines.half_year_from,
            per=", l.sold_on",
            having="HAVING MAX(l.units) > 0",
        ),
        lapsed=Regularity.LAPSED,
        regular=Regularity.REGULAR,
        irregular=Regularity.IRREGULAR,
    )


def _in_window(lines: Lines) -> Sql:
    return lines.grouped("SUM(l.units) AS units", from_on=lines.window.from_on)


_STATEMENTS: dict[BehaviourBy, Callable[[Lines], Sql]] = {
    BehaviourBy.VOLUME: _volume,
    BehaviourBy.MIX: _mix,
    BehaviourBy.TIMING: _timing,
    BehaviourBy.PRICE: _price,
    BehaviourBy.LEANING: _leaning,
    BehaviourBy.REGULARITY: _regularity,
}
