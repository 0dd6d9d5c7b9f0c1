"""Buyers: what dealers or stores bought, ranked, in deciles, scored, and where each is heading.

A customer's worth is what it was sold, in fen, returns taken off; lines without an amount count 0
and are told. Of stores it may also be the units they sold to shoppers. A customer takes part while
it is open and not merged into another, a store only once it is a partner. Sub-dealers stand for
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import Case, Expression, fn

from backend.fieldwork import sales
from backend.fieldwork.trade_models import SellIn, SellOut
from backend.insight import deciles, periods, rankings, rfv
from backend.insight.deciles import Member, Table
from backend.insight.rankings import KeyCustomer
from backend.insight.rfv import Buyer, Score
from backend.insight.trends import MONTHS, Flag, Trend, trend
from backend.insight.windows import Against, Span, Window, months_until
from backend.network import regions
from backend.network.models import Dealer, Region, Store
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards.models import Sku

YEAR = timedelta(days=rfv.HORIZON_DAYS)
PARTNERS = ("active", "at_risk", "closed")
"""The states of a store that is a partner or was one while it was open."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Which customers are looked at, in which sales, and what of these is their worth.

    `best_fen` is the setting that says what one of the best buys in a year at least.
    """

    model: Any
    sales: Any
    who: Any
    value: Any
    best_fen: str = ""


DEALERS = Kind(Dealer, SellIn, SellIn.dealer, fn.COALESCE(SellIn.amount_fen, 0), "best_dealer_fen")
STORES = Kind(Store, SellIn, SellIn.store, fn.COALESCE(SellIn.amount_fen, 0), "best_store_fen")
STORES_BY_UNITS = Kind(Store, SellOut, SellOut.store, SellOut.units)
Customer = Dealer | Store


@dataclass(frozen=True, slots=True)
class _Population:
    """The customers of a kind that are looked at, and the query that finds them in SQL."""

    kind: Kind
    customers: list[Customer]
    ids: Any


@dataclass(frozen=True, slots=True)
class Ranked:
    """A key customer: its place, where it is heading and was a month before, and a year ago.

    `last_year` is its worth in the same month of last year; None where it was no customer yet, or
    nothing was sold to anybody.
    """

    customer: Customer
    place: KeyCustomer
    trend: Trend | None
    previous_trend: Trend | None
    last_year: int | None

    @property
    def last_year_ratio(self) -> float | None:
        """The month over the same month of last year, which takes the season out."""
        then = self.last_year
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
    total: int
    ranked: int
    unpriced: int
    items: list[Ranked]


@dataclass(frozen=True, slots=True)
class Deciles:
    """A table over a window's customers."""

    window: Window
    unpriced: int
    table: Table


@dataclass(frozen=True, slots=True)
class ScoredBuyer:
    """A customer's year: its scores, None where too few can be ranked, and what they rest on."""

    customer: Customer
    buyer: Buyer
    score: Score | None
    is_best: bool


def key_customers(
    actor: Actor,
    *,
    window: Window,
    top: int,
    region_id: int | None = None,
    kind: Kind = DEALERS,
) -> Ranking:
    """Rank the customers by a window, with their rank in the one before and their trend.

    The trend is that of the six whole months up to the end of the window, from the month of the
    customer's opening on. Raises NotFoundError for an unknown region.
    """
    before = periods.before(window, Against.PREVIOUS)
    all_of = _population(actor, kind, Span(before.from_on, window.to_on), region_id)
    worth = _worth_by_month(kind, all_of.ids, [before, window])
    now, then = _members(all_of, worth, window, 1), _members(all_of, worth, before, 0)
    limits = settings()
    borders = rankings.Borders(limits.abc_a_share, limits.abc_b_share, limits.abc_slack)
    was = {place.code: place.abc for place in rankings.ranking(then, borders=borders)}
    places = rankings.ranking(now, previous=then, previous_abc=was, borders=borders)
    total = sum(place.value for place in places)
    items = _followed(all_of, places[:top], window)
    return Ranking(window, total, len(places), _unpriced(all_of, window), items)


def decile_table(
    actor: Actor,
    window: Window,
    *,
    by_purchase: bool,
    region_id: int | None = None,
    kind: Kind = DEALERS,
) -> Deciles:
    """Cut a window's customers into ten parts, by their number or by their worth."""
    all_of = _population(actor, kind, window, region_id)
    worth = _worth_by_month(kind, all_of.ids, [window])
    cut = deciles.purchase if by_purchase else deciles.money
    return Deciles(window, _unpriced(all_of, window), cut(_members(all_of, worth, window, 0)))


def scored(
    actor: Actor, *, to_on: date, region_id: int | None = None, kind: Kind = DEALERS
) -> list[ScoredBuyer]:
    """Score the customers by the year that ends before a day, the best first."""
    window = Window(to_on - YEAR, to_on)
    all_of = _population(actor, kind, window, region_id)
    bought = SellIn.units > 0
    rows: Any = (
        SellIn.select(
            kind.who,
            fn.MAX(Case(None, [(bought, SellIn.sold_on)])),
            fn.COUNT(Case(None, [(bought, SellIn.sold_on)]).distinct()),
            fn.COUNT(Case(None, [(bought, Sku.category)]).distinct()),
            fn.SUM(kind.value),
        )
        .join(Sku)
        .where(_sold_to(kind, all_of.ids, window))
        .group_by(kind.who)
        .tuples()
    )
    found = {customer_id: facts for customer_id, *facts in rows}
    rule = rfv.BestRule(getattr(settings(), kind.best_fen))
    buyers, best = {}, {}
    for customer in all_of.customers:
        last_on, days, categories, amount = found.get(customer.id, (None, 0, 0, 0))
        since = None if last_on is None else (to_on - _day(last_on)).days
        buyers[customer.code] = Buyer(customer.code, since, days, int(amount))
        best[customer.code] = rule.holds(
            amount_fen=int(amount), categories=categories, order_days=days
        )
    scores = rfv.scores(buyers.values())
    everyone = [
        ScoredBuyer(one, buyers[one.code], scores[one.code], best[one.code])
        for one in all_of.customers
    ]
    return sorted(everyone, key=_from_best)


def _from_best(one: ScoredBuyer) -> tuple[int, int, str]:
    return -one.score.sum if one.score else 0, -one.buyer.amount_fen, one.customer.code


def _day(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)


def _population(actor: Actor, kind: Kind, window: Span, region_id: int | None) -> _Population:
    """Return the customers that are open in a window. Raises NotFoundError."""
    model = kind.model
    is_open = (model.opened_on < window.to_on) & (
        model.closed_on.is_null() | (model.closed_on > window.from_on)
    )
    conditions = [model.visible_to(actor), is_open, model.merged_into.is_null()]
    if model is Store:
        conditions.append(Store.status.in_(PARTNERS))
    if region_id is not None:
        here = Region.select(Region.id).where(regions.below(regions.get(actor, region_id).id))
        conditions.append(model.region.in_(here))
    columns = (
        model.id,
        model.code,
        model.name,
        model.region,
        model.opened_on,
        model.closed_on,
    )
    found = model.select(*columns).where(*conditions)
    return _Population(kind, list(found.order_by(model.code)), found.select(model.id))


def _sold_to(kind: Kind, ids: Any, window: Span) -> Expression:
    """Return the condition for the sales of a window to customers, given as ids or a query."""
    on = kind.sales.sold_on
    condition: Expression = (on >= window.from_on) & (on < window.to_on) & kind.who.in_(ids)
    return condition


def _worth_by_month(kind: Kind, ids: Any, months: list[Window]) -> dict[int, list[int]]:
    """Return the worth of customers in each of some windows that follow one another.

    Those to whom nothing was sold are not there.
    """
    on = kind.sales.sold_on
    sums = [
        fn.SUM(Case(None, [((on >= month.from_on) & (on < month.to_on), kind.value)], 0))
        for month in months
    ]
    whole = Span(months[0].from_on, months[-1].to_on)
    rows: Any = (
        kind.sales.select(kind.who, *sums)
        .where(_sold_to(kind, ids, whole))
        .group_by(kind.who)
        .tuples()
    )
    return {customer_id: [int(value) for value in values] for customer_id, *values in rows}


def _members(
    all_of: _Population, worth: dict[int, list[int]], window: Window, number: int
) -> list[Member]:
    """Return those open in a window, the one of that number among those of `worth`."""
    return [
        Member(one.code, worth[one.id][number] if one.id in worth else 0, one.opened_on)
        for one in all_of.customers
        if one.opened_on < window.to_on
        and (one.closed_on is None or one.closed_on > window.from_on)
    ]


def _followed(all_of: _Population, places: list[KeyCustomer], window: Window) -> list[Ranked]:
    """Return customers with what seven whole months, and the year before, say of each."""
    last = window.to_on.replace(day=1) - timedelta(days=1)
    kind, months = all_of.kind, months_until(last, MONTHS + 1)
    a_year_ago, nothing = periods.before(window, Against.LAST_YEAR), [0] * len(months)
    by_code = {one.code: one for one in all_of.customers}
    shown = [(by_code[place.code], place) for place in places]
    ids = [one.id for one, _ in shown]
    worth, then = (_worth_by_month(kind, ids, each) for each in (months, [a_year_ago]))
    begun_on = sales.known_from(kind.sales) or date.max
    has_last_year = begun_on < a_year_ago.to_on
    return [
        Ranked(
            one,
            place,
            trend=_trend(one, worth.get(one.id, nothing)[1:], months[1:], begun_on),
            previous_trend=_trend(one, worth.get(one.id, nothing)[:-1], months[:-1], begun_on),
            last_year=then.get(one.id, [0])[0]
            if has_last_year and one.opened_on <= a_year_ago.from_on
            else None,
        )
        for one, place in shown
    ]


def _trend(
    customer: Customer, worth: list[int], months: list[Window], begun_on: date
) -> Trend | None:
    known_from = max(customer.opened_on, begun_on)
    pairs = zip(months, worth, strict=True)
    return trend([value for month, value in pairs if month.to_on > known_from])


def _unpriced(all_of: _Population, window: Window) -> int:
    """Return how many sales had no amount, where amounts are what counts."""
    if all_of.kind.sales is SellOut:
        return 0
    unpriced = _sold_to(all_of.kind, all_of.ids, window) & SellIn.amount_fen.is_null()
    return SellIn.select().where(unpriced).count()
