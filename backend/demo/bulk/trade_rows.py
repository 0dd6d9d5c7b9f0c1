"""What stores sold and bought, and how much of it stands there: feeds and counts as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.network import Team
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import (
    FAR,
    NULL,
    Array,
    Cells,
    Page,
    days,
    hashes,
    ids,
    page,
    picked,
    whole,
)
from backend.demo.bulk.stages import Stage
from backend.demo.feeds import (
    DEALER_SHARE,
    DIVERTED,
    RETURNED,
    SEASONS,
    WEEKDAYS_MEAN,
    WEEKEND,
)
from backend.demo.promotions import DIP, DIP_DAYS, SPRING_FESTIVALS
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount, StockCountLine
from backend.insight.stock_models import StoreStock
from backend.standards.models import PromotionStore

MONTHLY = (1.22, 0.55, 0.82, 0.92, 1.17, 0.95, 0.93, 0.95, 0.95, 1.14, 1.14, 1.26)
"""Sell-in of January to December over that of an average month."""
_BUILD, _BUILD_MIX = (1.05, 1.6, 0.8), (0.86, 0.06, 0.08)
"""Bought over sold: as usual, overstocked, short."""
_REPORTED_ON, _FORTNIGHT, _AHEAD = (2, 6), 14, 7
_NO_SALES = 0.002
_DEALER_BUILD, _DEALER_ROWS = 0.04, 3
_MONTH = 30
_KNOWN = 0.25
"""Of handsets that were sold alone, whose IMEI the feeds tell: about 1 % of all that is sold."""
_ON_THE_WAY = 7, 21
_SPREAD = 7_919_009
"""A prime, so that numbers of a team are all different and look like any."""
_BEFORE_FESTIVAL = 0.3 * (1 - MONTHLY[1]) * 28 / _FORTNIGHT
"""What a day of the fortnight before Spring Festival sells of what February lacks."""


@dataclass(frozen=True, slots=True)
class Books:
    """The sell-out and sell-in of a team column by column: `store` is a place, -1 of a dealer.

    `imei` is that of a single handset, or 0. Of sell-out `silent` says which stores sold nothing,
    of sell-in it holds the dealers of the last rows, those that no store bought.
    """

    store: Array
    day: Array
    article: Array
    units: Array
    imei: Array
    silent: Array


def enrol(team: Team, offer: Offer, random: Generator) -> Array:
    """Return by store and campaign who takes part: those that trade while it runs, in part."""
    count = len(team.store_id)
    enrolled = np.zeros((count, len(offer.campaigns)), bool)
    for place, campaign in enumerate(offer.campaigns):
        trades = (team.opened <= campaign.starts) & (team.closed > campaign.ends)
        enrolled[:, place] = trades & (random.random(count) < campaign.share)
    return enrolled


def enrolment_page(stage: Stage, enrolled: Array) -> Page:
    """Return the stores that take part, with the units asked of each."""
    team = stage.team
    store, campaign = np.nonzero(enrolled)
    length = np.array([each.ends - each.starts + 1 for each in stage.offer.campaigns], int)
    target = np.maximum(team.units[store] / _MONTH * length[campaign] * 0.3, 1).astype(int)
    of_campaign = np.array([each.id for each in stage.offer.campaigns], int)
    return page(
        PromotionStore,
        len(store),
        promotion=whole(of_campaign[campaign]),
        store=whole(team.store_id[store]),
        target_units=whole(target),
        enrolled_by_id="2",
        enrolled_at=stage.moments(np.full(len(store), -86_400)),
        version="1",
    )


def sell(stage: Stage, enrolled: Array, total_days: int, random: Generator) -> Books:
    """Draw what stores sold: told twice a week, of one product each time."""
    team, offer = stage.team, stage.offer
    pull = demand(stage.start, total_days)
    reported = np.array(
        [
            each
            for each in range(total_days)
            if (stage.start + timedelta(days=each)).weekday() in _REPORTED_ON
        ]
    )
    since = np.concatenate([[0], reported[:-1] + 1])
    sums = np.concatenate([[0.0], np.cumsum(pull)])
    drawn = sums[reported + 1] - sums[since]
    stores, count = len(team.store_id), len(reported)
    store = np.repeat(np.arange(stores), count)
    day, weight = np.tile(reported, stores), np.tile(drawn, stores)
    article = random.choice(len(offer.weights), len(store), p=offer.weights / offer.weights.sum())
    rate = team.units[store] / _MONTH * weight * (1 + team.growth[store]) ** (day / _MONTH)
    rate *= _effect(offer, enrolled, store, day, article)
    units = random.poisson(rate)
    returned = random.random(len(store)) < RETURNED
    units[returned] = -1
    silent = random.random(stores) < _NO_SALES
    silent[0] = silent[0] or stage.team.number == 0
    keep = (units != 0) & team.is_open(store, day) & ~silent[store]
    store, day, article, units = store[keep], day[keep], article[keep], units[keep]
    # Of a store that changed hands nobody could say whose the handset was.
    told = (units == 1) & offer.is_handset[article] & (team.moved[store] == FAR)
    told &= random.random(len(units)) < _KNOWN
    imei = np.zeros(len(units), np.int64)
    imei[told] = imeis(team.number, int(told.sum()))
    return Books(store, day, article, units, imei, silent)


def imeis(team: int, count: int) -> Array:
    """Return so many numbers of 15 digits that nobody else has, the last digit by Luhn."""
    number = 86 * 10**12 + team * 10**8 + np.arange(count, dtype=np.int64) * _SPREAD % 10**8
    digits = number[:, None] // 10 ** np.arange(13, -1, -1) % 10
    digits[:, 1::2] *= 2
    return number * 10 + -(digits // 10 + digits % 10).sum(axis=1) % 10


@cache
def demand(start: date, total_days: int) -> Array:
    """Return the sell-out of each day over that of an average one."""
    pull = np.empty(total_days)
    eves = [
        day - timedelta(days=ago) for day in SPRING_FESTIVALS for ago in range(1, _FORTNIGHT + 1)
    ]
    for each in range(total_days):
        day = start + timedelta(days=each)
        pull[each] = MONTHLY[day.month - 1] * (WEEKEND if day.weekday() > 4 else 1) / WEEKDAYS_MEAN
        for first, last, factor in SEASONS:
            if first <= (day.month, day.day) <= last:
                pull[each] *= factor
        pull[each] += _BEFORE_FESTIVAL * (day in eves)
    return pull


def _effect(offer: Offer, enrolled: Array, store: Array, day: Array, article: Array) -> Array:
    """Return what promotions do to sales: more while one runs, less for a while after."""
    effect = np.ones(len(store))
    for place, campaign in enumerate(offer.campaigns):
        mine = enrolled[store, place] & offer.is_in[place, article]
        runs = (campaign.starts <= day) & (day <= campaign.ends)
        length = min(campaign.ends - campaign.starts + 1, DIP_DAYS)
        dips = (campaign.ends < day) & (day <= campaign.ends + length)
        effect[mine & runs] *= campaign.uplift
        effect[mine & dips] *= max(1 - DIP * (campaign.uplift - 1), 0.2)
    return effect


def buy(
    stage: Stage, books: Books, total_days: int, random: Generator, rates: float
) -> tuple[Books, Array, Array]:
    """Draw what stores bought for what they sold a week or two later, and dealers' own stock.

    Return beside it the places in `books` of handsets that another dealer had bought, and by whom.
    """
    team = stage.team
    bins = total_days // _FORTNIGHT + 2
    key = books.store * bins + books.day // _FORTNIGHT
    sold = np.bincount(key, weights=np.maximum(books.units, 0), minlength=len(team.store_id) * bins)
    kept = np.zeros(len(sold), int)
    kept[key] = books.article
    build = np.array(_BUILD)[random.choice(3, len(team.store_id), p=_BUILD_MIX)]
    place = np.flatnonzero(sold)
    store = place // bins
    day = place % bins * _FORTNIGHT - _AHEAD - random.integers(0, _AHEAD, len(place))
    units = np.rint(sold[place] * build[store]).astype(int)
    keep = (units > 0) & (day >= 0) & team.is_open(store, day)
    own = _dealers_own(team, total_days, random)
    known, home, diverted = _homes(team, books, random, rates)
    bought = Books(
        store=np.concatenate([store[keep], np.full(len(own[0]) + len(known), -1)]),
        day=np.concatenate(
            [day[keep], own[1], books.day[known] - random.integers(*_ON_THE_WAY, len(known))]
        ),
        article=np.concatenate(
            [
                kept[place][keep],
                random.integers(0, len(stage.offer.weights), len(own[0])),
                books.article[known],
            ]
        ),
        units=np.concatenate([units[keep], own[2], np.ones(len(known), int)]),
        imei=np.concatenate([np.zeros(int(keep.sum()) + len(own[0]), int), books.imei[known]]),
        silent=np.concatenate([own[0], home]),
    )
    return bought, known[diverted], home[diverted]


def _homes(team: Team, books: Books, random: Generator, rates: float) -> tuple[Array, Array, Array]:
    """Return the places of known handsets, who had bought each, and which another dealer had."""
    known = np.flatnonzero(books.imei)
    home = team.dealer[books.store[known]]
    dealers = np.unique(team.dealer)
    others = dealers[random.integers(len(dealers), size=len(known))]
    draw = random.random(len(known))
    if team.number == 0 and len(known) and len(dealers) > 1:  # every dataset has one
        others[0], draw[0] = dealers[dealers != home[0]][0], 0
    diverted = (draw < DIVERTED * rates) & (others != home)
    return known, np.where(diverted, others, home), diverted


def _dealers_own(team: Team, total_days: int, random: Generator) -> tuple[Array, Array, Array]:
    """Return dealer, day and units of what dealers put in stock of their own; a few are returns."""
    dealers, place = np.unique(team.dealer, return_inverse=True)
    monthly = np.bincount(place, weights=team.units)
    months = max(total_days // _MONTH, 1)
    dealer = np.repeat(dealers, months * _DEALER_ROWS)
    mean = np.repeat(monthly * _DEALER_BUILD, months * _DEALER_ROWS)
    day = np.tile(np.repeat(np.arange(months), _DEALER_ROWS) * _MONTH, len(dealers))
    day = np.minimum(day + random.integers(0, _MONTH, len(day)), total_days - 1)
    units = 1 + random.poisson(mean)
    units[random.random(len(units)) < RETURNED] *= -1
    return dealer, day, units


def feed_pages(stage: Stage, sold: Books, bought: Books, random: Generator) -> Iterator[Page]:
    """Yield the sell-out and the sell-in."""
    team, offer = stage.team, stage.offer
    for model, books in ((SellOut, sold), (SellIn, bought)):
        count, of_store = len(books.store), books.store >= 0
        dealer = team.dealer_on(books.store, books.day)
        amount = books.units * offer.price[books.article, np.maximum(books.day, 0)]
        if model is SellIn:
            dealer[~of_store] = books.silent
            amount = np.rint(amount * DEALER_SHARE).astype(int)
        store: dict[str, Cells] = {
            "store": whole(team.store_id[books.store], null=~of_store),
            "dealer": whole(dealer),
        }
        yield page(
            model,
            count,
            id=ids(random, count),
            sold_on=days(stage.start, books.day),
            region=str(team.region_id),
            sku=whole(offer.sku_ids[books.article]),
            units=whole(books.units),
            amount_fen=whole(amount),
            imei=whole(books.imei, null=books.imei == 0),
            recorded_at=stage.moments((books.day + 1) * 86_400 + 3_600),
            recorded_by_id="2",
            **store,
        )


def count_pages(stage: Stage, total_days: int, random: Generator) -> Iterator[Page]:
    """Yield counts by telephone, a store per rep and week, and the stock as last counted."""
    team, offer = stage.team, stage.offer
    sundays = np.array(
        [each for each in range(total_days) if (stage.start + timedelta(days=each)).weekday() == 6],
        int,
    )
    rep, day = (
        np.repeat(np.arange(len(team.rep_ids)), len(sundays)),
        np.tile(sundays, len(team.rep_ids)),
    )
    theirs = [np.flatnonzero(team.rep == each) for each in range(len(team.rep_ids))]
    draw = random.random(len(rep))
    asked = np.array(
        [
            theirs[each][int(share * len(theirs[each]))] if len(theirs[each]) else -1
            for each, share in zip(rep.tolist(), draw.tolist(), strict=True)
        ],
        int,
    )
    keep = (asked >= 0) & team.is_open(asked, day)
    rep, day, store = rep[keep], day[keep], asked[keep]
    count_ids = ids(random, len(store))
    number = np.array([offer.musts(tier) for tier in range(3)])[team.tier[store]]
    counted = day * 86_400 + 17 * 3_600
    yield page(
        StockCount,
        len(store),
        store=whole(team.store_id[store]),
        id=count_ids,
        person=whole(team.person_on(rep, day)),
        counted_at=stage.moments(counted),
        counted_on=days(stage.start, day),
        received_at=stage.moments(counted + 720),
        content_sha256=hashes(random, len(store)),
    )
    row = np.repeat(np.arange(len(store)), number)
    place = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    lines = {
        "stock": np.rint(random.exponential(1, len(row)) * team.units[store[row]] / 20).astype(int),
        "demo": random.random(len(row)) < 0.7,
        "damaged": random.random(len(row)) < 0.1,
        "oldest": day[row] - random.integers(5, 121, len(row)),
    }
    yield page(
        StockCountLine,
        len(row),
        store=whole(team.store_id[store[row]]),
        count_id=picked(count_ids, row),
        sku=whole(offer.sku_ids[place]),
        stock=whole(lines["stock"]),
        demo_stock=whole(lines["demo"]),
        damaged_stock=whole(lines["damaged"]),
        oldest_receipt_on=days(stage.start, lines["oldest"]),
    )
    visits, shelves = stage.visits, stage.shelves
    both = {name: np.concatenate([shelves[name], lines[name]]) for name in lines}
    at = np.concatenate([visits.came[shelves["visit"]], counted[row]])
    whose = np.concatenate([visits.store[shelves["visit"]], store[row]])
    what = np.concatenate([shelves["place"], place])
    source = [*picked(stage.ids, shelves["visit"]), *picked(count_ids, row)]
    latest = np.full((len(team.store_id), int(what.max(initial=0)) + 1), -1)
    order = np.argsort(at, kind="stable")
    latest[whose[order], what[order]] = order
    last = latest[latest >= 0]
    yield page(
        StoreStock,
        len(last),
        store=whole(team.store_id[whose[last]]),
        sku=whole(offer.sku_ids[what[last]]),
        stock=whole(both["stock"][last]),
        demo_stock=whole(both["demo"][last]),
        damaged_stock=whole(both["damaged"][last]),
        oldest_receipt_on=_oldest(stage, both, last, len(shelves["visit"])),
        counted_at=stage.moments(at[last]),
        counted_on=days(stage.start, at[last] // 86_400),
        source=["visit" if each < len(shelves["visit"]) else "count" for each in last.tolist()],
        source_id=picked(source, last),
        sold_units="0",
        verdict=NULL,
    )


def _oldest(stage: Stage, both: dict[str, Array], last: Array, on_visits: int) -> Cells:
    """Return since when the oldest stock is there; a visit tells it only of what there is."""
    untold = (last < on_visits) & (both["stock"][last] <= 0)
    return days(stage.start, np.where(untold, FAR, both["oldest"][last]))
