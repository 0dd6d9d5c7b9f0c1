"""Cancelled visits: broken off with a reason and a position, and never counted."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from backend.fieldwork import fulfilment
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.fieldwork.visit_models import VisitCancellation
from backend.insight.models import VisitFact
from backend.platform import clock
from backend.worker import run_until_idle
from tests.api.field import CITY, verbs
from tests.client import Client
from tests.factories import make_person, make_plan_entry
from tests.phone import LATELY, Phone, arrival, day_of, findings, minutes_ago

LISBON = {"lat": 38.72, "lon": -9.14, "crs": "wgs84", "accuracy_m": 8.0}


@pytest.mark.parametrize("order", list(permutations(["check_in", "report", "cancel"])))
def test_never_count_whatever_the_order(phone, rep, store, order):
    visit_id = uuid4()
    check_in = arrival(store)
    plan = make_plan_entry(store, rep, planned_on=day_of(check_in))
    cancel = {
        "reason": "called_away",
        "clock": {"device_at": minutes_ago(50)},
        "position": {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "accuracy_m": 9.0},
    }
    documents = {
        "check_in": ("", check_in),
        "report": ("/report", findings(answers=CITY)),
        "cancel": ("/cancellation", cancel),
    }

    for what in order:
        path, body = documents[what]
        phone.client.put(f"/v1/visits/{visit_id}{path}", json=body)
        run_until_idle()
    fulfilment.look_back(plan.planned_on, at=clock.now())
    seen = phone.client.get(f"/v1/visits/{visit_id}").json
    visit = Visit.get_by_id(visit_id)

    assert ("cancelled", None) == (seen["status"], seen["worked_s"])
    assert 600 == pytest.approx((visit.cancelled_at - visit.checked_in_at).total_seconds(), abs=2)
    assert visit.cancelled_at == visit.checked_out_at
    assert ("called_away", store.lat) == (
        seen["cancellation"]["reason"],
        seen["cancellation"]["raw_lat"],
    )
    assert 0 == Violation.select().where(Violation.retracted_at.is_null()).count()
    assert [(plan.id, "missed")] == [(entry.id, entry.status) for entry in PlanEntry.select()]
    assert 0 == VisitFact.select().count()


def test_are_recorded_once_and_refuse_other_content(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)
    body = {"reason": "unwell", "clock": {"device_at": minutes_ago(50)}, "position": None}
    url = f"/v1/visits/{visit_id}/cancellation"

    first, again = (phone.client.put(url, json=body) for _ in range(2))
    other = phone.client.put(url, json=body | {"reason": "wrong_store"})

    assert [201, 200, 409] == [first.status_code, again.status_code, other.status_code]
    assert "cancelled" == first.json["status"]
    assert 1 == verbs().count("visit.cancelled")


def test_let_a_visit_that_waited_for_their_end_in(phone, store):
    first, second = uuid4(), uuid4()
    phone.check_in(store, first, minutes=60)
    phone.check_in(store, second, minutes=40)
    waiting = Visit.get_by_id(second).quarantine_reason

    phone.cancel(first, minutes=50)

    assert ("second-visit-open", None) == (waiting, Visit.get_by_id(second).quarantine_reason)


def test_do_not_wait_themselves(phone, store):
    first, second = uuid4(), uuid4()
    phone.check_in(store, first, minutes=60)
    phone.check_in(store, second, minutes=40)

    phone.cancel(second, minutes=30)

    assert (None, "cancelled") == (
        Visit.get_by_id(second).quarantine_reason,
        Visit.get_by_id(second).status,
    )


def test_keep_a_point_abroad_as_it_was_sent(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)

    answer = phone.cancel(visit_id, position=LISBON)
    stored = VisitCancellation.get()

    assert 201 == answer.status_code
    assert (38.72, None) == (stored.raw_lat, stored.lat)


def test_need_words_where_the_list_has_none(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)

    bare = phone.cancel(visit_id, reason="other", note=" ")
    said = phone.cancel(visit_id, reason="other", note="地铁停运")

    assert (422, 201) == (bare.status_code, said.status_code)
    assert ["Say why."] == bare.json["errors"]["json"]["note"]


def test_come_too_late_when_the_visit_is_complete_for_long(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)
    phone.report(visit_id)
    Visit.update(completed_at=LATELY - timedelta(hours=49)).execute()

    answer = phone.cancel(visit_id)

    assert (422, "urn:xundian:problem:visit-settled") == (answer.status_code, answer.json["type"])
    assert "complete" == phone.receipt(visit_id)["status"]


def test_sent_late_on_a_wall_clock_are_taken_and_flagged(phone, store):
    visit_id, honest = uuid4(), uuid4()
    for one in (visit_id, honest):
        phone.check_in(store, one)
        phone.report(one)
    long_ago = clock.now() - timedelta(days=9)
    Visit.update(checked_in_at=long_ago, completed_at=long_ago).execute()
    body = {"reason": "unwell", "position": None}
    eight_days = timedelta(days=8)
    clocks = {"device_at": (clock.now() - eight_days).isoformat(), "elapsed_ms": 1}
    started = {"Device-Elapsed-Ms": str(eight_days // timedelta(milliseconds=1))}

    phone.client.put(f"/v1/visits/{visit_id}/cancellation", json=body | {"clock": clocks})
    url = f"/v1/visits/{honest}/cancellation"
    phone.client.put(url, json=body | {"clock": clocks}, headers=started)

    seen = [phone.client.get(f"/v1/visits/{one}").json for one in (visit_id, honest)]
    assert ["cancelled"] * 2 == [one["status"] for one in seen]
    assert [True, False] == [one["cancellation"]["is_clock_suspect"] for one in seen]


@pytest.mark.parametrize("first", ["check_in", "cancellation"])
def test_told_to_be_before_the_check_in_are_flagged_and_end_it_there(phone, store, first):
    visit_id = uuid4()
    steps = [
        lambda: phone.check_in(store, visit_id, minutes=60),
        lambda: phone.cancel(visit_id, minutes=600),
    ]

    for step in steps if first == "check_in" else reversed(steps):
        step()

    seen = phone.client.get(f"/v1/visits/{visit_id}").json
    assert seen["checked_in_at"] == seen["cancelled_at"]
    assert (True, seen["cancelled_at"]) == (
        seen["cancellation"]["is_clock_suspect"],
        seen["cancellation"]["cancelled_at"],
    )


def test_of_somebody_elses_visit_change_nothing(client: Client, phone, store):
    visit_id, early = uuid4(), uuid4()
    stranger = Phone(client.as_(make_person()))
    stranger.cancel(early)
    phone.check_in(store, early, minutes=60)
    phone.report(early, minutes=55)
    phone.check_in(store, visit_id, minutes=50)

    answer = stranger.cancel(visit_id)

    assert 409 == answer.status_code
    assert ("complete", "open") == tuple(Visit.get_by_id(one).status for one in (early, visit_id))
