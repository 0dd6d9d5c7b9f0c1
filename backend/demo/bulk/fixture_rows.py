"""Fixtures lent to stores as rows: what they are, whom they were given to, who looked at them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.pages import FAR, NULL, Page, days, hashes, ids, page, picked, whole, words
from backend.demo.bulk.stages import Stage
from backend.demo.inventory import INSPECTED, KINDS, LENT
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.standards.trade_codes import FixtureState, FixtureStep

_A_TEAM = 1_000
"""Numbers that belong to a team: more than it lends."""
_OLD_DAYS, _DUE_DAYS = 200, 300
_KEPT_AT, _CONDITION = "分公司仓库", "good"


def fixture_pages(stage: Stage, total_days: int, random: Generator, rates: float) -> Iterator[Page]:
    """Yield the fixtures that stores of one dealer have had all the time, as visits found them."""
    team, visits = stage.team, stage.visits
    steady = (team.opened < 0) & (team.closed == FAR) & (team.moved == FAR)
    store = np.flatnonzero(steady & (random.random(len(steady)) < LENT * rates))[: _A_TEAM - 1]
    count = len(store)
    number = team.number * _A_TEAM + 1 + np.arange(count)
    kind = random.integers(len(KINDS), size=count)
    store_ids, dealers = whole(team.store_id[store]), whole(team.dealer[store])
    of_store = np.full(len(steady), -1)
    of_store[store] = np.arange(count)
    looked = visits.is_seen & (of_store[visits.store] >= 0)
    looked &= random.random(len(looked)) < INSPECTED
    visit = np.flatnonzero(looked)
    visit = visit[np.argsort(visits.came[visit], kind="stable")]
    fixture = of_store[visits.store[visit]]
    last = np.full(count, -1)
    last[fixture] = visit
    yield page(
        Fixture,
        count,
        id=whole(number),
        code=[f"ZG-{each:06}" for each in number.tolist()],
        kind=words([str(each) for each in KINDS], kind),
        name=words([name for name, _ in KINDS.values()], kind),
        value_fen=words([str(yuan * 100) for _, yuan in KINDS.values()], kind),
        owner_company="曜石通信",
        purchased_on=days(stage.start, np.full(count, -_OLD_DAYS)),
        condition=_CONDITION,
        state=str(FixtureState.ON_LOAN),
        region=str(team.region_id),
        dealer=dealers,
        store=store_ids,
        place="",
        lent_on=days(stage.start, np.full(count, -1)),
        due_back_on=days(stage.start, np.full(count, total_days + _DUE_DAYS)),
        inspected_at=stage.moments(visits.came[last] + 30, null=last < 0),
        is_present=whole(np.ones(count), null=last < 0),
        version=whole(2 + np.bincount(fixture, minlength=count)),
    )
    eve = stage.moments(np.full(count, -3_600))
    steps = (
        (FixtureStep.REGISTERED, [NULL] * count, [NULL] * count, _KEPT_AT),
        (FixtureStep.HANDED_OVER, dealers, store_ids, ""),
    )
    for place, (step, dealer, to_store, where) in enumerate(steps, 1):
        yield page(
            FixtureEvent,
            count,
            fixture=whole(number),
            number=str(place),
            kind=str(step),
            happened_at=eve,
            condition=_CONDITION,
            dealer_id=dealer,
            store_id=to_store,
            place=where,
            photos="[]",
            note="",
            recorded_at=eve,
            recorded_by_id="2",
        )
    yield page(
        FixtureInspection,
        len(visit),
        fixture=whole(number[fixture]),
        id=ids(random, len(visit)),
        store=picked(store_ids, fixture),
        person=picked(stage.person, visit),
        visit_id=picked(stage.ids, visit),
        inspected_at=stage.moments(visits.came[visit] + 30),
        is_present="1",
        is_expected="1",
        is_misused="0",
        condition=_CONDITION,
        note="",
        photos="[]",
        received_at=stage.moments(visits.sent[visit]),
        content_sha256=hashes(random, len(visit)),
    )
