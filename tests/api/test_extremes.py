"""Well-formed requests at the edge of what a database, a clock or a parser can hold."""

import json
from uuid import uuid4

import pytest

from backend.fieldwork.models import Visit
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import NOON, make_person, make_store, make_visit
from tests.phone import Phone, announced, arrival, findings

JSON = {"Content-Type": "application/json"}
LONE_SURROGATE = '"\\ud800"'


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def phone(client: Client, store):
    return Phone(client.as_(store.owner))


@pytest.fixture
def manager(client: Client):
    return client.as_(make_person(Role.MANAGER))


def nested(levels: int) -> list:
    """Return lists within lists."""
    return json.loads("[" * levels + "]" * levels)


def test_a_phone_that_runs_for_years_checks_in(phone, store):
    years_ms = 10**12

    answer = phone.check_in(store, clock={"device_at": NOON.isoformat(), "elapsed_ms": years_ms})

    assert 201 == answer.status_code
    assert years_ms == Visit.get().elapsed_ms


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_an_instant_outside_the_calendar_of_utc_is_a_wrong_field(phone, store, at):
    picture = announced(uuid4(), b"", size_bytes=1, captured_at=at)

    answers = [
        phone.check_in(store, clock={"device_at": at}),
        phone.report(uuid4(), check_out={"clock": {"device_at": at}}),
        phone.report(uuid4(), photos=[picture]),
    ]

    assert [422] * 3 == [answer.status_code for answer in answers]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_first_and_the_last_instant_are_only_suspect(phone, store, at):
    answer = phone.client.put(
        f"/v1/visits/{uuid4()}",
        json=arrival(store, clock={"device_at": at}),
        headers={"Device-Time": "2026-03-02T12:00:00Z", "Device-Elapsed-Ms": "1"},
    )

    assert 201 == answer.status_code
    assert Visit.get().is_clock_suspect


@pytest.mark.parametrize(
    "number", ["1e400", "NaN", "9" * 5000, "[" * 100_000 + "]" * 100_000, LONE_SURROGATE]
)
def test_what_is_no_json_value_is_refused(phone, manager, store, number):
    visit = make_visit(store, quarantine_reason="unknown-store")
    routes = [
        (phone.client.put, f"/v1/visits/{uuid4()}"),
        (phone.client.put, f"/v1/visits/{uuid4()}/report"),
        (phone.client.post, "/v1/batches"),
        (phone.client.post, "/v1/sessions"),
        (manager.post, f"/v1/quarantine/{visit.id}/release"),
    ]

    answers = [send(url, data=f'{{"note":{number}}}', headers=JSON) for send, url in routes]

    assert {400, 422} >= {answer.status_code for answer in answers}


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "check_in", "visit_id": str(uuid4()), "body": {"a": nested(300)}},
        {"kind": "check_in", "visit_id": nested(900), "body": {}},
        {"kind": nested(900), "visit_id": 5, "body": nested(900)},
        {"kind": "report", "visit_id": str(uuid4()), "body": findings(answers=nested(800))},
    ],
    ids=["deep body", "deep id", "deep kind", "deep answers"],
)
def test_a_bad_item_costs_its_batch_nothing(phone, store, bad):
    good = {"kind": "check_in", "visit_id": str(uuid4()), "body": arrival(store)}

    body = json.dumps({"items": [bad, good]})
    answer = phone.client.post("/v1/batches", data=body, headers=JSON)

    assert 200 == answer.status_code
    assert ["invalid", "created"] == [result["result"] for result in answer.json["results"]]


@pytest.mark.parametrize("page", [2**31, 2**63, 10**30])
def test_a_page_beyond_every_row_is_empty(manager, store, page):
    make_visit(store)

    answer = manager.get(f"/v1/visits?page={page}")

    assert (200, []) == (answer.status_code, answer.json)


def test_a_filter_no_database_can_hold_is_a_wrong_field(manager):
    assert 422 == manager.get("/v1/quarantine?reason=%00").status_code


def test_a_digest_that_is_not_ascii_is_unreadable(phone):
    answer = phone.photo(uuid4(), uuid4(), b"x", **{"Repr-Digest": "sha-256=:é:"})

    assert "urn:xundian:problem:unreadable-digest" == answer.json["type"]
