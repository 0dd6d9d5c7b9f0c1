"""Frozen figures: what closed months and quarters came to, read without working it out again.

A document has what a dealer's figures were made of: `stores`, `figures` by code (value,
numerator, denominator, stores, whether these are few, share of doubtful visits, what belongs to
it), `violations` by kind and `checks` by group. Figures without any part are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.insight.catalogue import BY_CODE, SUMMARISED
from backend.insight.figures import Member
from backend.insight.frozen_models import FrozenFigures
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import Grain, Population
from backend.insight.windows import Window
from backend.platform.actors import Actor
from backend.platform.errors import NotFoundError

_MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Frozen:
    """A dealer's figures in a version."""

    version: int
    as_of: datetime
    member: Member


def is_kept(window: Window) -> bool:
    """Return whether a window is a whole calendar month or quarter, whose figures are frozen."""
    begins_one = window.from_on.month % _MONTHS_OF_A_QUARTER == 1
    return window.months == 1 or (window.months == _MONTHS_OF_A_QUARTER and begins_one)


def answers(population: Population, kpis: Iterable[Kpi]) -> bool:
    """Return whether frozen figures are those of a population: dealers with all their stores."""
    narrowed = (population.tier, population.grade, population.chain, population.division)
    return (
        population.grain is Grain.DEALER
        and population.roots is None
        and population.dealer_id is None
        and not any(narrowed)
        and {kpi.code for kpi in kpis} <= {kpi.code for kpi in SUMMARISED}
    )


def read(dealer_ids: Sequence[int], window: Window) -> dict[int, Frozen]:
    """Return the latest figures of those of some dealers that have any."""
    if not is_kept(window) or not dealer_ids:
        return {}
    rows = FrozenFigures.select().where(
        FrozenFigures.from_on == window.from_on,
        FrozenFigures.to_on == window.to_on,
        FrozenFigures.is_latest,
        FrozenFigures.dealer.in_(list(dealer_ids)),
    )
    return {row.dealer_id: thawed(row) for row in rows}


def list_versions(
    actor: Actor, dealer_id: int, *, from_on: date | None = None, to_on: date | None = None
) -> ModelSelect[FrozenFigures]:
    """Return the versions of a dealer's figures, of one window or all, the latest first."""
    rows = (
        FrozenFigures.select(
            FrozenFigures.from_on,
            FrozenFigures.to_on,
            FrozenFigures.version,
            FrozenFigures.is_latest,
            FrozenFigures.as_of,
        )
        .where(FrozenFigures.visible_to(actor), FrozenFigures.dealer == dealer_id)
        .order_by(
            FrozenFigures.from_on.desc(), FrozenFigures.to_on.desc(), FrozenFigures.version.desc()
        )
    )
    if from_on is not None:
        rows = rows.where(FrozenFigures.from_on == from_on)
    return rows if to_on is None else rows.where(FrozenFigures.to_on == to_on)


def get(actor: Actor, dealer_id: int, window: Window, version: int) -> Frozen:
    """Return a version of a dealer's figures. Raises NotFoundError."""
    row = FrozenFigures.get_or_none(
        FrozenFigures.visible_to(actor),
        FrozenFigures.dealer == dealer_id,
        FrozenFigures.from_on == window.from_on,
        FrozenFigures.to_on == window.to_on,
        FrozenFigures.version == version,
    )
    if row is None:
        raise NotFoundError(what="version")
    return thawed(row)


def document(member: Member) -> dict[str, Any]:
    """Return what is kept of a member's figures."""
    return {
        "stores": member.n_stores,
        "figures": {
            code: [
                one.value,
                one.num,
                one.den,
                one.n_stores,
                one.low_n,
                one.suspect_share,
                one.also,
            ]
            for code, one in member.figures.items()
            if one.num or one.den or one.n_stores or one.also
        },
        "violations": dict(member.violations),
        "checks": member.checks,
    }


def thawed(row: FrozenFigures) -> Frozen:
    """Return what a row keeps."""
    kept, found = row.document["figures"], {}
    for code, kpi in BY_CODE.items():
        if code in kept:
            value, num, den, n_stores, low_n, suspect_share, also = kept[code]
            reason = kpi.why(value, also)
            found[code] = Figure(
                value, num, den, n_stores, low_n, row.as_of, suspect_share, also, reason
            )
        else:
            found[code] = kpi.figure(None, None, 0, as_of=row.as_of)
    member = Member(
        found,
        Counter(row.document["violations"]),
        row.document["checks"],
        row.document["stores"],
    )
    return Frozen(row.version, row.as_of, member)
