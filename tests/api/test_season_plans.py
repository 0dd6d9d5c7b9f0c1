"""Season plans over HTTP."""

from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from tests.client import Client
from tests.factories import make_person, make_season_plan

URL = "/v1/season-plans"
BODY = {
    "code": "2026-SPRING",
    "name": "2026 春季",
    "strategy": "主推 X 系列",
    "starts_on": "2026-01-01",
    "ends_on": "2026-03-31",
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_lists_the_latest_season_first_or_those_of_a_day(client: Client):
    old = make_season_plan(starts_on=date(2025, 1, 1), ends_on=date(2025, 3, 31))
    new = make_season_plan(starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    rep = client.as_(make_person())

    def ask(**filters):
        return [plan["id"] for plan in rep.get(URL, query_string=filters).json]

    with assert_query_count(3):  # who asks, how many, which
        assert [new.id, old.id] == ask()
    assert [new.id] == ask(day="2026-03-31")
    assert [] == ask(day="2026-04-01")


def test_adds_a_plan(manager: Client):
    before = revision.current()

    answer = manager.post(URL, json=BODY)

    stored = manager.get(f"{URL}/{answer.json['id']}")
    assert (201, BODY | {"id": answer.json["id"]}) == (answer.status_code, answer.json)
    assert answer.json == stored.json
    assert ["season_plan.created"] == [entry.verb for entry in LedgerEntry.select()]
    assert before != revision.current()


def test_takes_a_season_of_one_day_but_none_that_ends_before_it_begins(manager: Client):
    one_day = manager.post(URL, json=BODY | {"ends_on": "2026-01-01"})
    never = manager.post(URL, json=BODY | {"code": "X", "ends_on": "2025-12-31"})

    assert [201, 422] == [one_day.status_code, never.status_code]
    assert "urn:xundian:problem:ends-before-start" == never.json["type"]


def test_refuses_a_code_twice_and_knows_no_plan_that_is_not_there(manager: Client):
    manager.post(URL, json=BODY)

    assert 409 == manager.post(URL, json=BODY).status_code
    assert 404 == manager.get(f"{URL}/999").status_code
