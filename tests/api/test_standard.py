"""The standard of a store on a day, over HTTP."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from backend.config import Config
from backend.fieldwork.violation_models import Violation
from backend.platform import clock, settings
from backend.standards import checklists
from backend.standards.codes import LEGAL_NOTICE
from tests.client import Client
from tests.factories import (
    make_band_fit,
    make_must_rule,
    make_person,
    make_price,
    make_promotion,
    make_sales_index,
    make_season_plan,
    make_sku,
    make_store,
    make_survey,
)
from tests.phone import Phone


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
    plan = make_season_plan()
    rule = make_must_rule(min_facings=2, stock_cover_days=14, season_plan=plan)
    make_price(hero, amount_fen=200_000)
    promotion = make_promotion(skus=[hero], stores=[store], allowed_gift_fen=5_000)
    make_promotion(skus=[other])  # the store is not enrolled

    standard = ask().json

    assert ("signage_city", 1, 8) == (
        standard["template"]["code"],
        standard["template"]["version"],
        len(standard["template"]["lines"]),
    )
    assert [
        {
            "sku_id": hero.id,
            "min_facings": 2,
            "stock_cover_days": 14,
            "rule": {
                "id": rule.id,
                "scope_kind": "all",
                "scope_value": "",
                "select_kind": "role",
                "select_value": "hero",
                "priority": 0,
                "season_plan_id": plan.id,
            },
        }
    ] == standard["musts"]
    assert [
        {
            "sku_id": hero.id,
            "amount_fen": 200_000,
            "price_type": "recommended_retail_price",
            "area": "",
            "legal_notice": None,
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


class TestMinimumPrices:
    def test_measure_nothing_while_they_are_off(self, ask):
        make_price(make_sku(), price_type="min_retail_price")

        assert [] == ask().json["references"]

    def test_measure_with_the_notice_where_nothing_else_does(self, ask, config: Config):
        settings.bind(replace(config, min_retail_price_enabled=True))
        both, floor = make_sku(), make_sku()
        for sku in (both, floor):
            make_price(sku, price_type="min_retail_price", amount_fen=100)
        make_price(both, amount_fen=200)

        found = ask().json["references"]

        assert [
            (both.id, 200, "recommended_retail_price", None),
            (floor.id, 100, "min_retail_price", LEGAL_NOTICE),
        ] == [(r["sku_id"], r["amount_fen"], r["price_type"], r["legal_notice"]) for r in found]


def musts(answer) -> set[int]:
    """Return the ids of what must be listed."""
    return {must["sku_id"] for must in answer.json["musts"]}


class TestMustList:
    def test_leaves_out_what_is_not_sold_yet_or_any_more(self, ask):
        make_must_rule()
        sku = make_sku(role="hero", launched_on=date(2026, 2, 1), ended_on=date(2026, 3, 1))

        days = ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")

        assert [set(), {sku.id}, {sku.id}, set()] == [musts(ask(on=day)) for day in days]

    def test_has_fighters_where_their_competitor_was_last_seen(self, ask, store):
        sku = make_sku(tags=["fighter:C1"])
        make_must_rule(select_kind="standard", select_value="fighter_models")
        make_survey(store, seen_on=date(2026, 2, 1), competitors=["C1", "C2"])
        make_survey(store, seen_on=date(2026, 3, 1), competitors=["C2"])
        make_survey(make_store(), competitors=["C1"])

        days = ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")

        assert [set(), {sku.id}, {sku.id}, set()] == [musts(ask(on=day)) for day in days]

    def test_follows_the_size_of_the_counter(self, ask, store):
        sku = make_sku(role="hero")
        make_must_rule(min_sections=3)
        make_survey(store, seen_on=date(2026, 2, 1), sections=2)
        make_survey(store, seen_on=date(2026, 3, 1), sections=3)

        assert [set(), {sku.id}] == [musts(ask(on=day)) for day in ("2026-02-01", "2026-03-01")]

    def test_follows_the_sales_level_of_the_region(self, ask, store):
        sku = make_sku(role="hero")
        make_must_rule(min_sales_index=100)
        make_sales_index(store.region_id, date(2026, 1, 1), 99)
        make_sales_index(store.region_id, date(2026, 2, 1), 100)

        assert [set(), {sku.id}] == [musts(ask(on=day)) for day in ("2026-01-31", "2026-02-01")]

    @pytest.mark.parametrize(
        ("fits", "expected"),
        [
            ([], set()),
            ([("", "", "low")], {"low"}),
            ([("", "", "low"), ("", "city", "high")], {"high"}),
            ([("", "city", "low"), ("430000", "", "high")], {"high"}),
            ([("440000", "", "low"), ("", "town", "low"), ("430100", "city", "high")], {"high"}),
        ],
    )
    def test_has_the_bands_of_the_narrowest_area_and_then_of_the_tier(self, ask, fits, expected):
        ids = {make_sku(price_band=band).id: band for band in ("low", "high")}
        make_must_rule(select_kind="standard", select_value="local_fit_models")
        for area, tier, band in fits:
            make_band_fit(area=area, tier=tier, bands=[band])

        assert expected == {ids[sku_id] for sku_id in musts(ask())}

    def test_stands_beside_the_counter_as_it_was_last_seen(self, ask, store):
        make_survey(store, seen_on=date(2026, 2, 1), position_grade=4)
        make_survey(store, seen_on=date(2026, 3, 1), position_grade=1, competitors=["C2", "C1"])

        assert {
            "seen_on": "2026-03-01",
            "position_grade": 1,
            "display_area_m2": 6.0,
            "sections": 3,
            "competitors": ["C2", "C1"],
        } == ask(on="2026-03-02").json["counter"]
        assert 4 == ask(on="2026-02-28").json["counter"]["position_grade"]
        assert ask(on="2026-01-31").json["counter"] is None


def test_a_report_is_judged_by_the_counter_of_its_day(client: Client, store):
    fighter = make_sku(tags=["fighter:C1"])
    make_must_rule(select_kind="tag", select_value="fighter:C1")
    today = clock.business_date(clock.now())
    make_survey(store, seen_on=today - timedelta(days=2), competitors=["C1"])
    phone, visit_id = Phone(client.as_(store.owner)), uuid4()
    phone.check_in(store, visit_id)

    phone.report(visit_id, products=[{"sku_id": fighter.id, "listed": False}])

    assert [("must_list_missing", f"sku:{fighter.id}")] == [
        (case.kind, case.subject) for case in Violation.select()
    ]


def test_follows_a_change_at_once(ask):
    sku = make_sku()
    before = ask().json["references"]

    make_price(sku, amount_fen=5)

    assert ([], 5) == (before, ask().json["references"][0]["amount_fen"])


def test_is_hidden_with_the_store(client: Client, store):
    answer = client.as_(make_person()).get(f"/v1/stores/{store.id}/standard")

    assert 404 == answer.status_code
