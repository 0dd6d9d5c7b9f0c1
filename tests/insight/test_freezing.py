"""Freezing figures: when a month or quarter is over, and again when something corrects it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import follow, freezing, frozen, rollups
from backend.insight.frozen_models import FrozenFigures
from backend.insight.windows import Window
from backend.network.archive_models import StoreCompleteness
from backend.network.models import Store
from backend.platform import clock, consumers, jobs, ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import Job, LedgerEntry
from tests.client import Client
from tests.factories import (
    make_dealer,
    make_person,
    make_region,
    make_report,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
)
from tests.insight.facts import visit_on

MARCH = Window(date(2026, 3, 1), date(2026, 4, 1))
SPRING = Window(date(2026, 1, 1), date(2026, 4, 1))
CLOSED = datetime(2026, 4, 3, 17, tzinfo=UTC)  # past midnight in Shanghai
ASKED = {"from": "2026-03-01", "to": "2026-04-01"}


@pytest.fixture
def store(client: Client):  # noqa: ARG001  # the database is there with it
    """A store that lists 6 of 8 in March."""
    store = make_store(make_dealer(code="D1"))
    make_report(visit_on(1, store), must_listed=6, must_answered=8)
    rollups.rebuild()
    return store


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def correct(store) -> None:
    """Let a report come late."""
    make_report(visit_on(2, store), must_listed=8, must_answered=8)
    rollups.rebuild()


def timeless(summary: dict) -> dict:
    """Return a summary that does not say when it was worked out."""
    of_groups = summary["violations_per_100_checks"]
    for each in (summary, *summary["kpis"].values(), *of_groups.values()):
        each["as_of"] = None
    return summary


def keep(*ids: int, at: datetime = CLOSED) -> int:
    return freezing.keep(ids or (1,), MARCH, at=at)


@pytest.mark.parametrize(
    ("today", "month", "quarter"),
    [
        (date(2026, 4, 3), date(2026, 2, 1), date(2025, 10, 1)),
        (date(2026, 4, 4), date(2026, 3, 1), date(2026, 1, 1)),
        (date(2026, 5, 3), date(2026, 3, 1), date(2026, 1, 1)),
        (date(2026, 5, 4), date(2026, 4, 1), date(2026, 1, 1)),
    ],
)
def test_months_and_quarters_are_closed_three_days_after_their_end(today, month, quarter):
    assert [month, quarter] == [window.from_on for window in freezing.closed(today)]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-01", "2026-04-01", True),
        ("2026-01-01", "2026-04-01", True),
        ("2025-12-01", "2026-01-01", True),
        ("2026-02-01", "2026-05-01", False),
        ("2026-03-01", "2026-05-01", False),
        ("2026-03-02", "2026-04-01", False),
        ("2026-03-01", "2026-03-31", False),
    ],
)
def test_whole_months_and_quarters_are_kept(since, until, expected):
    window = Window(date.fromisoformat(since), date.fromisoformat(until))

    assert expected == frozen.is_kept(window)


@pytest.mark.usefixtures("store")
def test_what_was_closed_is_owed_once_and_frozen_when_things_settled():
    owed = [freezing.freeze_due(CLOSED) for _ in range(2)]
    early = jobs.run_together(freezing.KIND, freezing.freeze, at=CLOSED)
    done = jobs.run_together(freezing.KIND, freezing.freeze, at=CLOSED + freezing.SETTLES_IN)

    assert ([2, 0], 0, 2, 0) == (owed, early, done, freezing.freeze_due(CLOSED))
    assert [(SPRING.from_on, 1), (MARCH.from_on, 1)] == [
        (row.from_on, row.version) for row in FrozenFigures.select().order_by(FrozenFigures.from_on)
    ]
    assert ["figures.frozen"] * 2 == [entry.verb for entry in LedgerEntry.select()]


def test_a_late_report_makes_another_version_and_the_first_stays(manager: Client, store):
    path = "/v1/dealers/1/summary"
    keep()
    first, again = (manager.get(path, query_string=ASKED) for _ in range(2))
    assert 0 == keep(at=CLOSED + timedelta(days=1))
    correct(store)
    stale = manager.get(path, query_string=ASKED)
    fresh = manager.get(path, query_string=ASKED | {"fresh": True}).json
    assert 1 == keep(at=CLOSED + timedelta(days=2))
    second = manager.get(path, query_string=ASKED).json
    listed = manager.get(f"{path}/versions", query_string=ASKED).json
    old = manager.get(f"{path}/versions/1", query_string=ASKED)

    assert first.data == again.data == stale.data == old.data
    assert (1, False, 0.75) == (
        first.json["version"],
        first.json["is_provisional"],
        first.json["kpis"]["listing_rate"]["value"],
    )
    assert (None, 2, 1) == (
        fresh["version"],
        second["version"],
        second["kpis"]["listing_rate"]["value"],
    )
    unlike = {"version": None, "kpis": None}
    assert timeless(fresh) | unlike == timeless(second) | unlike
    assert [(2, True), (1, False)] == [(row["version"], row["is_latest"]) for row in listed]
    assert [] == manager.get(f"{path}/versions?from=2026-02-01").json


@pytest.mark.usefixtures("store")
def test_frozen_figures_are_what_would_be_worked_out(manager: Client):
    make_dealer(code="D2")
    keep(1, 2)
    paths = [f"/v1/dealers/{each}/summary" for each in (1, 2)]
    fresh = [manager.get(path, query_string=ASKED | {"fresh": True}).json for path in paths]
    with assert_query_count(5):  # who asks, how many, which, frozen, targets
        kept = manager.get("/v1/dealers/summaries", query_string=ASKED).json

    assert [timeless(each) | {"version": 1} for each in fresh] == [timeless(each) for each in kept]


def test_tables_of_dealers_read_them_and_others_do_not(manager: Client, store):
    keep()
    correct(store)
    make_dealer(code="D2")

    def listing(**query):
        asked = ASKED | {"kpis": "listing_rate"} | query
        members = manager.get("/v1/insight/figures", query_string=asked).json["members"]
        return [(each["version"], each["kpis"]["listing_rate"]["value"]) for each in members]

    assert [(1, 0.75), (None, None)] == listing()
    assert [(None, 1), (None, None)] == listing(fresh=True) == listing(tier=store.tier)
    assert [(None, 1)] == listing(grain="all")
    assert [(None, 1), (None, None)] == listing(to="2026-03-30")
    for narrowed in ({"tier": store.tier}, {"include_sub_dealers": True}):
        summaries = manager.get("/v1/dealers/summaries", query_string=ASKED | narrowed).json
        assert [None, None] == [each["version"] for each in summaries]


@pytest.mark.usefixtures("store")
def test_what_is_not_there_is_not_found(client: Client, manager: Client):
    keep()
    other = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

    assert [404, 404, 404, 404] == [
        asked.get(path, query_string=ASKED).status_code
        for asked, path in (
            (manager, "/v1/dealers/1/summary/versions/2"),
            (manager, "/v1/dealers/9/summary/versions"),
            (other, "/v1/dealers/1/summary/versions/1"),
            (other, "/v1/dealers/1/summary/versions"),
        )
    ]


@pytest.mark.usefixtures("store")
def test_what_comes_late_owes_another_look_at_the_frozen_windows_of_its_day():
    make_dealer(code="D2")
    for window in (MARCH, SPRING):
        freezing.keep([1, 2], window, at=CLOSED)
    LedgerEntry.delete().execute()
    late = datetime(2026, 6, 20, tzinfo=UTC)
    with transaction():
        for day in ("2025-11-15", "2026-06-19"):
            ledger.append(None, "visit.completed", "7", at=late, dealer=1, day=day)
        ledger.append(None, "visit.completed", "8", at=late, dealer=2, day="2026-03-31")
        ledger.append(None, "sku.created", "8", at=late)
    ledger.seal_all()

    consumers.advance(freezing.CONSUMER)

    assert [  # those of a quarter look back as far as the quarter before, and March no further
        ("1:2026-01-01:2026-04-01", late + timedelta(hours=1)),
        ("2:2026-01-01:2026-04-01", late + timedelta(hours=1)),
        ("2:2026-03-01:2026-04-01", late + timedelta(hours=1)),
    ] == [(job.key, job.run_at) for job in Job.select().order_by(Job.key)]


def test_the_archive_of_today_is_not_that_of_a_closed_month(store):
    keep()
    row = FrozenFigures.get()
    row.document["figures"]["archive_completeness"] = [0.5, 1, 2, 2, True, None, None]
    row.save(only=[FrozenFigures.document])

    assert 0 == keep()
    correct(store)
    assert 1 == keep()
    latest = FrozenFigures.get(FrozenFigures.is_latest)
    assert 0.5 == latest.document["figures"]["archive_completeness"][0]


def test_what_was_over_long_ago_is_frozen_in_turn_the_latest_first(manager: Client, store):
    make_report(visit_on(-95, store), must_listed=1, must_answered=2)
    make_sell_in(make_sku(), store=store, on=date(2025, 8, 20))
    rollups.rebuild()
    StoreCompleteness.create(store=store, share=1, missing=[], filled=3, required=4)
    turns = []
    for _ in range(6):
        turns.append(freezing.freeze_due(CLOSED))
        jobs.run_together(freezing.KIND, freezing.freeze, at=CLOSED)

    kept = [row.from_on.isoformat() for row in FrozenFigures.select().order_by(FrozenFigures.as_of)]
    assert [2, 1, 1, 1, 1, 0] == turns
    assert ["2025-10-01", "2025-11-01", "2025-07-01", "2025-08-01"] == kept
    november = {"from": "2025-11-01", "to": "2025-12-01"}
    kpis = manager.get("/v1/dealers/1/summary", query_string=november).json["kpis"]
    assert (0.5, None, "not_kept") == (
        kpis["listing_rate"]["value"],
        kpis["archive_completeness"]["value"],
        kpis["archive_completeness"]["reason"],
    )


@pytest.mark.usefixtures("store")
def test_earlier_months_wait_for_what_is_owed_now():
    make_report(visit_on(-95, Store.get()), must_listed=1, must_answered=2)
    rollups.rebuild()
    keep()
    with transaction():
        jobs.enqueue(freezing.KIND, ["1:2026-03-01:2026-04-01"], at=CLOSED)

    assert 1 == freezing.freeze_due(CLOSED)  # the quarter
    assert 0 == freezing.freeze_due(CLOSED)
    jobs.run_together(freezing.KIND, freezing.freeze, at=CLOSED)
    assert 1 == freezing.freeze_due(CLOSED)


def follow_up() -> None:
    """Do what the entries of the ledger ask for, as the worker would."""
    ledger.seal_all()
    for consumer in (follow.CONSUMER, freezing.CONSUMER):
        consumers.advance(consumer)
    jobs.run_together(follow.KIND, follow.refresh, at=clock.now())
    settled = clock.now() + freezing.SETTLES_IN
    jobs.run_together(freezing.KIND, freezing.freeze, at=settled)


def latest(manager: Client, dealer_id: int, kpi: str) -> tuple:
    """Return the version of March, and the parts of one of its figures."""
    body = manager.get(f"/v1/dealers/{dealer_id}/summary", query_string=ASKED).json
    return body["version"], body["kpis"][kpi]["num"], body["kpis"][kpi]["den"]


def test_a_late_count_before_the_month_changes_what_was_sold_of_it(manager: Client, store):
    sku = make_sku()
    make_sell_out(store, sku, on=date(2026, 3, 9), units=3)
    rollups.rebuild()
    keep()
    before = latest(manager, 1, "sell_through_rate")
    ledger.seal_all()
    body = {
        "store_id": store.id,
        "counted_at": "2026-02-20T04:00:00Z",
        "lines": [{"sku_id": sku.id, "stock": 12}],
    }

    answer = manager.put(f"/v1/stock-counts/{uuid4()}", json=body)
    follow_up()

    assert 201 == answer.status_code, answer.text
    assert ((1, 0, 0), (2, 3, 12)) == (before, latest(manager, 1, "sell_through_rate"))


def test_a_store_that_was_given_away_in_a_closed_month_changes_both_dealers(manager: Client, store):
    other = make_dealer(code="D2")
    keep(1, other.id)
    covered = [latest(manager, each, "store_coverage_rate") for each in (1, other.id)]

    answer = manager.put(f"/v1/stores/{store.id}/dealers/2026-03-05", json={"dealer_id": other.id})
    follow_up()

    assert 201 == answer.status_code, answer.text
    assert [(1, 1, 1), (1, 0, 0)] == covered
    assert [(2, 0, 0), (2, 0, 1)] == [
        latest(manager, each, "store_coverage_rate") for each in (1, other.id)
    ]
