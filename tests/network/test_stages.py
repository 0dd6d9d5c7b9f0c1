"""Life-cycle stages of stores and dealers."""

from datetime import timedelta

import pytest

from backend.network import stages
from tests.factories import TODAY, make_card, make_dealer, make_store

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("status", "days", "stage"),
    [
        ("prospect", 1000, "potential"),
        ("contacted", 1000, "potential"),
        ("signed", 1000, "development"),
        ("active", 179, "development"),
        ("active", 180, "growth"),
        ("at_risk", 719, "growth"),
        ("active", 720, "maturity"),
        ("closed", 0, "termination"),
    ],
)
def test_a_store_grows_up(status, days, stage):
    store = make_store(status=status, opened_on=TODAY - timedelta(days=days))

    assert stage == stages.of_store(store, None, TODAY)
    assert "growth" == stages.of_store(store, "growth", TODAY)


@pytest.mark.parametrize(
    ("dealer", "card", "stage"),
    [
        ({}, {}, "growth"),
        ({"opened_on": TODAY}, {}, "development"),
        ({}, {"customer_kind": "potential"}, "potential"),
        ({"closed_on": TODAY}, {"customer_kind": "potential"}, "termination"),
        ({"closed_on": TODAY + timedelta(days=1)}, {}, "growth"),
        ({"closed_on": TODAY}, {"stage_override": "maturity"}, "maturity"),
    ],
)
def test_so_does_a_dealer(dealer, card, stage):
    dealer = make_dealer(**dealer)

    assert stage == stages.of_dealer(dealer, make_card(dealer, **card), TODAY)
