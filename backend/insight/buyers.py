"""Buyers: what dealers bought, ranked, in deciles, scored, and where each is heading.

A dealer's worth is what it was sold, in fen, returns taken off; lines without an amount count 0
and are told. A dealer takes part while it is open and not merged into another. Sub-dealers stand
for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import Case, Expression, fn

from backend.fieldwork.trade_models import SellIn
from backend.insight import deciles, rankings, rfv
from backend.insight.deciles import Member, Table
from backend.insight.rankings import KeyCustomer
from backend.insight.rfv import Buyer, Score
from backend.insight.trends import MONTHS, Flag, Trend, trend
from backend.insight.windows import Window
from backend.network import regions
from backend.network.models import Dealer, Region
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards.models import Sku

YEAR = timedelta(days=rfv.HORIZON_DAYS)
YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Ranked:
    """A key customer: its place, where it is heading and was a month before, and a year ago.

    `last_year_fen` is what it bought in the same month of last year; None where it was no
    customer yet, or nothing was sold to anybody.
    """

    dealer: Dealer
    place: KeyCustomer
    trend: Trend | None
    previous_trend: Trend | None
    last_year_fen: int | None

    @property
    def last_year_ratio(self) -> float | None:
        """The month over the same month of last year, which takes the season out."""
        then = self.last_year_fen
        return self.place.value / then if then is not None and then > 0 else None

    @property
    def turned_falling(self) -> bool:
        """Whether it falls and did not a month before."""
        was, now = self.previous_trend, self.trend
        falls = now is not None and now.flag is Flag.FALLING
        return falls and (was is None or was.flag is not Flag.FALLING)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A month's key customers, of all that were ranked; `unpriced` lines had no amount."""

    window: Window
    total_fen: int
    ranked: int
    unpriced: int
    items: list[Ranked]


@dataclass(frozen=True, slots=True)
class Deciles:
    """A table over a window's dealers."""

    window: Window
    unpriced: int
    table: Table


@dataclass(frozen=True, slots=True)
class ScoredBuyer:
    """A dealer's year: its scores, None where too few can be ranked, and what they rest on."""

    dealer: Dealer
    buyer: Buyer
    score: Score | None
    is_best: bool


def key_customers(actor: Actor, *, month: date, top: int, region_id: int | None = None) -> Ranking:
    """Rank the dealers by a calendar month, with their rank before and their trend.

    The trend is that of the six months up to this one, from the month of the dealer's opening
    on. Raises NotFoundError for an unknown region.
    """
    before, window = _months_until(month, 2)
    dealers = _dealers(actor, Window(before.from_on, window.to_on), region_id)
    worth = _worth_by_month(dealers, [before, window])
    now = _members(dealers, {key: values[-1] for key, values in worth.items()}, window)
    then = _members(dealers, {key: values[-2] for key, values in worth.items()}, before)
    was = {place.code: place.abc for place in rankings.ranking(then)}
    places = rankings.ranking(now, previous=then, previous_abc=was)
    total = sum(place.value for place in places)
    items = _followed(dealers, places[:top], month)
    return Ranking(window, total, len(places), _unpriced(dealers, window), items)


def decile_table(
    actor: Actor, window: Window, *, by_purchase: bool, region_id: int | None = None
) -> Deciles:
    """Cut a window's dealers into ten parts, by their number or by what they bought."""
    dealers = _dealers(actor, window, region_id)
    worth = {key: values[0] for key, values in _worth_by_month(dealers, [window]).items()}
    cut = deciles.purchase if by_purchase else deciles.money
    return Deciles(window, _unpriced(dealers, window), cut(_members(dealers, worth, window)))


def scored(actor: Actor, *, to_on: date, region_id: int | None = None) -> list[ScoredBuyer]:
    """Score the dealers by the year that ends before a day, the best first."""
    window = Window(to_on - YEAR, to_on)
    dealers = _dealers(actor, window, region_id)
    bought = SellIn.units > 0
    rows: Any = (
        SellIn.select(
            SellIn.dealer,
            fn.MAX(Case(None, [(bought, SellIn.sold_on)])),
            fn.COUNT(Case(None, [(bought, SellIn.sold_on)]).distinct()),
            fn.COUNT(Case(None, [(bought, Sku.category)]).distinct()),
            fn.SUM(fn.COALESCE(SellIn.amount_fen, 0)),
        )
        .join(Sku)
        .where(_sold_to(dealers, window))
        .group_by(SellIn.dealer)
        .tuples()
    )
    found = {dealer_id: facts for dealer_id, *facts in rows}
    rule = rfv.BestRule(settings().best_dealer_fen)
    buyers, best = {}, {}
    for dealer in dealers:
        last_on, days, categories, amount = found.get(dealer.id, (None, 0, 0, 0))
        since = None if last_on is None else (to_on - _day(last_on)).days
        buyers[dealer.code] = Buyer(dealer.code, since, days, int(amount))
        best[dealer.code] = rule.holds(
            amount_fen=int(amount), categories=categories, order_days=days
        )
    scores = rfv.scores(buyers.values())
    everyone = [
        ScoredBuyer(dealer, buyers[dealer.code], scores[dealer.code], best[dealer.code])
        for dealer in dealers
    ]
    return sorted(everyone, key=_from_best)


def _from_best(one: ScoredBuyer) -> tuple[int, int, str]:
    return -one.score.sum if one.score else 0, -one.buyer.amount_fen, one.dealer.code


def _day(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)


def _months_until(month: date, count: int) -> list[Window]:
    """Return calendar months, the last of which holds a day."""
    first, months = month.replace(day=1), []
    until = (first + timedelta(days=32)).replace(day=1)
    for _ in range(count):
        months.append(Window(first, until))
        first, until = (first - timedelta(days=1)).replace(day=1), first
    return months[::-1]


def _dealers(actor: Actor, window: Window, region_id: int | None) -> list[Dealer]:
    """Return the dealers that are open in a window. Raises NotFoundError."""
    is_open = (Dealer.opened_on < window.to_on) & (
        Dealer.closed_on.is_null() | (Dealer.closed_on > window.from_on)
    )
    conditions = [Dealer.visible_to(actor), is_open, Dealer.merged_into.is_null()]
    if region_id is not None:
        here = Region.select(Region.id).where(regions.below(regions.get(actor, region_id).id))
        conditions.append(Dealer.region.in_(here))
    return list(Dealer.select().where(*conditions).order_by(Dealer.code))


def _sold_to(dealers: list[Dealer], window: Window) -> Expression:
    """Return the condition for the sales of a window to dealers."""
    in_time = (SellIn.sold_on >= window.from_on) & (SellIn.sold_on < window.to_on)
    return in_time & SellIn.dealer.in_([dealer.id for dealer in dealers])


def _worth_by_month(dealers: list[Dealer], months: list[Window]) -> dict[int, list[int]]:
    """Return what each dealer bought in each of some windows that follow one another."""
    amount = fn.COALESCE(SellIn.amount_fen, 0)
    sums = [
        fn.SUM(
            Case(None, [((SellIn.sold_on >= m.from_on) & (SellIn.sold_on < m.to_on), amount)], 0)
        )
        for m in months
    ]
    whole = Window(months[0].from_on, months[-1].to_on)
    rows: Any = (
        SellIn.select(SellIn.dealer, *sums)
        .where(_sold_to(dealers, whole))
        .group_by(SellIn.dealer)
        .tuples()
    )
    nothing = [0] * len(months)
    found = {dealer_id: [int(value) for value in values] for dealer_id, *values in rows}
    return {dealer.id: found.get(dealer.id, nothing) for dealer in dealers}


def _members(dealers: list[Dealer], worth: dict[int, int], window: Window) -> list[Member]:
    return [
        Member(dealer.code, worth[dealer.id], dealer.opened_on)
        for dealer in dealers
        if dealer.opened_on < window.to_on
        and (dealer.closed_on is None or dealer.closed_on > window.from_on)
    ]


def _followed(dealers: list[Dealer], places: list[KeyCustomer], month: date) -> list[Ranked]:
    """Return customers with what thirteen months say of each."""
    by_code = {dealer.code: dealer for dealer in dealers}
    months = _months_until(month, YEAR_MONTHS + 1)
    worth = _worth_by_month([by_code[place.code] for place in places], months)
    has_last_year = _is_sold_in(months[0])
    return [
        Ranked(
            dealer,
            place,
            trend=_trend(dealer, worth[dealer.id][-MONTHS:], months[-MONTHS:]),
            previous_trend=_trend(
                dealer, worth[dealer.id][-MONTHS - 1 : -1], months[-MONTHS - 1 : -1]
            ),
            last_year_fen=worth[dealer.id][0]
            if has_last_year and dealer.opened_on <= months[0].from_on
            else None,
        )
        for place, dealer in ((place, by_code[place.code]) for place in places)
    ]


def _is_sold_in(month: Window) -> bool:
    """Return whether anything was sold to anybody in a month: whether there is history."""
    in_time = (SellIn.sold_on >= month.from_on) & (SellIn.sold_on < month.to_on)
    return SellIn.select().where(in_time).exists()


def _trend(dealer: Dealer, worth: list[int], months: list[Window]) -> Trend | None:
    pairs = zip(months, worth, strict=True)
    return trend([value for month, value in pairs if month.to_on > dealer.opened_on])


def _unpriced(dealers: list[Dealer], window: Window) -> int:
    return SellIn.select().where(_sold_to(dealers, window), SellIn.amount_fen.is_null()).count()
