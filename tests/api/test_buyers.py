"""Key customers, deciles and scores over HTTP."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    make_dealer,
    make_person,
    make_region,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    the_region,
)

MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
GOLDEN = [100, 80, 60, 50, 45, 40, 35, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 2]
PLACE = ("dealer_code", "rank", "previous_rank", "value_fen", "share", "cumulative_share", "abc")


@pytest.fixture
def office(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def dealers(count, **fields):
    return [make_dealer(code=f"D{number:02}", **fields) for number in range(count)]


def sell(dealer, fen, on=date(2026, 3, 9), **fields):
    return make_sell_in(make_sku(), dealer=dealer, amount_fen=fen, on=on, **fields)


class TestKeyCustomers:
    def test_are_ranked_by_the_month_with_their_rank_before(self, office):
        one, two, idle = dealers(3)
        sell(one, 100, date(2026, 2, 3))
        sell(two, 900, date(2026, 2, 3))
        sell(one, 500)
        sell(one, 260, date(2026, 3, 31))
        sell(two, 240)
        sell(idle, 70, date(2026, 4, 1))

        month = office.get("/v1/insight/key-customers?month=2026-03-15").json

        assert ["2026-03-01", "2026-04-01", 1000, 2, 0] == [
            month[name] for name in ("from", "to", "total_fen", "ranked", "unpriced")
        ]
        assert [
            ["D00", 1, 2, 760, 0.76, 0.76, "A"],
            ["D01", 2, 1, 240, 0.24, 1.0, "B"],
        ] == [[place[name] for name in PLACE] for place in month["items"]]

    def test_say_where_six_months_are_heading(self, office):
        (dealer,) = dealers(1)
        for month, fen in enumerate([120, 126, 118, 110, 104, 98], start=1):
            sell(dealer, fen, date(2026, month, 5))

        (place,) = office.get("/v1/insight/key-customers?month=2026-06-01").json["items"]

        assert ("falling", -6.0) == (place["trend"]["flag"], place["trend"]["robust"])
        assert -5.257142857 == pytest.approx(place["trend"]["slope"], abs=1e-9)

    def test_compare_with_the_same_month_of_last_year(self, office):
        old = make_dealer(code="old", opened_on=date(2024, 1, 1))
        new = make_dealer(code="new", opened_on=date(2025, 6, 2))
        back = make_dealer(code="back", opened_on=date(2024, 1, 1))
        sell(old, 80, date(2025, 6, 30))
        for dealer, fen in ((old, 120), (new, 9), (back, 8)):
            sell(dealer, fen, date(2026, 6, 1))

        places = office.get("/v1/insight/key-customers?month=2026-06-01").json["items"]

        assert [(80, 1.5), (None, None), (0, None)] == [
            (place["last_year_fen"], place["last_year_ratio"]) for place in places
        ]

    def test_say_who_turned(self, office):
        (dealer,) = dealers(1)
        for number, fen in enumerate([100, 120, 126, 118, 110, 104, 98], start=1):
            sell(dealer, fen, date(2026, number, 5))

        assert [True, False] == [
            office.get(f"/v1/insight/key-customers?month=2026-0{month}-01").json["items"][0][
                "turned_falling"
            ]
            for month in (7, 6)
        ]

    def test_do_not_rise_because_their_sales_are_known_since_lately(self, office):
        (dealer,) = dealers(1)
        for month, fen in ((3, 100), (4, 102), (6, 98)):
            sell(dealer, fen, date(2026, month, 5))

        flags = [
            office.get(f"/v1/insight/key-customers?month=2026-0{month}-01").json["items"][0][
                "trend"
            ]
            for month in (4, 6)
        ]

        assert (None, pytest.approx(-4 / 3)) == (flags[0], flags[1]["robust"])

    def test_of_a_new_dealer_have_no_trend(self, office):
        sell(make_dealer(opened_on=date(2026, 4, 20)), 5, date(2026, 6, 1))

        (place,) = office.get("/v1/insight/key-customers?month=2026-06-01").json["items"]

        assert place["trend"] is None

    def test_are_as_many_as_asked_for(self, office):
        for dealer in dealers(3):
            sell(dealer, 5)

        month = office.get("/v1/insight/key-customers?month=2026-03-01&top=2").json

        assert (3, 15, 2) == (month["ranked"], month["total_fen"], len(month["items"]))

    def test_tell_of_sales_without_an_amount(self, office):
        (dealer,) = dealers(1)
        sell(dealer, None)
        sell(dealer, 7)

        month = office.get("/v1/insight/key-customers?month=2026-03-01").json

        assert (1, 7) == (month["unpriced"], month["total_fen"])

    def test_are_those_of_the_callers_region_and_of_the_one_asked_for(self, client: Client):
        here, there = make_region(the_region()), make_region(the_region())
        sell(make_dealer(region=there), 9)
        sell(make_dealer(region=here), 5)
        whole = client.as_(make_person(Role.MANAGER))
        part = client.as_(make_person(Role.MANAGER, region=here))

        assert [14, 9, 5] == [
            asking.get(f"/v1/insight/key-customers?month=2026-03-01{where}").json["total_fen"]
            for asking, where in ((whole, ""), (whole, f"&region_id={there.id}"), (part, ""))
        ]
        assert 404 == part.get(f"/v1/insight/key-customers?region_id={there.id}").status_code

    def test_are_of_any_window_against_the_one_before(self, office):
        first, second = dealers(2)
        for dealer, fen, day in ((first, 5, 4), (second, 9, 4), (first, 20, 12), (second, 2, 12)):
            sell(dealer, fen, date(2026, 3, day))
        sell(first, 10, date(2025, 3, 12))
        sell(second, 30, date(2025, 3, 19))

        week = office.get("/v1/insight/key-customers?from=2026-03-09&to=2026-03-16").json

        assert ("2026-03-09", "2026-03-16", 22) == (week["from"], week["to"], week["total_fen"])
        names = ("dealer_id", "rank", "previous_rank", "value_fen", "last_year_fen")
        assert [[first.id, 1, 2, 20, 10], [second.id, 2, 1, 2, 0]] == [
            [one[name] for name in names] for one in week["items"]
        ]

    def test_take_the_same_queries_for_many(self, office):
        for dealer in dealers(12):
            sell(dealer, 5)

        with assert_query_count(7):
            office.get("/v1/insight/key-customers?month=2026-03-01")

    @pytest.mark.parametrize("query", ["month=March", "top=0", "top=501"])
    def test_refuse_what_is_no_month_or_no_number(self, office, query):
        assert 422 == office.get(f"/v1/insight/key-customers?{query}").status_code


class TestDeciles:
    def test_of_money_are_the_golden_ones(self, office):
        for dealer, fen in zip(dealers(20), GOLDEN, strict=True):
            sell(dealer, fen)

        table = office.get("/v1/insight/deciles", query_string=MARCH).json
        groups = table["groups"]

        assert (640, None) == (table["total_fen"], table["reason"])
        assert [180, 110, 85, 65, 54, 46, 38, 30, 22, 10] == [each["value_fen"] for each in groups]
        assert (0.28125, ["D00", "D01"]) == (groups[0]["share"], groups[0]["dealer_codes"])

    def test_of_purchase_are_the_golden_ones(self, office):
        for dealer, fen in zip(dealers(20), GOLDEN, strict=True):
            sell(dealer, fen)

        asked = MARCH | {"kind": "purchase"}
        groups = office.get("/v1/insight/deciles", query_string=asked).json["groups"]

        assert [1, 1, 1, 1, 1, 2, 2, 2, 3, 6] == [group["count"] for group in groups]

    def test_count_dealers_that_bought_nothing_and_none_that_is_gone(self, office):
        dealers(10)
        make_dealer(closed_on=date(2026, 2, 1))

        table = office.get("/v1/insight/deciles", query_string=MARCH).json

        assert [1] * 10 == [group["count"] for group in table["groups"]]
        assert {None} == {group["share"] for group in table["groups"]}

    @pytest.mark.parametrize(
        ("reason", "kind"), [("population_too_small", "money"), ("nothing_sold", "purchase")]
    )
    def test_say_why_there_is_no_table(self, office, reason, kind):
        dealers(9)

        table = office.get("/v1/insight/deciles", query_string=MARCH | {"kind": kind}).json

        assert (reason, []) == (table["reason"], table["groups"])

    @pytest.mark.parametrize(
        "query", ["from=2026-03-02&to=2026-03-02", "from=2026-03-02", "kind=sales", "window=d9"]
    )
    def test_refuse_a_window_or_a_kind_that_is_none(self, office, query):
        assert 422 == office.get(f"/v1/insight/deciles?{query}").status_code


class TestScores:
    def test_compare_the_year_of_all_dealers(self, office):
        until = date(2026, 4, 1)
        for number, dealer in enumerate(dealers(5)):
            for day in range(number + 1):
                sell(dealer, 10, until - timedelta(days=10 - number + day))
        make_dealer(code="X")

        scores = office.get("/v1/insight/rfv?to=2026-04-01").json

        assert ["D04", "D03", "D02", "D01", "D00", "X"] == [row["dealer_code"] for row in scores]
        assert [555, 444, 333, 222, 111, 0] == [row["rfv"] for row in scores]
        assert [6, 5, 50, "champions", 15] == [
            scores[0][name]
            for name in ("days_since", "order_days", "amount_fen", "segment", "rfv_sum")
        ]
        assert (None, None) == (scores[-1]["days_since"], scores[-1]["segment"])

    def test_are_listed_by_segment_and_page(self, office):
        for number, dealer in enumerate(dealers(5)):
            sell(dealer, 10 + number, date(2026, 3, 1 + number))

        loyal = office.get("/v1/insight/rfv?to=2026-04-01&segment=lost")
        second = office.get("/v1/insight/rfv?to=2026-04-01&page_size=2&page=2")

        assert ["D00"] == [row["dealer_code"] for row in loyal.json]
        assert 2 == len(second.json)
        assert '"total": 5' in second.headers["X-Pagination"]

    def test_are_none_of_four_dealers(self, office):
        for dealer in dealers(4):
            sell(dealer, 10)

        scores = office.get("/v1/insight/rfv?to=2026-04-01").json

        assert [None] * 4 == [row["rfv"] for row in scores]

    def test_forget_what_was_bought_more_than_a_year_ago(self, office):
        (dealer,) = dealers(1)
        sell(dealer, 10, date(2025, 3, 31))

        (row,) = office.get("/v1/insight/rfv?to=2026-04-01").json

        assert (None, 0, 0) == (row["days_since"], row["order_days"], row["amount_fen"])

    @pytest.mark.parametrize(("is_best", "last"), [(True, 6), (False, 5)])
    def test_name_the_best_by_money_kinds_and_days(self, office, is_best, last):
        (dealer,) = dealers(1)
        for day, category in enumerate(("phone", "tablet", "watch", "audio", "phone", "phone")):
            sku, on = make_sku(category=category), date(2026, 3, 1 + min(day, last - 1))
            make_sell_in(sku, dealer=dealer, amount_fen=9_000_000, on=on)

        (row,) = office.get("/v1/insight/rfv?to=2026-04-01").json

        assert is_best is row["is_best"]


class TestStores:
    def test_are_ranked_by_what_they_bought_or_sold(self, office):
        one, other, _ = make_store(code="A"), make_store(code="B"), make_store()
        sku = make_sku()
        for store, fen, units in ((one, 300, 1), (other, 100, 4)):
            make_sell_in(sku, store=store, amount_fen=fen, on=date(2026, 3, 9))
            make_sell_out(store, sku, units=units, on=date(2026, 3, 9))
        make_sell_in(sku, dealer=make_dealer(), amount_fen=9_000, on=date(2026, 3, 9))

        bought, sold = (
            office.get(f"/v1/insight/key-stores?month=2026-03-01&measure={measure}").json
            for measure in ("amount", "units")
        )

        assert ["amount", 400, 2] == [bought[name] for name in ("measure", "total", "ranked")]
        assert [("A", 1, 300, 0.75), ("B", 2, 100, 0.25)] == [
            tuple(place[name] for name in ("store_code", "rank", "value", "share"))
            for place in bought["items"]
        ]
        assert [("B", 4), ("A", 1)] == [
            (place["store_code"], place["value"]) for place in sold["items"]
        ]

    def test_fall_into_deciles_by_either(self, office):
        sku = make_sku()
        for number, fen in enumerate(GOLDEN):
            store = make_store()
            make_sell_in(sku, store=store, amount_fen=fen, on=date(2026, 3, 9))
            make_sell_out(store, sku, units=GOLDEN[-1 - number], on=date(2026, 3, 9))
        make_store(status="prospect")

        tables = [
            office.get("/v1/insight/store-deciles", query_string=MARCH | asked).json
            for asked in ({}, {"measure": "units"}, {"measure": "units", "kind": "purchase"})
        ]

        assert [640] * 3 == [table["total"] for table in tables]
        for table in tables[:2]:
            values = [group["value"] for group in table["groups"]]
            assert [180, 110, 85, 65, 54, 46, 38, 30, 22, 10] == values
        counts = [group["count"] for group in tables[2]["groups"]]
        assert [1, 1, 1, 1, 1, 2, 2, 2, 3, 6] == counts

    def test_too_few_make_no_table(self, office):
        make_store()

        table = office.get("/v1/insight/store-deciles", query_string=MARCH).json

        assert ("population_too_small", []) == (table["reason"], table["groups"])

    def test_are_scored_and_the_best_named(self, office):
        best = make_store(code="best")
        for number in range(6):
            sku = make_sku(
                category=("handset", "tablet", "watch", "audio", "audio", "audio")[number]
            )
            on = date(2026, 3, 1 + number)
            make_sell_in(sku, store=best, amount_fen=2_000_000, on=on)
        for _ in range(4):
            make_store()

        scores = office.get("/v1/insight/store-rfv?to=2026-04-01").json

        assert ("best", True, 6) == tuple(
            scores[0][name] for name in ("store_code", "is_best", "order_days")
        )
        assert [0] * 4 == [row["rfv"] for row in scores[1:]]
        found = office.get("/v1/insight/store-rfv?to=2026-04-01&segment=lost").json
        assert {"lost"} >= {row["segment"] for row in found}

    def test_are_those_in_sight(self, client):
        here, there = make_region(the_region()), make_region(the_region())
        for region in (here, there):
            store = make_store(region=region)
            make_sell_in(make_sku(), store=store, amount_fen=5, on=date(2026, 3, 9))
        part = client.as_(make_person(Role.MANAGER, region=here))

        assert 5 == part.get("/v1/insight/key-stores?month=2026-03-01").json["total"]
        assert [404] * 3 == [
            part.get(f"/v1/insight/{name}?region_id={there.id}").status_code
            for name in ("key-stores", "store-deciles", "store-rfv")
        ]

    def test_take_the_same_queries_for_many(self, office):
        for _ in range(12):
            make_sell_in(make_sku(), store=make_store(), amount_fen=5, on=date(2026, 3, 9))

        with assert_query_count(7):
            office.get("/v1/insight/key-stores?month=2026-03-01")

    @pytest.mark.parametrize(
        "query", ["key-stores?measure=hope", "store-deciles?from=2026-03-02", "key-stores?top=0"]
    )
    def test_refuse_what_is_no_measure_and_no_window(self, office, query):
        assert 422 == office.get(f"/v1/insight/{query}").status_code
