"""What time does to a network: stores open, close, change their dealer, are entered twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.network import CHEATER, GRADE_CODES, Network, Team
from backend.demo.bulk.pages import FAR
from backend.demo.bulk.provinces import TIERS, bare, name_of
from backend.demo.network import CHAINS, CLOSED, DUPLICATED, MOVED, OPENED, SHOP_KINDS, SHOP_WORDS
from backend.demo.truth import Truth
from backend.network import divisions
from backend.platform.actors import Role

LONG_AGO = -500
CHURN = 0.02
"""Share of reps that leave in a month."""


def age(team: Team, random: Generator, days: int, network: Network, truth: Truth) -> None:
    """Let time pass: stores open, close, change their dealer, and are entered twice."""
    _replace(team, random, days, network, truth)
    count = len(team.store_id)
    chances = random.random((4, count))
    opened = chances[0] < OPENED
    team.opened = np.where(opened, random.integers(1, max(int(days * 0.7), 2), count), team.opened)
    closed = (chances[1] < CLOSED) & ~opened
    team.closed = np.where(
        closed, random.integers(days // 2, max(int(days * 0.9), days // 2 + 1), count), team.closed
    )
    others = np.unique(team.dealer)
    moves = (chances[2] < MOVED) & ~opened & ~closed & (len(others) > 1)
    for place in np.flatnonzero(moves).tolist():
        choice = others[others != team.dealer[place]]
        team.heir[place] = choice[random.integers(len(choice))]
        team.moved[place] = random.integers(int(days * 0.3), int(days * 0.8))
        truth.plant(
            "dealer_move",
            store=team.code_of[place],
            before=network.dealers[team.dealer[place] - 1][1],
            after=network.dealers[team.heir[place] - 1][1],
            day=int(team.moved[place]),
        )
    for dealer in others.tolist():
        growth = float(team.growth[team.dealer == dealer][0])
        if growth <= -0.03:
            truth.plant("falling_dealer", dealer=network.dealers[dealer - 1][1])
    crs = random.integers(0, 2, count)
    for place in range(count):
        network.stores[team.store_id[place] - 1] = _store(team, place, int(crs[place]), random)
        _link(network, team, place)
    for place in np.flatnonzero(chances[3] < DUPLICATED).tolist():
        _duplicate(network, team, place, truth)
    for place in np.flatnonzero(closed).tolist():
        truth.plant("closed_store", store=team.code_of[place], day=int(team.closed[place]))


def _replace(team: Team, random: Generator, days: int, network: Network, truth: Truth) -> None:
    """Let reps leave, each at most once and no cheater, and others take their stores over."""
    count = len(team.rep_ids)
    leaves = random.random(count) < CHURN * days / 30
    leaves[0] |= team.number == 0  # every dataset has one
    on = random.integers(days // 4, max(int(days * 0.9), days // 4 + 1), count)
    for rep in np.flatnonzero(leaves & (team.habits != CHEATER)).tolist():
        login = f"{team.logins[rep]}-2"
        heir = network.person(random, Role.REP, login, team.region_id, team.supervisor_id)
        team.leaves[rep], team.heirs[rep] = on[rep], heir
        network.left.add(int(team.rep_ids[rep]))
        truth.plant("rep_left", login=team.logins[rep], heir=login, day=int(on[rep]))


def _store(team: Team, place: int, crs: int, random: Generator) -> tuple[Any, ...]:
    unit = team.division[place]
    name = (
        bare(name_of(unit))
        + SHOP_WORDS[random.integers(len(SHOP_WORDS))]
        + SHOP_KINDS[random.integers(len(SHOP_KINDS))]
    )
    offset = team.offset[place, crs]
    return (
        int(team.store_id[place]),
        team.code_of[place],
        name,
        team.region_id,
        unit,
        str(TIERS[team.tier[place]]),
        GRADE_CODES[team.grade[place]],
        CHAINS[team.chain[place]] if team.chain[place] >= 0 else None,
        divisions.full_name(unit),
        round(float(team.told_lat[place] + offset[0]), 6),
        round(float(team.told_lon[place] + offset[1]), 6),
        ("wgs84", "gcj02")[crs],
        float(team.told_lat[place]),
        float(team.told_lon[place]),
        int(team.owner_of(np.array([place]))[0]),
        "closed" if team.closed[place] < FAR else "active",
        int(team.opened[place]),
        int(team.closed[place]),
    )


def _link(network: Network, team: Team, place: int) -> None:
    store, moved = int(team.store_id[place]), int(team.moved[place])
    network.links.append((store, int(team.dealer[place]), int(team.opened[place]), moved))
    if moved < FAR:
        network.links.append((store, int(team.heir[place]), moved, FAR))


def _duplicate(network: Network, team: Team, place: int, truth: Truth) -> None:
    """Enter a store a second time, some metres away, for nobody to visit."""
    row = list(network.stores[team.store_id[place] - 1])
    row[0] = len(network.stores) + 1
    row[1] = f"{row[1][:-4]}9{row[1][-3:]}"
    row[2] = f"{row[2]}店"
    row[9], row[12] = round(row[9] + 0.0001, 6), round(row[12] + 0.0001, 6)
    row[14], row[15], row[16], row[17] = None, "active", LONG_AGO, FAR
    network.stores.append(tuple(row))
    network.links.append((row[0], int(team.dealer[place]), LONG_AGO, FAR))
    network.twins[row[0]] = int(team.dealer[place])
    truth.plant("duplicated_store", store=team.code_of[place], duplicate=row[1])
