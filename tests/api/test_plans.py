"""Planned visits over HTTP."""

import json
from datetime import date
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.models import PlanEntry
from backend.network import stores
from backend.network.models import Person, Store, StoreDealer
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    make_person,
    make_plan_entry,
    make_region,
    make_store,
    the_region,
)


@pytest.fixture
def supervisor(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


def plan(client: Client, store: Store, person: Person, plan_id: object = None, **changes):
    body = {"store_id": store.id, "person_id": person.id, "planned_on": "2026-03-02"}
    return client.put(f"/v1/plans/{plan_id or uuid4()}", json=body | changes)


def facts() -> list[dict]:
    entries = LedgerEntry.select().order_by(LedgerEntry.at)
    return [{"verb": entry.verb} | json.loads(entry.facts) for entry in entries]


class TestPlanning:
    def test_tells_the_day_and_the_dealer_of_the_day(self, supervisor: Client):
        store, rep = make_store(), make_person()

        answer = plan(supervisor, store, rep)

        assert 201 == answer.status_code
        assert {
            "id": answer.json["id"],
            "store_id": store.id,
            "person_id": rep.id,
            "planned_on": "2026-03-02",
            "status": "planned",
        } == answer.json
        assert [
            {
                "verb": "plan.created",
                "dealer": stores.dealer_on(store.id, date(2026, 3, 2)),
                "store": store.id,
                "region": store.region_id,
                "person": rep.id,
                "day": "2026-03-02",
            }
        ] == facts()

    def test_names_no_dealer_where_there_is_none(self, supervisor: Client):
        store = make_store()
        StoreDealer.delete().execute()

        assert 201 == plan(supervisor, store, make_person()).status_code
        assert "dealer" not in facts()[0]

    def test_sent_again_is_a_replay(self, supervisor: Client):
        store, rep, plan_id = make_store(), make_person(), uuid4()

        first, again = (plan(supervisor, store, rep, plan_id) for _ in range(2))

        assert [201, 200] == [first.status_code, again.status_code]
        assert first.json == again.json
        assert 1 == PlanEntry.select().count() == LedgerEntry.select().count()

    def test_another_content_under_the_same_id_is_a_conflict(self, supervisor: Client):
        store, rep, plan_id = make_store(), make_person(), uuid4()
        plan(supervisor, store, rep, plan_id)

        answer = plan(supervisor, store, rep, plan_id, planned_on="2026-03-03")

        assert (409, "urn:xundian:problem:id-taken") == (
            answer.status_code,
            answer.json["type"],
        )
        assert date(2026, 3, 2) == PlanEntry.get().planned_on

    def test_the_same_plan_of_somebody_out_of_sight_is_no_replay(
        self, client: Client, supervisor: Client
    ):
        store, rep, plan_id = make_store(), make_person(), uuid4()
        plan(supervisor, store, rep, plan_id)
        here = make_region(the_region())

        answer = plan(client.as_(make_person(Role.SUPERVISOR, region=here)), store, rep, plan_id)

        assert 409 == answer.status_code

    def test_refuses_references_out_of_sight(self, client: Client):
        here = make_region(the_region())
        boss = client.as_(make_person(Role.SUPERVISOR, region=here))
        mine, rep = make_store(region=here), make_person(region=here)

        answers = [plan(boss, make_store(), rep), plan(boss, mine, make_person())]

        assert [(404, "store"), (404, "person")] == [
            (answer.status_code, answer.json["what"]) for answer in answers
        ]

    @pytest.mark.parametrize(
        "fields", [{"role": Role.AUDITOR}, {"role": Role.REP, "is_active": False}]
    )
    def test_refuses_somebody_who_makes_no_visits(self, supervisor: Client, fields):
        answer = plan(supervisor, make_store(), make_person(**fields))

        assert (422, "urn:xundian:problem:no-visitor") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_is_not_for_reps(self, client: Client):
        rep = make_person()

        assert 403 == plan(client.as_(rep), make_store(owner=rep), rep).status_code


class TestCancelling:
    def test_is_told_once(self, supervisor: Client):
        plan_id = plan(supervisor, make_store(), make_person()).json["id"]

        answers = [supervisor.post(f"/v1/plans/{plan_id}/cancellation") for _ in range(2)]

        assert [(200, "cancelled_by_manager")] * 2 == [
            (answer.status_code, answer.json["status"]) for answer in answers
        ]
        created, cancelled = facts()
        assert created | {"verb": "plan.cancelled"} == cancelled

    def test_is_not_for_what_is_out_of_sight(self, client: Client):
        entry = make_plan_entry(make_store())
        here = make_region(the_region())
        boss = client.as_(make_person(Role.SUPERVISOR, region=here))

        hidden = boss.post(f"/v1/plans/{entry.id}/cancellation")
        unknown = boss.post(f"/v1/plans/{uuid4()}/cancellation")

        assert 404 == hidden.status_code
        assert hidden.data == unknown.data


class TestList:
    def test_shows_a_rep_the_own_plan_by_day(self, client: Client):
        rep, store = make_person(), make_store()
        later = make_plan_entry(store, rep, planned_on=date(2026, 3, 4))
        sooner = make_plan_entry(store, rep)
        make_plan_entry(store)
        phone = client.as_(rep)

        with assert_query_count(3):  # who asks, how many, which
            answer = phone.get("/v1/plans")

        assert [str(sooner.id), str(later.id)] == [entry["id"] for entry in answer.json]

    def test_filters(self, supervisor: Client):
        store, rep = make_store(), make_person()
        first = str(make_plan_entry(store, rep).id)
        second = str(make_plan_entry(make_store(), planned_on=date(2026, 3, 5)).id)

        def ask(**filters):
            listed = supervisor.get("/v1/plans", query_string=filters).json
            return [entry["id"] for entry in listed]

        assert [first, second] == ask(**{"from": "2026-03-02", "to": "2026-03-05"})
        assert [second] == ask(**{"from": "2026-03-03"})
        assert [first] == ask(to="2026-03-04")
        assert [first] == ask(person_id=rep.id)
        assert [first] == ask(store_id=store.id)

    def test_refuses_a_day_that_is_none(self, supervisor: Client):
        answer = supervisor.get("/v1/plans?from=soon")

        assert 422 == answer.status_code
        assert ["from"] == list(answer.json["errors"]["query"])
