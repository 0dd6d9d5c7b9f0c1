"""Promotions over HTTP."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.models import Promotion, PromotionBudget, PromotionStore
from tests.client import Client
from tests.factories import (
    make_person,
    make_promotion,
    make_region,
    make_sku,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"


def days_from_now(days: int) -> date:
    """Return a day counted from today."""
    return clock.business_date(clock.now()) + timedelta(days=days)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def add(client: Client, **changes):
    body = {
        "code": "2026-SPRING",
        "name": "春季焕新",
        "objective": "lift_sales",
        "consumer_kinds": ["price_off", "gift_with_purchase", "price_off"],
        "area": ["43", "440000", "430000"],
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-31",
        "allowed_gift_fen": 5_000,
        "skus": [],
    }
    return client.post("/v1/promotions", json=body | changes)


class TestList:
    def test_shows_what_runs_on_a_day_newest_first(self, client: Client):
        old = make_promotion(starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1)).id
        new = make_promotion(starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 1)).id
        rep = client.as_(make_person())

        def ask(query=""):
            return [each["id"] for each in rep.get(f"/v1/promotions{query}").json]

        with assert_query_count(3):  # who asks, how many, which
            assert [new, old] == ask()
        assert [new, old] == ask("?day=2026-01-01")
        assert [new] == ask("?day=2026-03-01")
        assert [] == ask("?day=2026-03-02")

    def test_shows_the_promotions_of_a_store_in_sight(self, client: Client):
        rep = make_person()
        mine, other = make_store(owner=rep), make_store()
        promotion = make_promotion(stores=[mine, other])
        make_promotion()
        phone = client.as_(rep)

        listed = [each["id"] for each in phone.get(f"/v1/promotions?store_id={mine.id}").json]

        assert [promotion.id] == listed
        assert [] == phone.get(f"/v1/promotions?store_id={other.id}").json

    def test_tells_where_each_is_in_its_life(self, client: Client):
        rep = client.as_(make_person())
        days = {"starts_on": days_from_now(-9), "ends_on": days_from_now(9)}
        lives = {
            "planned": make_promotion(starts_on=days_from_now(1)).id,
            "running": make_promotion(**days).id,
            "ended": make_promotion(ends_on=days_from_now(-1)).id,
            "stopped": make_promotion(**days, stopped_on=days_from_now(0)).id,
        }

        shown = {each["state"]: each["id"] for each in rep.get("/v1/promotions").json}

        assert lives == shown
        for state, promotion_id in lives.items():
            listed = rep.get(f"/v1/promotions?state={state}").json
            assert [promotion_id] == [each["id"] for each in listed], state
            assert state == rep.get(f"/v1/promotions/{promotion_id}").json["state"]


class TestAmending:
    def amend(self, manager: Client, promotion: Promotion, version: int = 1, **changes):
        return manager.patch(
            f"/v1/promotions/{promotion.id}", json=changes, headers={"If-Match": f'"{version}"'}
        )

    def test_replaces_what_is_named_and_leaves_the_rest(self, manager: Client):
        old, new = make_sku(), make_sku()
        promotion = make_promotion(skus=[old], consumer_kinds=["price_off"])
        before = revision.current()

        first = self.amend(
            manager,
            promotion,
            name="十一",
            skus=[{"sku_id": new.id, "promo_price_fen": 9}],
            budgets=[{"kind": "price_off", "rate_fen": 100}],
        )
        second = self.amend(manager, promotion, 2, area=["43"], target_units=7)

        assert ("十一", 2, '"2"') == (
            first.json["name"],
            first.json["version"],
            first.headers["ETag"],
        )
        assert [{"sku_id": new.id, "promo_price_fen": 9}] == second.json["skus"]
        assert [100] == [budget["rate_fen"] for budget in second.json["budgets"]]
        assert ("十一", ["430000"], 7) == tuple(
            second.json[name] for name in ("name", "area", "target_units")
        )
        assert before != revision.current()
        assert second.json == manager.get(f"/v1/promotions/{promotion.id}").json

    def test_needs_the_version_that_was_read(self, manager: Client):
        promotion = make_promotion()

        blind = manager.patch(f"/v1/promotions/{promotion.id}", json={"name": "十一"})
        stale = self.amend(manager, promotion, 7, name="十一")

        assert [428, 412] == [blind.status_code, stale.status_code]
        assert "五一" == Promotion.get().name

    @pytest.mark.parametrize(
        ("status", "problem", "days", "changes"),
        [
            (409, "promotion-over", (-9, -1), {"name": "十一"}),
            (409, "promotion-started", (0, 9), {"starts_on": 1}),
            (422, "end-in-past", (-9, 9), {"ends_on": -1}),
            (422, "ends-before-start", (1, 9), {"ends_on": 0}),
            (422, "budget-without-kind", (0, 9), {"consumer_kinds": []}),
            (422, "sub-kind-without-kind", (0, 9), {"sub_kinds": ["repair"]}),
            (422, "outside-promotion-area", (0, 9), {"area": ["44"]}),
            (404, "not-found", (0, 9), {"organiser_id": 999}),
        ],
    )
    def test_refuses(self, manager: Client, status, problem, days, changes):
        starts_on, ends_on = map(days_from_now, days)
        promotion = make_promotion(
            stores=[make_store()],
            starts_on=starts_on,
            ends_on=ends_on,
            consumer_kinds=["price_off"],
        )
        PromotionBudget.create(promotion=promotion, kind="price_off", rate_fen=1)
        changes = {
            name: str(days_from_now(value)) if isinstance(value, int) and "_on" in name else value
            for name, value in changes.items()
        }

        answer = self.amend(manager, promotion, **changes)

        assert (status, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert 1 == Promotion.get().version


class TestStopping:
    def test_makes_today_the_last_day(self, client: Client):
        boss, store = make_person(Role.MANAGER), make_store()
        promotion, manager = make_promotion(stores=[store]), client.as_(boss)
        url = f"/v1/promotions/{promotion.id}/stop"

        answer = manager.post(url, json={"reason": "效果相差甚远"}, headers={"If-Match": '"1"'})
        again = manager.post(url, json={"reason": "再次"}, headers={"If-Match": '"2"'})

        assert ("stopped", str(days_from_now(0)), "效果相差甚远", boss.id, 2) == tuple(
            answer.json[name]
            for name in ("state", "stopped_on", "stop_reason", "stopped_by_id", "version")
        )
        assert (409, f"{PROBLEM}promotion-over") == (again.status_code, again.json["type"])
        assert [1, 0] == [
            len(manager.get(f"/v1/stores/{store.id}/standard?on={day}").json["promotions"])
            for day in (days_from_now(0), days_from_now(1))
        ]
        assert ["promotion.stopped"] == [entry.verb for entry in LedgerEntry.select()]

    def test_needs_the_version_and_a_reason(self, manager: Client):
        url = f"/v1/promotions/{make_promotion().id}/stop"

        answers = [
            manager.post(url, json={"reason": "x"}),
            manager.post(url, json={"reason": "x"}, headers={"If-Match": '"7"'}),
            manager.post(url, json={"reason": ""}, headers={"If-Match": '"1"'}),
        ]

        assert [428, 412, 422] == [answer.status_code for answer in answers]


class TestAdding:
    def test_keeps_kinds_area_and_products(self, manager: Client):
        cheap, same = make_sku(), make_sku()
        before = revision.current()

        answer = add(
            manager,
            skus=[{"sku_id": same.id}, {"sku_id": cheap.id, "promo_price_fen": 189_900}],
        )

        stored = manager.get(f"/v1/promotions/{answer.json['id']}")
        assert 201 == answer.status_code
        assert answer.json == stored.json
        assert ["gift_with_purchase", "price_off"] == answer.json["consumer_kinds"]
        assert ["430000", "440000"] == answer.json["area"]
        assert [
            {"sku_id": cheap.id, "promo_price_fen": 189_900},
            {"sku_id": same.id, "promo_price_fen": None},
        ] == answer.json["skus"]
        assert before != revision.current()
        assert ["promotion.created"] == [entry.verb for entry in LedgerEntry.select()]

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("ends-before-start", {"ends_on": "2026-02-28"}),
            ("unknown-division", {"area": ["43", "99"]}),
            ("invalid-fields", {"consumer_kinds": ["magic"]}),
            ("invalid-fields", {"objective": "win"}),
            ("invalid-fields", {"skus": []}),
            ("invalid-fields", {"skus": [{"sku_id": 1}, {"sku_id": 1}]}),
            ("invalid-fields", {"skus": [{"sku_id": 1, "promo_price_fen": 0}]}),
            ("invalid-fields", {"allowed_gift_fen": -1}),
            ("sub-kind-without-kind", {"sub_kinds": ["flash_sale", "repair"]}),
            ("budget-without-kind", {"budgets": [{"kind": "training", "rate_fen": 1}]}),
            ("wrong-cost-basis", {"budgets": [{"kind": "price_off", "rate_bp": 1}]}),
            (
                "wrong-cost-basis",
                {
                    "dealer_kinds": ["purchase_rebate"],
                    "budgets": [{"kind": "purchase_rebate", "rate_fen": 1}],
                },
            ),
            ("invalid-fields", {"budgets": [{"kind": "price_off"}, {"kind": "price_off"}]}),
            ("invalid-fields", {"skus": [{"sku_id": "one"}, {"promo_price_fen": 1}]}),
            ("invalid-fields", {"staff": [{"person_id": 1}, {"person_id": 1}]}),
            ("invalid-fields", {"timing_factors": ["whim"]}),
            ("unknown-division", {"ad_area": ["99"]}),
        ],
    )
    def test_refuses(self, manager: Client, problem, wrong):
        answer = add(manager, **{"skus": [{"sku_id": make_sku().id}]} | wrong)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert 0 == Promotion.select().count()

    def test_keeps_budgets_people_and_all_else(self, client: Client):
        boss, helper = make_person(Role.MANAGER), make_person()
        manager, terms = (
            client.as_(boss),
            {
                "further_objectives": ["hit_competitor"],
                "dealer_kinds": ["purchase_rebate", "sales_spiff"],
                "sub_kinds": ["flash_sale"],
                "product_choice": "clearance_model",
                "timing_factors": ["public_holiday", "season"],
                "target_units": 3_000,
                "organiser_id": boss.id,
                "departments": ["市场部"],
            },
        )
        budgets = [
            {"kind": "purchase_rebate", "rate_fen": None, "rate_bp": 250, "budget_fen": 9},
            {"kind": "sales_spiff", "rate_fen": 2_000, "rate_bp": None, "budget_fen": None},
        ]
        staff = [{"person_id": helper.id, "target_units": 120, "task": "现场演示"}]

        answer = add(
            manager, skus=[{"sku_id": make_sku().id}], budgets=budgets, staff=staff, **terms
        )

        stored = answer.json
        bases = [budget.pop("cost_basis") for budget in stored["budgets"]]
        assert terms == {name: stored[name] for name in terms}
        assert (budgets, staff) == (stored["budgets"], stored["staff"])
        assert ["percent_of_sell_in", "per_unit"] == bases

    def test_warns_when_it_is_advertised_elsewhere(self, manager: Client):
        offers = [{"sku_id": make_sku().id}]

        same = add(manager, code="A", skus=offers, ad_area=["44", "43"]).json
        silent = add(manager, code="B", skus=offers).json
        wider = add(manager, code="C", skus=offers, ad_area=[]).json

        assert ([], []) == (same["warnings"], silent["warnings"])
        assert ["430000", "440000"] == silent["ad_area"]
        assert [] == wider["ad_area"]
        assert [
            {
                "code": "ad-area-differs",
                "zh": "广告区域与促销区域不一致",
                "en": "The advertising area is not the promotion's area",
            }
        ] == wider["warnings"]

    def test_needs_active_people_in_sight(self, client: Client):
        here, gone = make_region(the_region()), make_person(is_active=False)
        hidden = make_person(region=the_region())
        manager = client.as_(make_person(Role.MANAGER, region=here))
        offers = [{"sku_id": make_sku().id}]

        staffed = add(manager, skus=offers, staff=[{"person_id": p.id} for p in (hidden, gone)])
        organised = add(manager, skus=offers, organiser_id=hidden.id)

        assert (404, sorted([hidden.id, gone.id])) == (staffed.status_code, staffed.json["unknown"])
        assert (404, [hidden.id]) == (organised.status_code, organised.json["unknown"])
        assert 0 == Promotion.select().count()

    def test_names_the_products_it_does_not_know(self, manager: Client):
        answer = add(manager, skus=[{"sku_id": n} for n in (make_sku().id, 999, 998)])

        assert (404, [998, 999]) == (answer.status_code, answer.json["unknown"])

    def test_may_last_one_day_and_refuses_a_code_twice(self, manager: Client):
        one_day = {"ends_on": "2026-03-01", "skus": [{"sku_id": make_sku().id}]}

        answers = [add(manager, **one_day), add(manager, **one_day)]

        assert [201, 409] == [answer.status_code for answer in answers]
        assert f"{PROBLEM}code-taken" == answers[1].json["type"]

    def test_is_not_for_reps(self, client: Client):
        rep = client.as_(make_person())

        assert 403 == add(rep, skus=[{"sku_id": 1}]).status_code
        assert 404 == rep.get("/v1/promotions/999").status_code


class TestEnrolling:
    def test_adds_and_withdraws_a_store_any_number_of_times(self, manager: Client):
        promotion = make_promotion(area=["430000"], starts_on=days_from_now(1))
        url = f"/v1/promotions/{promotion.id}/stores/{make_store().id}"
        stamps = [revision.current()]

        for method in (manager.put, manager.put, manager.delete, manager.delete):
            assert 204 == method(url).status_code
            stamps.append(revision.current())

        assert 0 == PromotionStore.select().count()
        assert 3 == len(set(stamps))
        assert {"promotion.enrolled", "promotion.withdrawn"} == {
            entry.verb for entry in LedgerEntry.select()
        }
        assert 2 == LedgerEntry.select().count()

    def test_keeps_who_when_and_the_latest_target(self, client: Client):
        boss, promotion, store = make_person(Role.MANAGER), make_promotion(), make_store()
        url = f"/v1/promotions/{promotion.id}/stores"
        manager = client.as_(boss)

        tags = []
        for units, tag in ((40, {}), (50, {"If-Match": '"1"'}), (50, {}), (None, {})):
            body = {"target_units": units}
            answer = manager.put(f"{url}/{store.id}", json=body, headers=tag)
            assert 204 == answer.status_code
            tags.append(answer.headers["ETag"])
        [shown] = manager.get(url).json

        assert (store.id, store.code, store.name) == (
            shown["store_id"],
            shown["code"],
            shown["name"],
        )
        assert ['"1"', '"2"', '"2"', '"2"'] == tags
        assert (50, boss.id, 2) == tuple(
            shown[name] for name in ("target_units", "enrolled_by_id", "version")
        )
        assert shown["enrolled_at"].endswith("+00:00")
        assert ["promotion.enrolled", "promotion.target_set"] == [
            entry.verb for entry in LedgerEntry.select().order_by(LedgerEntry.at)
        ]

    def test_replaces_no_target_unseen(self, manager: Client):
        url = f"/v1/promotions/{make_promotion().id}/stores/{make_store().id}"
        manager.put(url, json={"target_units": 40})
        manager.put(url, json={"target_units": 50}, headers={"If-Match": '"1"'})

        answers = [
            manager.put(url, json={"target_units": 60}, headers=headers)
            for headers in ({}, {"If-Match": '"1"'})
        ]

        assert [428, 412] == [answer.status_code for answer in answers]
        assert [50] == [row.target_units for row in PromotionStore.select()]

    def test_lists_the_stores_in_sight_page_by_page(self, client: Client):
        rep = make_person()
        mine = [make_store(owner=rep) for _ in range(3)]
        promotion = make_promotion(stores=[*mine, make_store()])
        url = f"/v1/promotions/{promotion.id}/stores?page_size=2"
        phone = client.as_(rep)

        with assert_query_count(4):  # who asks, which promotion, how many, which
            first = phone.get(url)
        second = phone.get(f"{url}&page=2")

        assert [store.id for store in mine] == [
            each["store_id"] for each in first.json + second.json
        ]
        assert (2, 404) == (len(first.json), phone.get("/v1/promotions/999/stores").status_code)

    def test_is_over_when_the_promotion_is(self, manager: Client):
        url = f"/v1/promotions/{{}}/stores/{make_store().id}"
        ended = make_promotion(ends_on=days_from_now(-1))
        stopped = make_promotion(stopped_on=days_from_now(0))

        answers = [manager.put(url.format(each.id)) for each in (ended, stopped)]

        assert [(409, f"{PROBLEM}promotion-over")] * 2 == [
            (answer.status_code, answer.json["type"]) for answer in answers
        ]

    def test_cannot_be_taken_back_once_the_promotion_runs(self, manager: Client):
        store = make_store()
        promotion = make_promotion(stores=[store])

        answer = manager.delete(f"/v1/promotions/{promotion.id}/stores/{store.id}")

        assert (409, f"{PROBLEM}promotion-started") == (answer.status_code, answer.json["type"])
        assert 1 == PromotionStore.select().count()

    def test_refuses_a_store_outside_the_area(self, manager: Client):
        promotion, store = make_promotion(area=["440000", "430200"]), make_store()

        answer = manager.put(f"/v1/promotions/{promotion.id}/stores/{store.id}")

        assert (422, f"{PROBLEM}outside-promotion-area") == (
            answer.status_code,
            answer.json["type"],
        )
        assert "440000, 430200" == answer.json["area"]

    @pytest.mark.parametrize("method", ["put", "delete"])
    def test_refuses_what_is_unknown_or_out_of_sight(self, client: Client, method):
        promotion, store = make_promotion(), make_store()
        here = make_region(the_region())
        send = getattr(client.as_(make_person(Role.MANAGER, region=here)), method)

        hidden = send(f"/v1/promotions/{promotion.id}/stores/{store.id}")
        unknown = send(f"/v1/promotions/999/stores/{store.id}")

        assert (404, "store") == (hidden.status_code, hidden.json["what"])
        assert (404, "promotion") == (unknown.status_code, unknown.json["what"])
        assert 403 == (
            client.as_(make_person())
            .put(f"/v1/promotions/{promotion.id}/stores/{store.id}")
            .status_code
        )
