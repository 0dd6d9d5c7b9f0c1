"""What an archive says of deals and satisfaction, over HTTP."""

from datetime import date

import pytest

from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    TODAY,
    make_dealer,
    make_feedback,
    make_person,
    make_sell_in,
    make_sku,
    make_store,
)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_a_deal_is_a_day_with_goods_and_returns_are_deducted(manager: Client):
    dealer, sku = make_dealer(), make_sku()
    gone = make_dealer(merged_into=dealer)
    store = make_store(dealer)
    make_sell_in(sku, dealer=dealer, on=date(2026, 1, 5), units=5, amount_fen=500_000)
    make_sell_in(sku, dealer=dealer, on=date(2026, 1, 5), units=1, amount_fen=100_000)
    make_sell_in(sku, store=store, on=TODAY, units=2, amount_fen=200_000)
    make_sell_in(sku, dealer=dealer, on=date(2026, 4, 1), units=-1, amount_fen=-100_000)
    make_sell_in(sku, dealer=gone, on=date(2025, 6, 1), units=1, amount_fen=50_000)
    make_sell_in(sku)

    of_dealer = manager.get(f"/v1/dealers/{dealer.id}/archive").json["deals"]
    of_store = manager.get(f"/v1/stores/{store.id}/archive").json["deals"]

    assert {
        "first_deal_on": "2025-06-01",
        "last_deal_on": "2026-03-02",
        "deal_count": 3,
        "deal_amount_fen": 750_000,
    } == of_dealer
    assert ("2026-03-02", 1, 200_000) == (
        of_store["first_deal_on"],
        of_store["deal_count"],
        of_store["deal_amount_fen"],
    )


def test_without_deals_there_is_nothing_to_tell(manager: Client):
    assert {
        "first_deal_on": None,
        "last_deal_on": None,
        "deal_count": 0,
        "deal_amount_fen": 0,
    } == manager.get(f"/v1/dealers/{make_dealer().id}/archive").json["deals"]


def test_who_may_not_see_sales_sees_no_deals(client: Client):
    rep = make_person()
    store = make_store(owner=rep)

    assert client.as_(rep).get(f"/v1/stores/{store.id}/archive").json["deals"] is None


@pytest.mark.usefixtures("app")
def test_satisfaction_is_the_mean_of_the_cards(manager: Client):
    dealer = make_dealer()
    store = make_store(dealer)
    for score in (3.0, 4.5):
        make_feedback(store, dealer=dealer, score=score)
    make_feedback(make_store(), score=1.0)

    found = [
        manager.get(f"/v1/{url}/archive").json
        for url in (f"stores/{store.id}", f"dealers/{dealer.id}", f"stores/{make_store().id}")
    ]

    assert [3.75, 3.75, None] == [each["satisfaction"] for each in found]
