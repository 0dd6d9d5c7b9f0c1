"""The standard of a store on a day, over HTTP."""

from datetime import date

import pytest

from backend.platform import clock
from backend.standards import checklists
from tests.client import Client
from tests.factories import (
    make_must_rule,
    make_person,
    make_price,
    make_promotion,
    make_sku,
    make_store,
)


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    checklists.install_manual(at=clock.now())
    return make_store(owner=make_person())


@pytest.fixture
def ask(client: Client, store):
    phone = client.as_(store.owner)
    return lambda **query: phone.get(f"/v1/stores/{store.id}/standard", query_string=query)


def test_is_the_tiers_checklist_must_list_prices_and_promotions(ask, store):
    hero, other = make_sku(role="hero"), make_sku()
    make_must_rule(min_facings=2)
    make_price(hero, amount_fen=200_000)
    promotion = make_promotion(skus=[hero], stores=[store], allowed_gift_fen=5_000)
    make_promotion(skus=[other])  # the store is not enrolled

    standard = ask().json

    assert ("signage_city", 1, 8) == (
        standard["template"]["code"],
        standard["template"]["version"],
        len(standard["template"]["lines"]),
    )
    assert [{"sku_id": hero.id, "min_facings": 2}] == standard["musts"]
    assert [
        {
            "sku_id": hero.id,
            "amount_fen": 200_000,
            "promo_price_fen": None,
            "allowed_gift_fen": 5_000,
        }
    ] == standard["references"]
    assert [(promotion.id, [hero.id])] == [(p["id"], p["sku_ids"]) for p in standard["promotions"]]


def test_is_that_of_the_day_asked_about(ask):
    sku = make_sku(role="hero")
    make_price(sku, amount_fen=3, valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 1))
    make_price(sku, amount_fen=2, valid_from=date(2026, 2, 1))

    january, february = ask(on="2026-01-31").json, ask(on="2026-02-01").json

    assert [3, 2] == [s["references"][0]["amount_fen"] for s in (january, february)]
    assert ask(on="2019-12-31").json["template"] is None


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([("", "recommended_retail_price", 10)], 10),
        ([("", "recommended_retail_price", 10), ("430000", "recommended_retail_price", 9)], 9),
        ([("430100", "recommended_retail_price", 8), ("430000", "seasonal_price", 9)], 9),
        ([("440000", "recommended_retail_price", 7), ("", "uniform_retail_price", 10)], 10),
        ([("", "competitive_price", 7)], None),
    ],
)
def test_takes_the_reference_by_type_then_by_the_narrowest_area(ask, prices, expected):
    sku = make_sku()
    for area, price_type, amount_fen in prices:
        make_price(sku, area=area, price_type=price_type, amount_fen=amount_fen)

    found = [reference["amount_fen"] for reference in ask().json["references"]]

    assert ([] if expected is None else [expected]) == found


def test_follows_a_change_at_once(ask):
    sku = make_sku()
    before = ask().json["references"]

    make_price(sku, amount_fen=5)

    assert ([], 5) == (before, ask().json["references"][0]["amount_fen"])


def test_is_hidden_with_the_store(client: Client, store):
    answer = client.as_(make_person()).get(f"/v1/stores/{store.id}/standard")

    assert 404 == answer.status_code
