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
    "price_band": "1000-1999",
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_lists_products_by_code(client: Client):
    make_sku(code="B", role="core")
    make_sku(code="A", category="tablet", price_band="0-999")
    rep = client.as_(make_person())

    def ask(query=""):
        return [sku["code"] for sku in rep.get(f"/v1/skus{query}").json]

    with assert_query_count(3):  # who asks, how many, which
        assert ["A", "B"] == ask()
    assert ["B"] == ask("?role=core")
    assert ["A"] == ask("?category=tablet")
    assert ["A"] == ask("?code=A")
    assert ["A"] == ask("?price_band=0-999")


def test_adds_a_product(manager: Client):
    before = revision.current()

    answer = manager.post("/v1/skus", json=BODY)

    stored = manager.get(f"/v1/skus/{answer.json['id']}")
    assert 201 == answer.status_code
    expected = BODY | {
        "id": answer.json["id"],
        "tags": ["fighter:C1", "local:430000"],
        "version": 1,
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


@pytest.mark.parametrize(
    ("problem", "tag"), [("unknown-division", "local:99"), ("no-competitor", "fighter:")]
)
def test_refuses_a_tag_that_leads_nowhere(manager: Client, problem, tag):
    answers = [
        manager.post("/v1/skus", json=BODY | {"tags": [tag]}),
        amend(manager, make_sku().id, tags=[tag]),
    ]

    assert [(422, f"urn:xundian:problem:{problem}")] * 2 == [
        (answer.status_code, answer.json["type"]) for answer in answers
    ]


def amend(client: Client, sku_id: int, version: int = 1, **changes):
    return client.patch(f"/v1/skus/{sku_id}", json=changes, headers={"If-Match": f'"{version}"'})


def test_amends_one_version_of_a_product(manager: Client):
    sku = manager.post("/v1/skus", json=BODY).json
    before = revision.current()

    answer = amend(manager, sku["id"], role="special_price", tags=["local:4301"], price_band=None)

    changed = {"role": "special_price", "tags": ["local:430100"], "price_band": None, "version": 2}
    assert (200, sku | changed, '"2"') == (
        answer.status_code,
        answer.json,
        answer.headers["ETag"],
    )
    assert before != revision.current()
    assert 412 == amend(manager, sku["id"], name="X").status_code
    assert 422 == amend(manager, sku["id"], 2, ended_on="2025-09-01").status_code
    assert 404 == amend(manager, 999).status_code
    assert 428 == manager.patch(f"/v1/skus/{sku['id']}", json={}).status_code


def test_an_unknown_product_is_not_found(manager: Client):
    assert 404 == manager.get("/v1/skus/999").status_code


def test_reps_add_nothing(client: Client):
    assert 403 == client.as_(make_person()).post("/v1/skus", json=BODY).status_code
