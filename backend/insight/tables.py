"""Tables of figures: a page of the members of a grain, by code, with what each came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from peewee import fn

from backend.insight import details, frozen
from backend.insight.catalogue import BY_CODE, OF_A_PRODUCT, SUMMARISED
from backend.insight.figures import Member, figures
from backend.insight.frozen import Frozen
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import NUMBERED, Grain, Population
from backend.insight.targets import Book
from backend.insight.windows import Window
from backend.network import divisions
from backend.network.models import Dealer, Person, Store
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.errors import RuleError
from backend.standards.models import Sku


class UnknownKpiError(RuleError):
    """A code that no KPI has."""

    code = "unknown-kpi"
    title = "No such KPI"
    title_zh = "指标不存在"
    detail = "{kpi} is not the code of a KPI."
    detail_zh = "不存在代码为 {kpi} 的指标。"


class NoProductError(RuleError):
    """A KPI of a product, without a product or with one that is not there."""

    code = "kpi-needs-product"
    title = "The KPI needs a product"
    title_zh = "该指标需要指定产品"
    detail = "{kpi} is about one product: give its sku_id."
    detail_zh = "指标 {kpi} 需要用 sku_id 指定产品。"


@dataclass(frozen=True, slots=True)
class Named:
    """A member of a grain: its key, an id or a code, and how people call it."""

    member: Any
    code: str
    name: str

    @property
    def id(self) -> int | None:
        """Its id; None where members are codes."""
        return self.member if isinstance(self.member, int) else None


@dataclass(frozen=True, slots=True)
class Row(Named):
    """One member and its figures by code of the KPI; `version` is that of frozen figures.

    `compared` are those of earlier windows beside them, see series.py.
    """

    n_stores: int
    kpis: dict[str, Figure]
    version: int | None
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A page of members; `total` is how many there are in all."""

    window: Window
    as_of: datetime
    is_provisional: bool
    total: int
    members: list[Row]


def chosen(codes: Sequence[str] | None, *, sku_id: int | None = None) -> list[Kpi]:
    """Return the KPIs of some codes, or all that need no product unless one is given.

    Raises UnknownKpiError, NoProductError.
    """
    if not codes:
        codes = [kpi.code for kpi in SUMMARISED] + [*OF_A_PRODUCT] * (sku_id is not None)
    for code in codes:
        if code not in BY_CODE:
            raise UnknownKpiError(kpi=code)
    of_product = [code for code in codes if code in OF_A_PRODUCT]
    if of_product and not Sku.select().where(Sku.id == sku_id).exists():
        raise NoProductError(kpi=of_product[0])
    return [BY_CODE[code] for code in dict.fromkeys(codes)]


def table(
    population: Population,
    *,
    window: Window,
    at: datetime,
    kpis: Sequence[Kpi],
    sku_id: int | None = None,
    fresh: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> Table:
    """Return a page of a population's members, by code; those without any facts have nulls.

    Unless they are to be `fresh`, dealers' figures of closed months and quarters are the frozen
    ones.
    """
    today = clock.business_date(at)
    kept: dict[int, Frozen] = {}
    found: dict[Any, Member] = {}
    if population.grain in NUMBERED:
        total, names = listed(population, limit, offset, today)
        population = replace(population, members=[key for key, _, _ in names])
        if not fresh and frozen.answers(population, kpis):
            kept = frozen.read(population.members or (), window)
        left = replace(population, members=[key for key, _, _ in names if key not in kept])
        if left.members:
            found = figures(left, window=window, at=at, kpis=kpis, sku_id=sku_id)
        for key, one in kept.items():
            one.member.figures = {kpi.code: one.member.figures[kpi.code] for kpi in kpis}
            found[key] = one.member
    else:
        found = figures(population, window=window, at=at, kpis=kpis, sku_id=sku_id)
        total, names = coded(population.grain, found, limit, offset)
    for key, _, _ in names:
        found.setdefault(key, nobody(kpis, at))
    if len(names) == 1 and names[0][0] not in kept and population.grain in NUMBERED:
        details.add(population, window, {names[0][0]: found[names[0][0]].figures})
    Book.of(kpis).attain(population, window, found)
    rows = [
        Row(
            key,
            code,
            name,
            found[key].n_stores,
            found[key].figures,
            kept[key].version if key in kept else None,
        )
        for key, code, name in names
    ]
    return Table(window, at, window.is_provisional(today), total, rows)


def nobody(kpis: Sequence[Kpi], at: datetime) -> Member:
    """Return what is known of a member without any facts."""
    return Member({kpi.code: kpi.figure(None, None, 0, as_of=at) for kpi in kpis})


def coded(
    grain: Grain, keys: Iterable[Any], limit: int | None, offset: int
) -> tuple[int, list[tuple[Any, str, str]]]:
    """Return how many members named by codes there are, and (key, code, name) of a page of them."""
    everyone = sorted(key for key in keys if key is not None)
    page = everyone[offset : None if limit is None else offset + limit]
    return len(everyone), [(key, key, label(grain, key)) for key in page]


def has_member(population: Population, today: date) -> bool:
    """Return whether the table of a population has any member, even one without facts."""
    if population.grain in NUMBERED:
        return listed(population, 1, 0, today)[0] > 0
    if population.grain is Grain.ALL:
        return population.members is None or str(Grain.ALL) in population.members
    seen = [Store.visible_to(population.actor), *_store_filters(population)]
    if population.members is not None:
        keys = {
            Grain.PROVINCE: fn.SUBSTR(Store.division_code, 1, 2),
            Grain.CITY: fn.SUBSTR(Store.division_code, 1, 4),
            Grain.COUNTY: fn.SUBSTR(Store.division_code, 1, 6),
            Grain.TIER: Store.tier,
            Grain.GRADE: Store.grade,
            Grain.CHAIN: Store.chain,
        }
        seen.append(keys[population.grain].in_(list(population.members)))
    return Store.select(Store.id).where(*seen).exists()


def label(grain: Grain, key: str) -> str:
    """Return what people call a member that is named by a code."""
    if grain in {Grain.PROVINCE, Grain.CITY, Grain.COUNTY}:
        return divisions.name_of(key)
    return Grain.ALL.zh if grain is Grain.ALL else key


def listed(
    population: Population, limit: int | None, offset: int, today: date
) -> tuple[int, list[tuple[int, str, str]]]:
    """Return how many members with an id there are, and (id, code, name) of a page of them."""
    actor, grain = population.actor, population.grain
    model: Any = {Grain.DEALER: Dealer, Grain.STORE: Store}.get(grain, Person)
    code = Person.login if model is Person else model.code
    seen = [] if population.is_open else [model.visible_to(actor)]
    if model is Person:
        role = Role.REP if grain is Grain.REP else Role.SUPERVISOR
        seen.append(Person.role == str(role))
    elif model is Store:
        seen += _store_filters(population)
    else:
        seen.append(Dealer.closed_on.is_null() | (Dealer.closed_on > today))
    if population.region_id is not None:
        seen.append(model.region.in_(population.regions()))
    if population.members is not None:
        seen.append(model.id.in_(list(population.members)))
    query = model.select(model.id, code, model.name).where(*seen)
    page = query.order_by(code, model.id).limit(limit).offset(offset)
    return query.count(), list(page.tuples())


def _store_filters(population: Population) -> list[Any]:
    exact = (
        (Store.tier, population.tier),
        (Store.grade, population.grade),
        (Store.chain, population.chain),
    )
    found = [column == value for column, value in exact if value is not None]
    if population.division is not None:
        found.append(Store.division_code.startswith(population.division))
    return found
