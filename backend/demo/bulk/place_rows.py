"""Where phones said they were, what that was judged to be, and how doubtful visits are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.network import Team
from backend.demo.bulk.pages import (
    NULL,
    Array,
    Cells,
    Page,
    days,
    decimal,
    page,
    picked,
    whole,
    words,
)
from backend.demo.bulk.provinces import TIERS
from backend.demo.bulk.schedule import COMPLETE
from backend.demo.bulk.stages import Stage
from backend.evidence.models import LocationReading
from backend.evidence.signal_models import VisitScore, VisitSignal
from backend.evidence.signals import MOST_POINTS, REJECT_FROM, SUSPICIOUS_FROM, Signal, band_of
from backend.fieldwork.fence import Outcome
from backend.network.divisions import Tier
from backend.network.positions import CONVERTER
from backend.platform.settings import settings
from backend.standards.service import JudgedFor

_CRS, _CRS_MIX = ("wgs84", "gcj02", "bd09"), (0.35, 0.62, 0.03)
_PROVIDERS, _PROVIDER_MIX = ("gps", "wifi", "cell"), (0.70, 0.24, 0.06)
_ACCURACY = np.array([(5, 25), (15, 60), (100, 800)], float)
_APP_SHARE = 0.5
"""Of clients that can tell whether a position was made up."""
_MISTAGGED = 0.006
_USABLE_M, _MOST_ALLOWANCE_M, _DATUM_WITHIN_M = 200, 100, 60
_OUTCOMES = (str(Outcome.INSIDE), str(Outcome.OUTSIDE), str(Outcome.UNCERTAIN))
_SIGNALS = (
    (Signal.FROZEN_FIX, 6.0),
    (Signal.MOCK_FLAG, 1.0),
    (Signal.IMPOSSIBLE_SPEED, 420.0),
    (Signal.SHORT_VISIT, 120.0),
    (Signal.PHOTO_REUSE, 1.0),
    (Signal.PHOTO_OF_PHOTO, 1.0),
)
"""The signals that are drawn, with the value each is told with."""


def fixes(stage: Stage, random: Generator, rates: float) -> tuple[dict[str, Cells], Page, Array]:
    """Return the cells of the check-ins' positions, what was judged of them, and the mistagged."""
    team, visits = stage.team, stage.visits
    store, count = visits.store, len(visits.store)
    provider = random.choice(3, count, p=_PROVIDER_MIX)
    accuracy = np.round(
        _ACCURACY[provider, 0] + np.ptp(_ACCURACY, axis=1)[provider] * random.random(count), 1
    )
    is_away = visits.cheats["out_of_fence"]
    accuracy[is_away] = random.uniform(5, 25, int(is_away.sum())).round(1)
    north, east = random.normal(0, 1, (2, count)) * accuracy / 2
    bearing, metres = random.uniform(0, 2 * np.pi, count), random.uniform(600, 3000, count)
    north = np.where(is_away, metres * np.cos(bearing), north)
    east = np.where(is_away, metres * np.sin(bearing), east)
    north_m, east_m = metres_per_degree(team.lat[store])
    lat, lon = team.lat[store] + north / north_m, team.lon[store] + east / east_m
    crs = random.choice(3, count, p=_CRS_MIX)
    told = crs.copy()
    mistagged = (random.random(count) < _MISTAGGED * rates) & ~is_away
    told[mistagged] = (crs[mistagged] + random.integers(1, 3, int(mistagged.sum()))) % 3
    looks_mistagged = mistagged & (_metres(team, store, lat, lon) < _DATUM_WITHIN_M)
    shift = team.offset[store]
    every = np.arange(count)
    raw_lat = np.round(lat + shift[every, crs, 0], 6)
    raw_lon = np.round(lon + shift[every, crs, 1], 6)
    lat = np.round(raw_lat - shift[every, told, 0], 6)
    lon = np.round(raw_lon - shift[every, told, 1], 6)
    knows_mock = (random.random(count) < _APP_SHARE) | visits.cheats["mock_flag"]
    cells = {
        "raw_lat": decimal(raw_lat, 6),
        "raw_lon": decimal(raw_lon, 6),
        "raw_crs": words(_CRS, told),
        "accuracy_m": decimal(accuracy, 1),
        "provider": words(_PROVIDERS, provider),
        "fix_age_s": whole(random.integers(1, 20, count)),
        "is_mock": whole(visits.cheats["mock_flag"], null=~knows_mock),
        "is_rooted": whole(np.zeros(count), null=~knows_mock),
        "device_id": [f"phone-of-{person}" for person in stage.person],
        "lat": decimal(lat, 6),
        "lon": decimal(lon, 6),
        "crs_impl": [CONVERTER] * count,
    }
    return cells, _readings(stage, (lat, lon), accuracy, looks_mistagged), mistagged


def metres_per_degree(lat: Array) -> tuple[Array, Array]:
    """Return how long a degree is to the north and to the east on WGS-84, in metres."""
    radians = np.radians(lat)
    north = 111_132.954 - 559.822 * np.cos(2 * radians) + 1.175 * np.cos(4 * radians)
    east = 111_412.84 * np.cos(radians) - 93.5 * np.cos(3 * radians) + 0.118 * np.cos(5 * radians)
    return north, east


def _metres(team: Team, store: Array, lat: Array, lon: Array) -> Array:
    """Return how far points are from where the stores are said to be."""
    north_m, east_m = metres_per_degree(team.told_lat[store])
    north, east = lat - team.told_lat[store], lon - team.told_lon[store]
    found: Array = np.hypot(north * north_m, east * east_m)
    return found


def _readings(
    stage: Stage, point: tuple[Array, Array], accuracy: Array, looks_mistagged: Array
) -> Page:
    team, visits = stage.team, stage.visits
    store, count = visits.store, len(visits.store)
    distance = np.rint(_metres(team, store, *point)).astype(int)
    limits = settings()
    base = {
        Tier.CITY: limits.fence_city_m,
        Tier.COUNTY: limits.fence_county_m,
        Tier.TOWN: limits.fence_town_m,
    }
    fence = np.array([base[tier] for tier in TIERS])[team.tier[store]]
    radius = np.rint(fence + np.minimum(accuracy, _MOST_ALLOWANCE_M)).astype(int)
    unusable = accuracy > _USABLE_M
    beyond = distance > radius
    suspected = beyond & looks_mistagged & ~unusable
    doubtful = beyond & (distance <= np.rint(fence + accuracy))
    outcome = np.where(unusable | suspected | (beyond & doubtful), 2, np.where(beyond, 1, 0))
    return page(
        LocationReading,
        count,
        visit_id=stage.ids,
        number="1",
        why=str(JudgedFor.CHECKED_IN),
        outcome=words(_OUTCOMES, outcome),
        distance_m=whole(distance),
        radius_m=whole(radius, null=unusable),
        store_version="1",
        store_lat=decimal(team.told_lat[store], 6),
        store_lon=decimal(team.told_lon[store], 6),
        flags=words(("[]", '["datum_mismatch_suspected"]'), suspected.astype(int)),
        judged_at=stage.moments(np.minimum(visits.came + 5, visits.sent)),
    )


def score_pages(stage: Stage) -> Iterator[Page]:
    """Yield the scores of completed visits and the signals they add up."""
    team, visits = stage.team, stage.visits
    chosen = np.flatnonzero(visits.status == COMPLETE)
    count = len(chosen)
    hits = np.column_stack([visits.cheats[str(signal)][chosen] for signal, _ in _SIGNALS])
    points = np.array([signal.points for signal, _ in _SIGNALS])
    score = np.minimum((hits * points).sum(axis=1), MOST_POINTS)
    stage.scores = np.zeros(len(visits.store), int)
    stage.scores[chosen] = score
    bands = [
        str(band_of(each, suspicious_from=SUSPICIOUS_FROM, reject_from=REJECT_FROM))
        for each in range(MOST_POINTS + 1)
    ]
    codes = np.array([f'"{signal}"' for signal, _ in _SIGNALS], dtype=object)
    told = ["[]"] * count
    for place in np.flatnonzero(hits.any(axis=1)).tolist():
        told[place] = "[" + ",".join(codes[hits[place]]) + "]"
    day, store = visits.day[chosen], visits.store[chosen]
    yield page(
        VisitScore,
        count,
        visit_id=picked(stage.ids, chosen),
        person_id=picked(stage.person, chosen),
        store_id=whole(team.store_id[store]),
        dealer_id=whole(team.dealer_on(store, day)),
        region_id=str(team.region_id),
        business_on=days(stage.start, day),
        score=whole(score),
        band=words(bands, score),
        codes=told,
        config_version="0",
        answers_sha256=NULL,
        scored_at=stage.moments(visits.sent[chosen] + 60),
    )
    row, signal = np.nonzero(hits)
    thresholds = [next(iter(each.limits.values())) for each, _ in _SIGNALS]
    yield page(
        VisitSignal,
        len(row),
        visit_id=picked(stage.ids, chosen[row]),
        code=words([str(each) for each, _ in _SIGNALS], signal),
        value=decimal(np.array([value for _, value in _SIGNALS])[signal], 1),
        threshold=decimal(np.array(thresholds, float)[signal], 1),
        points=whole(points[signal]),
        evidence="{}",
        is_waived="0",
    )
