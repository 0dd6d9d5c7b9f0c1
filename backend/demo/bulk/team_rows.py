"""All rows of one team, page by page, and what was planted among them."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from backend.demo.bulk import (
    case_rows,
    exact,
    findings,
    fixture_rows,
    partner_rows,
    photo_rows,
    place_rows,
    schedule,
    trade_rows,
    visit_rows,
)
from backend.demo.bulk.network import Team
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import Array, Page, chance, ids, picked, whole
from backend.demo.bulk.schedule import CHEATS, UNREPORTED, Visits
from backend.demo.bulk.sizes import Size
from backend.demo.bulk.stages import Stage

_UTC_OFFSET_S = 8 * 3600
MOST_TOLD = 200
"""Facts of a kind that a team writes down; detectors need no more."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, for every process that makes some of it."""

    size: Size
    seed: int
    start: date
    teams: list[Team]
    offer: Offer
    auditors: list[int]
    dealer_codes: list[str]
    sliced: dict[int, int]
    """The dealers whose figures are worked out, and how many stores of each were entered twice."""


@dataclass(slots=True)
class Made:
    """Facts that were planted, by kind, and in which team."""

    team: int
    planted: dict[str, list[dict[str, Any]]]


def rows_of(order: Order, number: int) -> Iterator[Page | Made]:
    """Yield a team's rows, and at the end what was planted among them."""
    team, offer, size = order.teams[number], order.offer, order.size
    days, planted = size.days, defaultdict[str, list[dict[str, Any]]](list)
    random = chance(order.seed, 4, number)
    enrolled = trade_rows.enrol(team, offer, random)
    plans, visits = schedule.lay_out(team, random, order.start, days, size.rates)
    people = np.where(visits.is_patrol, team.supervisor_id, team.person_on(visits.rep, visits.day))
    dates = [order.start + timedelta(days=each) for each in range(days)]
    found = findings.look(
        team, offer, visits, random, enrolled=enrolled, rates=size.rates, days=dates
    )
    kinds, about = case_rows.kinds_of(found, offer), visit_rows.subjects(team, offer, found)
    count = len(visits.store)
    stage = Stage(
        team=team,
        offer=offer,
        plans=plans,
        visits=visits,
        found=found,
        start=order.start,
        epoch=calendar.timegm(order.start.timetuple()) - _UTC_OFFSET_S,
        ids=ids(random, count),
        person=whole(people),
        has_photos=np.zeros(count, bool),
        seen=case_rows.told(found, kinds, about),
    )
    random = chance(order.seed, 5, number)
    photo_rows.carry(stage, random, size.photo_share)
    fixes, readings, mistagged = place_rows.fixes(stage, random, size.rates)
    yield visit_rows.visit_page(stage, fixes, random)
    yield visit_rows.plan_page(stage, random)
    yield readings
    yield from visit_rows.report_pages(stage, random)
    yield from case_rows.case_pages(stage, kinds, about, days)
    random = chance(order.seed, 6, number)
    pages, repeats = photo_rows.photo_pages(stage, random, days, order.auditors)
    yield from pages
    yield from place_rows.score_pages(stage)
    random = chance(order.seed, 7, number)
    yield trade_rows.enrolment_page(stage, enrolled)
    sold = trade_rows.sell(stage, enrolled, days, random)
    bought, diverted, homes = trade_rows.buy(stage, sold, days, random, size.rates)
    yield from trade_rows.feed_pages(stage, sold, bought, random)
    yield from trade_rows.count_pages(stage, days, random)
    yield from partner_rows.partner_pages(stage, days, chance(order.seed, 8, number))
    yield from fixture_rows.fixture_pages(stage, days, chance(order.seed, 9, number), size.rates)
    for visit, earlier, kind in repeats[:MOST_TOLD]:
        planted["reused_photo"].append({"visit": visit, "earlier": earlier, "match": kind})
    _tell_of_visits(planted, stage, visits, mistagged)
    planted["diverted_handset"] += [
        {
            "imei": str(sold.imei[place]),
            "dealer": order.dealer_codes[home - 1],
            "store": team.code_of[sold.store[place]],
            "day": int(sold.day[place]),
        }
        for place, home in zip(diverted.tolist(), homes.tolist(), strict=True)
    ]
    for place in np.flatnonzero(sold.silent)[:MOST_TOLD].tolist():
        planted["store_without_sales"].append({"store": team.code_of[place]})
    for dealer in np.unique(team.dealer).tolist():
        stores = int((team.dealer == dealer).sum())
        for limit, kind in ((5, "too_few_for_rfv"), (10, "too_few_for_deciles")):
            if stores < limit:
                planted[kind].append({"dealer": order.dealer_codes[dealer - 1], "stores": stores})
        if dealer in order.sliced:
            figures = exact.expected(stage, dealer, order.sliced[dealer], sold, days)
            planted["expected"].append(
                {"dealer": order.dealer_codes[dealer - 1], "dealer_id": dealer} | figures
            )
    planted["negative_returns"].append({"team": team.code, "lines": int((sold.units < 0).sum())})
    yield Made(number, dict(planted))


def _tell_of_visits(
    planted: dict[str, list[dict[str, Any]]], stage: Stage, visits: Visits, mistagged: Array
) -> None:
    groups = {name: visits.cheats[name] & visits.counts for name in CHEATS}
    groups["mistagged_datum"] = mistagged
    groups["visit_without_check_out"] = visits.status == UNREPORTED
    for kind, mask in groups.items():
        chosen = np.flatnonzero(mask)[:MOST_TOLD]
        if kind != "photo_reuse":
            planted[kind] += [{"visit": visit} for visit in picked(stage.ids, chosen)]
