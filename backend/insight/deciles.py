"""Deciles: how much of the money comes from how few customers, read in both directions.

Customers are sorted by value, the largest first; of equal ones the longer relationship comes
first, then the smaller code, so that a table can be repeated. Values are in fen and may be 0;
negative ones come last and keep their sign.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

GROUPS = 10
TOO_SMALL = "population_too_small"
NOTHING_SOLD = "nothing_sold"


@dataclass(frozen=True, slots=True)
class Member:
    """A customer: what it is worth in the window, and since when it is one."""

    code: str
    value: int
    since: date


@dataclass(frozen=True, slots=True)
class Group:
    """One of the ten parts; the shares are of the whole value, or of the members."""

    number: int
    members: tuple[str, ...]
    value: int
    share: float | None
    cumulative_share: float | None

    @property
    def count(self) -> int:
        """How many members it has."""
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Table:
    """Ten groups, or none and the reason why."""

    groups: tuple[Group, ...]
    total: int
    reason: str | None = None


def ranked(members: Iterable[Member]) -> list[Member]:
    """Return members by value, the largest first."""
    return sorted(members, key=lambda member: (-member.value, member.since, member.code))


def money(members: Iterable[Member]) -> Table:
    """Cut the ranked members into ten parts of equal count.

    Member i of n, counted from 0, is in group floor(10 i / n) + 1. The shares of a group are of
    the total value, None when that is not above 0. Fewer than ten members make no table.
    """
    order = ranked(members)
    if len(order) < GROUPS:
        return Table((), sum(member.value for member in order), TOO_SMALL)
    parts: list[list[Member]] = [[] for _ in range(GROUPS)]
    for place, member in enumerate(order):
        parts[GROUPS * place // len(order)].append(member)
    return _table(parts, sum(member.value for member in order))


def purchase(members: Iterable[Member]) -> Table:
    """Cut the total value into ten equal parts and say who carries each.

    With C the value of all members before it and T the total, a member is in band
    min(10, floor(10 C / T) + 1). The shares of a band are of the number of members. A total that
    is not above 0 makes no table.
    """
    order = ranked(members)
    total = sum(member.value for member in order)
    if total <= 0:
        return Table((), total, NOTHING_SOLD)
    parts: list[list[Member]] = [[] for _ in range(GROUPS)]
    before = 0
    for member in order:
        parts[min(GROUPS - 1, GROUPS * before // total)].append(member)
        before += member.value
    return _table(parts, total, by_count=len(order))


def _table(parts: Sequence[Sequence[Member]], total: int, by_count: int | None = None) -> Table:
    groups, so_far, whole = [], 0, by_count or total
    for number, part in enumerate(parts, start=1):
        value = sum(member.value for member in part)
        size = len(part) if by_count else value
        so_far += size
        groups.append(
            Group(
                number=number,
                members=tuple(member.code for member in part),
                value=value,
                share=size / whole if whole > 0 else None,
                cumulative_share=so_far / whole if whole > 0 else None,
            )
        )
    return Table(tuple(groups), total)
