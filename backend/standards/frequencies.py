"""Call frequencies: how many visits a store of a tier and grade is due in a cycle of 28 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.network.divisions import Tier
from backend.network.stores import GRADES
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError, StaleError
from backend.standards import revision
from backend.standards.journey_models import CallFrequency

CYCLE_DAYS = 28
BY_GRADE = {"A": 8, "B": 4, "C": 2, "D": 1}
"""What holds until a brand says otherwise."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """Visits due in 28 days; the version is 0 until the default is edited."""

    tier: str
    grade: str
    visits: int
    version: int


def table() -> list[Frequency]:
    """Return the whole table, by tier and grade."""
    edited = {(row.tier, row.grade): row for row in CallFrequency.select()}
    return [
        Frequency(tier, grade, row.visits, row.version)
        if (row := edited.get((tier, grade)))
        else Frequency(tier, grade, BY_GRADE[grade], 0)
        for tier in map(str, Tier)
        for grade in GRADES
    ]


def required() -> Mapping[tuple[str, str], int]:
    """Return the visits due in 28 days by tier and grade."""
    return {(each.tier, each.grade): each.visits for each in table()}


def get(tier: str, grade: str) -> Frequency:
    """Return one cell of the table. Raises NotFoundError."""
    for each in table():
        if (each.tier, each.grade) == (tier, grade):
            return each
    raise NotFoundError(what="call frequency")


def edit(
    actor: Actor, tier: str, grade: str, *, visits: int, version: int, at: datetime
) -> Frequency:
    """Change one cell of the table. Raises NotFoundError or StaleError."""
    with transaction():
        known = get(tier, grade)
        row = {"tier": tier, "grade": grade, "visits": visits, "version": version + 1}
        mine = (CallFrequency.tier == tier) & (CallFrequency.grade == grade)
        changed = (
            CallFrequency.update(visits=visits, version=version + 1)
            .where(mine, CallFrequency.version == version)
            .execute()
            if version
            else insert_rows(CallFrequency, [row], ignore=True)
        )
        if not changed:
            raise StaleError(version=known.version)
        revision.bump()
        ledger.append(actor, "frequency.edited", f"{tier}:{grade}", at=at, visits=visits)
    return Frequency(tier, grade, visits, version + 1)
