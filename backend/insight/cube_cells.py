"""Measuring cells: every asked number of every cell, and of the whole as the cell of no axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from backend.insight import cube_axes, cube_facts
from backend.insight.cube_axes import BEHAVIOUR, PRODUCT, Column
from backend.insight.cube_facts import Bounds
from backend.insight.cube_words import Axis, Basis, Measure, Reason
from backend.insight.statements import Sql, rows_of, sql

Key = tuple[str, ...]
FEEDS = {
    Basis.SELL_IN: (Measure.SELL_IN_UNITS, Measure.SELL_IN_AMOUNT),
    Basis.SELL_OUT: (Measure.SELL_OUT_UNITS, Measure.SELL_OUT_AMOUNT),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its parts; `value` is None for a `reason`, and `den` of what has no mean."""

    value: float | int | None
    num: float | int
    den: int | None = None
    reason: Reason | None = None


@dataclass(slots=True)
class Found:
    """Figures by cell, the total's key being empty; the empty key is no cell."""

    figures: defaultdict[Key, dict[str, Figure]] = field(default_factory=lambda: defaultdict(dict))
    unpriced: int = 0

    def put(self, key: Key, measure: Measure, figure: Figure) -> None:
        """Keep the figure of a measure in a cell."""
        self.figures[key][measure] = figure


def values(figures: dict[str, Figure], measures: list[Measure]) -> dict[str, Figure]:
    """Return the figure of every measure in a cell, also of those it has nothing of."""
    return {str(measure): figures.get(measure) or _absent(measure) for measure in measures}


def _absent(measure: Measure) -> Figure:
    """Return the figure of a cell in which there is nothing to measure."""
    match measure:
        case Measure.ORDER_DAYS | Measure.STORES:
            return Figure(0, 0)
        case Measure.STOCK:
            return Figure(None, 0, 0, Reason.NOT_COUNTED)
        case Measure.COMPLIANCE:
            return Figure(None, 0, 0, Reason.NOT_SCORED)
        case _:
            return Figure(None, 0, None, Reason.NO_LINES)


def measured(axes: dict[Axis, Any], measures: Collection[str], bounds: Bounds) -> Found:
    """Measure every cell, and the total as the only cell without an axis."""
    found, with_behaviour = Found(), Axis.BEHAVIOUR in axes
    for columns in (_columns(axes, bounds), {}):
        for basis, (units, amount) in FEEDS.items():
            if not {units, amount}.isdisjoint(measures):
                _add_sales(found, columns, basis, bounds)
        if Measure.ORDER_DAYS in measures:
            _add_order_days(found, columns, bounds)
        if Measure.STORES in measures:
            _add_stores(found, columns, bounds, with_behaviour=with_behaviour)
        if Measure.STOCK in measures:
            _add_stock(found, columns, bounds)
        if Measure.COMPLIANCE in measures:
            _add_scores(found, columns, bounds, with_behaviour=with_behaviour)
    return found


def _columns(axes: dict[Axis, Any], bounds: Bounds) -> dict[Axis, Column]:
    made = {Axis.PRODUCT: PRODUCT, Axis.BEHAVIOUR: BEHAVIOUR}
    if Axis.CUSTOMER in axes:
        by = axes[Axis.CUSTOMER]
        made[Axis.CUSTOMER] = cube_axes.customer_column(by, bounds.window.last_on, bounds.seen)
    return {axis: made[axis] for axis in axes}


def _add_sales(found: Found, columns: dict[Axis, Column], basis: Basis, bounds: Bounds) -> None:
    units, amount = FEEDS[basis]
    sums = "SUM(f.units), SUM(f.amount_fen), COUNT(*), COUNT(f.amount_fen)"
    sales = cube_facts.sales(basis, bounds)
    for *key, sold, worth, lines, priced in _grouped(sales, columns, sums):
        if not lines:
            continue
        found.put(tuple(key), units, Figure(int(sold), int(sold)))
        unpriced = Figure(None, 0, None, Reason.UNPRICED)
        found.put(tuple(key), amount, Figure(int(worth), int(worth)) if priced else unpriced)
        if not key:
            found.unpriced += lines - priced


def _add_order_days(found: Found, columns: dict[Axis, Column], bounds: Bounds) -> None:
    bought = sql("SELECT * FROM ({sales}) s WHERE units > 0", sales=_sell_in(bounds))
    for *key, days in _distinct(bought, columns, "f.customer, f.sold_on"):
        found.put(tuple(key), Measure.ORDER_DAYS, Figure(days, days))


def _add_stores(
    found: Found, columns: dict[Axis, Column], bounds: Bounds, *, with_behaviour: bool
) -> None:
    whom = cube_facts.known(bounds, with_behaviour=with_behaviour)
    of_store = sql("SELECT * FROM ({whom}) s WHERE store_id IS NOT NULL", whom=whom)
    for *key, stores in _distinct(of_store, columns, "f.store_id"):
        found.put(tuple(key), Measure.STORES, Figure(stores, stores))


def _add_stock(found: Found, columns: dict[Axis, Column], bounds: Bounds) -> None:
    for *key, stock, counted in _grouped(
        cube_facts.stock(bounds), columns, "SUM(f.stock), COUNT(*)"
    ):
        if counted:
            found.put(tuple(key), Measure.STOCK, Figure(int(stock), int(stock), counted))


def _add_scores(
    found: Found, columns: dict[Axis, Column], bounds: Bounds, *, with_behaviour: bool
) -> None:
    """Add the mean score of the stores of each cell; products have the stores that deal in them."""
    others = dict(columns)
    mine = [others.pop(Axis.CUSTOMER)] if Axis.CUSTOMER in others else []
    whose = ", ".join([f"{one.expression} AS c" for one in mine] + ["f.store_id"])
    scored = sql(
        "SELECT {whose}, f.num, f.den FROM ({scores}) f {joins}",
        whose=whose,
        scores=cube_facts.scores(bounds),
        joins=_joins(mine),
    )
    if others or bounds.has_product:
        names = "".join(f", {one.expression} AS o{n}" for n, one in enumerate(others.values()))
        scored = sql(
            "SELECT {mine} {theirs} s.num, s.den FROM ({scored}) s JOIN ("
            "SELECT DISTINCT f.store_id {names} FROM ({whom}) f {joins}) o"
            " ON o.store_id = s.store_id",
            mine="s.c," if mine else "",
            theirs="".join(f"o.o{n}, " for n in range(len(others))),
            scored=scored,
            names=names,
            whom=cube_facts.known(bounds, with_behaviour=with_behaviour),
            joins=_joins(others.values()),
        )
    else:
        scored = sql(
            "SELECT {mine} s.num, s.den FROM ({scored}) s",
            mine="s.c," if mine else "",
            scored=scored,
        )
    scores: defaultdict[Key, list[float]] = defaultdict(list)
    for *key, num, den in rows_of(scored):
        scores[tuple(key)].append(num / den)
    for cell, given in scores.items():
        whole = fsum(given)  # the same in whatever order
        found.put(cell, Measure.COMPLIANCE, Figure(whole / len(given), whole, len(given)))


def _sell_in(bounds: Bounds) -> Sql:
    return cube_facts.sales(Basis.SELL_IN, bounds)


def _grouped(source: Sql, columns: dict[Axis, Column], sums: str) -> list[tuple[Any, ...]]:
    """Return members and sums of a source of facts; its one row of sums without columns."""
    names = "".join(f"{column.expression}, " for column in columns.values())
    return rows_of(
        sql(
            "SELECT {names} {sums} FROM ({source}) f {joins} {grouping}",
            names=names,
            sums=sums,
            source=source,
            joins=_joins(columns.values()),
            grouping=_grouping(columns),
        )
    )


def _distinct(source: Sql, columns: dict[Axis, Column], what: str) -> list[tuple[Any, ...]]:
    """Return members and how many different things there are in a source of facts."""
    members = ", ".join(f"{c.expression} AS m{n}" for n, c in enumerate(columns.values()))
    names = "".join(f"m{n}, " for n in range(len(columns)))
    return rows_of(
        sql(
            "SELECT {names} COUNT(*) FROM (SELECT DISTINCT {members} {what} FROM ({source}) f"
            " {joins}) d {grouping}",
            names=names,
            members=f"{members}," if members else "",
            what=what,
            source=source,
            joins=_joins(columns.values()),
            grouping=_grouping(columns),
        )
    )


def _joins(columns: Iterable[Column]) -> Sql:
    joins = dict.fromkeys(join for column in columns for join in column.joins)
    return Sql(" ".join(join.text for join in joins))


def _grouping(columns: dict[Axis, Column]) -> str:
    places = ", ".join(str(n + 1) for n in range(len(columns)))
    return f"GROUP BY {places}" if places else ""
