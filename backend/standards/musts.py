"""Which SKUs a store must list: the union of the assortment rules that fit it."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.standards import scopes
from backend.standards.codes import ListingStandard
from backend.standards.scopes import StoreTraits

SELECT_KINDS = ("sku", "role", "tag", "price_band", "standard")
LOCAL, FIGHTER = "local:", "fighter:"
"""Tags that make a product a must only where its division, or its competitor, is."""
Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rule:
    """One assortment rule in force.

    Kinds are of `SCOPE_KINDS` and `SELECT_KINDS`. Values are text; an id stands there as `str`
    writes it. The least sales index and sections leave out stores below, or without any.
    """

    scope_kind: str
    scope_value: str
    select_kind: str
    select_value: str
    must_list: bool = True
    min_facings: int = 1
    priority: int = 0
    id: int | None = None
    season_plan_id: int | None = None
    min_sales_index: int | None = None
    min_sections: int | None = None
    stock_cover_days: int | None = None

    @property
    def asks_for_counter(self) -> bool:
        """Whether it depends on what was seen at the store's counter."""
        return (
            self.min_sections is not None
            or (self.select_kind == "tag" and self.select_value.startswith(FIGHTER))
            or (self.select_kind, self.select_value) == ("standard", ListingStandard.FIGHTER_MODELS)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What rules may ask about a place besides its scope; None reaches no least.

    `sales_index` is the region's, `sections` and `competitors` are what was last seen at the
    counter, `fit_bands` the price bands that suit the spending there.
    """

    sales_index: int | None = None
    sections: int | None = None
    competitors: frozenset[str] = frozenset()
    fit_bands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sku(Generic[Id]):
    """What a rule may select a SKU by."""

    id: Id
    role: str
    tags: frozenset[str] = frozenset()
    price_band: str | None = None


@dataclass(frozen=True, slots=True)
class Must:
    """What is asked of a SKU that must be listed, and the rule that made it so."""

    rule: Rule

    @property
    def min_facings(self) -> int:
        """The fewest pieces that must stand on the counter."""
        return self.rule.min_facings


NOWHERE = Place()


def resolve(
    rules: Iterable[Rule], store: StoreTraits, skus: Iterable[Sku[Id]], place: Place = NOWHERE
) -> dict[Id, Must]:
    """Return what the store must list.

    Where rules disagree on a SKU the most specific scope decides (all, tier, grade, chain,
    division from the largest to the smallest, store), then the higher priority, then the rule that
    lists, then the one that asks for more facings. A rule with `must_list` False excludes.
    """
    fitting = [(_strength(rule), rule) for rule in rules if _fits(rule, store, place)]
    if not fitting:
        return {}
    fitting.sort(key=lambda pair: pair[0])
    selected: dict[tuple[str, str], list[Id]] = {}
    for sku in skus:
        for choice in _choices(sku, store, place):
            selected.setdefault(choice, []).append(sku.id)
    deciding: dict[Id, Rule] = {}
    for _, rule in fitting:
        for sku_id in selected.get((rule.select_kind, rule.select_value), ()):
            deciding[sku_id] = rule
    return {sku_id: Must(rule) for sku_id, rule in deciding.items() if rule.must_list}


def tag_division(tag: str) -> str | None:
    """Return the division that a tag makes a product local to, if it does."""
    return tag.removeprefix(LOCAL) if tag.startswith(LOCAL) else None


def tag_competitor(tag: str) -> str | None:
    """Return the competitor that a tag sends a product against, if it does."""
    return tag.removeprefix(FIGHTER) if tag.startswith(FIGHTER) else None


def _choices(sku: Sku[Id], store: StoreTraits, place: Place) -> Iterator[tuple[str, str]]:
    """Yield each kind and value by which a rule for this store may select the product."""
    yield "sku", str(sku.id)
    yield "role", str(sku.role)
    if sku.price_band is not None:
        yield "price_band", sku.price_band
        if sku.price_band in place.fit_bands:
            yield "standard", ListingStandard.LOCAL_FIT_MODELS
    for tag in sku.tags:
        division, competitor = tag_division(tag), tag_competitor(tag)
        if division is not None:
            if not scopes.fits("division", division, store):
                continue
            yield "standard", ListingStandard.LOCAL_MODELS
        elif competitor is not None:
            if competitor not in place.competitors:
                continue
            yield "standard", ListingStandard.FIGHTER_MODELS
        yield "tag", tag


def _strength(rule: Rule) -> tuple[tuple[int, int], int, bool, int]:
    scope = scopes.specificity(rule.scope_kind, rule.scope_value)
    return scope, rule.priority, rule.must_list, rule.min_facings


def _fits(rule: Rule, store: StoreTraits, place: Place) -> bool:
    return (
        scopes.fits(rule.scope_kind, rule.scope_value, store)
        and _reaches(place.sales_index, rule.min_sales_index)
        and _reaches(place.sections, rule.min_sections)
    )


def _reaches(value: int | None, least: int | None) -> bool:
    return least is None or (value is not None and value >= least)
