"""What visits find in stores, and the violations it amounts to: opened, seen again, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.network import GRADE_CODES, Team
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import Array
from backend.demo.bulk.provinces import TIERS
from backend.demo.bulk.schedule import CHECK, FULL, PATROL, ROUTINE, Visits
from backend.demo.findings import (
    BREACHES,
    GRADE_LOGIT,
    IN_PROMOTION,
    LISTED,
    LOGIT,
    LOGIT_IN_TOWN,
    MATERIAL,
    STOCKED,
)
from backend.demo.promotions import EXECUTED
from backend.network.divisions import Tier
from backend.standards.codes import ViolationKind
from backend.standards.manual import TEMPLATES

LINES, PRINCIPLES = 8, 3
MUSTS = 14
PRICES = {FULL: 6, ROUTINE: 4, CHECK: 3}
FEW_GOODS = 5
FAIL, PASS, UNANSWERED = range(3)
DIRECT, DISGUISED, GIFT, OVER = range(1, 5)
_BREACH_NAMES = ("direct", "disguised", "gift", "over")
_MENDED, _UNANSWERED_SHARE = 0.25, 0.02
_LISTING_CHANGES, _EXECUTION_CHANGES = 0.03, 0.15
_MOST_BREACHES = 0.25
_NOT_ABOUT = -1
_RIVAL_LAUNCHES = ((3, 20), (6, 12), (9, 20), (11, 1))
_AFTER_RIVAL, _RIVALLED_DAYS = 2.5, 14


@dataclass(frozen=True, slots=True)
class Slots:
    """Where in a store's row of possible violations each kind has its places."""

    campaigns: int

    @property
    def width(self) -> int:
        """How many places there are."""
        return 4 + 5 * MUSTS + 2 * self.campaigns

    @property
    def kinds(self) -> list[ViolationKind]:
        """The kind of violation of each place."""
        return [
            *[ViolationKind.REQUIRED_SIGNAGE_MISSING] * 4,
            *[ViolationKind.MUST_LIST_MISSING] * MUSTS,
            *[ViolationKind.OUT_OF_STOCK] * MUSTS,
            *[ViolationKind.DIRECT_PRICE_CUT] * MUSTS,
            *[ViolationKind.DISGUISED_DISCOUNT] * MUSTS,
            *[ViolationKind.EXCESS_GIFT] * MUSTS,
            *[ViolationKind.PROMO_NOT_EXECUTED] * self.campaigns,
            *[ViolationKind.PROMO_MATERIAL_MISSING] * self.campaigns,
        ]


_MISSING, _OUT, _PRICED = 4, 4 + MUSTS, 4 + 2 * MUSTS
_PROMOTED = 4 + 5 * MUSTS
_HOURS = {
    ViolationKind.REQUIRED_SIGNAGE_MISSING: 96,
    ViolationKind.MUST_LIST_MISSING: 72,
    ViolationKind.OUT_OF_STOCK: 48,
    ViolationKind.PROMO_NOT_EXECUTED: 36,
    ViolationKind.PROMO_MATERIAL_MISSING: 36,
}
_HOURS_OF_PRICES = 60


@dataclass(slots=True)
class Findings:
    """What was found, by visit; -1 is nothing asked. Violations and sightings column by column.

    `lines` are FAIL, PASS or UNANSWERED; `listed` 0 or 1; `stock` of what is listed; `breach` of
    the article `priced`; `executed` and `material` by campaign, where it `runs`. `resolved` is -1
    while open.
    """

    lines: Array
    goods: Array
    listed: Array
    stock: Array
    priced: Array
    breach: Array
    executed: Array
    material: Array
    runs: Array
    store: Array
    slot: Array
    first: Array
    last: Array
    seen: Array
    resolved: Array
    sighted_by: Array
    sighted: Array


@dataclass(slots=True)
class _Cases:
    """Violations as they open, are seen again and end."""

    open: Array
    last: list[Array] = field(default_factory=list)
    store: list[Array] = field(default_factory=list)
    slot: list[Array] = field(default_factory=list)
    first: list[Array] = field(default_factory=list)
    visits: list[Array] = field(default_factory=list)
    cases: list[Array] = field(default_factory=list)
    ended: list[Array] = field(default_factory=list)
    ended_by: list[Array] = field(default_factory=list)
    count: int = 0

    def step(self, visits: Array, stores: Array, seen: Array, failing: Array) -> None:
        """Let the next visit of some stores look."""
        known = self.open[stores]
        row, slot = np.nonzero(failing & (known < 0))
        new = np.arange(self.count, self.count + len(row))
        self.count += len(row)
        self.open[stores[row], slot] = new
        self.store.append(stores[row])
        self.slot.append(slot)
        self.first.append(visits[row])
        again, place = np.nonzero(failing & (known >= 0))
        self.visits += [visits[row], visits[again]]
        self.cases += [new, known[again, place]]
        over, place = np.nonzero(seen & ~failing & (known >= 0))
        self.ended.append(known[over, place])
        self.ended_by.append(visits[over])
        self.open[stores[over], place] = -1


def look(
    team: Team,
    offer: Offer,
    visits: Visits,
    random: Generator,
    *,
    enrolled: Array,
    rates: float,
    days: Sequence[date],
) -> Findings:
    """Let every visit of a team look at its store, in order of time."""
    count, campaigns = len(visits.store), len(offer.campaigns)
    musts = np.array([offer.musts(tier) for tier in range(3)])[team.tier]
    found = Findings(
        lines=np.full((count, LINES), _NOT_ABOUT, np.int8),
        goods=_goods(visits, musts),
        listed=np.full((count, MUSTS), _NOT_ABOUT, np.int8),
        stock=np.full((count, MUSTS), _NOT_ABOUT, np.int32),
        priced=np.full((count, max(PRICES.values())), _NOT_ABOUT, np.int8),
        breach=np.zeros((count, max(PRICES.values())), np.int8),
        executed=np.full((count, campaigns), _NOT_ABOUT, np.int8),
        material=np.full((count, campaigns), _NOT_ABOUT, np.int8),
        runs=_running(offer, visits, enrolled),
        **{name: np.zeros(0, np.int64) for name in _CASE_COLUMNS},
    )
    slots = Slots(campaigns)
    cases = _Cases(open=np.full((len(team.store_id), slots.width), -1))
    round_ = _Round(team, visits, random, found, days)
    round_.price(musts, rates)
    ended = np.array([campaign.ends for campaign in offer.campaigns], int)
    for turn in _turns(visits):
        seen, failing = round_.take(turn, slots.width)
        over = visits.day[turn][:, None] > ended[None, :]
        seen[:, _PROMOTED : _PROMOTED + campaigns] |= over
        seen[:, _PROMOTED + campaigns :] |= over
        cases.step(turn, visits.store[turn], seen, failing)
    _conclude(found, cases, slots, visits, random)
    return found


_CASE_COLUMNS = ("store", "slot", "first", "last", "seen", "resolved", "sighted_by", "sighted")


def _odds(team: Team) -> tuple[Array, Array]:
    """Return by store the odds of each line to pass, and by tier which required letter it is of."""
    logits = np.full((3, LINES), 9.0)
    letters = np.full((3, LINES), -1)
    for number, tier in enumerate(TIERS):
        lines = TEMPLATES[f"signage_{tier}"]["lines"]
        required = list(dict.fromkeys(line["letter"] for line in lines if line["required"]))
        for place, line in enumerate(lines):
            item = line["code"].split("_", 2)[2]
            logits[number, place] = (LOGIT_IN_TOWN if tier is Tier.TOWN else LOGIT)[item]
            if tier is Tier.COUNTY and line["required"]:
                logits[number, place] -= 0.2
            if line["required"]:
                letters[number, place] = required.index(line["letter"])
    grade = np.array([GRADE_LOGIT[each] for each in GRADE_CODES])[team.grade]
    odds = logits[team.tier] + (team.signage + grade)[:, None]
    return 1 / (1 + np.exp(-odds)), letters[team.tier]


def _goods(visits: Visits, musts: Array) -> Array:
    """Return how many articles each visit answers."""
    every = musts[visits.store]
    asked = np.select(
        [visits.kind == FULL, visits.kind == ROUTINE], [every, np.minimum(every, FEW_GOODS)], 0
    )
    asked[~visits.is_seen] = 0
    return asked


def _running(offer: Offer, visits: Visits, enrolled: Array) -> Array:
    """Return by visit and campaign whether the store takes part and the campaign runs."""
    starts = np.array([campaign.starts for campaign in offer.campaigns], int)
    ends = np.array([campaign.ends for campaign in offer.campaigns], int)
    day = visits.day[:, None]
    found: Array = enrolled[visits.store] & (starts <= day) & (day <= ends)
    return found


def _turns(visits: Visits) -> list[Array]:
    """Return the visits that saw something: the first of every store, the second, and so on."""
    seen = np.flatnonzero(visits.is_seen)
    order = seen[np.lexsort((visits.came[seen], visits.store[seen]))]
    store = visits.store[order]
    begins = np.flatnonzero(np.diff(store, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    by_rank = order[np.argsort(rank, kind="stable")]
    return np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]) if len(order) else []


def _follows(day: date, launches: Sequence[tuple[int, int]]) -> bool:
    """Return whether a competitor launched something in the fortnight up to a day."""
    ago = [(day - date(day.year, *launch)).days for launch in launches]
    return any(0 <= each < _RIVALLED_DAYS for each in ago)


class _Round:
    """Stores as they are, while one visit after the other looks at them."""

    def __init__(
        self,
        team: Team,
        visits: Visits,
        random: Generator,
        found: Findings,
        days: Sequence[date],
    ) -> None:
        self._team, self._visits, self._random, self._found = team, visits, random, found
        stores, campaigns = len(team.store_id), found.runs.shape[1]
        self._passing, self._letters = _odds(team)
        self._rivalled = np.array([_follows(day, _RIVAL_LAUNCHES) for day in days])
        self._listed_share = np.array([LISTED[tier] for tier in TIERS])[team.tier][:, None]
        self._stocked_share = np.array([STOCKED[tier] for tier in TIERS])[team.tier][:, None]
        self._hangs = random.random((stores, LINES)) < self._passing
        self._on_list = random.random((stores, MUSTS)) < self._listed_share
        self._runs_well = random.random((stores, campaigns)) < EXECUTED
        self._looks = visits.is_seen & np.isin(visits.kind, (FULL, ROUTINE, PATROL))

    def price(self, musts: Array, rates: float) -> None:
        """Draw whose prices are looked at, and what is wrong with them."""
        random, visits, found = self._random, self._visits, self._found
        count, most = found.priced.shape
        wanted = np.select([visits.kind == kind for kind in PRICES], list(PRICES.values()), 0)
        wanted[~visits.is_seen] = 0
        first = random.integers(0, MUSTS, size=(count, 1))
        article = (first + np.arange(most)) % musts[visits.store][:, None]
        is_asked = np.arange(most) < wanted[:, None]
        found.priced[is_asked] = article[is_asked]
        factor = self._team.disorder[visits.store] * rates
        factor *= np.where(found.runs.any(axis=1), IN_PROMOTION, 1.0)
        factor *= np.where(self._rivalled[visits.day], _AFTER_RIVAL, 1.0)
        draw = random.random((count, most))
        total = sum(BREACHES.values())
        limit = np.minimum(total * factor, _MOST_BREACHES)[:, None]
        edges = np.cumsum([BREACHES[name] / total for name in _BREACH_NAMES])
        kind = np.searchsorted(edges, draw / limit, side="right") + 1
        is_wrong = is_asked & (draw < limit)
        found.breach[is_wrong] = np.minimum(kind, OVER)[is_wrong]

    def take(self, turn: Array, width: int) -> tuple[Array, Array]:
        """Let visits to different stores look; return what each saw, and what of it was wrong."""
        seen = np.zeros((len(turn), width), bool)
        failing = np.zeros_like(seen)
        self._signs(turn, seen, failing)
        self._goods(turn, seen, failing)
        self._prices(turn, seen, failing)
        self._promotions(turn, seen, failing)
        return seen, failing

    def _signs(self, turn: Array, seen: Array, failing: Array) -> None:
        store = self._visits.store[turn]
        before, odds = self._hangs[store], self._passing[store]
        draw = self._random.random(before.shape)
        falls = _MENDED * (1 - odds) / odds
        now = np.where(before, draw >= np.minimum(falls, 0.9), draw < _MENDED)
        self._hangs[store] = now
        here = self._looks[turn]
        is_open = self._random.random(now.shape) < _UNANSWERED_SHARE
        answers = np.where(is_open, UNANSWERED, now.astype(int))
        self._found.lines[turn[here]] = answers[here]
        for letter in range(4):
            mine = self._letters[store] == letter
            fails = (mine & (answers == FAIL)).any(axis=1) & here
            unsaid = (mine & (answers == UNANSWERED)).any(axis=1)
            failing[:, letter] = fails
            seen[:, letter] = here & (fails | ~unsaid)

    def _goods(self, turn: Array, seen: Array, failing: Array) -> None:
        found, store = self._found, self._visits.store[turn]
        asked = np.arange(MUSTS) < found.goods[turn][:, None]
        draw = self._random.random((3, *asked.shape))
        changed = draw[1] < self._listed_share[store]
        listed = np.where(draw[0] < _LISTING_CHANGES, changed, self._on_list[store])
        self._on_list[store] = listed
        spread = self._random.exponential(1, asked.shape)
        stock = 1 + np.rint(spread * (self._team.units[store] / 20)[:, None])
        stock[draw[2] >= self._stocked_share[store]] = 0
        found.listed[turn] = np.where(asked, listed, -1)
        found.stock[turn] = np.where(asked & listed, np.minimum(stock, 999), -1)
        seen[:, _MISSING:_PRICED] = np.hstack([asked, asked])
        failing[:, _MISSING:_OUT] = asked & ~listed
        failing[:, _OUT:_PRICED] = asked & listed & (stock == 0)

    def _prices(self, turn: Array, seen: Array, failing: Array) -> None:
        article, breach = self._found.priced[turn], self._found.breach[turn]
        row, place = np.nonzero(article >= 0)
        for number, kind in enumerate((DIRECT, DISGUISED, GIFT)):
            slot = _PRICED + number * MUSTS + article[row, place].astype(int)
            seen[row, slot] = True
            failing[row, slot] = breach[row, place] == kind

    def _promotions(self, turn: Array, seen: Array, failing: Array) -> None:
        found, store = self._found, self._visits.store[turn]
        looked = found.runs[turn] & (found.priced[turn, 0] >= 0)[:, None]
        draw = self._random.random((3, *looked.shape))
        changes = draw[0] < _EXECUTION_CHANGES
        well = np.where(changes, draw[1] < EXECUTED, self._runs_well[store])
        self._runs_well[store] = well
        material = draw[2] < MATERIAL
        found.executed[turn] = np.where(looked, well, -1)
        found.material[turn] = np.where(looked & well, material, -1)
        first, second = _PROMOTED, _PROMOTED + found.runs.shape[1]
        seen[:, first:second] = looked
        failing[:, first:second] = looked & ~well
        seen[:, second:] = looked & well
        failing[:, second:] = looked & well & ~material


def _conclude(
    found: Findings, cases: _Cases, slots: Slots, visits: Visits, random: Generator
) -> None:
    """Put the violations down: when they were seen first and last, and when they ended."""
    empty = [np.zeros(0, np.int64)]
    found.store, found.slot, found.first = (
        np.concatenate(parts or empty) for parts in (cases.store, cases.slot, cases.first)
    )
    sighted_by = np.concatenate(cases.visits or empty)
    sighted = np.concatenate(cases.cases or empty)
    order = np.lexsort((visits.came[sighted_by], sighted))
    found.sighted_by, found.sighted = sighted_by[order], sighted[order]
    found.seen = np.bincount(found.sighted, minlength=cases.count)
    found.last = found.sighted_by[np.cumsum(found.seen) - 1] if cases.count else found.first
    found.resolved = np.full(cases.count, -1)
    ended, by = np.concatenate(cases.ended or empty), np.concatenate(cases.ended_by or empty)
    hours = np.array([_HOURS.get(kind, _HOURS_OF_PRICES) for kind in slots.kinds])
    taken = hours[found.slot[ended]] * np.exp(0.8 * random.normal(0, 1, len(ended))) * 3600
    left = visits.left[found.last[ended]]
    gap = np.maximum(visits.came[by] - left, 60)
    found.resolved[ended] = left + np.minimum(taken, 0.9 * gap).astype(np.int64)
