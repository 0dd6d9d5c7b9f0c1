"""Results of promotions over HTTP: entered or seen on visits, never counted twice."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.promotion_models import PromotionDay
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.models import Promotion, PromotionStore
from tests.client import Client
from tests.factories import (
    make_person,
    make_promotion,
    make_promotion_result,
    make_region,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
FIGURES = ("units", "gifts", "cost_fen")


def ago(days: int) -> date:
    """Return a day counted back from today."""
    return clock.business_date(clock.now()) - timedelta(days=days)


@pytest.fixture
def supervisor(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


@pytest.fixture
def store(client: Client) -> Store:  # noqa: ARG001  # needs the database
    return make_store()


@pytest.fixture
def promotion(store: Store) -> Promotion:
    """One of ten days, the fifth of which is today."""
    return make_promotion(stores=[store], starts_on=ago(4), ends_on=ago(-5))


def seen(promotion: Promotion, store: Store, days_ago: int, **figures):
    """Store a visit that saw the promotion, and return it."""
    noon = datetime.combine(ago(days_ago), time(4), UTC)
    visit = make_visit(store, at=noon, **figures.pop("visit", {}))
    make_promotion_result(visit, promotion, **figures)
    return visit


def enter(client: Client, promotion: Promotion, store: Store, days_ago: int, tag="", **figures):
    return client.put(
        f"/v1/promotions/{promotion.id}/results/{store.id}/{ago(days_ago)}",
        json=figures,
        headers={"If-Match": tag} if tag else {},
    )


class TestEntering:
    def test_keeps_who_and_what(self, client: Client, promotion, store):
        person = make_person(Role.SUPERVISOR)
        answer = enter(client.as_(person), promotion, store, 1, units=6, source="import")

        assert 201 == answer.status_code
        assert (6, None, None, "import", person.id, 1) == tuple(
            answer.json[name]
            for name in ("units", "gifts", "is_executed", "source", "entered_by_id", "version")
        )
        assert answer.json == client.as_(person).get(answer.request.path).json
        assert ["promotion.result_entered"] == [entry.verb for entry in LedgerEntry.select()]

    def test_may_be_said_twice_and_replaced_by_who_read_it(self, supervisor, promotion, store):
        first = enter(supervisor, promotion, store, 1, units=6)
        again = enter(supervisor, promotion, store, 1, units=6)
        blind = enter(supervisor, promotion, store, 1, units=7)
        stale = enter(supervisor, promotion, store, 1, '"9"', units=7)
        right = enter(supervisor, promotion, store, 1, first.headers["ETag"], units=7)

        assert [201, 200, 428, 412, 200] == [
            answer.status_code for answer in (first, again, blind, stale, right)
        ]
        assert (7, 2, '"2"') == (right.json["units"], right.json["version"], right.headers["ETag"])
        assert 2 == LedgerEntry.select().count()

    @pytest.mark.parametrize(("days_ago", "last"), [(5, 0), (-1, 0)])
    def test_belongs_to_days_that_have_come(self, supervisor, promotion, store, days_ago, last):
        answer = enter(supervisor, promotion, store, days_ago, units=1)

        assert (422, f"{PROBLEM}outside-promotion-days") == (
            answer.status_code,
            answer.json["type"],
        )
        assert str(ago(last)) == answer.json["last_on"]

    def test_ends_with_the_day_of_the_stop(self, supervisor, promotion, store):
        promotion.stopped_on = ago(2)
        promotion.save()

        answers = [enter(supervisor, promotion, store, days, units=1) for days in (2, 1)]

        assert [201, 422] == [answer.status_code for answer in answers]

    def test_is_for_stores_that_take_part(self, supervisor, promotion):
        answer = enter(supervisor, promotion, make_store(), 1, units=1)

        assert (422, f"{PROBLEM}store-not-enrolled") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize("figures", [{}, {"units": -1}, {"units": "6"}, {"source": "rumour"}])
    def test_needs_a_figure(self, supervisor, promotion, store, figures):
        assert 422 == enter(supervisor, promotion, store, 1, **figures).status_code
        assert 0 == PromotionDay.select().count()

    def test_answers_unknown_and_hidden_alike(self, client: Client, promotion, store):
        here = make_region(the_region())
        other = client.as_(make_person(Role.SUPERVISOR, region=here))
        mine = make_store(region=here)

        hidden = enter(other, promotion, store, 1, units=1)
        unknown = enter(other, promotion, Store(id=999), 1, units=1)
        nothing = other.get(f"/v1/promotions/{promotion.id}/results/{mine.id}/{ago(1)}")

        assert (404, hidden.data) == (unknown.status_code, unknown.data)
        assert (404, "promotion result") == (nothing.status_code, nothing.json["what"])
        assert 404 == enter(other, Promotion(id=999), mine, 1, units=1).status_code


class TestResults:
    def ask(self, client: Client, promotion: Promotion, which: str = "", query: str = ""):
        return client.get(f"/v1/promotions/{promotion.id}/results{which}{query}").json

    def test_add_up_what_countable_visits_saw(self, supervisor, promotion, store):
        seen(promotion, store, 2, units=3, gifts=1, is_executed=False)
        seen(promotion, store, 2, units=2, cost_fen=900)
        seen(promotion, store, 1, units=1, is_executed=None)
        seen(promotion, store, 1, units=99, is_enrolled=False)
        seen(promotion, store, 1, units=99, visit={"status": "open"})
        seen(promotion, store, 1, units=99, visit={"quarantine_reason": "unknown-store"})

        days = self.ask(supervisor, promotion, "/days")
        [of_store] = self.ask(supervisor, promotion, "/stores")

        assert [
            (str(ago(2)), 5, 1, 900, 1, 1),
            (str(ago(1)), 1, None, None, 0, None),
        ] == [
            tuple(d[n] for n in ("day", *FIGURES, "stores_checked", "stores_executed"))
            for d in days
        ]
        assert (6, 1, 900, 1, 1) == tuple(
            of_store[name] for name in (*FIGURES, "days_checked", "days_executed")
        )

    def test_take_an_entered_figure_instead_of_what_visits_said(self, supervisor, promotion, store):
        seen(promotion, store, 2, units=3, gifts=1, is_executed=True)
        seen(promotion, store, 1, units=4, gifts=4)
        enter(supervisor, promotion, store, 2, units=10, is_executed=False)
        enter(supervisor, promotion, store, 0, units=0)

        days = self.ask(supervisor, promotion, "/days")
        until = self.ask(supervisor, promotion, "/days", f"?on={ago(2)}")

        assert [(10, 1, 0), (4, 4, 1), (0, None, None)] == [
            (day["units"], day["gifts"], day["stores_executed"]) for day in days
        ]
        assert days[:1] == until
        assert 14 == self.ask(supervisor, promotion)["units"]

    def test_compare_with_the_target_pro_rata(self, supervisor, promotion, store):
        PromotionStore.update(target_units=40).execute()
        empty = make_store()
        PromotionStore.create(promotion=promotion, store=empty)
        seen(promotion, store, 1, units=15)

        rows = {row["store_id"]: row for row in self.ask(supervisor, promotion, "/stores")}
        whole = self.ask(supervisor, promotion)

        assert (40, 20.0, 0.75) == tuple(
            rows[store.id][name] for name in ("target_units", "expected_units", "attainment")
        )
        assert (None, None, None, 0) == tuple(
            rows[empty.id][name]
            for name in ("units", "target_units", "attainment", "days_executed")
        )
        assert (10, 5, 2, 1, 1) == tuple(
            whole[name]
            for name in (
                "days_total",
                "days_elapsed",
                "stores_enrolled",
                "stores_checked",
                "stores_executed",
            )
        )
        assert (40, 20.0, 0.75, 0.375) == tuple(
            whole[name]
            for name in ("target_units", "expected_units", "attainment", "target_attainment")
        )

    def test_are_null_where_nobody_said_anything(self, supervisor, promotion):
        whole = self.ask(supervisor, promotion)

        assert (None, None, None, None, False) == tuple(
            whole[name]
            for name in ("units", "cost_fen", "attainment", "expected_units", "stop_suggested")
        )
        assert [] == self.ask(supervisor, promotion, "/days")

    def test_show_each_the_stores_in_sight_and_their_target(self, client: Client, promotion, store):
        promotion.target_units = 1_000
        promotion.save()
        here = make_region(the_region())
        mine = make_store(region=here)
        PromotionStore.create(promotion=promotion, store=mine, target_units=10)
        for each in (store, mine):
            seen(promotion, each, 1, units=4)
        some = self.ask(client.as_(make_person(Role.MANAGER, region=here)), promotion)
        every = self.ask(client.as_(make_person(Role.MANAGER)), promotion)
        none = self.ask(client.as_(make_person()), promotion)

        assert (1, 4, 10) == tuple(some[n] for n in ("stores_enrolled", "units", "target_units"))
        assert (2, 8, 1_000) == tuple(
            every[n] for n in ("stores_enrolled", "units", "target_units")
        )
        assert (0, None, None) == tuple(
            none[n] for n in ("stores_enrolled", "units", "target_units")
        )

    @pytest.mark.parametrize(
        ("units", "started", "suggested"),
        [(39, 4, True), (40, 4, False), (0, 1, False), (0, 2, True)],
    )
    def test_suggest_a_stop_when_far_behind_after_three_days(
        self, supervisor, store, units, started, suggested
    ):
        days = {"starts_on": ago(started), "ends_on": ago(started - 9)}
        promotion = make_promotion(stores=[store], target_units=200, **days)
        enter(supervisor, promotion, store, 0, units=units)

        assert suggested is self.ask(supervisor, promotion)["stop_suggested"]

    def test_suggest_no_stop_of_what_is_stopped(self, supervisor, promotion, store):
        promotion.target_units, promotion.stopped_on = 200, ago(0)
        promotion.save()
        enter(supervisor, promotion, store, 0, units=0)

        whole = self.ask(supervisor, promotion)

        assert ("stopped", False) == (whole["state"], whole["stop_suggested"])

    def test_of_a_page_take_few_queries(self, supervisor, promotion, store):
        seen(promotion, store, 1, units=1)
        for _ in range(3):
            PromotionStore.create(promotion=promotion, store=make_store())

        for which in ("/stores", "/days"):
            with assert_query_count(4):  # who asks, which promotion, how many, which
                self.ask(supervisor, promotion, which)
        with assert_query_count(4):  # who asks, which promotion, the figures, the targets
            self.ask(supervisor, promotion)

    @pytest.mark.parametrize("which", ["", "/stores", "/days"])
    def test_of_an_unknown_promotion_are_not_found(self, supervisor, which):
        assert 404 == supervisor.get(f"/v1/promotions/999/results{which}").status_code
