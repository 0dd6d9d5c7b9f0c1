"""Pauses: time within a visit that was not worked."""

from itertools import permutations
from uuid import uuid4

import pytest

from backend.fieldwork.models import Visit
from backend.fieldwork.visit_models import VisitPause
from tests.api.field import verbs
from tests.client import Client
from tests.factories import make_person
from tests.phone import Phone, arrival, findings, minutes_ago


def clocks(began, ended):
    """Return a pause as the phone tells it."""
    return {
        "paused": {"device_at": minutes_ago(began)},
        "resumed": {"device_at": minutes_ago(ended)},
    }


def seconds(visit_id):
    """Return how long a visit paused."""
    return Visit.get_by_id(visit_id).paused_s


@pytest.mark.parametrize("order", list(permutations(["check_in", "report", "pause"])))
def test_are_taken_off_the_time_in_the_store_whatever_the_order(phone, store, order):
    visit_id, pause_id = uuid4(), uuid4()
    documents = {
        "check_in": ("", arrival(store, minutes=60)),
        "report": ("/report", findings(minutes=20)),
        "pause": (f"/pauses/{pause_id}", clocks(45, 35)),
    }

    statuses = []
    for what in order:
        path, body = documents[what]
        answer = phone.client.put(f"/v1/visits/{visit_id}{path}", json=body)
        statuses.append(answer.status_code)
    seen = phone.client.get(f"/v1/visits/{visit_id}").json

    assert [201, 201, 201] == statuses
    assert (600, 1800) == pytest.approx((seen["paused_s"], seen["worked_s"]), abs=2)
    assert [str(pause_id)] == [pause["id"] for pause in seen["pauses"]]


def test_that_overlap_or_leave_the_visit_count_only_once_and_within_it(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id, minutes=60)
    phone.pause(visit_id, uuid4(), 70, 50)  # ten minutes within
    phone.pause(visit_id, uuid4(), 55, 45)  # five more
    phone.pause(visit_id, uuid4(), 52, 48)  # nothing new
    while_open = seconds(visit_id)
    phone.pause(visit_id, uuid4(), 25, 10)

    phone.report(visit_id, minutes=20)

    assert 900 == pytest.approx(while_open, abs=2)
    assert 1200 == pytest.approx(seconds(visit_id), abs=2)


def test_are_recorded_once_and_refuse_other_content(phone, store):
    visit_id, url = uuid4(), f"/v1/visits/{uuid4()}/pauses/{uuid4()}"
    phone.check_in(store, visit_id)
    body = clocks(45, 35)

    statuses = [phone.client.put(url, json=body).status_code for _ in range(2)]
    other = phone.client.put(url, json=clocks(45, 30))

    assert [201, 200, 409] == [*statuses, other.status_code]
    assert 1 == VisitPause.select().count()
    assert 1 == verbs().count("visit.paused")


def test_that_end_before_they_begin_are_refused(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)

    answer = phone.pause(visit_id, uuid4(), 30, 40)

    assert (422, "urn:xundian:problem:backwards-pause") == (
        answer.status_code,
        answer.json["type"],
    )
    assert seconds(visit_id) is None


def test_of_somebody_elses_visit_change_nothing(client: Client, phone, store):
    visit_id, early = uuid4(), uuid4()
    stranger = Phone(client.as_(make_person()))
    stranger.pause(early, uuid4(), 55, 50)
    phone.check_in(store, early)
    phone.check_in(store, visit_id)

    answer = stranger.pause(visit_id, uuid4(), 45, 35)

    assert 409 == answer.status_code
    assert (None, None) == (seconds(early), seconds(visit_id))
