"""The pipeline of a store, over HTTP."""

from datetime import timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.archive_models import PipelineMove
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import make_person, make_store, the_region

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def move(client: Client, store, status: str, version: int = 1, **changes):
    headers = {"If-Match": f'"{version}"'}
    body = {"status": status} | changes
    return client.post(f"/v1/stores/{store.id}/pipeline", json=body, headers=headers)


def steps(client: Client, store_id: int) -> list[tuple]:
    moves = client.get(f"/v1/stores/{store_id}/pipeline").json
    return [(each["from_status"], each["to_status"], each["reason"]) for each in moves]


def test_a_store_is_won_step_by_step(manager: Client):
    body = {
        "code": "43-01-001-0001",
        "name": "五一广场店",
        "region_id": the_region().id,
        "division_code": "430102001",
        "grade": "A",
        "opened_on": "2025-01-01",
        "status": "prospect",
    }
    store = Store.get_by_id(manager.post("/v1/stores", json=body).json["id"])

    for version, status in enumerate(("contacted", "signed", "active", "at_risk", "active"), 1):
        answer = move(manager, store, status, version, reason=f"第{version}步")
        assert (200, status) == (answer.status_code, answer.json["status"])

    with assert_query_count(4):
        found = steps(manager, store.id)
    assert [
        (None, "prospect", ""),
        ("prospect", "contacted", "第1步"),
        ("contacted", "signed", "第2步"),
        ("signed", "active", "第3步"),
        ("active", "at_risk", "第4步"),
        ("at_risk", "active", "第5步"),
    ] == found


def test_closing_takes_the_day_of_the_move_and_opening_again_forgets_it(manager: Client):
    store = make_store()
    yesterday = clock.business_date(clock.now()) - timedelta(days=1)

    closed = move(manager, store, "closed", moved_on=yesterday.isoformat()).json
    again = move(manager, store, "prospect", 2).json

    assert [("closed", yesterday.isoformat()), ("prospect", None)] == [
        (each["status"], each["closed_on"]) for each in (closed, again)
    ]
    assert yesterday == PipelineMove.get().moved_on


def test_an_amended_status_is_a_move_too(manager: Client):
    store = make_store()

    manager.patch(f"/v1/stores/{store.id}", json={"status": "at_risk"}, headers={"If-Match": '"1"'})
    manager.patch(f"/v1/stores/{store.id}", json={"grade": "A"}, headers={"If-Match": '"2"'})

    assert [("active", "at_risk", "")] == steps(manager, store.id)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("contacted", "prospect"), ("active", "signed"), ("at_risk", "contacted")],
)
def test_nothing_behind_a_store_comes_again(manager: Client, status, wanted):
    answer = move(manager, make_store(status=status), wanted)

    assert (422, f"{PROBLEM}pipeline-backwards") == (answer.status_code, answer.json["type"])
    assert 0 == PipelineMove.select().count()


def test_a_move_is_neither_in_the_future_nor_before_the_last(manager: Client):
    store = make_store()
    today = clock.business_date(clock.now())
    move(manager, store, "at_risk")

    answers = [
        move(manager, store, "closed", 2, moved_on=(today + timedelta(days=days)).isoformat())
        for days in (1, -1)
    ]

    assert [(422, f"{PROBLEM}pipeline-day")] * 2 == [
        (answer.status_code, answer.json["type"]) for answer in answers
    ]


def test_saying_what_is_so_already_moves_nothing(manager: Client):
    store = make_store()

    assert 200 == move(manager, store, "active").status_code
    assert 412 == move(manager, store, "closed").status_code
    assert [] == steps(manager, store.id)
