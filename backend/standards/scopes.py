"""Scopes: which stores a standard is for, and which of two scopes is the more specific."""

from collections.abc import Hashable
from typing import NamedTuple

from backend.network import divisions, stores
from backend.network.divisions import Tier
from backend.platform.actors import Actor
from backend.platform.errors import RuleError

SCOPE_KINDS = ("all", "tier", "grade", "chain", "division", "store")
"""From the broadest to the most specific."""

_RANK = {kind: rank for rank, kind in enumerate(SCOPE_KINDS)}


class BadScopeError(RuleError):
    """The value says nothing about stores or products in this kind."""

    code = "bad-scope"
    title = "The value does not fit its kind"
    title_zh = "取值与类型不符"
    detail = "{value!r} is not a value of the kind {kind}."
    detail_zh = "{value!r} 不是类型 {kind} 的有效取值。"


class StoreTraits(NamedTuple):
    """What a scope may ask about a store; a trait that is None fits no scope but `all`."""

    id: Hashable
    tier: str | None
    grade: str | None
    chain: str | None
    division_code: str | None
    region_id: int | None = None


def fits(kind: str, value: str, store: StoreTraits) -> bool:
    """Return whether a store is in a scope.

    Values are text; an id stands there as `str` writes it. A division is a GB/T 2260 code and
    covers what lies below it, with or without its trailing zeros.
    """
    if kind == "all":
        return True
    if kind == "store":
        return str(store.id) == value
    if kind == "division":
        code = store.division_code
        return bool(value) and code is not None and code.startswith(_significant(value))
    trait: str | None = getattr(store, kind)
    return trait is not None and trait == value


def specificity(kind: str, value: str) -> tuple[int, int]:
    """Return what sorts scopes from the broadest to the most specific, divisions by their size."""
    return _RANK[kind], len(_significant(value)) if kind == "division" else 0


def checked(actor: Actor, kind: str, value: str) -> str:
    """Return the value of a scope as it is compared with stores.

    Raises BadScopeError, UnknownDivisionError, or NotFoundError for a store.
    """
    if kind == "division":
        return divisions.canonical(value)
    right = {
        "all": value == "",
        "tier": value in set(Tier),
        "grade": value in stores.GRADES,
        "chain": value != "",
        "store": is_id(value),
    }
    if not right[kind]:
        raise BadScopeError(kind=kind, value=value)
    if kind == "store":
        stores.get(actor, int(value))
    return value


def is_id(value: str) -> bool:
    """Tell whether a scope of an id compares equal: 12, but not 012."""
    return value.isascii() and value.isdigit() and value[0] != "0" and len(value) < 10


def _significant(code: str) -> str:
    """Drop the levels of a division code that are all zeros: 440300 is all of 4403.

    Levels end at 2, 4, 6, 9 and 12 digits; a zero inside a level is part of its number.
    """
    for length, above in ((12, 9), (9, 6), (6, 4), (4, 2)):
        if len(code) == length and not code[above:].strip("0"):
            code = code[:above]
    return code
