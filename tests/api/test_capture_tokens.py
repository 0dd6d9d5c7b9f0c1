"""Capture tokens over HTTP: with a check-in, and ahead."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import count_queries

from backend.evidence import capture_tokens
from backend.evidence.signal_models import VisitSignal
from backend.platform import clock
from backend.worker import run_until_idle
from tests.phone import announced, minutes_ago
from tests.pictures import phone_jpeg


@pytest.mark.parametrize("again", [False, True])
def test_come_with_the_answer_to_a_check_in(phone, rep, store, again):
    visit_id = uuid4()
    when = {"clock": {"device_at": minutes_ago(60)}}
    answer = phone.check_in(store, visit_id, **when)
    if again:
        answer = phone.check_in(store, visit_id, **when)

    token = capture_tokens.read(answer.json["capture_token"])

    assert (visit_id, rep.id, "device-1") == (token.visit_id, token.person_id, token.device_id)


def test_cover_the_photos_of_a_report_that_names_one(phone, store):
    visit_id, photo_id, jpeg = uuid4(), uuid4(), phone_jpeg(1)
    came, taken, left = (clock.now() - timedelta(minutes=minutes) for minutes in (3, 2, 1))
    check_in = phone.check_in(store, visit_id, clock={"device_at": came.isoformat()})
    manifest = [announced(photo_id, jpeg, captured_at=taken.isoformat(), capture_source="album")]
    reported = phone.report(
        visit_id,
        check_out={"clock": {"device_at": left.isoformat()}},
        photos=manifest,
        capture_token=check_in.json["capture_token"],
    )
    phone.photo(visit_id, photo_id, jpeg)
    run_until_idle()

    assert 201 == reported.status_code
    assert ["album_upload"] == [row.code for row in VisitSignal.select()]


def test_are_fetched_ahead(phone, rep):
    answer = phone.client.post("/v1/capture-tokens", json={"count": 3})

    tokens = [capture_tokens.read(token) for token in answer.json["tokens"]]
    assert (200, 3) == (answer.status_code, len({token.nonce for token in tokens}))
    assert {(None, rep.id, "device-1")} == {
        (token.visit_id, token.person_id, token.device_id) for token in tokens
    }
    assert answer.json["expires_at"][:16] == tokens[0].expires_at.isoformat()[:16]


def test_cost_no_query_but_who_asks(phone):
    with count_queries() as counted:
        phone.client.post("/v1/capture-tokens", json={"count": 50})

    assert 1 == counted.count


@pytest.mark.parametrize("count", [0, 51, "3"])
def test_come_in_moderate_numbers(phone, count):
    assert 422 == phone.client.post("/v1/capture-tokens", json={"count": count}).status_code


def test_that_is_too_long_to_be_one_is_refused(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)

    assert 422 == phone.report(visit_id, capture_token="x" * 401).status_code
