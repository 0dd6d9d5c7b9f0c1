"""Laying out a network: provinces, teams of salespeople in them, dealers and their stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from backend.demo import geography
from backend.demo.bulk.ageing import LONG_AGO, age
from backend.demo.bulk.network import CHEATER, GRADE_CODES, HABITS, Network, Team
from backend.demo.bulk.pages import FAR, Array, chance
from backend.demo.bulk.provinces import (
    AREAS,
    TIERS,
    Trader,
    bare,
    largest,
    lay_out,
    name_of,
    sites,
    split,
    weight,
)
from backend.demo.bulk.sizes import Size
from backend.demo.network import (
    CHAINED,
    CHAINS,
    GRADES,
    MISPLACED,
    MONTHLY_UNITS,
    SHOP_WORDS,
    UNITS_FACTOR,
)
from backend.demo.truth import Truth
from backend.network import divisions
from backend.network.positions import Datum, Point, to_datum
from backend.platform.actors import Role

_HABIT_MIX = (0.25, 0.62, 0.10, 0.03)
_LARGE_PREFECTURE = 40
_TRENDS = {
    "rising": (0.20, 0.03, 0.08),
    "falling": (0.22, -0.10, -0.03),
    "flat": (0.58, -0.02, 0.02),
}


def build(size: Size, seed: int, truth: Truth) -> Network:
    """Lay out a network of a size; the same seed lays out the same."""
    random = chance(seed, 1)
    network = Network()
    nation = network.region("CN", "全国", None)
    network.person(random, Role.ADMIN, "admin", nation)
    network.person(random, Role.MANAGER, "manager", nation)
    network.person(random, Role.AUDITOR, "auditor", nation)
    network.person(random, Role.AUDITOR, "auditor2", nation)
    provinces = largest(size)
    shares = np.array([weight(code) for code in provinces])
    shares /= shares.sum()
    reps = split(size.reps, shares, least=1)
    supervisors = split(size.supervisors, reps / reps.sum(), least=1)
    stores = split(size.stores, reps / reps.sum(), least=1)
    dealers = split(size.dealers, stores / stores.sum(), least=1)
    areas: dict[str, int] = {}
    for number, province in enumerate(provinces):
        area = next(name for name, codes in AREAS.items() if province[:2] in codes)
        if area not in areas:
            areas[area] = network.region(f"Q{len(areas) + 1}", area, nation)
        _build_province(
            network,
            chance(seed, 2, number),
            province=province,
            area=areas[area],
            trade=(int(dealers[number]), int(stores[number])),
            staff=(int(reps[number]), int(supervisors[number])),
            truth=truth,
        )
    _plant_cheaters(network, random, truth)
    for team in network.teams:
        age(team, chance(seed, 3, team.number), size.days, network, truth)
    return network


def _build_province(
    network: Network,
    random: Generator,
    *,
    province: str,
    area: int,
    trade: tuple[int, int],
    staff: tuple[int, int],
    truth: Truth,
) -> None:
    region = network.region(province, divisions.full_name(province), area)
    agent = network.dealer(province[:2], f"{divisions.full_name(province)}曜石总代理", None, region)
    truth.plant("dealer_without_stores", dealer=province[:2])
    if province == "430000":
        network.person(random, Role.MANAGER, "manager-hn", region)
    traders = lay_out(random, province, *trade)
    by_prefecture: dict[str, int] = {}
    for trader in traders:
        by_prefecture[trader.prefecture] = by_prefecture.get(trader.prefecture, 0) + trader.size
    above = {
        code: network.dealer(f"{code[:2]}-{code[2:4]}", f"{name_of(code)}曜石分销", agent, region)
        for code, count in by_prefecture.items()
        if count >= _LARGE_PREFECTURE
    }
    reps, supervisors = staff
    sizes = split(reps, np.ones(supervisors))
    ends = np.cumsum(sizes) / reps * sum(trader.size for trader in traders)
    groups: list[list[Trader]] = [[] for _ in sizes]
    done = 0.0
    for trader in traders:
        group = min(int(np.searchsorted(ends, done + trader.size / 2)), len(groups) - 1)
        groups[group].append(trader)
        done += trader.size
    numbers: dict[str, int] = {}
    for group_number, (members, count) in enumerate(zip(groups, sizes, strict=True), 1):
        if members:
            _build_team(
                network,
                random,
                code=f"{province[:2]}{group_number:02}",
                province=region,
                traders=members,
                reps=int(count),
                above={code: above.get(code, agent) for code in by_prefecture},
                numbers=numbers,
            )


def _build_team(
    network: Network,
    random: Generator,
    *,
    code: str,
    province: int,
    traders: Sequence[Trader],
    reps: int,
    above: dict[str, int],
    numbers: dict[str, int],
) -> None:
    region = network.region(f"{code}", f"{code} 片区", province)
    number = len(network.teams)
    boss = network.person(
        random, Role.SUPERVISOR, "supervisor" + (str(number + 1) if number else ""), region
    )
    logins = [
        f"rep{sum(len(team.logins) for team in network.teams) + each + 1:02}"
        for each in range(reps)
    ]
    rep_ids = [network.person(random, Role.REP, login, region, boss) for login in logins]
    rows: list[tuple[Any, ...]] = []
    for trader in traders:
        numbers[trader.prefecture] = place = numbers.get(trader.prefecture, 0) + 1
        dealer_code = f"{trader.prefecture[:2]}-{trader.prefecture[2:4]}-{place:03}"
        name = (
            f"{bare(name_of(trader.counties[0]))}{SHOP_WORDS[random.integers(len(SHOP_WORDS))]}通讯"
        )
        dealer = network.dealer(dealer_code, name, above[trader.prefecture], region)
        traits = (random.normal(0, 0.5), random.gamma(2, 0.5), _trend(random))
        for each, (tier, unit) in enumerate(sites(random, trader), 1):
            rows.append((f"{dealer_code}-{each:04}", dealer, tier, unit, *traits))
    rows.sort(key=lambda row: (row[3], row[0]))  # neighbours share a rep
    network.teams.append(
        _team(
            network,
            random,
            head=(number, code, region, boss),
            rep_ids=rep_ids,
            logins=logins,
            rows=rows,
        )
    )


def _trend(random: Generator) -> float:
    """Return the growth a month of a dealer's trade."""
    kind = random.choice(list(_TRENDS), p=[share for share, _, _ in _TRENDS.values()])
    _, low, high = _TRENDS[str(kind)]
    return float(random.uniform(low, high))


def _team(
    network: Network,
    random: Generator,
    *,
    head: tuple[int, str, int, int],
    rep_ids: list[int],
    logins: list[str],
    rows: list[tuple[Any, ...]],
) -> Team:
    count, (number, code, region, boss) = len(rows), head
    tier = np.array([row[2] for row in rows])
    grade = np.empty(count, int)
    for each in range(3):
        mix = np.array(list(GRADES[TIERS[each]].values()), float)
        grade[tier == each] = random.choice(4, int((tier == each).sum()), p=mix / mix.sum())
    medians = np.array([MONTHLY_UNITS[each] for each in TIERS], float)
    factors = np.array([UNITS_FACTOR[each] for each in GRADE_CODES])
    centres = [geography.point_of(row[3]) for row in rows]
    lat, lon = _scattered(random, centres, tier)
    told_lat = lat + random.normal(0, 25, count) / 111_320
    told_lon = lon + random.normal(0, 25, count) / (111_320 * np.cos(np.radians(lat)))
    wrong = random.random(count) < MISPLACED
    reach = random.uniform(300, 2000, count) * wrong
    told_lat = np.round(told_lat + reach / 111_320, 6)
    first = len(network.stores) + 1
    owners = np.minimum(np.arange(count) * len(rep_ids) // max(count, 1), len(rep_ids) - 1)
    return Team(
        number=number,
        code=code,
        region_id=region,
        supervisor_id=boss,
        rep_ids=np.array(rep_ids),
        habits=random.choice(len(HABITS), len(rep_ids), p=_HABIT_MIX),
        logins=logins,
        leaves=np.full(len(rep_ids), FAR),
        heirs=np.zeros(len(rep_ids), int),
        store_id=_reserve(network, first, count),
        rep=owners,
        tier=tier,
        grade=grade,
        dealer=np.array([row[1] for row in rows], int),
        heir=np.zeros(count, int),
        moved=np.full(count, FAR),
        opened=np.full(count, LONG_AGO),
        closed=np.full(count, FAR),
        lat=np.round(lat, 6),
        lon=np.round(lon, 6),
        told_lat=told_lat,
        told_lon=np.round(told_lon, 6),
        offset=_offsets(lat, lon),
        units=medians[tier] * factors[grade] * np.exp(0.62 * random.normal(0, 1, count)),
        chain=np.where(
            random.random(count) < CHAINED, random.integers(len(CHAINS), size=count), -1
        ),
        division=[row[3] for row in rows],
        code_of=[row[0] for row in rows],
        signage=np.array([row[4] for row in rows]),
        disorder=np.array([row[5] for row in rows]),
        growth=np.array([row[6] for row in rows]),
    )


def _reserve(network: Network, first: int, count: int) -> Array:
    network.stores.extend([()] * count)
    return np.arange(first, first + count)


def _scattered(random: Generator, centres: list[Point], tier: Array) -> tuple[Array, Array]:
    median = np.array([1.2, 0.8, 0.5])[tier] * 1000
    metres = np.minimum(median * np.exp(0.6 * random.normal(0, 1, len(tier))), 6000)
    bearing = random.uniform(0, 2 * np.pi, len(tier))
    lat = np.array([point.lat for point in centres])
    lon = np.array([point.lon for point in centres])
    return (
        lat + metres * np.cos(bearing) / 111_320,
        lon + metres * np.sin(bearing) / (111_320 * np.cos(np.radians(lat))),
    )


def _offsets(lat: Array, lon: Array) -> Array:
    """Return per store what GCJ-02 and BD-09 add to a WGS-84 point there; it is alike for miles."""
    found = np.zeros((len(lat), 3, 2))
    for place, point in enumerate(zip(lat.tolist(), lon.tolist(), strict=True)):
        for number, crs in enumerate((Datum.GCJ02, Datum.BD09), 1):
            shown = to_datum(Point(*point), crs)
            found[place, number] = (shown.lat - point[0], shown.lon - point[1])
    return found


def _plant_cheaters(network: Network, random: Generator, truth: Truth) -> None:
    """See to it that there is a cheater, and write all of them down."""
    if not any((team.habits == CHEATER).any() for team in network.teams):
        team = network.teams[random.integers(len(network.teams))]
        team.habits[-1] = CHEATER
    for team in network.teams:
        for place in np.flatnonzero(team.habits == CHEATER).tolist():
            truth.plant("cheater", login=team.logins[place])
