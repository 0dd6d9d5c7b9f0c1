"""Products over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.standards import revision
from tests.client import Client
from tests.factories import make_person, make_sku

BODY = {
    "code": "YS-X1-128",
    "name": "曜石 X1 128G",
    "category": "handset",
    "role": "hero",
    "tags": ["local:43", "fighter:C1", "local:43"],
    "launched_on": "2025-09-01",
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_lists_products_by_code(client: Client):
    make_sku(code="B", role="core")
    make_sku(code="A", category="tablet")
    rep = client.as_(make_person())

    def ask(query=""):
        return [sku["code"] for sku in rep.get(f"/v1/skus{query}").json]

    with assert_query_count(3):  # who asks, how many, which
        assert ["A", "B"] == ask()
    assert ["B"] == ask("?role=core")
    assert ["A"] == ask("?category=tablet")
    assert ["A"] == ask("?code=A")


def test_adds_a_product(manager: Client):
    before = revision.current()

    answer = manager.post("/v1/skus", json=BODY)

    stored = manager.get(f"/v1/skus/{answer.json['id']}")
    assert 201 == answer.status_code
    expected = BODY | {
        "id": answer.json["id"],
        "tags": ["fighter:C1", "local:43"],
        "ended_on": None,
    }
    assert expected == answer.json == stored.json
    assert before != revision.current()


def test_refuses_a_code_twice(manager: Client):
    manager.post("/v1/skus", json=BODY)
    before = revision.current()

    answer = manager.post("/v1/skus", json=BODY)

    assert (409, "urn:xundian:problem:code-taken") == (answer.status_code, answer.json["type"])
    assert before == revision.current()


def test_refuses_a_product_that_ends_before_its_launch(manager: Client):
    answer = manager.post("/v1/skus", json=BODY | {"ended_on": "2025-09-01"})

    assert (422, "urn:xundian:problem:ends-before-start") == (
        answer.status_code,
        answer.json["type"],
    )


@pytest.mark.parametrize("wrong", [{"role": "star"}, {"tags": [""]}, {"launched_on": "soon"}])
def test_refuses_fields_that_are_not_valid(manager: Client, wrong):
    answer = manager.post("/v1/skus", json=BODY | wrong)

    assert set(wrong) == set(answer.json["errors"]["json"])


def test_an_unknown_product_is_not_found(manager: Client):
    assert 404 == manager.get("/v1/skus/999").status_code


def test_reps_add_nothing(client: Client):
    assert 403 == client.as_(make_person()).post("/v1/skus", json=BODY).status_code
