"""Planned visits over HTTP."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.journey_models import PlanEntry
from backend.network import stores
from backend.network.models import Person, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import Job, LedgerEntry
from tests.client import Client
from tests.factories import (
    make_person,
    make_plan_entry,
    make_region,
    make_store,
    the_region,
)
from tests.journeys import make_substitution


@pytest.fixture
def supervisor(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


PROBLEM = "urn:xundian:problem:"
SOON = datetime.now(UTC).date() + timedelta(days=7)
LATER = SOON + timedelta(days=1)
WHY = {"reason": "contact_away", "note": "店主外出"}


def plan(client: Client, store: Store, person: Person, plan_id: object = None, **changes):
    body = {"store_id": store.id, "person_id": person.id, "planned_on": SOON.isoformat()}
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
            "stands_in_for_id": None,
            "planned_on": SOON.isoformat(),
            "status": "planned",
            "origin": "manual",
            "reason": None,
            "note": "",
            "moved_from_id": None,
            "moved_to_id": None,
            "visit_id": None,
            "days_late": None,
        } == answer.json
        assert answer.json == supervisor.get(f"/v1/plans/{answer.json['id']}").json
        assert [
            {
                "verb": "plan.created",
                "dealer": stores.dealer_on(store.id, SOON),
                "store": store.id,
                "region": store.region_id,
                "person": rep.id,
                "day": SOON.isoformat(),
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

        answer = plan(supervisor, store, rep, plan_id, planned_on=LATER.isoformat())

        assert (409, "urn:xundian:problem:id-taken") == (
            answer.status_code,
            answer.json["type"],
        )
        assert SOON == PlanEntry.get().planned_on

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

    def test_twice_for_a_day_is_refused(self, supervisor: Client):
        store, rep = make_store(), make_person()
        first = plan(supervisor, store, rep).json["id"]

        refused = plan(supervisor, store, rep)
        supervisor.post(f"/v1/plans/{first}/cancellation", json=WHY)

        assert (409, PROBLEM + "planned-twice") == (refused.status_code, refused.json["type"])
        assert 201 == plan(supervisor, store, rep).status_code
        assert 201 == plan(supervisor, store, make_person()).status_code

    def test_of_a_past_day_is_refused(self, supervisor: Client):
        answer = plan(supervisor, make_store(), make_person(), planned_on="2026-03-02")

        assert (422, PROBLEM + "planned-in-past") == (answer.status_code, answer.json["type"])

    def test_of_a_day_too_far_ahead_is_refused(self, supervisor: Client):
        answer = plan(supervisor, make_store(), make_person(), planned_on="9999-12-31")

        assert (422, PROBLEM + "planned-too-far") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": "closed", "closed_on": SOON},
            {"status": "closed"},
            {"opened_on": LATER},
        ],
    )
    def test_of_a_closed_store_is_refused(self, supervisor: Client, fields):
        answer = plan(supervisor, make_store(**fields), make_person())

        assert (422, PROBLEM + "store-closed") == (answer.status_code, answer.json["type"])

    def test_of_a_store_that_closes_later_is_fine(self, supervisor: Client):
        store = make_store(status="closed", closed_on=LATER)

        assert 201 == plan(supervisor, store, make_person()).status_code

    def test_owes_a_look_when_the_day_is_over(self, supervisor: Client):
        plan(supervisor, make_store(), make_person())

        job = Job.get(Job.kind == "miss-plans")

        assert (SOON.isoformat(), clock.instants_of(SOON)[1]) == (job.key, job.run_at)


class TestCancelling:
    def test_is_told_once(self, supervisor: Client):
        plan_id = plan(supervisor, make_store(), make_person()).json["id"]

        answers = [supervisor.post(f"/v1/plans/{plan_id}/cancellation", json=WHY) for _ in range(2)]

        assert [(200, "cancelled_by_manager", "contact_away")] * 2 == [
            (answer.status_code, answer.json["status"], answer.json["reason"]) for answer in answers
        ]
        created, cancelled = facts()
        assert created | {"verb": "plan.cancelled", "reason": "contact_away"} == cancelled

    def test_of_a_past_day_is_refused(self, supervisor: Client):
        entry = make_plan_entry(make_store())

        answer = supervisor.post(f"/v1/plans/{entry.id}/cancellation", json=WHY)

        assert (422, PROBLEM + "planned-in-past") == (answer.status_code, answer.json["type"])

    def test_is_not_for_what_is_out_of_sight(self, client: Client):
        entry = make_plan_entry(make_store())
        here = make_region(the_region())
        boss = client.as_(make_person(Role.SUPERVISOR, region=here))

        hidden = boss.post(f"/v1/plans/{entry.id}/cancellation", json=WHY)
        unknown = boss.post(f"/v1/plans/{uuid4()}/cancellation", json=WHY)

        assert 404 == hidden.status_code
        assert hidden.data == unknown.data


class TestMissing:
    def test_is_explained_by_the_rep_once(self, client: Client):
        rep = make_person()
        entry = make_plan_entry(make_store(), rep)
        phone = client.as_(rep)

        answers = [phone.put(f"/v1/plans/{entry.id}/miss", json=WHY) for _ in range(2)]
        other = phone.put(f"/v1/plans/{entry.id}/miss", json=WHY | {"reason": "weather"})

        assert [(200, "missed", "店主外出")] * 2 == [
            (answer.status_code, answer.json["status"], answer.json["note"]) for answer in answers
        ]
        assert (409, PROBLEM + "plan-settled", "missed") == (
            other.status_code,
            other.json["type"],
            other.json["now"],
        )
        assert [("plan.missed", "contact_away")] == [(f["verb"], f["reason"]) for f in facts()]

    def test_explains_what_the_worker_found_out(self, client: Client):
        rep = make_person()
        entry = make_plan_entry(make_store(), rep, status="missed")

        answer = client.as_(rep).put(f"/v1/plans/{entry.id}/miss", json=WHY)

        assert ("missed", "contact_away") == (answer.json["status"], answer.json["reason"])

    def test_of_what_is_still_to_come_is_refused(self, client: Client):
        rep = make_person()
        entry = make_plan_entry(make_store(), rep, planned_on=SOON)

        answer = client.as_(rep).put(f"/v1/plans/{entry.id}/miss", json=WHY)

        assert (422, PROBLEM + "not-yet-due") == (answer.status_code, answer.json["type"])

    def test_is_not_for_the_plan_of_another(self, client: Client):
        entry = make_plan_entry(make_store())

        answer = client.as_(make_person()).put(f"/v1/plans/{entry.id}/miss", json=WHY)

        assert 404 == answer.status_code


class TestExcusing:
    @pytest.mark.parametrize("status", ["planned", "missed"])
    def test_keeps_why(self, supervisor: Client, status):
        entry = make_plan_entry(make_store(), status=status, reason=None)

        answer = supervisor.post(f"/v1/plans/{entry.id}/excuse", json=WHY)

        assert (200, "excused") == (answer.status_code, answer.json["status"])
        assert [("plan.excused", "contact_away")] == [(f["verb"], f["reason"]) for f in facts()]

    def test_is_not_for_reps(self, client: Client):
        rep = make_person()
        entry = make_plan_entry(make_store(), rep)

        assert 403 == client.as_(rep).post(f"/v1/plans/{entry.id}/excuse").status_code

    @pytest.mark.parametrize("status", ["done", "rescheduled", "cancelled_by_manager"])
    @pytest.mark.parametrize("wish", ["excuse", "cancellation"])
    def test_of_what_ended_otherwise_is_refused(self, supervisor: Client, status, wish):
        entry = make_plan_entry(make_store(), status=status, planned_on=SOON)

        answer = supervisor.post(f"/v1/plans/{entry.id}/{wish}", json=WHY)

        assert (409, PROBLEM + "plan-settled") == (answer.status_code, answer.json["type"])
        assert [] == facts()


class TestRescheduling:
    def move(self, client: Client, entry: PlanEntry, successor: object, **changes):
        body = WHY | {"to_on": LATER.isoformat()} | changes
        return client.put(f"/v1/plans/{entry.id}/successors/{successor}", json=body)

    def test_keeps_the_old_entry_and_links_both(self, client: Client):
        rep, successor = make_person(), str(uuid4())
        entry = make_plan_entry(make_store(), rep, planned_on=SOON)
        phone = client.as_(rep)

        answers = [self.move(phone, entry, successor) for _ in range(2)]

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (successor, str(entry.id), LATER.isoformat(), "planned") == tuple(
            answers[0].json[name] for name in ("id", "moved_from_id", "planned_on", "status")
        )
        old = phone.get(f"/v1/plans/{entry.id}").json
        assert (SOON.isoformat(), "rescheduled", "contact_away", successor) == tuple(
            old[name] for name in ("planned_on", "status", "reason", "moved_to_id")
        )
        assert [
            ("plan.rescheduled", SOON.isoformat()),
            ("plan.created", LATER.isoformat()),
        ] == [(fact["verb"], fact["day"]) for fact in facts()]

    def test_is_asked_of_whoever_goes_on_the_new_day(self, client: Client):
        rep, other = make_person(), make_person()
        make_substitution(rep, other, from_on=SOON, to_on=LATER)
        lent = make_plan_entry(make_store(owner=rep), other, planned_on=SOON, stands_in_for=rep)
        own = make_plan_entry(make_store(owner=rep), rep, planned_on=LATER)

        successor = uuid4()
        back, again = (self.move(client.as_(other), lent, successor) for _ in range(2))
        away = self.move(client.as_(rep), own, uuid4(), to_on=SOON.isoformat()).json

        assert [201, 200] == [back.status_code, again.status_code]
        assert back.json == again.json
        assert (rep.id, None) == (back.json["person_id"], back.json["stands_in_for_id"])
        assert (other.id, rep.id) == (away["person_id"], away["stands_in_for_id"])

    def test_with_a_known_id_is_a_conflict(self, supervisor: Client):
        entry = make_plan_entry(make_store(), planned_on=SOON)
        other = make_plan_entry(make_store(), planned_on=SOON)
        successor = uuid4()
        self.move(supervisor, entry, successor)

        answers = [
            self.move(supervisor, entry, successor, reason="weather"),
            self.move(supervisor, other, successor),
        ]

        assert [PROBLEM + "id-taken"] * 2 == [answer.json["type"] for answer in answers]

    def test_of_a_past_day_or_to_one_is_refused(self, supervisor: Client):
        past, ahead = (make_plan_entry(make_store(), **on) for on in ({}, {"planned_on": SOON}))

        answers = [
            self.move(supervisor, past, uuid4()),
            self.move(supervisor, ahead, uuid4(), to_on="2026-03-02"),
        ]

        assert [PROBLEM + "planned-in-past"] * 2 == [answer.json["type"] for answer in answers]
        assert {"planned"} == {entry.status for entry in PlanEntry.select()}

    def test_twice_is_refused(self, supervisor: Client):
        entry = make_plan_entry(make_store(), planned_on=SOON)
        self.move(supervisor, entry, uuid4())

        again = self.move(supervisor, entry, uuid4())

        assert (409, PROBLEM + "plan-settled") == (again.status_code, again.json["type"])

    def test_to_the_same_day_is_refused(self, supervisor: Client):
        entry = make_plan_entry(make_store(), planned_on=SOON)
        make_plan_entry(
            Store.get_by_id(entry.store_id),
            Person.get_by_id(entry.person_id),
            planned_on=LATER,
        )

        answer = self.move(supervisor, entry, uuid4())

        assert (409, PROBLEM + "planned-twice") == (answer.status_code, answer.json["type"])
        assert "planned" == PlanEntry.get_by_id(entry.id).status


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
        PlanEntry.update(status="missed").where(PlanEntry.id == first).execute()
        PlanEntry.update(origin="generated").where(PlanEntry.id == second).execute()
        assert [first] == ask(status="missed")
        assert [second] == ask(origin="generated")
        assert [first] == ask(unexplained=True)
        assert [second] == ask(unexplained=False)

    def test_refuses_a_day_that_is_none(self, supervisor: Client):
        answer = supervisor.get("/v1/plans?from=soon")

        assert 422 == answer.status_code
        assert ["from"] == list(answer.json["errors"]["query"])
