"""Dealers that begin to fall: a task for each turn, however often it is judged."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backend import worker
from backend.fieldwork import sales
from backend.fieldwork.case_models import Task
from backend.fieldwork.sales_lines import Feed, Line
from backend.insight import turns
from backend.platform import clock, settings
from backend.platform.actors import Role
from backend.platform.models import Job, LedgerEntry
from tests.factories import (
    actor_of,
    make_dealer,
    make_person,
    make_region,
    make_sell_in,
    make_sku,
    make_store,
    the_region,
)

MONTH = date(2026, 6, 1)
AT = datetime(2026, 7, 4, 4, tzinfo=UTC)
FALLING = [120, 126, 118, 110, 104, 98]

pytestmark = pytest.mark.usefixtures("storage")


def bought(dealer, *months, until=MONTH):
    """Store what a dealer bought in months that follow one another, the last one given."""
    month = until
    for fen in reversed(months):
        make_sell_in(make_sku(), dealer=dealer, amount_fen=fen, on=month)
        month = (month - timedelta(days=1)).replace(day=1)


def dealer_with_store(code="D1", **fields):
    dealer = make_dealer(code=code, **fields)
    make_store(dealer, region=dealer.region_id)
    return dealer


def trend_tasks():
    return list(Task.select().where(Task.origin == "trend"))


def test_become_one_task_of_the_nearest_supervisor():
    region = make_region(the_region())
    make_person(Role.SUPERVISOR)
    near = make_person(Role.SUPERVISOR, region=region)
    dealer = dealer_with_store(region=region, name="恒信")
    bought(dealer, 100, *FALLING)

    made = [turns.judge(MONTH, at=AT), turns.judge(MONTH, at=AT + timedelta(days=3))]

    (task,) = trend_tasks()
    assert [1, 0] == made
    assert (turns.task_of(dealer.id, MONTH), near.id, dealer.id, "assigned", 3) == (
        task.id,
        task.owner_id,
        task.dealer_id,
        task.state,
        task.severity,
    )
    assert "恒信（D1）2026-06 进货额排名第 1，趋势转为下滑（每月 -5.3%）" in task.note
    told = [entry for entry in LedgerEntry.select() if entry.verb == "dealer.turned_falling"]
    assert [str(dealer.id)] == [entry.object_id for entry in told]


@pytest.mark.parametrize(
    ("made", "months"),
    [
        (1, [100, *FALLING]),
        (0, [100] * 7),
        (0, [132, 126, 120, 114, 108, 102, 96]),
        (0, [98, 104, 110, 118, 120, 126, 130]),
        (0, [100, 99, 98]),
    ],
)
def test_are_dealers_that_fall_and_did_not_a_month_before(made, months):
    opened_on = (MONTH - timedelta(days=31 * (len(months) - 1))).replace(day=1)
    bought(dealer_with_store(opened_on=opened_on), *months)

    assert made == turns.judge(MONTH, at=AT)


def test_wait_while_the_task_of_the_last_turn_runs():
    dealer = dealer_with_store()
    bought(dealer, 100, *FALLING)
    turns.judge(MONTH, at=AT)
    bought(dealer, *FALLING, until=date(2026, 12, 1))

    again = turns.judge(date(2026, 12, 1), at=datetime(2027, 1, 4, tzinfo=UTC))
    Task.update(ended_at=AT).execute()
    later = turns.judge(date(2026, 12, 1), at=datetime(2027, 1, 5, tzinfo=UTC))

    assert (0, 1) == (again, later)


@pytest.mark.parametrize(("made", "top"), [(1, 1), (0, 0)])
def test_are_looked_for_among_the_largest(config, made, top):
    settings.bind(replace(config, trend_top=top))
    bought(dealer_with_store("D1"), 100, *FALLING)
    bought(dealer_with_store("D2"), *[10, 12, 12, 12, 11, 10, 9])

    assert made == turns.judge(MONTH, at=AT)


def test_are_of_dealers_with_a_store_to_go_to():
    bought(make_dealer(), 100, *FALLING)

    assert (0, []) == (turns.judge(MONTH, at=AT), trend_tasks())


def test_are_nobodys_where_no_supervisor_is():
    bought(dealer_with_store(), 100, *FALLING)

    turns.judge(MONTH, at=AT)

    assert [(None, "open")] == [(task.owner_id, task.state) for task in trend_tasks()]


def test_go_to_a_supervisor_who_can_see_the_store():
    here, there = make_region(the_region()), make_region(the_region())
    make_person(Role.SUPERVISOR, region=here)
    theirs = make_person(Role.SUPERVISOR, region=there)
    dealer = make_dealer(region=here)
    make_store(dealer, region=there)
    bought(dealer, 100, *FALLING)

    turns.judge(MONTH, at=AT)

    assert [theirs.id] == [task.owner_id for task in trend_tasks()]


def test_are_judged_by_the_worker_once_a_month_is_known():
    now = clock.now()
    last = turns.last_month(now)
    dealer = dealer_with_store()
    bought(dealer, 100, *FALLING[:-1], until=(last - timedelta(days=1)).replace(day=1))
    manager, sku = actor_of(make_person(Role.MANAGER)), make_sku()
    today = clock.business_date(now)
    for number, on in enumerate((last, today)):
        line = Line(
            row=1,
            id=turns.task_of(number, last),
            sold_on=on,
            sku_code=sku.code,
            units=1,
            dealer_code=dealer.code,
            amount_fen=98,
        )
        sales.record(manager, Feed.SELL_IN, [line], at=now)

    worker.run_until_idle()

    assert [turns.task_of(dealer.id, last)] == [task.id for task in trend_tasks()]
    (waiting,) = Job.select().where(Job.kind == turns.KIND)
    assert (True, True) == (waiting.key > last.isoformat(), waiting.run_at > now)


def test_of_a_month_that_was_followed_by_another_are_not_judged():
    dealer = dealer_with_store()
    bought(dealer, 100, *FALLING, until=date(2024, 6, 1))

    turns.judge_owed("2024-06-01")

    assert [] == trend_tasks()


def test_are_looked_for_in_the_regions_of_managers_and_told_once(config):
    settings.bind(replace(config, trend_top=2))
    here, there = (make_region(the_region(), name=name) for name in ("湘南", "湘北"))
    make_person(Role.MANAGER, region=here)
    for code in ("D1", "D2"):
        bought(dealer_with_store(code, region=there), *[900] * 7)
    key = dealer_with_store("D3", region=here, name="恒信")
    bought(key, 100, *FALLING)
    small = dealer_with_store("D4", region=here)
    bought(small, 2, *[2, 2, 2, 2, 1, 1])
    bought(dealer_with_store("D5", region=there), 100, *FALLING)

    made = [turns.judge(MONTH, at=AT) for _ in range(2)]

    assert [1, 0] == made
    assert [key.id] == [task.dealer_id for task in trend_tasks()]
    assert "湘南区域内进货额排名第 1" in trend_tasks()[0].note


def test_of_the_brand_and_of_a_region_are_told_once():
    region = make_region(the_region())
    make_person(Role.MANAGER, region=region)
    bought(dealer_with_store(region=region), 100, *FALLING)

    assert 1 == turns.judge(MONTH, at=AT)
    assert "区域内" not in trend_tasks()[0].note
