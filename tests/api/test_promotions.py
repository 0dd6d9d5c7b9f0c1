"""Promotions over HTTP."""

from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.models import Promotion, PromotionStore
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
        ],
    )
    def test_refuses(self, manager: Client, problem, wrong):
        answer = add(manager, **{"skus": [{"sku_id": make_sku().id}]} | wrong)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
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
        promotion, store = make_promotion(area=["430000"]), make_store()
        url = f"/v1/promotions/{promotion.id}/stores/{store.id}"
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
