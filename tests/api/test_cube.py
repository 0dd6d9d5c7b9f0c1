"""The cube over HTTP: axes and measures, scope and filters, bad questions, the file."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.models import StoreDealer
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    make_count,
    make_dealer,
    make_person,
    make_product_line,
    make_region,
    make_report,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
UNITS = {"measures": "sell_in_units,sell_out_units"}


@pytest.fixture
def office(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def ask(client: Client, **query):
    """Return the answered cube."""
    answer = client.get("/v1/insight/cube", query_string=MARCH | query)
    assert 200 == answer.status_code, answer.json
    return answer.json


def cells(cube: dict, measure: str, part: str = "value") -> dict:
    """Return a measure of every cell by the cell's members."""
    return {tuple(c["members"].values()): c["values"][measure][part] for c in cube["cells"]}


class TestCells:
    def test_are_of_one_two_or_three_axes(self, office):
        store, phone, case = make_store(), make_sku(), make_sku(category="accessory")
        make_sell_out(store, phone, units=7)
        make_sell_out(store, case, units=3)

        one = ask(office, customer="tier", **UNITS)
        two = ask(office, customer="tier", product="category", **UNITS)
        three = ask(office, customer="tier", product="category", behaviour="mix", **UNITS)

        assert {("city",): 10} == cells(one, "sell_out_units")
        assert {("city", "handset"): 7, ("city", "accessory"): 3} == cells(two, "sell_out_units")
        assert {("city", "handset", "main"): 7, ("city", "accessory", "main"): 3} == cells(
            three, "sell_out_units"
        )
        assert [10, 10, 10] == [
            each["total"]["sell_out_units"]["value"] for each in (one, two, three)
        ]
        assert [{"code": "city", "zh": "城市", "en": "city"}] == one["axes"][0]["members"]

    def test_measure_what_is_sold_bought_counted_and_scored(self, office):
        dealer = make_dealer()
        store, other = make_store(dealer), make_store(dealer, tier="town")
        phone, case = make_sku(), make_sku(category="accessory")
        for on in (TODAY, TODAY, TODAY + timedelta(days=1)):
            make_sell_in(phone, store=store, on=on)
        make_sell_in(case, dealer=dealer, units=5, amount_fen=None)
        make_sell_out(store, case)
        make_count(store, {phone: 4})
        make_report(visit := make_visit(other), signage_num=3, signage_den=4)
        make_product_line(visit, phone, stock=2)
        make_report(make_visit(store), signage_num=1, signage_den=4)

        measures = "sell_in_units,sell_in_amount_fen,order_days,stores,stock,compliance_score"
        found = ask(office, customer="tier", measures=measures)
        by_product = ask(office, product="category", measures=measures)

        assert {("city",): 3, ("town",): None, ("none",): 5} == cells(found, "sell_in_units")
        assert "no_lines" == found["cells"][1]["values"]["sell_in_units"]["reason"]
        assert "unpriced" == found["cells"][2]["values"]["sell_in_amount_fen"]["reason"]
        assert {("city",): 2, ("town",): 0, ("none",): 1} == cells(found, "order_days")
        assert {("city",): 1, ("town",): 0, ("none",): 0} == cells(found, "stores")
        assert {("city",): 4, ("town",): 2, ("none",): None} == cells(found, "stock")
        assert {("city",): 0.25, ("town",): 0.75, ("none",): None} == cells(
            found, "compliance_score"
        )
        total = found["total"]
        assert [0.5, 1, 2] == [total["compliance_score"][p] for p in ("value", "num", "den")]
        assert (3, 1, 6, 1) == (
            total["order_days"]["value"],
            total["stores"]["value"],
            total["stock"]["value"],
            found["unpriced"],
        )
        # A store stands with its score wherever it deals; of products nobody sold there is none.
        assert {("accessory",): 0.25, ("handset",): 0.25} == cells(by_product, "compliance_score")
        assert {("accessory",): 1, ("handset",): 1} == cells(by_product, "stores")
        assert {("accessory",): 1, ("handset",): 2} == cells(by_product, "order_days")

    def test_say_how_their_measures_go_together(self, office):
        found = ask(office, customer="tier", measures="sell_in_units,stores,stock,compliance_score")

        assert [
            ("sell_in_units", "additive", ["customer", "product", "behaviour"]),
            ("stores", "distinct", []),
            ("stock", "state", ["customer", "product", "behaviour"]),
            ("compliance_score", "state", ["customer"]),
        ] == [(m["code"], m["kind"], m["sums_over"]) for m in found["measures"]]

    def test_are_none_for_a_reason(self, office):
        make_store()

        found = ask(
            office,
            customer="money_decile",
            behaviour="volume",
            measures="sell_in_units,stock,compliance_score",
        )

        assert ([], "nothing_found") == (found["cells"], found["reason"])
        assert ["population_too_small", "no_feed"] == [axis["reason"] for axis in found["axes"]]
        assert ["no_lines", "not_counted", "not_scored"] == [
            figure["reason"] for figure in found["total"].values()
        ]
        assert {None} == {figure["value"] for figure in found["total"].values()}

    def test_take_the_last_count_and_score_of_the_window(self, office):
        store, sku = make_store(), make_sku()
        later = NOON + timedelta(hours=1)
        make_count(store, {sku: 9}, at=NOON)
        make_count(store, {sku: 8}, at=later)
        make_count(store, {sku: 1}, at=NOON + timedelta(days=40))
        make_product_line(at_once := make_visit(store, at=later), sku, stock=7)
        make_report(at_once, signage_num=1, signage_den=4)
        make_report(make_visit(store), signage_num=4, signage_den=4)
        believed_no_more = make_visit(store, at=later, quarantine_reason="unknown-store")
        make_report(believed_no_more, signage_num=4, signage_den=4)

        total = ask(office, customer="grade", measures="stock,compliance_score")["total"]

        assert (7, 0.25) == (total["stock"]["value"], total["compliance_score"]["value"])

    def test_ask_as_often_whatever_there_is(self, office, engine):
        def asked():
            query = {
                "customer": "dealer",
                "product": "price_band",
                "behaviour": "regularity",
                "measures": "sell_in_units,sell_out_units,order_days,stores,stock,compliance_score",
            }
            return ask(office, **query)

        for _ in range(2):
            make_sell_out(make_store(make_dealer()), make_sku())
        often = 27 if engine == "sqlite" else 29  # settings of its snapshot, and ANALYZE
        with assert_query_count(often):
            few = asked()
        for _ in range(3):
            make_sell_out(make_store(make_dealer()), make_sku())
        with assert_query_count(often):
            many = asked()

        assert (2, 5) == (len(few["cells"]), len(many["cells"]))


class TestScope:
    def test_leaves_out_what_is_out_of_sight(self, client: Client):
        mine, others = make_region(the_region()), make_region(the_region())
        far = make_dealer(region=others, code="FAR")
        near = make_store(far, region=mine, tier="county")
        away = make_store(far, region=others)
        sku = make_sku()
        for store in (near, away):
            make_sell_in(sku, store=store)
            make_sell_out(store, sku)
            make_count(store, {sku: 3})
            make_report(make_visit(store), signage_num=1, signage_den=2)
        supervisor = client.as_(make_person(Role.SUPERVISOR, region=mine))

        measures = "sell_in_units,sell_out_units,order_days,stores,stock,compliance_score"
        found = ask(supervisor, customer="tier", behaviour="regularity", measures=measures)
        by_dealer = ask(supervisor, customer="dealer", measures=measures)

        assert {"county"} == {cell["members"]["customer"] for cell in found["cells"]}
        for each in (found, by_dealer):
            assert [1, 1, 1, 1, 3, 0.5] == [each["total"][m]["value"] for m in measures.split(",")]
        # The dealer itself is another region's: its code is not told.
        assert {("hidden",): 1} == cells(by_dealer, "sell_in_units")

    def test_is_narrowed_by_filters(self, office):
        below = make_region(the_region())
        first, second = make_dealer(), make_dealer(region=below)
        store, town = make_store(first), make_store(second, tier="town", region=below)
        phone, case = make_sku(), make_sku(category="accessory")
        for number, (shop, sku) in enumerate(
            [(store, phone), (store, case), (town, phone), (town, case)]
        ):
            make_sell_out(shop, sku, units=10**number)
            make_sell_in(sku, store=shop, units=10**number)
            make_count(shop, {sku: 10**number})
        make_report(make_visit(town), signage_num=1, signage_den=2)

        def units(**asked):
            measures = "sell_in_units,sell_out_units,stock,compliance_score,stores"
            total = ask(office, customer="tier", behaviour="mix", measures=measures, **asked)
            values = [figure["value"] for figure in total["total"].values()]
            assert values[0] == values[1] == values[2]
            return values[0], values[3], values[4]

        assert (11, None, 1) == units(dealer_id=first.id)
        assert (1100, 0.5, 1) == units(region_id=below.id)
        assert (1100, 0.5, 1) == units(tier="town")
        assert (101, 0.5, 2) == units(sku_id=phone.id)
        assert (1010, 0.5, 2) == units(category="accessory")
        assert (1000, 0.5, 1) == units(category="accessory", tier="town", dealer_id=second.id)

    @pytest.mark.parametrize("filtered", ["dealer_id", "region_id", "sku_id"])
    def test_knows_no_dealer_region_or_product_that_is_not_there(self, office, filtered):
        answer = office.get(
            "/v1/insight/cube", query_string=MARCH | {"customer": "tier", filtered: 999}
        )

        assert 404 == answer.status_code

    def test_goes_by_the_dealer_of_the_day(self, office):
        was, became, sku = make_dealer(code="WAS"), make_dealer(code="BECAME"), make_sku()
        store = make_store(was)
        make_sell_out(store, sku, on=TODAY)
        StoreDealer.update(to_on=TODAY + timedelta(days=1)).execute()
        StoreDealer.create(store=store, dealer=became, from_on=TODAY + timedelta(days=1))
        make_sell_out(store, sku, on=TODAY + timedelta(days=1), units=2)

        found = ask(office, customer="dealer", measures="sell_out_units,stores")

        assert {("WAS",): 1, ("BECAME",): 2} == cells(found, "sell_out_units")
        assert {("WAS",): 1, ("BECAME",): 1} == cells(found, "stores")
        assert 1 == found["total"]["stores"]["value"]


class TestBadQuestions:
    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ("", "cube-without-axis"),
            ("customer=tier&customer=grade", "invalid-fields"),
            ("customer=tier,grade", "invalid-fields"),
            ("customer=colour", "invalid-fields"),
            ("product=tier", "invalid-fields"),
            ("behaviour=nice", "invalid-fields"),
            ("customer=tier&measures=profit", "invalid-fields"),
            ("customer=tier&measures=", "invalid-fields"),
            ("customer=tier&measures=stores,stores", "invalid-fields"),
            ("customer=tier&basis=stock", "invalid-fields"),
            ("customer=tier&from=2026-03-02&to=2026-03-02", "bad-window"),
            ("customer=tier&from=2026-03-02&to=2026-03-01", "bad-window"),
            ("customer=tier&from=2020-03-02&to=2026-03-01", "bad-window"),
            ("customer=tier&from=2026-03-02", "bad-window"),
            ("customer=tier&window=d9", "invalid-fields"),
        ],
    )
    def test_are_told_what_is_wrong(self, office, query, problem):
        for address in ("/v1/insight/cube", "/v1/insight/cube.csv"):
            answer = office.get(f"{address}?{query}")

            assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])


class TestFile:
    @pytest.mark.parametrize(
        ("lang", "header", "tier", "whole"),
        [
            (
                "zh",
                ["连锁代码", "连锁", "门店数", "形象得分", "形象得分: 分子", "形象得分: 分母"],
                "未归类",
                "合计",
            ),
            (
                "en",
                [
                    "chain code",
                    "chain",
                    "stores",
                    "signage compliance score",
                    "signage compliance score: numerator",
                    "signage compliance score: denominator",
                ],
                "none of these",
                "total",
            ),
        ],
    )
    def test_has_a_row_per_cell_and_the_total(self, office, lang, header, tier, whole):
        sku = make_sku()
        make_sell_out(make_store(), sku)
        make_sell_out(chained := make_store(chain="=HYPERLINK(1)"), sku)
        make_report(make_visit(chained), signage_num=1, signage_den=4)

        answer = office.get(
            "/v1/insight/cube.csv",
            query_string=MARCH
            | {"customer": "chain", "measures": "stores,compliance_score", "lang": lang, "bom": 0},
        )

        rows = list(csv.reader(StringIO(answer.text)))
        answer.close()
        assert header == rows[0]
        assert ["'=HYPERLINK(1)", "'=HYPERLINK(1)", "1", "0.250000", "0.250000", "1"] == rows[1]
        assert ["none", tier, "1", "", "0", "0"] == rows[2]
        assert ["total", whole, "2", "0.250000", "0.250000", "1"] == rows[3]
        assert ("3", "cube_20260301-20260331.csv") == (
            answer.headers["X-Row-Count"],
            answer.headers["Content-Disposition"].split("filename=")[1].split(";")[0],
        )
        entry = LedgerEntry.get(LedgerEntry.verb == "export.made")
        assert "cube" == entry.object_id
        assert answer.headers["X-Content-SHA256"] in entry.facts

    def test_is_for_those_who_see_sales(self, client: Client):
        auditor = client.as_(make_person(Role.AUDITOR))

        assert 403 == auditor.get("/v1/insight/cube.csv?customer=tier").status_code


def test_a_window_ends_before_its_last_day(office):
    store, sku = make_store(), make_sku()
    for on in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)):
        make_sell_out(store, sku, on=on)

    assert 2 == ask(office, customer="tier")["total"]["sell_out_units"]["value"]
