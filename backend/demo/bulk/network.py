"""The network of a bulk dataset as columns and rows: regions, people, dealers, stores, teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.pages import FAR, Array
from backend.demo.network import GIVEN, SURNAMES
from backend.platform.actors import Role

GRADE_CODES = ("A", "B", "C", "D")
HABITS = ("diligent", "normal", "sloppy", "cheater")
CHEATER = HABITS.index("cheater")


@dataclass(slots=True)
class Team:
    """A supervisor's reps and the stores that are theirs, column by column.

    Days count from the first of the window; `moved` is the day from which on `heir` has the store
    (FAR: it stays), `leaves` that from which on one of `heirs` has a rep's stores. `offset` is what
    to add to a WGS-84 point there for GCJ-02 and BD-09.
    """

    number: int
    code: str
    region_id: int
    supervisor_id: int
    rep_ids: Array
    habits: Array
    logins: list[str]
    leaves: Array
    heirs: Array
    store_id: Array
    rep: Array
    tier: Array
    grade: Array
    dealer: Array
    heir: Array
    moved: Array
    opened: Array
    closed: Array
    lat: Array
    lon: Array
    told_lat: Array
    told_lon: Array
    offset: Array
    units: Array
    chain: Array
    division: list[str]
    code_of: list[str]
    signage: Array
    disorder: Array
    growth: Array

    def dealer_on(self, stores: Array, days: Array) -> Array:
        """Return whose the stores were on the days."""
        return np.where(days >= self.moved[stores], self.heir[stores], self.dealer[stores])

    def person_on(self, reps: Array, days: Array | int) -> Array:
        """Return who the reps of some places were on the days."""
        return np.where(days >= self.leaves[reps], self.heirs[reps], self.rep_ids[reps])

    def owner_of(self, stores: Array) -> Array:
        """Return whose the stores are after the window."""
        return self.person_on(self.rep[stores], FAR - 1)

    def is_open(self, stores: Array, days: Array) -> Array:
        """Return which of the stores traded on the days."""
        return (self.opened[stores] <= days) & (days < self.closed[stores])


@dataclass(slots=True)
class Network:
    """Everything there is before the first day: rows by table, and the teams."""

    regions: list[tuple[Any, ...]] = field(default_factory=list)
    people: list[tuple[Any, ...]] = field(default_factory=list)
    dealers: list[tuple[Any, ...]] = field(default_factory=list)
    stores: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    logins: list[tuple[Role, str]] = field(default_factory=list)
    twins: dict[int, int] = field(default_factory=dict)
    """The second entries of stores that were entered twice, with their dealers."""
    left: set[int] = field(default_factory=set)
    """Who no longer works here."""

    def region(self, code: str, name: str, parent: int | None) -> int:
        """Add a region and return its id."""
        path = self.regions[parent - 1][4] if parent else "/"
        number = len(self.regions) + 1
        self.regions.append((number, code, name, parent, f"{path}{number}/"))
        return number

    def person(
        self, random: Generator, role: Role, login: str, region: int, supervisor: int | None = None
    ) -> int:
        """Add a person and return the id."""
        number = len(self.people) + 1
        name = SURNAMES[random.integers(len(SURNAMES))] + GIVEN[random.integers(len(GIVEN))]
        self.people.append((number, login, name, str(role), region, supervisor))
        self.logins.append((role, login))
        return number

    def dealer(self, code: str, name: str, parent: int | None, region: int) -> int:
        """Add a dealer and return the id."""
        number = len(self.dealers) + 1
        self.dealers.append((number, code, name, parent, region))
        return number
