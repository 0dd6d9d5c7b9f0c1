"""Key customers: who carries the business, in which class, and how that moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.insight.deciles import Member, ranked

TOP = 20


class AbcClass(StrEnum):
    """A few carry most, many carry little."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Borders:
    """Up to which share of the value, counted from the largest, A and B reach.

    A member that was in the better class before keeps it while it is less than `slack` beyond
    the border, so that nobody changes class from month to month by a hair.
    """

    a: float = 0.70
    b: float = 0.90
    slack: float = 0.02


DEFAULT_BORDERS = Borders()


@dataclass(frozen=True, slots=True)
class KeyCustomer:
    """A customer's place; `previous_rank` is None for one that was not ranked before."""

    code: str
    rank: int
    value: int
    share: float
    cumulative_share: float
    abc: AbcClass
    previous_rank: int | None


def ranking(
    members: Iterable[Member],
    *,
    previous: Iterable[Member] = (),
    previous_abc: Mapping[str, AbcClass] | None = None,
    borders: Borders = DEFAULT_BORDERS,
) -> list[KeyCustomer]:
    """Rank customers by value; those with nothing, or less, are not in the list.

    The member that crosses a border belongs to the better class.
    """
    order = [member for member in ranked(members) if member.value > 0]
    before = {m.code: rank for rank, m in enumerate(ranked(previous), start=1) if m.value > 0}
    total = sum(member.value for member in order)
    places, so_far = [], 0
    for rank, member in enumerate(order, start=1):
        reached = so_far / total
        so_far += member.value
        was = (previous_abc or {}).get(member.code)
        places.append(
            KeyCustomer(
                code=member.code,
                rank=rank,
                value=member.value,
                share=member.value / total,
                cumulative_share=so_far / total,
                abc=_class(reached, was, borders),
                previous_rank=before.get(member.code),
            )
        )
    return places


def _class(reached: float, was: AbcClass | None, borders: Borders) -> AbcClass:
    """Return the class of a member before which so much of the value was reached."""
    for better, limit in ((AbcClass.A, borders.a), (AbcClass.B, borders.b)):
        if reached < limit or (was == better and reached < limit + borders.slack):
            return better
    return AbcClass.C
