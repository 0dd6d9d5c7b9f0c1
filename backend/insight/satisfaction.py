"""Satisfaction: what the stores of dealers think of us, and what they complain about.

A store's score is the mean of its cards and a dealer's the mean of its stores' (kpi
feedback_score); complaints are told per 100 active stores (kpi complaint_rate). Cards, complaints
and jobs are those of the dealer at their time, in the actor's sight.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import SQL, Case, ModelSelect, fn

from backend.fieldwork.case_models import Complaint, FeedbackCard
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.insight.asked import Asked
from backend.insight.kpis import LOW
from backend.insight.populations import Grain, Population
from backend.insight.statements import rows_of
from backend.insight.visit_sources import MIN_ACTIVE_DAYS, owned
from backend.insight.windows import Window, by_month
from backend.network import dealers as dealer_list
from backend.network import regions
from backend.network.models import Dealer, Region
from backend.platform import clock
from backend.platform.actors import SYSTEM, Actor
from backend.standards.codes import SEVERITY_COLOUR

PER_STORES = 100


class Silence(StrEnum):
    """Why a figure is null."""

    NO_CARDS = "no_cards"
    NO_JOBS = "no_jobs"
    NO_STORES = "no_stores"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What stores say on cards: `value` is the mean of `stores` stores' means, 1 (bad) to 5.

    `asked` are the finished jobs a card could be about, or the cards if these are more.
    """

    value: float | None
    num: float
    stores: int
    cards: int
    asked: int

    @property
    def response_rate(self) -> float | None:
        """Which part of the jobs was answered for with a card."""
        return self.cards / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Point:
    """The complaints of one category; `bar` is their count by the largest one beside it."""

    category: str
    count: int
    severity: int
    bar: float

    @property
    def colour(self) -> str:
        """The colour of its gravest complaint."""
        return SEVERITY_COLOUR[self.severity]


@dataclass(frozen=True, slots=True)
class Grievances:
    """The complaints of a dealer: how many per 100 active stores, and about what.

    `bar` is the count by the largest count of any dealer that was asked for.
    """

    count: int
    active_stores: int
    severity: int | None
    bar: float
    points: list[Point]

    @property
    def rate(self) -> float | None:
        """Complaints per 100 active stores."""
        return PER_STORES * self.count / self.active_stores if self.active_stores else None

    @property
    def colour(self) -> str | None:
        """The colour of the gravest complaint."""
        return None if self.severity is None else SEVERITY_COLOUR[self.severity]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What a dealer's stores think and complain about."""

    dealer: Dealer
    opinion: Opinion
    grievances: Grievances


def dealers(
    actor: Actor, *, region_id: int | None = None, dealer_id: int | None = None
) -> ModelSelect[Dealer]:
    """Return the dealers in sight that are not merged away, by code. Raises NotFoundError."""
    found = Dealer.select().where(Dealer.visible_to(actor), Dealer.merged_into.is_null())
    if dealer_id is not None:
        found = found.where(Dealer.id == dealer_list.get(actor, dealer_id).id)
    if region_id is not None:
        below = Region.select(Region.id).where(regions.below(regions.get(actor, region_id).id))
        found = found.where(Dealer.region.in_(below))
    return found.order_by(Dealer.code, Dealer.id)


def of_dealers(
    actor: Actor, shown: Sequence[Dealer], window: Window, *, among: ModelSelect[Dealer]
) -> list[Satisfaction]:
    """Return the satisfaction of some dealers; the queries do not grow with them.

    `among` are all that were asked for: the longest bar is that of the largest of them.
    """
    if not shown:
        return []
    ids = [dealer.id for dealer in shown]
    active, store_ids = _stores(ids, window)
    jobs = _jobs(actor, ids, store_ids, window)
    opinions = _opinions(actor, ids, window)
    points = _points(actor, ids, window)
    most = _most(actor, among, window)
    return [
        Satisfaction(
            dealer,
            _opinion(opinions.get(dealer.id), jobs[dealer.id]),
            _grievances(points[dealer.id], active[dealer.id], most),
        )
        for dealer in shown
    ]


def response_rates(actor: Actor, ids: list[int], window: Window) -> dict[int, float | None]:
    """Return which part of the finished jobs of each dealer was answered for with a card."""
    jobs = _jobs(actor, ids, _stores(ids, window)[1], window)
    opinions = _opinions(actor, ids, window)
    return {each: _opinion(opinions.get(each), jobs[each]).response_rate for each in ids}


def _opinion(found: tuple[float, int, int] | None, jobs: int) -> Opinion:
    if found is None:
        return Opinion(None, 0.0, 0, 0, jobs)
    num, stores, cards = found
    return Opinion(num / stores, num, stores, cards, max(jobs, cards))


def _grievances(found: list[tuple[str, int, int]], active: int, most: int) -> Grievances:
    largest = max((count for _, count, _ in found), default=1)
    total = sum(count for _, count, _ in found)
    ordered = sorted(found, key=lambda row: (-row[1], row[0]))
    return Grievances(
        total,
        active,
        max((severity for *_, severity in found), default=None),
        total / most if most else 0.0,
        [Point(category, n, severity, n / largest) for category, n, severity in ordered],
    )


def _opinions(actor: Actor, ids: list[int], window: Window) -> dict[int, tuple[float, int, int]]:
    """Return per dealer the sum of its stores' means, how many stores, and how many cards."""
    means = (
        FeedbackCard.select(
            FeedbackCard.dealer.alias("dealer"),
            fn.AVG(FeedbackCard.score).alias("mean"),
            fn.COUNT(SQL("*")).alias("cards"),
        )
        .where(
            FeedbackCard.dealer.in_(ids),
            FeedbackCard.given_on >= window.from_on,
            FeedbackCard.given_on < window.to_on,
            FeedbackCard.visible_to(actor),
        )
        .group_by(FeedbackCard.dealer, FeedbackCard.store)
        .alias("store_mean")
    )
    rows: Any = (
        FeedbackCard.select(
            means.c.dealer,
            fn.SUM(means.c.mean),
            fn.COUNT(SQL("*")),
            fn.SUM(means.c.cards).cast("BIGINT"),
        )
        .from_(means)
        .group_by(means.c.dealer)
        .tuples()
    )
    return {dealer: (float(num), stores, cards) for dealer, num, stores, cards in rows}


def _points(
    actor: Actor, ids: list[int], window: Window
) -> defaultdict[int, list[tuple[str, int, int]]]:
    """Return per dealer the categories of its complaints with count and gravest severity."""
    rows: Any = (
        Complaint.select(
            Complaint.dealer,
            Complaint.category,
            fn.COUNT(SQL("*")),
            fn.MAX(Complaint.severity),
        )
        .where(Complaint.dealer.in_(ids), *_received(actor, window))
        .group_by(Complaint.dealer, Complaint.category)
        .tuples()
    )
    found: defaultdict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for dealer, *row in rows:
        found[dealer].append(tuple(row))
    return found


def _most(actor: Actor, among: ModelSelect[Dealer], window: Window) -> int:
    """Return the largest number of complaints of one dealer."""
    counted: Any = (
        Complaint.select(fn.COUNT(SQL("*")))
        .where(Complaint.dealer.in_(among.order_by().select(Dealer.id)), *_received(actor, window))
        .group_by(Complaint.dealer)
        .order_by(fn.COUNT(SQL("*")).desc())
        .limit(1)
        .tuples()
    )
    return next((count for (count,) in counted), 0)


def _received(actor: Actor, window: Window) -> list[Any]:
    return [
        Complaint.received_on >= window.from_on,
        Complaint.received_on < window.to_on,
        Complaint.visible_to(actor),
    ]


def _stores(ids: list[int], window: Window) -> tuple[Counter[int], set[int]]:
    """Return how many stores of each dealer were active long enough, and all that were theirs."""
    everyone = Population(actor=SYSTEM, grain=Grain.DEALER, members=ids, sees_all=True)
    rows = rows_of(owned(Asked(everyone, window)))
    active = Counter(dealer for dealer, _, _, days in rows if days >= MIN_ACTIVE_DAYS)
    return active, {store for _, store, *_ in rows}


def _jobs(
    actor: Actor, ids: list[int], store_ids: Iterable[int], window: Window
) -> defaultdict[int, int]:
    """Return how many jobs were finished that a card can be about.

    Resolved violations, closed complaints, and stores visited in each month.
    """
    begin, end = (clock.instants_of(day)[0] for day in (window.from_on, window.to_on))
    resolved = Violation.select(Violation.dealer, fn.COUNT(SQL("*"))).where(
        Violation.dealer.in_(ids),
        Violation.resolved_at >= begin,
        Violation.resolved_at < end,
        Violation.retracted_at.is_null(),
        Violation.visible_to(actor),
    )
    closed = Complaint.select(Complaint.dealer, fn.COUNT(SQL("*"))).where(
        Complaint.dealer.in_(ids),
        Complaint.closed_at >= begin,
        Complaint.closed_at < end,
        Complaint.visible_to(actor),
    )
    visited = Visit.select(
        Visit.dealer,
        *(
            fn.COUNT(
                Case(
                    None,
                    [
                        (
                            (Visit.business_on >= month.from_on)
                            & (Visit.business_on < month.to_on),
                            Visit.store,
                        )
                    ],
                ).distinct()
            )
            for month in by_month(window)
        ),
    ).where(
        Visit.dealer.in_(ids),
        Visit.store.in_(sorted(store_ids)),
        Visit.business_on >= window.from_on,
        Visit.business_on < window.to_on,
        Visit.counts(),
        Visit.visible_to(actor),
    )
    counted: list[Any] = [
        *resolved.group_by(Violation.dealer).tuples(),
        *closed.group_by(Complaint.dealer).tuples(),
        *visited.group_by(Visit.dealer).tuples(),
    ]
    found: defaultdict[int, int] = defaultdict(int)
    for dealer_id, *counts in counted:
        found[dealer_id] += sum(counts)
    return found


def as_dict(one: Satisfaction) -> Mapping[str, Any]:
    """Return everything that is told of a dealer."""
    opinion, grievances = one.opinion, one.grievances
    return {
        "dealer_id": one.dealer.id,
        "dealer_code": one.dealer.code,
        "dealer_name": one.dealer.name,
        "feedback_score": opinion.value,
        "num": opinion.num,
        "den": opinion.stores,
        "low_n": opinion.stores < LOW,
        "feedback_reason": None if opinion.stores else Silence.NO_CARDS,
        "cards": opinion.cards,
        "jobs": opinion.asked,
        "response_rate": opinion.response_rate,
        "response_low_n": opinion.asked < LOW,
        "response_reason": None if opinion.asked else Silence.NO_JOBS,
        "complaints": grievances.count,
        "active_stores": grievances.active_stores,
        "complaint_rate": grievances.rate,
        "complaint_low_n": grievances.active_stores < LOW,
        "complaint_reason": None if grievances.active_stores else Silence.NO_STORES,
        "severity": grievances.severity,
        "colour": grievances.colour,
        "bar": grievances.bar,
        "points": grievances.points,
    }
