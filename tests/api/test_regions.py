"""Regions over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_person, make_region, the_region


def test_lists_the_subtree_of_the_caller_parents_first(client: Client):
    root = the_region()
    north, _south = make_region(root), make_region(root)
    city = make_region(north)
    manager = client.as_(make_person(Role.MANAGER, region=north))

    with assert_query_count(3):  # who asks, how many, which
        answer = manager.get("/v1/regions")

    assert [north.id, city.id] == [region["id"] for region in answer.json]
    assert {
        "id": city.id,
        "code": city.code,
        "name": city.name,
        "parent_id": north.id,
        "path": f"/{root.id}/{north.id}/{city.id}/",
    } == answer.json[1]


def test_adds_a_region_below_another(client: Client):
    root = the_region()
    admin = client.as_(make_person(Role.ADMIN))

    answer = admin.post("/v1/regions", json={"code": "HN-CS", "name": "长沙", "parent_id": root.id})

    assert 201 == answer.status_code
    assert f"/{root.id}/{answer.json['id']}/" == answer.json["path"]
    assert ["region.created"] == [entry.verb for entry in LedgerEntry.select()]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_adds_nothing_below_a_region_out_of_sight(client: Client, elsewhere):
    mine, other = make_region(the_region()), make_region(the_region())
    manager = client.as_(make_person(Role.MANAGER, region=mine))
    parent_id = other.id if elsewhere else 999

    answer = manager.post("/v1/regions", json={"code": "X", "name": "X", "parent_id": parent_id})

    assert 404 == answer.status_code
    assert "region" == answer.json["what"]


def test_refuses_a_code_twice(client: Client):
    root = the_region()
    admin = client.as_(make_person(Role.ADMIN))

    answer = admin.post(
        "/v1/regions", json={"code": root.code, "name": "again", "parent_id": root.id}
    )

    assert (409, "urn:xundian:problem:code-taken") == (answer.status_code, answer.json["type"])


def test_a_root_is_not_planted_over_http(client: Client):
    admin = client.as_(make_person(Role.ADMIN))

    answer = admin.post("/v1/regions", json={"code": "X", "name": "X", "parent_id": None})

    assert 422 == answer.status_code


@pytest.mark.parametrize("role", [Role.REP, Role.SUPERVISOR, Role.AUDITOR])
def test_only_managers_and_admins_add_regions(client: Client, role):
    body = {"code": "X", "name": "X", "parent_id": the_region().id}

    assert 403 == client.as_(make_person(role)).post("/v1/regions", json=body).status_code
