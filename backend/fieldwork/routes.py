"""Routes: in which order to visit the stores of a day, and when one would arrive.

The nearest store next, then crossings undone (2-opt) while that shortens the way. Distances are
geodesic; a road is DETOUR times as long and driven at the speed of the place it leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from peewee import ModelSelect

from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.plans import PLANNED
from backend.network import people
from backend.network.models import Store
from backend.network.positions import Point, Position, metres_between, wgs84
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.errors import RuleError

MOST_STOPS = 30
DETOUR = 1.35
KM_PER_HOUR = {"city": 22, "county": 38, "town": 34}
STAY_MIN = {"A": 60, "B": 38, "C": 25, "D": 18}
STARTS = time(9)
LUNCH = time(12, 10), time(13, 20)
"""Between these nobody arrives at a store."""
Metres = Callable[[Point, Point], float]


class TooManyStopsError(RuleError):
    """Nobody visits that many stores in a day."""

    code = "too-many-stops"
    title = "Too many stores for a day"
    title_zh = "当日门店过多"
    detail = "{stops} visits are planned; a route has {most} at most."
    detail_zh = "当日计划 {stops} 家，路线最多 {most} 家。"


@dataclass(frozen=True, slots=True)
class Leg:
    """A stop of a route: the way there, when one arrives and how long one stays."""

    number: int
    entry: PlanEntry
    store: Store
    distance_m: float
    travel_min: float
    arrives_at: datetime
    stay_min: int

    @property
    def leaves_at(self) -> datetime:
        """When one leaves the store again."""
        return self.arrives_at + timedelta(minutes=self.stay_min)


@dataclass(frozen=True, slots=True)
class Route:
    """A day's suggested order; `unlocated` are visits to stores whose place nobody knows.

    `planned_m` is the way in the order of the store codes, for comparison.
    """

    person_id: int
    on: date
    starts_at: datetime
    ends_at: datetime
    distance_m: float
    planned_m: float
    travel_min: float
    stay_min: int
    legs: list[Leg]
    unlocated: list[PlanEntry]


@lru_cache(maxsize=20_000)
def _measured(a: Point, b: Point) -> float:
    return metres_between(a, b)


def metres(a: Point, b: Point) -> float:
    """Return the geodesic distance, remembered for the pair."""
    return _measured(*sorted((a, b)))


def suggest(
    actor: Actor,
    *,
    person_id: int,
    on: date,
    start: Position | None = None,
    starts: time = STARTS,
) -> Route:
    """Return in which order a person's planned visits of a day are best made.

    Without a start the route begins at whichever store makes it shortest. Raises NotFoundError,
    OutsideServiceAreaError or TooManyStopsError.
    """
    people.get(actor, person_id)
    entries = list(_stops(actor, person_id, on))
    located = [(entry, point) for entry in entries if (point := entry.store.point) is not None]
    if len(located) > MOST_STOPS:
        raise TooManyStopsError(stops=len(located), most=MOST_STOPS)
    home = wgs84(start) if start else None
    points = [point for _, point in located]
    chosen = [located[number] for number in order(points, home)]
    starts_at = _at(on, starts)
    legs = _legs(chosen, home, starts_at, (_at(on, LUNCH[0]), _at(on, LUNCH[1])))
    stay_min, travel_min = sum(leg.stay_min for leg in legs), sum(leg.travel_min for leg in legs)
    return Route(
        person_id=person_id,
        on=on,
        starts_at=starts_at,
        ends_at=legs[-1].leaves_at if legs else starts_at,
        distance_m=sum(leg.distance_m for leg in legs),
        planned_m=length(points, range(len(points)), home),
        travel_min=travel_min,
        stay_min=stay_min,
        legs=legs,
        unlocated=[entry for entry in entries if entry.store.point is None],
    )


def order(
    points: Sequence[Point], start: Point | None = None, measure: Metres = metres
) -> list[int]:
    """Return the numbers of the points in a short order, never longer than the given one."""
    if not points:
        return []
    tries = [list(range(len(points)))]
    firsts = range(len(points)) if start is None else [_nearest(start, points, measure)]
    tries += [_greedy(first, points, measure) for first in firsts]
    best = min(tries, key=lambda each: length(points, each, start, measure))
    improved = [_untangled(each, points, start, measure) for each in (tries[0], best)]
    return min(improved, key=lambda each: length(points, each, start, measure))


def length(
    points: Sequence[Point],
    sequence: Sequence[int],
    start: Point | None = None,
    measure: Metres = metres,
) -> float:
    """Return the metres from the start, if there is one, through the points in a sequence."""
    way = [*([start] if start else []), *(points[number] for number in sequence)]
    return sum(measure(a, b) for a, b in pairwise(way))


def travel_minutes(distance_m: float, tier: str) -> float:
    """Return the minutes of a way that leads to a store of a tier."""
    return distance_m / 1000 * DETOUR / KM_PER_HOUR[tier] * 60


def _stops(actor: Actor, person_id: int, on: date) -> ModelSelect[PlanEntry]:
    return (
        PlanEntry.select(PlanEntry, Store)
        .join(Store)
        .where(
            PlanEntry.visible_to(actor),
            PlanEntry.person == person_id,
            PlanEntry.planned_on == on,
            PlanEntry.status == PLANNED,
        )
        .order_by(Store.code, PlanEntry.id)
    )


def _at(on: date, hour: time) -> datetime:
    return clock.instants_of(on)[0] + timedelta(hours=hour.hour, minutes=hour.minute)


def _legs(
    stops: list[tuple[PlanEntry, Point]],
    home: Point | None,
    starts_at: datetime,
    lunch: tuple[datetime, datetime],
) -> list[Leg]:
    legs: list[Leg] = []
    here, now = home, starts_at
    for number, (entry, point) in enumerate(stops, 1):
        store = entry.store
        distance_m = 0.0 if here is None else metres(here, point)
        travel_min = travel_minutes(distance_m, store.tier)
        arrives_at = now + timedelta(minutes=travel_min)
        if lunch[0] <= arrives_at < lunch[1]:
            arrives_at = lunch[1]
        leg = Leg(number, entry, store, distance_m, travel_min, arrives_at, STAY_MIN[store.grade])
        legs.append(leg)
        here, now = point, leg.leaves_at
    return legs


def _nearest(here: Point, points: Sequence[Point], measure: Metres) -> int:
    return min(range(len(points)), key=lambda number: (measure(here, points[number]), number))


def _greedy(first: int, points: Sequence[Point], measure: Metres) -> list[int]:
    """Return the order of always going to the nearest next."""
    left, way = set(range(len(points))) - {first}, [first]
    while left:
        here = points[way[-1]]
        near = min(left, key=lambda number: (measure(here, points[number]), number))
        left.remove(near)
        way.append(near)
    return way


def _untangled(
    way: list[int], points: Sequence[Point], start: Point | None, measure: Metres
) -> list[int]:
    """Return the way with stretches turned round while that makes it shorter (2-opt)."""
    best, shortest = way, length(points, way, start, measure)
    is_better = True
    while is_better:
        is_better = False
        for begin in range(len(best) - 1):
            for end in range(begin + 2, len(best) + 1):
                turned = best[:begin] + best[begin:end][::-1] + best[end:]
                metres_ = length(points, turned, start, measure)
                if metres_ < shortest - 1e-6:
                    best, shortest, is_better = turned, metres_, True
    return best
