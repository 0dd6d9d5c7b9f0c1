"""What promotions brought, over HTTP: uplift, return, and why there is none."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.promotion_models import Claim, ClaimLine, PromotionDay, PromotionEvaluation
from backend.fieldwork.trade_models import SellOut
from backend.insight import seasons
from backend.network.models import Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.standards.models import Promotion, PromotionBudget, Sku
from tests.client import Client
from tests.factories import (
    NOON,
    make_dealer,
    make_person,
    make_promotion,
    make_region,
    make_sell_out,
    make_sku,
    make_store,
    the_region,
)

START, LAST = date(2026, 4, 1), date(2026, 4, 14)
WINDOW = {"from": "2026-04-01", "to": "2026-05-01"}
MONEY = {"unit_margin_fen": 18_000, "cost_fen": 200_000}


@pytest.fixture
def office(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def sku(client: Client) -> Sku:  # noqa: ARG001  # needs the database
    return make_sku()


@pytest.fixture
def store(client: Client) -> Store:  # noqa: ARG001
    store, other = make_store(), make_sku(category="accessory")
    make_sell_out(make_store(status="closed"), other, on=date(2024, 1, 5))  # the feed is old
    return store


@pytest.fixture
def promotion(sku: Sku, store: Store) -> Promotion:
    """The golden one: 140 units in 28 days before, 96 in its 14, 56 in the 14 after."""
    sell(store, sku, before=140, during=96, after=56)
    return promote(sku, store)


def ago(days):
    return clock.business_date(clock.now()) - timedelta(days=days)


def promote(sku, *stores, **fields):
    return make_promotion([sku], stores, **{"starts_on": START, "ends_on": LAST} | fields)


def sell(store, sku, *, before=0, during=0, after=0):
    """Store sales on a day of each time."""
    days = (START - timedelta(days=3), START + timedelta(days=3), LAST + timedelta(days=3))
    for day, units in zip(days, (before, during, after), strict=True):
        if units:
            make_sell_out(store, sku, on=day, units=units)


def uplift_of(client, promotion, **query):
    answer = client.get(f"/v1/promotions/{promotion.id}/uplift", query_string=query)
    assert 200 == answer.status_code, answer.json
    return answer.json


def told(answer, *names):
    return [answer[name] for name in names]


def granted(promotion, dealer, fen, kind="sales_spiff", state="accepted"):
    claim = Claim.create(
        id=uuid4(),
        promotion=promotion,
        dealer=dealer,
        state=state,
        note="",
        claimed_fen=fen,
        submitted_by_id=1,
        submitted_at=NOON,
        version=1,
        content_sha256="0" * 64,
    )
    ClaimLine.create(claim=claim, number=1, kind=kind, amount_fen=fen, quantity=1, accepted_fen=fen)


def entered(promotion, store, **figures):
    PromotionDay.create(
        store=store,
        promotion=promotion,
        day=START,
        source="office",
        remark="",
        entered_by_id=1,
        entered_at=NOON,
        version=1,
        **figures,
    )


class TestOfAPromotion:
    def test_is_the_golden_one(self, office, promotion):
        found = uplift_of(office, promotion, **MONEY)

        assert [140, 28, 96, 14, 56, 14, 1, 0, None] == told(
            found, "before_units", "before_days", "during_units", "during_days", "after_units",
            "after_days", "stores", "excluded_days", "season_ratio",
        )  # fmt: skip
        assert [70, 26, -14, 12] == told(
            found, "baseline", "incremental", "post_dip", "net_incremental"
        )
        assert [0.371429, 0.171429, 1.34, 0.08] == [
            round(value, 6) for value in told(found, "uplift", "net_uplift", "roi_gross", "roi_net")
        ]
        assert ["given", "given", None, "too_few_controls"] == [
            found["cost"]["source"], *told(found, "margin_source", "reason", "did_reason"),
        ]  # fmt: skip

    def test_compares_with_ten_stores_like_those_that_take_part(self, office, sku, store):
        promotion = promote(sku, store)
        sell(store, sku, before=140, during=96)
        for _ in range(10):
            sell(make_store(), sku, before=12, during=7)  # 6 becomes 6.3 when days are made equal
        rival = make_store()
        promote(sku, rival)
        for other in (make_store(tier="town"), make_store(grade="A"), rival):
            sell(other, sku, before=500)

        found = uplift_of(office, promotion)

        assert 10 == found["controls"]
        assert 96 / 14 / 5 / (70 / 14 / (120 / 28)) - 1 == pytest.approx(found["did_uplift"])

    def test_looks_for_controls_in_its_area_only(self, office, sku, store):
        promotion = promote(sku, store, area=["430000", "440000"])
        sell(store, sku, before=140, during=96)
        for number in range(11):
            inside = "440100001" if number else "110101001"
            sell(make_store(division_code=inside), sku, before=12, during=7)

        assert 10 == uplift_of(office, promotion)["controls"]

    def test_leaves_out_days_of_other_promotions_in_the_same_stores(self, office, sku, promotion):
        store = Store.select().order_by(Store.id).first()
        march = {"starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 31)}
        promote(sku, make_store(), **march)  # elsewhere
        promote(make_sku(), store, **march)  # of something else
        assert 28 == uplift_of(office, promotion)["before_days"]
        promote(sku, store, **march)

        found = uplift_of(office, promotion)

        assert [16, 12, 0, "nothing_sold_before"] == told(
            found, "before_days", "excluded_days", "before_units", "reason"
        )

    def test_knows_nothing_of_days_before_the_first_sale(self, office, promotion):
        SellOut.update(sold_on=START - timedelta(days=16)).where(SellOut.sold_on < START).execute()

        answer = uplift_of(office, promotion)

        assert [16, 12, 140] == told(answer, "before_days", "excluded_days", "before_units")

    def test_is_silent_with_thirteen_usable_days(self, office, sku, store, promotion):
        promote(sku, store, starts_on=date(2026, 3, 17), ends_on=date(2026, 3, 31))

        found = uplift_of(office, promotion, **MONEY)

        assert [13, None, None, "too_few_days", "too_few_days"] == told(
            found, "before_days", "uplift", "roi_gross", "reason", "roi_reason"
        )

    def test_takes_off_a_season_known_for_thirteen_months(self, office, sku, store, promotion):
        year = timedelta(weeks=52)
        make_sell_out(store, sku, on=START - timedelta(days=396), units=1)
        for number in range(42):
            units = 12 if number >= 28 else 10
            make_sell_out(store, sku, on=START - year - timedelta(days=28 - number), units=units)
        seasons.rebuild()

        found = uplift_of(office, promotion)

        assert [1.2, 84] == [round(value, 9) for value in told(found, "season_ratio", "baseline")]

    def test_takes_off_what_similar_products_lost(self, office, store, promotion):
        sell(store, make_sku(), before=140, during=64)
        sell(store, make_sku(role="hero"), before=140)

        found = uplift_of(office, promotion, with_similar=True)

        assert [6, 26, 6] == told(found, "cannibalised", "incremental", "net_incremental")
        assert None is uplift_of(office, promotion)["cannibalised"]

    def test_takes_cost_and_margin_from_what_is_recorded(self, office, store, promotion):
        dealer = StoreDealer.get().dealer_id
        granted(promotion, dealer, 100_000)
        granted(promotion, dealer, 70_000, state="rejected")
        entered(promotion, store, units=90, gifts=10, cost_fen=60_000)
        PromotionBudget.create(
            promotion=promotion, kind="gift_with_purchase", rate_fen=4_000, budget_fen=900_000
        )
        PromotionEvaluation.create(
            id=uuid4(),
            promotion=promotion,
            method="before_after_comparison",
            evaluated_on=LAST,
            inputs={"unit_margin_fen": 18_000},
            output={},
            note="",
            person=make_person(Role.SUPERVISOR),
            recorded_at=NOON,
            content_sha256="0" * 64,
        )

        found = uplift_of(office, promotion)

        assert {
            "total_fen": 200_000,
            "source": "recorded",
            "claims_fen": 100_000,
            "reported_fen": 60_000,
            "gifts_fen": 40_000,
            "budget_fen": 900_000,
        } == found["cost"]
        assert ["evaluation", 1.34] == told(found, "margin_source", "roi_gross")

    def test_counts_gifts_once_where_dealers_were_paid_for_them(self, office, store, promotion):
        granted(promotion, StoreDealer.get().dealer_id, 100_000, kind="gift_with_purchase")
        entered(promotion, store, gifts=10)
        PromotionBudget.create(promotion=promotion, kind="gift_with_purchase", rate_fen=4_000)

        cost = uplift_of(office, promotion)["cost"]

        assert [100_000, None] == told(cost, "total_fen", "gifts_fen")

    def test_falls_back_on_the_budget_of_what_one_sees_whole(self, client, office, sku, store):
        there = make_region(the_region())
        promotion = promote(sku, store, make_store(region=there))
        PromotionBudget.create(promotion=promotion, kind="sales_spiff", budget_fen=500)
        part = client.as_(make_person(Role.MANAGER, region=there))

        whole, some = (uplift_of(who, promotion)["cost"] for who in (office, part))

        assert [500, "budget"] == told(whole, "total_fen", "source")
        assert [None, None] == told(some, "total_fen", "source")

    def test_compares_with_the_target_and_suggests_a_stop_by_the_rule_of_results(
        self, office, sku, store
    ):
        running = {"starts_on": ago(5), "ends_on": ago(-4), "target_units": 100}
        promotion = promote(sku, store, **running)
        make_sell_out(store, sku, on=ago(2), units=15)
        PromotionDay.create(
            store=store, promotion=promotion, day=ago(2), units=15, source="office", remark="",
            entered_by_id=1, entered_at=NOON, version=1,
        )  # fmt: skip

        found = uplift_of(office, promotion)

        assert [0.15, True, "running", 5, True] == told(
            found, "target_attainment", "stop_suggested", "state", "during_days", "is_provisional"
        )
        assert [None, "not_over"] == told(found, "post_dip", "net_reason")

    @pytest.mark.parametrize(
        ("reason", "fields"),
        [
            ("not_started", {"starts_on": date(2030, 1, 1), "ends_on": date(2030, 1, 9)}),
            ("no_feed", {}),
        ],
    )
    def test_says_why_there_is_none(self, office, sku, store, reason, fields):
        found = uplift_of(office, promote(sku, store, **fields), **MONEY)

        assert [reason] * 4 == told(found, "reason", "net_reason", "did_reason", "roi_reason")
        assert [None, None, 0] == told(found, "uplift", "roi_net", "during_units")

    def test_says_that_nobody_takes_part_or_nothing_is_promoted(self, office, sku, store):
        empty = make_promotion([], [store], starts_on=START, ends_on=LAST)

        assert ["no_participants", "no_products"] == [
            uplift_of(office, each)["reason"] for each in (promote(sku), empty)
        ]

    def test_of_a_store_that_sells_other_things_is_no_missing_feed(self, office, sku, store):
        sell(store, make_sku(), before=1)

        assert "nothing_sold_before" == uplift_of(office, promote(sku, store))["reason"]

    def test_is_over_the_stores_in_sight_or_of_a_dealer(self, client, office, sku):
        there = make_region(the_region())
        one, other = make_store(), make_store(region=there)
        sell(one, sku, before=28, during=28)
        sell(other, sku, before=28, during=14)
        promotion = promote(sku, one, other)
        part = client.as_(make_person(Role.MANAGER, region=there))
        theirs = StoreDealer.get(StoreDealer.store == other).dealer_id
        mine = StoreDealer.get(StoreDealer.store == one).dealer_id

        assert [(2, 42), (1, 14), (1, 28)] == [
            (found["stores"], found["during_units"])
            for found in (
                uplift_of(office, promotion),
                uplift_of(part, promotion),
                uplift_of(office, promotion, dealer_id=mine),
            )
        ]
        path = f"/v1/promotions/{promotion.id}/uplift?dealer_id="
        assert [200, 404] == [part.get(f"{path}{each}").status_code for each in (theirs, mine)]

    def test_keeps_a_dealers_stores_as_they_were_on_the_first_day(self, office, store, promotion):
        before, after = StoreDealer.get().dealer_id, make_dealer().id
        StoreDealer.update(to_on=date(2026, 4, 5)).execute()
        StoreDealer.create(store=store, dealer=after, from_on=date(2026, 4, 5))

        assert [96, 0] == [
            uplift_of(office, promotion, dealer_id=each)["during_units"] for each in (before, after)
        ]

    @pytest.mark.parametrize(
        "query", ["cost_fen=-1", "unit_margin_fen=much", "dealer_id=0", "with_similar=perhaps"]
    )
    def test_refuses_what_is_no_number(self, office, promotion, query):
        path = f"/v1/promotions/{promotion.id}/uplift?{query}"

        assert 422 == office.get(path).status_code

    def test_of_an_unknown_one_is_not_found(self, office):
        assert 404 == office.get("/v1/promotions/99/uplift").status_code


class TestTable:
    def test_lists_what_ran_in_the_window_newest_first(self, office, sku, store, promotion):
        later = promote(sku, store, starts_on=date(2026, 4, 30), ends_on=date(2026, 5, 9))
        promote(sku, store, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 9))
        promote(sku, store, starts_on=date(2026, 3, 1), ends_on=date(2026, 9, 9),
                stopped_on=date(2026, 3, 31))  # fmt: skip
        promote(sku, starts_on=START, ends_on=LAST)

        rows = office.get("/v1/insight/promotions", query_string=WINDOW).json

        assert [later.id, promotion.id] == [row["promotion_id"] for row in rows]
        assert uplift_of(office, promotion) == rows[1]

    def test_is_paged_in_the_same_queries_for_many(self, office, sku, store):
        for _ in range(7):
            promote(sku, store, make_store())
        path = "/v1/insight/promotions?from=2026-04-01&to=2026-05-01&page_size=5"

        first, second = office.get(path), office.get(f"{path}&page=2")
        with assert_query_count(17):
            office.get(path)

        assert (5, 2) == (len(first.json), len(second.json))
        assert '"total": 7' in first.headers["X-Pagination"]

    def test_is_of_a_dealer_and_of_what_one_sees(self, client, office, sku, store):
        promote(sku, store)
        nobody = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
        mine, other = StoreDealer.get().dealer_id, make_dealer().id

        assert [1, 1, 0, 0] == [
            len(who.get("/v1/insight/promotions", query_string=WINDOW | extra).json)
            for who, extra in (
                (office, {}),
                (office, {"dealer_id": mine}),
                (office, {"dealer_id": other}),
                (nobody, {}),
            )
        ]

    @pytest.mark.parametrize(
        ("status", "query"),
        [
            (422, "from=2026-05-01&to=2026-04-01"),
            (422, "from=2026-05-01"),
            (422, "window=d9"),
            (422, "from=2024-01-01&to=2026-04-01"),
            (404, "dealer_id=99"),
        ],
    )
    def test_refuses_a_window_that_is_none_and_unknown_dealers(self, office, status, query):
        assert status == office.get(f"/v1/insight/promotions?{query}").status_code
