"""Reference prices over HTTP."""

from dataclasses import replace
from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.config import Config
from backend.platform import settings
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.codes import LEGAL_NOTICE
from backend.standards.models import ReferencePrice
from tests.client import Client
from tests.factories import make_person, make_price, make_sku


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def add(client: Client, sku_id: int, **changes):
    body = {"sku_id": sku_id, "amount_fen": 199_900, "valid_from": "2026-01-01"}
    return client.post("/v1/prices", json=body | changes)


def test_lists_by_product_type_area_and_day(client: Client):
    sku = make_sku()
    nation = make_price(sku, valid_to=date(2026, 1, 1)).id
    hunan = make_price(sku, area="430000").id
    other = make_price(make_sku(), price_type="seasonal_price").id
    rep = client.as_(make_person())

    def ask(**filters):
        return [price["id"] for price in rep.get("/v1/prices", query_string=filters).json]

    with assert_query_count(3):  # who asks, how many, which
        assert [nation, hunan, other] == ask()
    assert [nation, hunan] == ask(sku_id=sku.id)
    assert [other] == ask(price_type="seasonal_price")
    assert [hunan] == ask(area="43")
    assert [nation, other] == ask(area="")
    assert [nation, hunan, other] == ask(day="2025-12-31")
    assert [hunan, other] == ask(day="2026-01-01")


def test_adds_a_recommended_price_for_the_nation(manager: Client):
    sku = make_sku()
    before = revision.current()

    answer = add(manager, sku.id)

    assert 201 == answer.status_code
    assert {
        "id": answer.json["id"],
        "sku_id": sku.id,
        "price_type": "recommended_retail_price",
        "area": "",
        "amount_fen": 199_900,
        "valid_from": "2026-01-01",
        "valid_to": None,
        "legal_notice": None,
    } == answer.json
    assert before != revision.current()
    assert ["price.created"] == [entry.verb for entry in LedgerEntry.select()]


@pytest.mark.parametrize(
    ("status", "start", "end"),
    [
        (201, "2025-06-01", "2026-01-01"),
        (201, "2026-07-01", None),
        (409, "2025-06-01", "2026-01-02"),
        (409, "2025-06-01", None),
        (409, "2026-01-01", "2026-07-01"),
        (409, "2026-06-30", None),
        (409, "2026-03-01", "2026-03-02"),
    ],
)
def test_two_prices_of_one_product_type_and_area_never_overlap(manager: Client, status, start, end):
    sku = make_sku()
    first = add(manager, sku.id, valid_to="2026-07-01", area="43").json

    answer = add(manager, sku.id, valid_from=start, valid_to=end, area="430000")

    assert status == answer.status_code
    if status == 409:
        assert "urn:xundian:problem:overlapping-validity" == answer.json["type"]
        assert (first["id"], "2026-07-01") == (answer.json["price_id"], answer.json["until"])


def test_a_price_without_an_end_is_told_without_one(manager: Client):
    sku = make_sku()
    add(manager, sku.id, valid_to=None)

    answer = add(manager, sku.id, valid_from="2026-09-01")

    assert "until" not in answer.json
    assert answer.json["detail"].endswith(f"holds from {answer.json['since']} on.")


def test_other_products_types_and_areas_do_not_overlap(manager: Client):
    sku = make_sku()
    add(manager, sku.id)

    answers = [
        add(manager, make_sku().id),
        add(manager, sku.id, area="43"),
        add(manager, sku.id, price_type="seasonal_price"),
    ]

    assert [201] * 3 == [answer.status_code for answer in answers]


def test_a_new_price_follows_the_end_of_the_old_one(manager: Client):
    sku = make_sku()
    price = add(manager, sku.id).json

    def end(day, number=price["id"]):
        return manager.post(f"/v1/prices/{number}/end", json={"valid_to": day})

    answers = [end("2026-03-01"), end("2026-03-01"), end("2026-02-01"), end("2026-03-01", 999)]

    assert [200, 200, 409, 404] == [answer.status_code for answer in answers]
    assert 201 == add(manager, sku.id, valid_from="2026-03-01").status_code
    assert 422 == end("2026-01-01", make_price(sku, valid_from=date(2027, 1, 1)).id).status_code


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("unknown-division", {"area": "99"}),
        ("ends-before-start", {"valid_to": "2026-01-01"}),
        ("invalid-fields", {"amount_fen": 0}),
        ("invalid-fields", {"amount_fen": 199.9}),
        ("invalid-fields", {"price_type": "cheap"}),
    ],
)
def test_refuses(manager: Client, problem, wrong):
    answer = add(manager, make_sku().id, **wrong)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])
    assert 0 == ReferencePrice.select().count()


def test_names_the_product_it_does_not_know(manager: Client):
    answer = add(manager, 999)

    assert (404, [999]) == (answer.status_code, answer.json["unknown"])


class TestMinimumPrices:
    def test_are_off_and_the_law_is_named(self, manager: Client):
        answer = add(manager, make_sku().id, price_type="min_retail_price")

        assert (422, "urn:xundian:problem:minimum-prices-off") == (
            answer.status_code,
            answer.json["type"],
        )
        assert "Anti-Monopoly Law of China, Art. 18" in answer.json["detail"]
        assert LEGAL_NOTICE == answer.json["legal_notice"]

    def test_are_refused_in_the_words_of_the_reader(self, manager: Client):
        manager.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"

        answer = add(manager, make_sku().id, price_type="min_retail_price")

        assert LEGAL_NOTICE["zh"] == answer.json["detail"]

    def test_are_shown_with_the_notice(self, manager: Client):
        make_price(make_sku(), price_type="min_retail_price")
        make_price(make_sku())

        notices = [price["legal_notice"] for price in manager.get("/v1/prices").json]

        assert [LEGAL_NOTICE, None] == notices

    def test_are_taken_where_the_operator_enabled_them(self, manager: Client, config: Config):
        settings.bind(replace(config, min_retail_price_enabled=True))

        answer = add(manager, make_sku().id, price_type="min_retail_price")

        assert (201, LEGAL_NOTICE) == (answer.status_code, answer.json["legal_notice"])


def test_reps_write_nothing(client: Client):
    assert 403 == add(client.as_(make_person()), 1).status_code
