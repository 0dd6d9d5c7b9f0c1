"""Checklists over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import checklists, revision
from backend.standards.manual import TEMPLATES
from backend.standards.models import ChecklistTemplate
from tests.client import Client
from tests.factories import NOON, make_person


@pytest.fixture
def client(client: Client) -> Client:
    """A client of a server that has the manual's checklists."""
    checklists.install_manual(at=NOON)
    return client


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def retire(client: Client, day: str, checklist_id: int | None = None):
    checklist_id = checklist_id or ChecklistTemplate.get(tier="city").id
    return client.post(f"/v1/checklists/{checklist_id}/retirement", json={"retired_on": day})


def test_a_rep_reads_the_three_of_the_manual(client: Client):
    rep = client.as_(make_person())

    with assert_query_count(3):  # who asks, how many, which
        answer = rep.get("/v1/checklists")

    assert ["signage_city", "signage_county", "signage_town"] == [
        each["code"] for each in answer.json
    ]
    assert 18 == sum(len(each["lines"]) for each in answer.json)
    city = rep.get(f"/v1/checklists/{answer.json[0]['id']}").json
    assert TEMPLATES["signage_city"]["lines"] == city["lines"]
    assert ("2020-01-01", None, 1) == (city["valid_from"], city["retired_on"], city["version"])


@pytest.mark.usefixtures("client")
def test_installing_twice_changes_nothing():
    before = revision.current()

    checklists.install_manual(at=NOON)

    assert 3 == ChecklistTemplate.select().count()
    assert before == revision.current()
    assert ["checklist.installed"] == [entry.verb for entry in LedgerEntry.select()]


def test_filters_by_tier_and_day(manager: Client):
    retire(manager, "2026-02-01")

    def ask(query):
        return [each["tier"] for each in manager.get(f"/v1/checklists?{query}").json]

    assert ["city"] == ask("tier=city")
    assert ["city", "county", "town"] == ask("day=2026-01-31")
    assert ["county", "town"] == ask("day=2026-02-01")
    assert [] == ask("day=2019-12-31")


def test_retires_a_version_once(manager: Client):
    before = revision.current()

    first, again = retire(manager, "2026-02-01"), retire(manager, "2026-02-01")
    other = retire(manager, "2026-03-01")

    assert [200, 200] == [first.status_code, again.status_code]
    assert "2026-02-01" == first.json["retired_on"]
    assert (409, "urn:xundian:problem:already-ended") == (other.status_code, other.json["type"])
    assert before != revision.current()
    assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "checklist.retired").count()


def test_cannot_retire_before_it_was_valid(manager: Client):
    answer = retire(manager, "2020-01-01")

    assert (422, "urn:xundian:problem:ends-before-start") == (
        answer.status_code,
        answer.json["type"],
    )


def test_an_unknown_checklist_is_not_found(manager: Client):
    assert 404 == manager.get("/v1/checklists/999").status_code
    assert 404 == retire(manager, "2026-02-01", 999).status_code


def test_reps_retire_nothing(client: Client):
    assert 403 == retire(client.as_(make_person()), "2026-02-01").status_code
