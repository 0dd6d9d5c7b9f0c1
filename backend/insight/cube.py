"""The cube: numbers by structure of customers, of products and of behaviour, by any of the three.

Answered from the rows themselves, of one moment. Each cell holds numerators and denominators;
what may be summed over which axes the measure says, and totals are asked for, never summed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import chunked

from backend.insight import behaviour, buyers, cube_axes, cube_cells, cube_facts
from backend.insight.cube_cells import Figure
from backend.insight.cube_facts import Bounds
from backend.insight.cube_words import (
    MEMBERS,
    USUAL,
    Apart,
    Axis,
    Basis,
    BehaviourBy,
    CustomerBy,
    Measure,
    ProductBy,
    Reason,
)
from backend.insight.statements import Sql, rows_of, sql
from backend.insight.windows import Window
from backend.network import divisions, regions
from backend.network.models import Dealer, Region
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import db, is_sqlite, snapshot
from backend.platform.errors import NotFoundError, RuleError
from backend.standards.codes import PriceType
from backend.standards.models import ReferencePrice, Sku

TEMPORARY = {
    "cube_product": "sku_id INTEGER PRIMARY KEY, member TEXT, is_low INTEGER",
    "cube_decile": "dealer_id INTEGER PRIMARY KEY, member TEXT",
    "cube_behaviour": "customer INTEGER, sku_id INTEGER, member TEXT,"
    " PRIMARY KEY (customer, sku_id)",
}
MOST_CELLS = 20_000


class NoAxisError(RuleError):
    """A cube needs at least one axis."""

    code = "cube-without-axis"
    title = "No axis asked for"
    title_zh = "未选择任何维度"
    detail = "Name a customer, a product or a behaviour axis, or several of them."
    detail_zh = "请至少选择顾客、商品、消费行为三个维度中的一个。"


class TooManyCellsError(RuleError):
    """So many cells are for a file, not for an answer."""

    code = "cube-too-large"
    title = "Too many cells"
    title_zh = "单元格过多"
    detail = "The cube has {cells} cells, {limit} are answered: narrow it, or take the CSV file."
    detail_zh = "结果共 {cells} 个单元格，最多返回 {limit} 个：请缩小范围，或下载 CSV 文件。"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked for: one member set per axis (None: not this axis), and which facts.

    `region_id` stands for its subtree; `basis` is the feed that behaviour is read from.
    """

    window: Window
    customer: str | None = None
    product: str | None = None
    behaviour: str | None = None
    measures: Sequence[str] = USUAL
    basis: str = Basis.SELL_OUT
    region_id: int | None = None
    dealer_id: int | None = None
    tier: str | None = None
    sku_id: int | None = None
    category: str | None = None

    @property
    def axes(self) -> dict[Axis, Any]:
        """The axes asked for, in their order, each with what it is told apart by."""
        kinds: tuple[tuple[Axis, Any, str | None], ...] = (
            (Axis.CUSTOMER, CustomerBy, self.customer),
            (Axis.PRODUCT, ProductBy, self.product),
            (Axis.BEHAVIOUR, BehaviourBy, self.behaviour),
        )
        return {axis: kind(asked) for axis, kind, asked in kinds if asked is not None}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an axis with its names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class AxisShown:
    """An axis as answered: its members in order, and why all are in one, if that is so."""

    axis: Axis
    by: Any
    members: list[Member]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one member per axis, by the codes of the measures."""

    members: dict[str, str]
    values: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Cube:
    """An answered cube; `unpriced` lines of the window had no amount."""

    window: Window
    as_of: datetime
    is_provisional: bool
    basis: Basis
    axes: list[AxisShown]
    measures: list[Measure]
    unpriced: int
    reason: Reason | None
    total: dict[str, Figure]
    cells: list[Cell]


def ask(actor: Actor, wanted: Wanted, *, at: datetime, most: int | None = None) -> Cube:
    """Answer a cube of what the actor may see.

    Raises NoAxisError, NotFoundError for a region, dealer or product out of sight, and
    TooManyCellsError beyond `most` cells.
    """
    if not wanted.axes:
        raise NoAxisError
    with snapshot():
        bounds = _bounds(actor, wanted)
        with _temporary_tables():
            reasons = _told_apart(actor, wanted, bounds)
            found = cube_cells.measured(wanted.axes, wanted.measures, bounds)
        cells = sorted(key for key in found.figures if key)
        if most is not None and len(cells) > most:
            raise TooManyCellsError(cells=len(cells), limit=most)
        axes = [
            AxisShown(axis, by, _members(by, {key[place] for key in cells}), reasons.get(axis))
            for place, (axis, by) in enumerate(wanted.axes.items())
        ]
    measures = [Measure(code) for code in wanted.measures]  # type: ignore[call-arg]
    orders = [{m.code: rank for rank, m in enumerate(axis.members)} for axis in axes]
    cells.sort(key=lambda key: [order[code] for order, code in zip(orders, key, strict=True)])
    return Cube(
        window=wanted.window,
        as_of=at,
        is_provisional=wanted.window.is_provisional(clock.business_date(at)),
        basis=Basis(wanted.basis),
        axes=axes,
        measures=measures,
        unpriced=found.unpriced,
        reason=None if cells else Reason.NOTHING_FOUND,
        total=cube_cells.values(found.figures.get((), {}), measures),
        cells=[
            Cell(
                {str(axis): code for axis, code in zip(wanted.axes, key, strict=True)},
                cube_cells.values(found.figures[key], measures),
            )
            for key in cells
        ],
    )


def _bounds(actor: Actor, wanted: Wanted) -> Bounds:
    """Return what bounds the facts. Raises NotFoundError."""
    if wanted.dealer_id is not None:
        mine = Dealer.select().where(Dealer.visible_to(actor), Dealer.id == wanted.dealer_id)
        if not mine.exists():
            raise NotFoundError(what="dealer")
    if wanted.sku_id is not None and not Sku.select().where(Sku.id == wanted.sku_id).exists():
        raise NotFoundError(what="product")
    below = None
    if wanted.region_id is not None:
        here = regions.below(regions.get(actor, wanted.region_id).id)
        below = [region.id for region in Region.select(Region.id).where(here)]
    seen = [region.id for region in Region.select(Region.id).where(Region.visible_to(actor))]
    return Bounds(
        window=wanted.window,
        seen=None if len(seen) == Region.select().count() else sorted(seen),
        regions=below,
        dealer_id=wanted.dealer_id,
        tier=wanted.tier,
        sku_id=wanted.sku_id,
        category=wanted.category,
    )


@contextmanager
def _temporary_tables() -> Iterator[None]:
    """Make the tables of this connection that members are looked up in; they end with the block."""
    for name, columns in TEMPORARY.items():
        ordered = " WITHOUT ROWID" if is_sqlite() else ""
        db.execute_sql(f"CREATE TEMPORARY TABLE {name} ({columns}){ordered}")
    yield  # what fails rolls back
    for name in TEMPORARY:
        db.execute_sql(f"DROP TABLE {name}")


def _told_apart(actor: Actor, wanted: Wanted, bounds: Bounds) -> dict[Axis, Reason]:
    """Fill the tables of members, and return the axes that tell nobody apart, with the reason."""
    reasons = {}
    _fill_products(wanted)
    if wanted.customer == CustomerBy.DECILE and (reason := _fill_deciles(actor, wanted)):
        reasons[Axis.CUSTOMER] = reason
    if wanted.behaviour is not None and (reason := _fill_behaviour(wanted, bounds)):
        reasons[Axis.BEHAVIOUR] = reason
    return reasons


def _fill_products(wanted: Wanted) -> None:
    last_on = wanted.window.last_on
    prices = _national_prices(last_on)
    by = wanted.axes.get(Axis.PRODUCT, ProductBy.CATEGORY)
    rows = []
    for sku in Sku.select().order_by(Sku.id):
        price = prices.get(sku.id)
        is_low = cube_axes.is_low_price(sku.role, sku.tags, sku.price_band, price)
        rows.append((sku.id, cube_axes.product_member(by, sku, last_on, price), int(is_low)))
    _insert("cube_product", rows)


def _national_prices(day: date) -> dict[int, int]:
    """Return the recommended retail price of each product in the nation on a day, in fen."""
    rows: Any = (
        ReferencePrice.select(ReferencePrice.sku, ReferencePrice.amount_fen)
        .where(
            ReferencePrice.on(day),
            ReferencePrice.area == "",
            ReferencePrice.price_type == PriceType.RECOMMENDED_RETAIL_PRICE,
        )
        .order_by(ReferencePrice.valid_from, ReferencePrice.id)
        .tuples()
    )
    return dict(iter(rows))


def _fill_deciles(actor: Actor, wanted: Wanted) -> Reason | None:
    found = buyers.decile_table(actor, wanted.window, by_purchase=False)
    if found.table.reason:
        return Reason.POPULATION_TOO_SMALL
    group_of = {code: group.number for group in found.table.groups for code in group.members}
    named: Any = Dealer.select(Dealer.id, Dealer.code).tuples()
    parts = {dealer_id: group_of[code] for dealer_id, code in named if code in group_of}
    _insert("cube_decile", cube_axes.decile_members(parts))
    return None


def _fill_behaviour(wanted: Wanted, bounds: Bounds) -> Reason | None:
    by, basis = wanted.axes[Axis.BEHAVIOUR], Basis(wanted.basis)
    rows = rows_of(Sql(f"SELECT MIN(sold_on) FROM {cube_facts.TABLES[basis]}"))
    begun_on = rows[0][0]
    if isinstance(begun_on, str):
        begun_on = date.fromisoformat(begun_on)
    if reason := behaviour.is_unknowable(by, begun_on, wanted.window):
        return reason
    lines = cube_facts.lines(basis, bounds, begun_on=begun_on, categories=_categories(wanted))
    statement = sql(
        "INSERT INTO cube_behaviour (customer, sku_id, member) {members}",
        members=behaviour.members(by, lines),
    )
    db.execute_sql(statement.text, statement.values)
    if not is_sqlite():
        db.execute_sql("ANALYZE cube_behaviour")
    return None


def _categories(wanted: Wanted) -> list[str]:
    """Return the categories that hold all products asked for, none if everything is."""
    if wanted.sku_id is not None:
        return [Sku.get_by_id(wanted.sku_id).category]
    return [] if wanted.category is None else [wanted.category]


def _insert(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for chunk in chunked(rows, 1_000):
        marks = ", ".join([f"({', '.join([db.param] * len(chunk[0]))})"] * len(chunk))
        values = [value for row in chunk for value in row]
        db.execute_sql(f"INSERT INTO {table} VALUES {marks}", values)


def _members(by: Any, codes: set[str]) -> list[Member]:
    """Return the members of an axis that have cells, with their names, in order."""
    apart = [str(one) for one in Apart]
    own = sorted(codes - set(apart))
    if kinds := MEMBERS.get(by):
        listed = [str(kind) for kind in kinds]
        own.sort(key=lambda code: (listed.index(code) if code in listed else len(listed), code))
        names = {str(kind): (kind.zh, kind.en) for kind in kinds}
    elif by is ProductBy.BAND:
        own.sort(key=cube_axes.band_place)
        names = {}
    elif by is CustomerBy.DEALER:
        named: Any = Dealer.select(Dealer.code, Dealer.name).where(Dealer.code.in_(own))
        names = {dealer.code: (dealer.name, dealer.name) for dealer in named}
    elif by in {CustomerBy.PROVINCE, CustomerBy.CITY, CustomerBy.COUNTY}:
        names = {code: (divisions.name_of(code),) * 2 for code in own}
    else:
        names = {}
    names |= {str(one): (one.zh, one.en) for one in Apart}
    order = own + [code for code in apart if code in codes]
    return [Member(code, *names.get(code, (code, code))) for code in order]
