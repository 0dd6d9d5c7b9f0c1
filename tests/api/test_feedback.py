"""Feedback cards over HTTP: one per finished job, and what they add up to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.case_models import FeedbackCard, FeedbackScore
from backend.network.models import StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    close_complaint,
    make_complaint,
    make_dealer,
    make_feedback_card,
    make_person,
    make_region,
    make_store,
    make_violation,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
WINDOW = "from=2026-03-01&to=2026-04-01"


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def boss(store):  # noqa: ARG001  # after the store's people
    return make_person(Role.MANAGER)


@pytest.fixture
def manager(client: Client, boss) -> Client:
    return client.as_(boss)


def put(client: Client, about, about_id, card_id=None, **changes):
    scores = [
        {"topic": "supply", "score": 2},
        {"topic": "sales_staff", "score": 5, "department": "marketing"},
    ]
    body = {"about": about, "about_id": str(about_id), "scores": scores}
    return client.put(f"/v1/feedback-cards/{card_id or uuid4()}", json=body | changes)


class TestGiving:
    def test_keeps_scores_by_topic_with_the_department_they_go_to(self, client, store):
        visit = make_visit(store, store.owner)
        rep = client.as_(store.owner)

        answer = put(rep, "visit", visit.id, comment="供货慢")

        assert 201 == answer.status_code
        assert answer.json == rep.get(f"/v1/feedback-cards/{answer.json['id']}").json
        assert [
            {"topic": "sales_staff", "score": 5, "department": "marketing"},
            {"topic": "supply", "score": 2, "department": "logistics"},
        ] == answer.json["scores"]
        assert (3.5, "供货慢", store.id, visit.dealer_id, store.owner_id) == tuple(
            answer.json[name]
            for name in ("score", "comment", "store_id", "dealer_id", "recorded_by_id")
        )
        assert ["feedback_card.given"] == [entry.verb for entry in LedgerEntry.select()]

    def test_happens_once_however_often_it_is_sent(self, client, manager, store):
        card_id, visit = uuid4(), make_visit(store)

        answers = [put(manager, "visit", visit.id, card_id) for _ in range(2)]
        other = put(manager, "visit", visit.id, card_id, comment="another")
        stranger = put(client.as_(make_person(Role.MANAGER)), "visit", visit.id, card_id)

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (409, 409) == (other.status_code, stranger.status_code)
        assert (1, 2) == (FeedbackCard.select().count(), FeedbackScore.select().count())

    def test_is_for_one_visit_of_a_store_a_month(self, manager, store):
        first = put(manager, "visit", make_visit(store).id)

        same_month = put(manager, "visit", make_visit(store, at=NOON + timedelta(days=5)).id)
        next_month = put(manager, "visit", make_visit(store, at=NOON + timedelta(days=30)).id)
        elsewhere = put(manager, "visit", make_visit().id)

        assert [409, 201, 201] == [a.status_code for a in (same_month, next_month, elsewhere)]
        assert (f"{PROBLEM}card-exists", first.json["id"]) == (
            same_month.json["type"],
            same_month.json["card_id"],
        )

    def test_is_for_a_resolved_violation_and_a_closed_complaint(self, manager, boss, store):
        case, complaint = make_violation(store, resolved_at=NOON), make_complaint(store, boss)
        close_complaint(complaint, boss)

        about = [("violation", case.id), ("complaint", complaint.id)]
        answers = [put(manager, *job) for job in about + about]

        assert [201, 201, 409, 409] == [answer.status_code for answer in answers]

    @pytest.mark.parametrize(
        ("about", "make"),
        [
            ("violation", make_violation),
            (
                "violation",
                lambda store: make_violation(store, resolved_at=NOON, retracted_at=NOON),
            ),
            ("complaint", make_complaint),
            ("visit", lambda store: make_visit(store, status="open")),
            ("visit", lambda store: make_visit(store, quarantine_reason="second-visit-open")),
        ],
        ids=["violation", "retracted violation", "complaint", "visit", "quarantined visit"],
    )
    def test_waits_until_the_job_is_finished(self, manager, store, about, make):
        answer = put(manager, about, make(store).id)

        assert (422, f"{PROBLEM}job-not-finished") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize("about", ["violation", "complaint", "visit"])
    def test_knows_no_job_out_of_sight(self, manager, about):
        assert 404 == put(manager, about, uuid4()).status_code

    @pytest.mark.parametrize(
        "scores",
        [
            [],
            [{"topic": "supply", "score": 0}],
            [{"topic": "supply", "score": 6}],
            [{"topic": "weather", "score": 3}],
            [{"topic": "supply", "score": 3, "department": "ghosts"}],
        ],
    )
    def test_refuses(self, manager, store, scores):
        answer = put(manager, "visit", make_visit(store).id, scores=scores)

        assert (422, f"{PROBLEM}invalid-fields") == (answer.status_code, answer.json["type"])

    def test_scores_a_topic_once(self, manager, store):
        twice = [{"topic": "supply", "score": 3}] * 2

        answer = put(manager, "visit", make_visit(store).id, scores=twice)

        assert (422, f"{PROBLEM}scored-twice", "supply") == (
            answer.status_code,
            answer.json["type"],
            answer.json["topics"],
        )


class TestList:
    def test_filters(self, manager, boss, store):
        case = make_violation(store, resolved_at=NOON)
        about_case = make_feedback_card(case, boss, 3)
        about_visit = make_feedback_card(make_visit(), boss, 1, 2, at=NOON + timedelta(days=40))

        def ask(query):
            return [card["id"] for card in manager.get(f"/v1/feedback-cards?{query}").json]

        assert [str(about_visit.id), str(about_case.id)] == ask("")
        assert [str(about_case.id)] == ask(f"store_id={store.id}")
        assert [str(about_case.id)] == ask(f"dealer_id={case.dealer_id}")
        assert [str(about_case.id)] == ask("about=violation")
        assert [str(about_visit.id)] == ask("department=product")
        assert [str(about_case.id)] == ask(WINDOW)
        assert [str(about_visit.id)] == ask("from=2026-04-01")

    def test_takes_four_queries(self, manager, boss):
        for _ in range(3):
            make_feedback_card(make_visit(), boss, 1, 2)

        with assert_query_count(4):  # who asks, how many, which, and their scores
            listed = manager.get("/v1/feedback-cards").json

        assert [2, 2, 2] == [len(card["scores"]) for card in listed]

    def test_hides_what_is_not_ones_own(self, client, boss, store):
        card = make_feedback_card(make_visit(store), boss)
        stranger = client.as_(make_person())
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        for person in (stranger, elsewhere):
            assert [] == person.get("/v1/feedback-cards").json
            assert 404 == person.get(f"/v1/feedback-cards/{card.id}").status_code
            assert [] == satisfaction(person, "store")
        assert 1 == len(client.as_(store.owner).get("/v1/feedback-cards").json)


def satisfaction(client: Client, by, query=WINDOW):
    rows = client.get(f"/v1/feedback-cards/satisfaction?by={by}&{query}").json
    return [(row["partner_id"], row["value"], row["num"], row["den"]) for row in rows]


class TestSatisfaction:
    def test_of_a_store_is_the_mean_of_its_cards_and_of_a_dealer_that_of_its_stores(
        self, manager, boss
    ):
        dealer = make_dealer()
        good, bad = make_store(dealer), make_store(dealer)
        make_feedback_card(make_visit(good), boss, 5)
        make_feedback_card(make_violation(good, resolved_at=NOON), boss, 4)
        make_feedback_card(make_visit(bad), boss, 1, 2)
        alone = make_feedback_card(make_visit(), boss, 3)

        with assert_query_count(3):  # who asks, how many, which
            stores = satisfaction(manager, "store")
        dealers = satisfaction(manager, "dealer")

        assert [(good.id, 4.5, 9, 2), (bad.id, 1.5, 1.5, 1), (alone.store_id, 3, 3, 1)] == stores
        assert [(dealer.id, 3, 6, 2), (alone.dealer_id, 3, 3, 1)] == dealers

    def test_is_of_the_last_90_days_unless_told(self, manager, boss, store):
        today = clock.now()
        make_feedback_card(make_visit(store, at=today), boss, 5, at=today)
        make_feedback_card(make_visit(store), boss, 1, at=today - timedelta(days=90))

        assert [(store.id, 5, 5, 1)] == satisfaction(manager, "store", "")
        later = f"to={clock.business_date(today) - timedelta(days=80)}"
        assert [(store.id, 1, 1, 1)] == satisfaction(manager, "store", later)

    def test_of_nobody_is_empty(self, manager, boss):
        visit = make_visit(make_store())
        StoreDealer.delete().execute()
        visit.dealer = None
        visit.save()
        make_feedback_card(visit, boss)

        assert 1 == len(satisfaction(manager, "store"))
        assert [] == satisfaction(manager, "dealer")

    def test_is_asked_for_by_store_or_dealer(self, manager):
        assert 422 == manager.get("/v1/feedback-cards/satisfaction").status_code
        assert 422 == manager.get("/v1/feedback-cards/satisfaction?by=moon").status_code
