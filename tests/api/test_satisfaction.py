"""Satisfaction and complaints by dealer, over HTTP."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.case_models import Complaint, FeedbackCard
from backend.fieldwork.violation_models import Violation
from backend.network.models import StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    make_complaint,
    make_dealer,
    make_feedback,
    make_person,
    make_region,
    make_store,
    make_violation,
    make_visit,
    the_region,
)

MARCH = {"from": "2026-03-01", "to": "2026-04-01"}


@pytest.fixture
def office(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def rows(client: Client, **asked):
    answer = client.get("/v1/insight/satisfaction", query_string=MARCH | asked)
    assert 200 == answer.status_code, answer.json
    return answer.json


def told(row, *names):
    return [row[name] for name in names]


def card(store, score, **fields):
    dealer = StoreDealer.get(StoreDealer.store == store).dealer_id
    return make_feedback(store, score=score, dealer=dealer, **fields)


class TestScore:
    def test_is_the_mean_of_the_stores_means(self, office):
        dealer = make_dealer()
        one, other = make_store(dealer), make_store(dealer)
        for score in (5, 4):
            card(one, score)
        card(other, 2)
        card(other, 1, given_on=date(2026, 4, 1))

        (row,) = rows(office)

        assert [3.25, 6.5, 2, 3, None] == told(
            row, "feedback_score", "num", "den", "cards", "feedback_reason"
        )

    def test_comes_with_the_share_of_jobs_that_were_answered_for(self, office):
        dealer = make_dealer()
        store = make_store(dealer)
        for day in (0, 1, 28, 40):  # two of a month, one at its end, one too late
            make_visit(store, at=NOON + timedelta(days=day))
        make_visit(store, at=NOON - timedelta(days=2))
        make_violation(store)
        Violation.update(resolved_at=NOON).execute()
        complaint = make_complaint(store)
        Complaint.update(closed_at=NOON).where(Complaint.id == complaint.id).execute()
        card(store, 4)

        (row,) = rows(office, **{"from": "2026-02-20"})

        assert [1, 4, 0.25] == told(row, "cards", "jobs", "response_rate")

    def test_of_more_cards_than_jobs_answers_for_all(self, office):
        card(make_store(), 4)

        (row,) = rows(office)

        assert [1, 1, 1.0] == told(row, "cards", "jobs", "response_rate")


class TestComplaints:
    def test_are_told_per_hundred_stores_with_colour_and_bar(self, office):
        worst, better = make_dealer(code="A"), make_dealer(code="B")
        stores = [make_store(worst) for _ in range(4)]
        for severity in (1, 4, 2):
            make_complaint(stores[0], severity=severity)
        make_complaint(stores[1], category="product_quality", severity=1)
        make_complaint(make_store(better), severity=2)

        first, second = rows(office)

        assert [4, 4, 100.0, 4, "#C62828", 1.0] == told(
            first, "complaints", "active_stores", "complaint_rate", "severity", "colour", "bar"
        )
        assert [
            ("service_quality", 3, 4, "#C62828", 1.0),
            ("product_quality", 1, 1, "#2E7D32", 1 / 3),
        ] == [tuple(point.values()) for point in first["points"]]
        assert [1, 100.0, 0.25] == told(second, "complaints", "complaint_rate", "bar")

    def test_keep_their_length_on_every_page(self, office):
        for code, count in (("A", 4), ("B", 1)):
            store = make_store(make_dealer(code=code))
            for _ in range(count):
                make_complaint(store)

        (second,) = rows(office, page=2, page_size=1)

        assert ["B", 0.25] == told(second, "dealer_code", "bar")

    def test_count_stores_that_were_active_for_a_week(self, office):
        dealer = make_dealer()
        make_complaint(make_store(dealer))
        make_store(dealer, opened_on=date(2026, 3, 26))
        make_store(dealer, closed_on=date(2026, 3, 7), status="closed")
        make_store(dealer, closed_on=date(2026, 3, 8), status="closed")
        make_store(dealer, status="prospect")

        (row,) = rows(office)

        assert [2, 50.0] == told(row, "active_stores", "complaint_rate")


def test_what_nobody_said_is_null_with_its_reason(office):
    make_dealer()

    (row,) = rows(office)

    assert [None, None, None, None, 0.0, []] == told(
        row, "feedback_score", "response_rate", "complaint_rate", "colour", "bar", "points"
    )
    assert ["no_cards", "no_jobs", "no_stores"] == told(
        row, "feedback_reason", "response_reason", "complaint_reason"
    )


def test_the_last_ninety_days_are_meant_unless_others_are_named(office):
    today = clock.business_date(clock.now())
    store = make_store()
    for days, score in ((0, 5), (89, 4), (90, 1)):
        card(store, score, given_on=today - timedelta(days=days))

    (row,) = office.get("/v1/insight/satisfaction").json
    (week,) = office.get("/v1/insight/satisfaction?window=d7").json

    assert [4.5, 2] == told(row, "feedback_score", "cards")
    assert [5.0, 1] == told(week, "feedback_score", "cards")


def test_one_sees_ones_own_region_and_the_one_asked_for(client, office):
    here, there = make_region(the_region()), make_region(the_region())
    mine, other = make_dealer(code="A", region=here), make_dealer(code="B", region=there)
    for dealer, score in ((mine, 5), (other, 2)):
        card(make_store(dealer), score)
    part = client.as_(make_person(Role.SUPERVISOR, region=here))

    assert [["A", "B"], ["B"], ["B"], ["A"]] == [
        [row["dealer_code"] for row in rows(who, **asked)]
        for who, asked in (
            (office, {}),
            (office, {"region_id": there.id}),
            (office, {"dealer_id": other.id}),
            (part, {}),
        )
    ]
    assert [404, 404] == [
        part.get(f"/v1/insight/satisfaction?{name}={value}").status_code
        for name, value in (("dealer_id", other.id), ("region_id", there.id))
    ]


def test_a_card_stays_with_the_dealer_of_its_time(office):
    before, after = make_dealer(code="A"), make_dealer(code="B")
    store = make_store(before)
    card(store, 2)
    StoreDealer.update(to_on=TODAY + timedelta(days=1)).execute()
    StoreDealer.create(store=store, dealer=after, from_on=TODAY + timedelta(days=1))

    assert [2.0, None] == [row["feedback_score"] for row in rows(office)]
    assert 1 == FeedbackCard.select().count()


def test_it_takes_the_same_queries_for_many(office):
    for _ in range(12):
        store = make_store()
        card(store, 4)
        make_complaint(store)

    with assert_query_count(10):
        assert 12 == len(rows(office))


@pytest.mark.parametrize(
    "query", ["from=2026-04-01&to=2026-03-01", "from=2026-03-01", "window=d9", "dealer_id=x"]
)
def test_it_refuses_what_is_no_window(office, query):
    assert 422 == office.get(f"/v1/insight/satisfaction?{query}").status_code


@pytest.mark.parametrize(
    "path", ["/v1/complaints/table?", "/v1/feedback-cards/satisfaction?by=store&"]
)
def test_reversed_windows_are_told_elsewhere_too(office, path):
    answer = office.get(f"{path}from=2026-04-01&to=2026-03-01")

    assert (422, "bad-window") == (answer.status_code, answer.json["type"].split(":")[-1])
