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
    made = BODY | {"id": answer.json["id"], "version": 1}
    assert (201, made) == (answer.status_code, answer.json)
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


class TestAmending:
    @pytest.fixture
    def plan(self, manager: Client):  # noqa: ARG002  # needs the database
        return make_season_plan(starts_on=date(2090, 1, 1), ends_on=date(2090, 3, 31))

    def amend(self, client: Client, plan_id, version=1, **changes):
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return client.patch(f"{URL}/{plan_id}", json=changes, headers=headers)

    def test_changes_what_is_named_until_the_season_begins(self, manager: Client, plan):
        before = revision.current()
        etag = manager.get(f"{URL}/{plan.id}").headers["ETag"]

        answer = self.amend(manager, plan.id, name="2090 春季", ends_on="2090-04-30")

        assert ('"1"', 200, '"2"') == (etag, answer.status_code, answer.headers["ETag"])
        assert ("2090 春季", "2090-01-01", "2090-04-30", plan.strategy) == tuple(
            answer.json[name] for name in ("name", "starts_on", "ends_on", "strategy")
        )
        assert ["season_plan.amended"] == [entry.verb for entry in LedgerEntry.select()]
        assert before != revision.current()

    def test_is_too_late_once_the_season_has_begun(self, manager: Client):
        begun = make_season_plan(starts_on=date(2026, 1, 1), ends_on=date(2090, 3, 31))

        answer = self.amend(manager, begun.id, name="X")

        assert (409, "urn:xundian:problem:season-begun") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_needs_the_version_that_was_read(self, manager: Client, plan):
        answers = [self.amend(manager, plan.id, version, name="X") for version in (None, 9)]

        assert [428, 412] == [answer.status_code for answer in answers]

    def test_refuses_days_that_contradict_each_other(self, manager: Client, plan):
        answer = self.amend(manager, plan.id, ends_on="2089-12-31")

        assert "urn:xundian:problem:ends-before-start" == answer.json["type"]
        assert 404 == self.amend(manager, 999, name="X").status_code
