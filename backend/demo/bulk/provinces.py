"""Where there is trade: provinces, their prefectures and counties, and dealers among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from backend.demo import geography
from backend.demo.bulk.pages import Array
from backend.demo.bulk.sizes import Size
from backend.demo.geography import TIER_MIX
from backend.network import divisions
from backend.network.divisions import Tier

AREAS = {
    "华北大区": ("11", "12", "13", "14", "15"),
    "东北大区": ("21", "22", "23"),
    "华东大区": ("31", "32", "33", "34", "35", "36", "37"),
    "华中大区": ("41", "42", "43"),
    "华南大区": ("44", "45", "46"),
    "西南大区": ("50", "51", "52", "53", "54"),
    "西北大区": ("61", "62", "63", "64", "65"),
}
_RICH, _WEST = {"32", "33", "37", "44"}, {*AREAS["西南大区"], *AREAS["西北大区"]}
_SPREAD = 0.6
_TOO_FEW = 4
"""Stores of the smallest dealer of each province: too few to be divided into fifths."""
TIERS = tuple(Tier)


@dataclass(slots=True)
class Trader:
    """A dealer that sells to stores, before it has any."""

    prefecture: str
    counties: tuple[str, ...]
    size: int


def largest(size: Size) -> list[str]:
    """Return the provinces of a dataset, those with the most business."""
    known = [division.code for division in divisions.children(None) if division.code[:2] < "71"]
    return sorted(sorted(known, key=weight, reverse=True)[: size.provinces])


def weight(province: str) -> float:
    """Return how much of the business a province has: its townships, by how rich it is."""
    units = sum(len(units) for each in places(province).values() for units in each.values())
    return units * (1.4 if province[:2] in _RICH else 0.7 if province[:2] in _WEST else 1.0)


_known: dict[str, dict[str, dict[str, list[str]]]] = {}


def places(province: str) -> dict[str, dict[str, list[str]]]:
    """Return the townships by prefecture and county, of the counties whose place is known."""
    if province not in _known:
        found: dict[str, dict[str, list[str]]] = {}
        for prefecture in divisions.children(province):
            counties = {
                county.code: [each.code for each in divisions.children(county.code)]
                for county in divisions.children(prefecture.code)
                if len(county.code) == 6 and geography.is_known(county.code)
            }
            if counties := {code: units for code, units in counties.items() if units}:
                found[prefecture.code] = counties
        _known[province] = found
    return _known[province]


def split(total: int, shares: Array, *, least: int = 0) -> Array:
    """Share out a total in whole numbers that add up to it, the largest remainders first."""
    spare = total - least * len(shares)
    exact = shares / shares.sum() * spare
    parts = np.floor(exact).astype(int)
    for place in np.argsort(parts - exact, kind="stable")[: spare - int(parts.sum())]:
        parts[place] += 1
    return parts + least


def lay_out(random: Generator, province: str, dealers: int, stores: int) -> list[Trader]:
    """Return the province's dealers by place, each of one or two counties."""
    known = places(province)
    prefectures = sorted(known)
    weights = np.array([sum(map(len, known[code].values())) for code in prefectures], float)
    each = split(dealers, weights / weights.sum())
    sizes = split(
        stores, np.exp(random.normal(0, _SPREAD, dealers)), least=min(2, stores // dealers)
    )
    small, large = int(sizes.argmin()), int(sizes.argmax())
    if small != large:
        spare = max(int(sizes[small]) - _TOO_FEW, 0)
        sizes[small] -= spare
        sizes[large] += spare
    traders: list[Trader] = []
    for prefecture, count in zip(prefectures, each.tolist(), strict=True):
        counties = list(known[prefecture])
        random.shuffle(counties)
        for number in range(count):
            pair = (counties[number % len(counties)], counties[(number + 1) % len(counties)])
            traders.append(Trader(prefecture, tuple(dict.fromkeys(pair)), 0))
    for trader, count in zip(traders, sizes.tolist(), strict=True):
        trader.size = count
    return traders


def sites(random: Generator, trader: Trader) -> Iterator[tuple[int, str]]:
    """Yield tier and township of each store: in the dealer's counties, or near by for the tier."""
    own = _by_tier([trader.counties], trader.prefecture)
    near = _by_tier(
        [tuple(places(trader.prefecture[:2] + "0000")[trader.prefecture])], trader.prefecture
    )
    for wanted in random.choice(3, trader.size, p=list(TIER_MIX.values())).tolist():
        for units in (own, near):
            if units[wanted]:
                yield wanted, units[wanted][random.integers(len(units[wanted]))]
                break
        else:
            tier = next(tier for tier in (0, 1, 2) if near[tier])
            yield tier, near[tier][random.integers(len(near[tier]))]


def _by_tier(groups: Sequence[tuple[str, ...]], prefecture: str) -> list[list[str]]:
    units: list[list[str]] = [[], [], []]
    counties = places(prefecture[:2] + "0000")[prefecture]
    for group in groups:
        for county in group:
            for unit in counties[county]:
                units[TIERS.index(divisions.derive_tier(unit))].append(unit)
    return units


def name_of(code: str) -> str:
    """Return the name of a division."""
    division = divisions.get(code)
    return division.name if division else code


def bare(name: str) -> str:
    """Return a name without the word for what kind of division it is."""
    for suffix in ("街道", "镇", "乡", "区", "县", "市"):
        name = name.removesuffix(suffix)
    return name
