"""Summaries: the KPIs of dealers over a window.

A fact counts for the dealer that owned the store on its day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.insight import details, frozen, tables
from backend.insight.catalogue import SUMMARISED
from backend.insight.figures import Member, figures
from backend.insight.frozen import Frozen
from backend.insight.kpis import Figure, ViolationRate, violation_rates
from backend.insight.populations import Grain, Population
from backend.insight.targets import Book
from backend.insight.windows import Window
from backend.network.models import Dealer, Region
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class DealerSummary:
    """A dealer's numbers over a window.

    `kpis` is keyed by the codes of SUMMARISED, `violations_by_kind` counts what was first seen
    in the window, `n_stores` is how many stores were visited, `as_of` when this was worked out;
    `version` is that of frozen numbers.
    """

    dealer_id: int
    dealer_code: str
    dealer_name: str
    region_id: int
    from_on: date
    to_on: date
    as_of: datetime
    is_provisional: bool
    version: int | None
    n_stores: int
    kpis: dict[str, Figure]
    violations_by_kind: dict[str, int]
    violations_per_100_checks: dict[str, ViolationRate]


def summary(
    actor: Actor,
    dealer_id: int,
    *,
    window: Window,
    at: datetime,
    include_sub_dealers: bool = False,
    fresh: bool = True,
) -> DealerSummary:
    """Return one dealer's summary, with details beside its figures. Raises NotFoundError."""
    found = summaries(
        actor,
        window=window,
        at=at,
        dealer_ids=[dealer_id],
        include_sub_dealers=include_sub_dealers,
        fresh=fresh,
    )
    if not found:
        raise NotFoundError(what="dealer")
    if found[0].version is None:
        roots = sub_dealers(actor, [dealer_id]) if include_sub_dealers else None
        whose = Population(actor=actor, grain=Grain.DEALER, members=[dealer_id], roots=roots)
        details.add(whose, window, {dealer_id: found[0].kpis})
    return found[0]


def summaries(
    actor: Actor,
    *,
    window: Window,
    at: datetime,
    region_id: int | None = None,
    tier: str | None = None,
    dealer_ids: list[int] | None = None,
    include_sub_dealers: bool = False,
    fresh: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> list[DealerSummary]:
    """Return the summaries of the dealers that `dealers` names, by code.

    `tier` keeps to stores of that tier; sub-dealers are those of today that the actor sees.
    Unless they are to be `fresh`, numbers of closed months and quarters are the frozen ones.
    """
    rows: Any = dealers(actor, region_id=region_id, dealer_ids=dealer_ids)
    named = list(rows.limit(limit).offset(offset).namedtuples())
    ids = [dealer.id for dealer in named]
    population = Population(
        actor=actor,
        grain=Grain.DEALER,
        members=ids,
        roots=sub_dealers(actor, ids) if include_sub_dealers else None,
        tier=tier,
    )
    is_frozen = not fresh and frozen.answers(population, SUMMARISED)
    kept = frozen.read(ids, window) if is_frozen else {}
    left = replace(population, members=[each for each in ids if each not in kept])
    found = figures(left, window=window, at=at) if left.members else {}
    for each in left.members or ():
        found.setdefault(each, tables.nobody(SUMMARISED, at))
    found |= {each: one.member for each, one in kept.items()}
    Book.of(SUMMARISED).attain(population, window, found)
    return [_summary(one, window, found[one.id], kept.get(one.id), at) for one in named]


def of_version(
    actor: Actor, dealer_id: int, version: int, *, window: Window, at: datetime
) -> DealerSummary:
    """Return a dealer's numbers as they were once frozen. Raises NotFoundError."""
    kept = frozen.get(actor, dealer_id, window, version)
    [dealer] = dealers(actor, dealer_ids=[dealer_id]).namedtuples()
    population = Population(actor=actor, grain=Grain.DEALER, members=[dealer_id])
    Book.of(SUMMARISED).attain(population, window, {dealer_id: kept.member})
    return _summary(dealer, window, kept.member, kept, at)


def dealers(
    actor: Actor, *, region_id: int | None = None, dealer_ids: list[int] | None = None
) -> ModelSelect[Dealer]:
    """Return the dealers the actor may see, of a region and below or of a list, by code."""
    found = (
        Dealer.select(Dealer.id, Dealer.code, Dealer.name, Dealer.region)
        .where(Dealer.visible_to(actor))
        .order_by(Dealer.code, Dealer.id)
    )
    if region_id is not None:
        top = Region.select(Region.path).where(Region.id == region_id, Region.visible_to(actor))
        path = top.scalar()
        below = Region.select(Region.id).where(Region.path.startswith(path or "-"))
        found = found.where(Dealer.region.in_(below))
    return found if dealer_ids is None else found.where(Dealer.id.in_(dealer_ids))


def sub_dealers(actor: Actor, ids: list[int]) -> list[tuple[int, int]]:
    """Return pairs of each dealer of `ids` and one at or below it that the actor sees."""
    top = Dealer.alias()
    tree = (
        top.select(top.id.alias("root"), top.id.alias("dealer"))
        .where(top.id.in_(ids))
        .cte("tree", recursive=True, columns=("root", "dealer"))
    )
    child = Dealer.alias()
    below = child.select(tree.c.root, child.id).join(tree, on=child.parent == tree.c.dealer)
    tree = tree.union(below)
    pairs: Any = (
        Dealer.select(tree.c.root, Dealer.id)
        .join(tree, on=Dealer.id == tree.c.dealer)
        .where(Dealer.visible_to(actor))
        .with_cte(tree)
        .tuples()
    )
    return sorted(pairs)


def _summary(
    dealer: Any, window: Window, member: Member, kept: Frozen | None, at: datetime
) -> DealerSummary:
    return DealerSummary(
        dealer_id=dealer.id,
        dealer_code=dealer.code,
        dealer_name=dealer.name,
        region_id=dealer.region,
        from_on=window.from_on,
        to_on=window.to_on,
        as_of=kept.as_of if kept else at,
        is_provisional=not kept and window.is_provisional(clock.business_date(at)),
        version=kept.version if kept else None,
        n_stores=member.n_stores,
        kpis=member.figures,
        violations_by_kind=dict(sorted(member.violations.items())),
        violations_per_100_checks=violation_rates(
            member.violations, member.checks, member.figures["violations_per_100_checks_by_kind"]
        ),
    )
