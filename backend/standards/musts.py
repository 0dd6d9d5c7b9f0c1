"""Which SKUs a store must list: the union of the assortment rules that fit it."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.standards import scopes

SELECT_KINDS = ("sku", "role", "tag")
Id = TypeVar("Id", bound=Hashable)
StoreTraits = scopes.StoreTraits


@dataclass(frozen=True, slots=True)
class Rule:
    """One assortment rule in force.

    Kinds are of `SCOPE_KINDS` and `SELECT_KINDS`. Values are text; an id stands there as `str`
    writes it.
    """

    scope_kind: str
    scope_value: str
    select_kind: str
    select_value: str
    must_list: bool = True
    min_facings: int = 1
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Sku(Generic[Id]):
    """What a rule may select a SKU by."""

    id: Id
    role: str
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Must:
    """What is asked of a SKU that must be listed."""

    min_facings: int


def resolve(rules: Iterable[Rule], store: StoreTraits, skus: Iterable[Sku[Id]]) -> dict[Id, Must]:
    """Return what the store must list.

    Where rules disagree on a SKU the most specific scope decides (all, tier, grade, chain,
    division from the largest to the smallest, store), then the higher priority, then the rule that
    lists, then the one that asks for more facings. A rule with `must_list` False excludes.
    """
    fitting = [(_strength(rule), rule) for rule in rules if _fits(rule, store)]
    if not fitting:
        return {}
    fitting.sort(key=lambda pair: pair[0])
    selected: dict[tuple[str, str], list[Id]] = {}
    for sku in skus:
        selected.setdefault(("sku", str(sku.id)), []).append(sku.id)
        selected.setdefault(("role", str(sku.role)), []).append(sku.id)
        for tag in sku.tags:
            selected.setdefault(("tag", tag), []).append(sku.id)
    deciding: dict[Id, Rule] = {}
    for _, rule in fitting:
        for sku_id in selected.get((rule.select_kind, rule.select_value), ()):
            deciding[sku_id] = rule
    return {sku_id: Must(rule.min_facings) for sku_id, rule in deciding.items() if rule.must_list}


def _strength(rule: Rule) -> tuple[tuple[int, int], int, bool, int]:
    scope = scopes.specificity(rule.scope_kind, rule.scope_value)
    return scope, rule.priority, rule.must_list, rule.min_facings


def _fits(rule: Rule, store: StoreTraits) -> bool:
    return scopes.fits(rule.scope_kind, rule.scope_value, store)
