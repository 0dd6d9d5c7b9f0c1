"""Push assessments over HTTP."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.violation_models import Violation
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    OPENED,
    TODAY,
    make_contact,
    make_contact_entry,
    make_dealer,
    make_person,
    make_push,
    make_region,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
LEVELS = {"dealer_push": 4, "store_push": 3, "counter_push": None, "clerk_push": 2}
FACTORS = {
    "benefit": {"margin_rank": 2, "spiff_rank": 3},
    "brand": {"asked_by_name_percent": 30},
    "support_and_service": {"after_sales_days": 5, "advertising_support": 4},
    "product_information": {"is_clerk_trained": True, "quiz_percent": 80},
    "relationship": {"relation_grade": 4, "trust_incidents": 0},
}


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


@pytest.fixture
def phone(client: Client, rep) -> Client:
    return client.as_(rep)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def put(client: Client, store, assessment_id=None, **changes):
    body = {
        "store_id": store.id,
        "assessed_at": "2026-03-02T12:10:00+08:00",
        "levels": LEVELS,
        "factors": FACTORS,
    }
    return client.put(f"/v1/push-assessments/{assessment_id or uuid4()}", json=body | changes)


def ids(answer) -> list[str]:
    return [each["id"] for each in answer.json]


class TestAssessing:
    def test_keeps_levels_and_evidence_with_the_dealer_of_the_day(self, phone, store):
        visit_id = str(uuid4())

        answer = put(phone, store, visit_id=visit_id)

        assert 201 == answer.status_code
        assert LEVELS == answer.json["levels"]
        met = {"decision_maker": {"last_met_on": None, "is_in_touch": False}}
        assert FACTORS | met == answer.json["factors"]
        assert (store.id, visit_id, "2026-03-02") == tuple(
            answer.json[name] for name in ("store_id", "visit_id", "assessed_on")
        )
        assert phone.get("/v1/dealers").json[0]["id"] == answer.json["dealer_id"]
        assert ["push.assessed"] == [entry.verb for entry in LedgerEntry.select()]

    def test_takes_as_little_as_one_level(self, phone, store):
        answer = put(phone, store, levels={"clerk_push": 5}, factors={})

        assert (201, 5) == (answer.status_code, answer.json["levels"]["clerk_push"])
        assert {None} == {*answer.json["factors"]["benefit"].values()}

    def test_may_be_a_mystery_shop(self, phone, store):
        kept = [put(phone, store, is_mystery_shop=said).json["id"] for said in (True, False)]
        kept.append(put(phone, store).json["id"])

        shown = {
            each["id"]: each["is_mystery_shop"] for each in phone.get("/v1/push-assessments").json
        }

        assert [True, False, False] == [shown[each] for each in kept]

    def test_sent_again_answers_the_same_and_other_content_conflicts(self, phone, store):
        assessment_id = uuid4()

        answers = [put(phone, store, assessment_id) for _ in range(2)]
        other = put(phone, store, assessment_id, note="anders")

        assert [201, 200, 409] == [each.status_code for each in (*answers, other)]
        assert answers[0].json == answers[1].json
        assert 1 == PushAssessment.select().count() == LedgerEntry.select().count()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"levels": {}},
            {"levels": dict.fromkeys(LEVELS)},
            {"levels": {"clerk_push": 6}},
            {"levels": {"clerk_push": -1}},
            {"factors": {"decision_maker": {"is_in_touch": True}}},
            {"factors": {"brand": {"asked_by_name_percent": 101}}},
            {"assessed_at": "2026-03-02T12:10:00"},
        ],
    )
    def test_refuses(self, phone, store, wrong):
        answer = put(phone, store, **wrong)

        assert (422, f"{PROBLEM}invalid-fields") == (answer.status_code, answer.json["type"])
        assert 0 == PushAssessment.select().count()

    def test_is_for_stores_in_sight_and_people_in_the_field(self, phone, manager, store):
        assert 404 == put(phone, make_store()).status_code
        assert 403 == put(manager, store).status_code

    def test_of_hostile_clerks_opens_one_violation(self, phone, store):
        assessment_id = uuid4()

        for _ in range(2):
            put(phone, store, assessment_id, levels={"clerk_push": 0}, note="推玄铁")
        put(phone, store, levels={"clerk_push": 1, "store_push": 0})

        case = Violation.get()
        assert ("competitor_push", store.id, "推玄铁", 1) == (
            case.kind,
            case.store_id,
            case.note,
            case.sightings,
        )


class TestDecisionMaker:
    def test_was_met_within_the_days_that_count(self, phone, store):
        decider = make_contact(store, buying_role="decider")
        make_contact_entry(decider, happened_on=TODAY - timedelta(days=90))
        make_contact_entry(decider, happened_on=TODAY + timedelta(days=9))
        make_contact_entry(decider, happened_on=TODAY, kind="call")
        make_contact_entry(make_contact(store), happened_on=TODAY)
        then = {"last_met_on": "2025-12-02", "is_in_touch": True}

        first = put(phone, store).json
        next_day = put(phone, store, assessed_at="2026-03-03T12:10:00+08:00").json

        assert then == first["factors"]["decision_maker"]
        assert then | {"is_in_touch": False} == next_day["factors"]["decision_maker"]


class TestList:
    def test_shows_a_rep_the_own_stores_newest_first(self, phone, store):
        old = make_push(store, assessed_at=NOON - timedelta(days=1))
        new = make_push(store)
        make_push(make_store())

        with assert_query_count(3):
            answer = phone.get("/v1/push-assessments")

        assert [str(new.id), str(old.id)] == ids(answer)
        assert 404 == phone.get(f"/v1/push-assessments/{uuid4()}").status_code

    def test_leaves_the_last_of_each_store(self, manager, store):
        make_push(store, assessed_at=NOON - timedelta(days=1))
        twins = [make_push(store) for _ in range(2)]
        other = make_push(make_store(), assessed_at=NOON - timedelta(days=2))

        latest = ids(manager.get("/v1/push-assessments?latest=true"))

        assert [max(str(each.id) for each in twins), str(other.id)] == latest

    def test_filters_and_keeps_to_the_subtree(self, client: Client, manager, store):
        dealer = make_dealer()
        found = make_push(store, dealer=dealer, assessed_on=OPENED)
        make_push(make_store())

        def ask(**filters):
            return ids(manager.get("/v1/push-assessments", query_string=filters))

        for filters in ({"store_id": store.id}, {"dealer_id": dealer.id}, {"to": "2026-03-02"}):
            assert [str(found.id)] == ask(**filters)
        assert 1 == len(ask(**{"from": date(2026, 3, 2).isoformat()}))
        stranger = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
        assert [] == stranger.get("/v1/push-assessments").json
        assert 404 == stranger.get(f"/v1/push-assessments/{found.id}").status_code
