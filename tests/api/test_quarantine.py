"""Visits kept aside: a second one open, and letting them in."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from backend.fieldwork import placing, quarantine, reports
from backend.fieldwork.arrivals import Arrival
from backend.fieldwork.case_models import Task
from backend.fieldwork.models import ProductLine, Visit
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.database import take_turns
from backend.worker import run_until_idle
from schemas.reports import ReportSchema
from tests.api.field import CITY, check_in, leave, reason_of, verbs
from tests.factories import (
    NOON,
    actor_of,
    make_person,
    make_region,
    make_sku,
)
from tests.phone import Phone, findings
from tests.threads import kept_waiting


class TestSecondVisit:
    @pytest.mark.parametrize("order", [("morning", "noon"), ("noon", "morning")])
    def test_waits_in_quarantine_while_an_earlier_one_is_open(self, rep, store, order):
        actor = actor_of(rep)
        started = {"morning": NOON - timedelta(hours=3), "noon": NOON}
        ids = {"morning": uuid4(), "noon": uuid4()}
        for name in order:
            check_in(actor, ids[name], store, started[name])

        waiting = reason_of(ids["noon"])
        leave(actor, ids["morning"], NOON - timedelta(hours=1))

        assert ("second-visit-open", None) == (waiting, reason_of(ids["morning"]))
        assert reason_of(ids["noon"]) is None

    def test_stays_there_when_the_earlier_one_ended_later(self, rep, store):
        actor, first, second = actor_of(rep), uuid4(), uuid4()
        check_in(actor, first, store, NOON - timedelta(hours=3))
        check_in(actor, second, store, NOON)

        leave(actor, first, NOON + timedelta(hours=1))

        assert "second-visit-open" == reason_of(second)

    @pytest.mark.parametrize("ended", [90, 45])
    @pytest.mark.parametrize("order", list(permutations(["in", "out", "second in", "second out"])))
    def test_with_a_report_in_doubt_waits_for_that_whatever_the_order(
        self, phone, store, order, ended
    ):
        first, second = uuid4(), uuid4()
        doubtful = [{"sku_id": 999_999, "listed": True}]
        send = {
            "in": lambda: phone.check_in(store, first, minutes=120),
            "out": lambda: phone.report(first, minutes=ended),
            "second in": lambda: phone.check_in(store, second, minutes=60),
            "second out": lambda: phone.report(second, minutes=30, products=doubtful),
        }

        for what in order:
            send[what]()

        assert (None, "unknown-product") == (reason_of(first), reason_of(second))

    @pytest.mark.parametrize("order", list(permutations(["in", "out", "second in", "second out"])))
    def test_does_not_stand_for_what_it_saw_meanwhile(self, phone, store, order):
        first, second = uuid4(), uuid4()
        send = {
            "in": lambda: phone.check_in(store, first, minutes=120),
            "out": lambda: phone.report(first, minutes=30, outcome="store_closed"),
            "second in": lambda: phone.check_in(store, second, minutes=60),
            "second out": lambda: phone.report(second, minutes=50, answers=CITY),
        }

        for what in order:
            send[what]()
        run_until_idle()

        assert "second-visit-open" == reason_of(second)
        assert [] == open_cases()
        assert not {task.state for task in Task.select()} - {"written_off"}

    def test_stands_for_it_once_it_is_cleared(self, phone, store):
        first, second = uuid4(), uuid4()
        phone.check_in(store, second, minutes=60)
        phone.report(second, minutes=50, answers=CITY)
        run_until_idle()
        before = open_cases()
        phone.check_in(store, first, minutes=120)
        run_until_idle()
        meanwhile, task = open_cases(), Task.get()

        phone.report(first, minutes=90, outcome="store_closed")
        run_until_idle()

        assert (["letter:E"], []) == (before, meanwhile)
        assert ["letter:E"] == open_cases()
        assert ("written_off", "assigned") == (task.state, Task.get().state)
        assert ["violation.opened", "violation.retracted", "violation.opened"] == [
            verb for verb in verbs() if verb.startswith("violation.")
        ]

    def test_stands_for_it_once_it_is_released(self, client, phone, store):
        first, second = uuid4(), uuid4()
        phone.check_in(store, first, minutes=120)
        phone.check_in(store, second, minutes=60)
        phone.report(second, minutes=50, answers=CITY)
        before = open_cases()

        client.as_(make_person(Role.MANAGER)).post(
            f"/v1/quarantine/{second}/release", json={"note": "两店相邻"}
        )

        assert ([], ["letter:E"]) == (before, open_cases())

    def test_leaves_what_others_saw_as_they_saw_it(self, client, phone, store):
        first, second, patrol = uuid4(), uuid4(), uuid4()
        supervisor = Phone(client.as_(make_person(Role.SUPERVISOR)))
        phone.check_in(store, second, minutes=60)
        phone.report(second, minutes=50, answers=CITY)
        supervisor.check_in(store, patrol, minutes=40)
        supervisor.report(patrol, minutes=35, answers=CITY)
        before = Violation.get()

        phone.check_in(store, first, minutes=120)
        after = Violation.get()

        assert (2, second, 1, patrol) == (
            before.sightings,
            before.opened_visit_id,
            after.sightings,
            after.opened_visit_id,
        )
        assert (None, after.opened_at) == (after.resolved_at, Visit.get_by_id(patrol).checked_in_at)

    def test_is_let_in_for_good_by_a_manager(self, client, rep, store):
        actor, first, second = actor_of(rep), uuid4(), uuid4()
        check_in(actor, first, store, NOON - timedelta(hours=3))
        check_in(actor, second, store, NOON)

        client.as_(make_person(Role.MANAGER)).post(
            f"/v1/quarantine/{second}/release", json={"note": "两店相邻"}
        )
        check_in(actor, uuid4(), store, NOON - timedelta(hours=1))

        assert reason_of(second) is None


def open_cases():
    """Return what is wrong in stores, as far as anybody stands for it."""
    return [case.subject for case in Violation.select().where(Violation.resolved_at.is_null())]


class TestQuarantine:
    def test_is_released_by_a_manager_who_says_which_store_it_was(self, client, phone, store):
        visit_id = uuid4()
        manager = client.as_(make_person(Role.MANAGER))
        phone.check_in(store, visit_id, store_id=999_999)
        phone.report(visit_id, answers=CITY)
        url = f"/v1/quarantine/{visit_id}/release"

        listed = [v["id"] for v in manager.get("/v1/quarantine?reason=unknown-store").json]
        unnamed = manager.post(url, json={"note": "?"})
        missing = manager.post(url, json={"note": "?", "store_id": 888_888})
        released = manager.post(url, json={"note": "新店", "store_id": store.id})
        again = manager.post(url, json={"note": "新店", "store_id": store.id})
        receipt = phone.receipt(visit_id)

        assert [str(visit_id)] == listed
        assert (422, "urn:xundian:problem:store-needed") == (
            unnamed.status_code,
            unnamed.json["type"],
        )
        assert 404 == missing.status_code
        assert (200, store.id) == (released.status_code, released.json["store_id"])
        assert (422, "urn:xundian:problem:not-quarantined") == (
            again.status_code,
            again.json["type"],
        )
        assert ("complete", 3) == (receipt["status"], receipt["score"]["mandatory_pass"])

    def test_is_judged_when_its_report_came_while_it_was_released(self, phone, rep, store):
        visit_id, actor = uuid4(), actor_of(rep)
        phone.check_in(store, visit_id, store_id=999_999)
        document = ReportSchema().load(findings(answers=CITY))
        on_arrival = Arrival(at=clock.now(), content_sha256="0" * 64)
        manager = actor_of(make_person(Role.MANAGER))

        with kept_waiting(
            lambda: reports.submit(actor, visit_id, document, arrival=on_arrival),
            lambda: take_turns(placing.turn_of(actor.id)),
        ):
            quarantine.release(manager, visit_id, store_id=store.id, note="新店", at=clock.now())
        receipt = phone.receipt(visit_id)

        assert ("complete", 3) == (receipt["status"], receipt["score"]["mandatory_pass"])

    def test_judges_what_is_known_of_a_released_report(self, client, phone, store):
        visit_id, sku = uuid4(), make_sku()
        phone.check_in(store, visit_id)
        phone.report(
            visit_id,
            products=[{"sku_id": sku.id, "listed": True}, {"sku_id": 999_999, "listed": True}],
        )

        client.as_(make_person(Role.MANAGER)).post(
            f"/v1/quarantine/{visit_id}/release", json={"note": "ok"}
        )

        assert [sku.id] == [line.sku_id for line in ProductLine.select()]
        assert phone.receipt(visit_id)["quarantine_reason"] is None

    def test_hides_other_regions(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id, store_id=999_999)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert [] == elsewhere.get("/v1/quarantine").json
        answer = elsewhere.post(f"/v1/quarantine/{visit_id}/release", json={"note": "x"})
        assert 404 == answer.status_code
