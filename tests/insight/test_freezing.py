"""Freezing figures: when a month or quarter is over, and again when something corrects it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import freezing, frozen, rollups
from backend.insight.frozen_models import FrozenFigures
from backend.insight.windows import Window
from backend.platform import consumers, jobs, ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import Job, LedgerEntry
from tests.client import Client
from tests.factories import make_dealer, make_person, make_region, make_report, make_store
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
        for day in ("2026-02-27", "2026-06-19"):
            ledger.append(None, "visit.completed", "7", at=late, dealer=1, day=day)
        ledger.append(None, "visit.completed", "8", at=late, dealer=2, day="2026-03-31")
        ledger.append(None, "sku.created", "8", at=late)
    ledger.seal_all()

    consumers.advance(freezing.CONSUMER)

    assert [
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
