"""Which SKUs a store must list: the union of the assortment rules that fit it."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

SCOPE_KINDS = ("all", "tier", "grade", "chain", "division", "store")
"""From the broadest to the most specific."""
SELECT_KINDS = ("sku", "role", "tag")
Id = TypeVar("Id", bound=Hashable)

_RANK = {kind: rank for rank, kind in enumerate(SCOPE_KINDS)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One assortment rule in force.

    Kinds are of `SCOPE_KINDS` and `SELECT_KINDS`. Values are text; an id stands there as `str`
    writes it. A division is a GB/T 2260 code and covers what lies below it, with or without its
    trailing zeros.
    """

    scope_kind: str
    scope_value: str
    select_kind: str
    select_value: str
    must_list: bool = True
    min_facings: int = 1
    priority: int = 0


@dataclass(frozen=True, slots=True)
class StoreTraits:
    """What a rule's scope may ask about a store; a trait that is None fits no rule."""

    id: Hashable
    tier: str | None
    grade: str | None
    chain: str | None
    division_code: str | None


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


def _strength(rule: Rule) -> tuple[int, int, int, bool, int]:
    depth = len(_significant(rule.scope_value)) if rule.scope_kind == "division" else 0
    return _RANK[rule.scope_kind], depth, rule.priority, rule.must_list, rule.min_facings


def _fits(rule: Rule, store: StoreTraits) -> bool:
    kind, value = rule.scope_kind, rule.scope_value
    if kind == "all":
        return True
    if kind == "store":
        return str(store.id) == value
    if kind == "division":
        code = store.division_code
        return bool(value) and code is not None and code.startswith(_significant(value))
    trait: str | None = getattr(store, kind)
    return trait is not None and trait == value


def _significant(code: str) -> str:
    """Drop the levels of a division code that are all zeros: 440300 is all of 4403.

    Levels end at 2, 4, 6, 9 and 12 digits; a zero inside a level is part of its number.
    """
    for length, above in ((12, 9), (9, 6), (6, 4), (4, 2)):
        if len(code) == length and not code[above:].strip("0"):
            code = code[:above]
    return code
