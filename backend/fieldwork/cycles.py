"""Spreading the visits of a cycle over its days: a pure function, the same for the same input.

The days a store may be visited on are cut into as many equal parts as it is due visits, and each
part gets one. So visits keep their distance, and what is past or planned already in a part is
neither doubled nor made up for elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import cos, hypot, radians

from backend.network.positions import Point
from backend.standards.journey_codes import NoFit

SLACK = Fraction(1, 5)
"""How much fuller than the emptiest a day may be for the sake of a shorter way."""
FAR_KM = 10.0
"""From here on a store is better begun on an empty day than added to a day elsewhere."""
KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class FieldDay:
    """A day of the working week: week of the cycle from 1, and what of a day's load is free.

    A holiday keeps its place in the rhythm but is not worked; `is_ahead` says that the day can
    still be planned.
    """

    day: date
    week: int
    room: Fraction
    is_ahead: bool
    is_worked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A store that is due visits: how many, what share of a day each takes, and when it may be.

    `taken` are days on which a visit is planned already or was made; on `blocked` ones there can
    be none. `from_on` and `to_on` (excluded) bound the days on which the store is open.
    """

    store_id: int
    visits: int
    cost: Fraction
    weekdays: frozenset[int]
    weeks: frozenset[int]
    from_on: date
    to_on: date
    taken: frozenset[date] = frozenset()
    blocked: frozenset[date] = frozenset()
    point: Point | None = None

    def allows(self, day: FieldDay) -> bool:
        """Tell whether the store's rules and opening allow a day."""
        return (
            day.day.isoweekday() in self.weekdays
            and day.week in self.weeks
            and self.from_on <= day.day < self.to_on
        )


_Wish = tuple[Call, list[FieldDay], list[FieldDay]]
"""A visit that is due: of whom, on which days best, and on which days at all."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Visits of a store that have no place in the cycle, and why."""

    store_id: int
    visits: int
    reason: NoFit


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who is to be visited when, by day and store, and what does not fit, by store."""

    visits: list[tuple[date, int]]
    unplaced: list[Unplaced]


def propose(calls: Sequence[Call], days: Sequence[FieldDay]) -> Proposal:
    """Return a plan for the days, which are in order.

    Stores due a single visit come first, so that no store goes without because others are due
    many; then those with the least choice.
    """
    unplaced: Counter[tuple[int, NoFit]] = Counter()
    wishes: list[_Wish] = []
    for call in calls:
        allowed = [day for day in days if call.allows(day)]
        worked = [day for day in allowed if day.is_worked]
        if len(worked) < call.visits:
            reason = NoFit.TOO_FEW_DAYS if worked else NoFit.NO_ALLOWED_DAY
            unplaced[call.store_id, reason] += call.visits - len(worked)
        if count := min(call.visits, len(worked)):
            wishes += [(call, part, worked) for part in _open_parts(call, allowed, count)]
    wishes.sort(key=_urgency)
    board = _Board(days)
    left = [wish for wish in wishes if not board.place(wish[0], wish[1])]
    for call, _, worked in left:
        if not board.place(call, [day for day in worked if day.is_ahead]):
            unplaced[call.store_id, NoFit.DAYS_FULL] += 1
    return Proposal(
        sorted(board.visits),
        [
            Unplaced(store_id, visits, reason)
            for (store_id, reason), visits in sorted(unplaced.items())
        ],
    )


def _urgency(wish: _Wish) -> tuple[bool, int, Fraction, date, int]:
    call, part, _ = wish
    first = part[0].day if part else date.max
    return call.visits > 1, len(part), -call.cost, first, call.store_id


def _open_parts(call: Call, allowed: list[FieldDay], count: int) -> Iterable[list[FieldDay]]:
    """Yield what can still be worked of each part that has no visit yet and is not past."""
    parts = [
        allowed[number * len(allowed) // count : (number + 1) * len(allowed) // count]
        for number in range(count)
    ]
    begins = [date.min, *(_begin(before[-1].day, part[0].day) for before, part in pairwise(parts))]
    for part, begin, end in zip(parts, begins, [*begins[1:], date.max], strict=True):
        ahead = [day for day in part if day.is_ahead]
        if ahead and not any(begin <= day < end for day in call.taken):
            yield [day for day in ahead if day.is_worked]


def _begin(before: date, first: date) -> date:
    """Return from when a visit belongs to a part: its week's Monday, or after the part before."""
    return max(before + timedelta(days=1), first - timedelta(days=first.weekday()))


class _Board:
    """The days as they fill up."""

    def __init__(self, days: Sequence[FieldDay]) -> None:
        self.visits: set[tuple[date, int]] = set()
        self._used: defaultdict[date, Fraction] = defaultdict(Fraction)
        self._points: defaultdict[date, list[Point]] = defaultdict(list)
        self._room = {day.day: day.room for day in days}

    def place(self, call: Call, days: Sequence[FieldDay]) -> bool:
        """Put one visit on the best of the days, if any has room for it."""
        free = [day.day for day in days if self._fits(call, day.day)]
        if not free:
            return False
        least = min(map(self._load, free))
        near = [day for day in free if self._load(day) <= least + SLACK]
        best = min(near, key=lambda day: (self._way(call, day), self._load(day), day))
        self.visits.add((best, call.store_id))
        self._used[best] += call.cost
        if call.point:
            self._points[best].append(call.point)
        return True

    def _fits(self, call: Call, day: date) -> bool:
        return (
            day not in call.taken | call.blocked
            and (day, call.store_id) not in self.visits
            and self._used[day] + call.cost <= self._room[day]
        )

    def _load(self, day: date) -> Fraction:
        """Return how much of a whole day is planned: what has no room counts as planned."""
        return 1 - self._room[day] + self._used[day]

    def _way(self, call: Call, day: date) -> float:
        """Return the kilometres to the nearest other store of the day, roughly."""
        here = call.point
        if here is None:
            return FAR_KM
        return min((_kilometres(here, there) for there in self._points[day]), default=FAR_KM)


def _kilometres(a: Point, b: Point) -> float:
    return KM_PER_DEGREE * hypot(a.lat - b.lat, (a.lon - b.lon) * cos(radians(a.lat)))
