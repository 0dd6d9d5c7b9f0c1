"""What is told beside the figures of one member."""

from datetime import timedelta

import pytest

from backend.fieldwork.journey_models import PlanEntry
from backend.insight import details, rollups, tables
from backend.insight.catalogue import BY_CODE
from backend.insight.populations import Grain, Population
from tests.factories import make_dealer, make_feedback, make_report, make_store
from tests.insight.facts import (
    LATER,
    WINDOW,
    boss,
    day,
    noon,
    plan,
    promoted,
    promotion,
    summary,
    visit_on,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def dealer():
    return make_dealer()


@pytest.fixture
def store(dealer):
    return make_store(dealer)


def also(dealer, code: str) -> dict:
    return summary(dealer).kpis[code].also or {}


@pytest.mark.parametrize(
    ("values", "median", "tenth"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([24, 48, 72, 240], 60, 24),
        ([1, 1, 1, 5], 1, 1),
        ([*range(1, 12)], 6, 2),
    ],
)
def test_a_spread_is_told_by_its_middle_and_its_tenth(values, median, tenth):
    counts = {value: values.count(value) for value in values}

    assert (median, tenth) == (details.median(counts), details.tenth(counts))


@pytest.mark.parametrize(
    ("plans", "visits", "done"),
    [
        ([5], [6], [0, 1, 1]),
        ([5], [3], [0, 0, 1]),
        ([5, 5], [5, 6], [1, 2, 2]),
        ([5, 6], [6], [1, 1, 1]),
        ([4, 6], [5, 5, 5], [0, 2, 2]),
        ([5, 6, 7], [6, 7, 8], [2, 3, 3]),
    ],
)
def test_a_visit_does_one_plan_within_the_grace(plans, visits, done):
    found = [details.done_within(map(day, plans), map(day, visits), grace) for grace in range(3)]

    assert done == found


def test_seventeen_of_nineteen_are_done_within_a_day(dealer):
    stores = [make_store(dealer) for _ in range(20)]
    for store in stores[:19]:
        plan(27, store)
    plan(27, stores[19], "cancelled_by_manager")
    for store in stores[:15]:
        visit_on(27, store)
    for store in stores[15:17]:
        visit_on(28, store)

    found = also(dealer, "visit_adherence_rate")

    assert pytest.approx(0.894737, abs=1e-6) == found["within_days"]["1"]
    assert pytest.approx({"1": 2 / 19, "2": 2 / 19, "3": 2 / 19}) == found["late_rate"]
    PlanEntry.delete().execute()
    assert {} == also(dealer, "visit_adherence_rate")


def test_times_in_store_have_a_median_and_a_tenth(dealer, store):
    for number, minutes in enumerate((10, 20, 60)):
        visit_on(number, store, checked_out_at=noon(number) + timedelta(minutes=minutes))

    assert {"no_checkout": 0, "median": 20, "p10": 10} == also(dealer, "avg_time_in_store_min")


def test_stores_with_an_unchecked_letter_are_incomplete(dealer, store):
    make_report(visit_on(1, store), signage_den=1, signage_num=1, is_all_mandatory_pass=None)
    make_report(
        visit_on(1, make_store(dealer)), signage_den=1, signage_num=1, is_all_mandatory_pass=True
    )

    assert {"incomplete_stores": 1} == also(dealer, "mandatory_all_pass_store_rate")


def test_a_score_from_before_the_window_is_stale(dealer, store):
    make_report(visit_on(-40, store), signage_num=1, signage_den=2)
    make_report(visit_on(-100, make_store(dealer)), signage_num=1, signage_den=2)
    other = make_store(dealer)
    make_report(visit_on(-9, other), signage_num=0, signage_den=2)
    make_report(visit_on(9, other), signage_num=2, signage_den=2)

    figure = summary(dealer).kpis["signage_compliance_score"]

    assert (1, 1) == (figure.value, figure.n_stores)
    assert {"stale_stores": 1, "value_with_stale": 0.75} == figure.also


def test_enrolled_stores_that_nobody_visited_are_told(dealer, store):
    unseen = make_store(dealer)
    running = promotion(store, unseen)
    promotion(unseen, stopped_on=day(-1))
    promoted(visit_on(1, store), running, is_executed=True)

    assert {"promo_unchecked_stores": 1} == also(dealer, "promo_execution_rate")


def test_cards_have_a_response_rate(dealer, store):
    visit_on(1, store)
    visit_on(1, make_store(dealer))
    make_feedback(store, dealer=dealer, given_on=day(2))

    assert {"response_rate": 0.5} == also(dealer, "feedback_score")


def test_a_store_has_details_and_a_table_of_several_has_none(dealer, store):
    visit_on(1, store, checked_out_at=noon(1) + timedelta(minutes=30))
    rollups.rebuild()

    def told(*members: int) -> list:
        population = Population(actor=boss(), grain=Grain.STORE, members=members)
        kpis = [BY_CODE["avg_time_in_store_min"], BY_CODE["feedback_score"]]
        rows = tables.table(population, window=WINDOW, at=LATER, kpis=kpis).members
        return [row.kpis["avg_time_in_store_min"].also for row in rows]

    assert [{"no_checkout": 0, "median": 30, "p10": 30}] == told(store.id)
    assert [{"no_checkout": 0}, None] == told(store.id, make_store(dealer).id)
