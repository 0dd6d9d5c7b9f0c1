"""Uplift and return of promotions: the golden vector and where nothing can be told."""

import pytest

from backend.insight.uplift import Control, Sales, Silence, dip_days, uplift

BEFORE, DURING, AFTER = Sales(140, 28), Sales(96, 14), Sales(56, 14)
MONEY = {"unit_margin_fen": 18_000, "cost_fen": 200_000}


def control(stores):
    return Control(Sales(60, 14), Sales(63, 14), stores)


def test_the_golden_promotion():
    found = uplift(BEFORE, DURING, AFTER, control=control(10), **MONEY)

    assert (5, 70, 26, -14, 12) == (
        found.baseline_daily,
        found.baseline,
        found.incremental,
        found.post_dip,
        found.net_incremental,
    )
    assert (0.371429, 0.171429, 0.306122) == tuple(
        round(value, 6) for value in (found.uplift, found.net_uplift, found.did_uplift)
    )
    assert (1.34, 0.08) == (pytest.approx(found.roi_gross), pytest.approx(found.roi_net))
    assert {None} == {found.reason, found.net_reason, found.did_reason, found.roi_reason}


def test_thirteen_usable_days_before_it_are_too_few():
    found = uplift(Sales(140, 13), DURING, AFTER, **MONEY)

    assert (None, None, Silence.TOO_FEW_DAYS) == (found.baseline, found.roi_net, found.reason)


def test_a_season_that_sells_more_anyway_is_taken_off():
    found = uplift(BEFORE, DURING, AFTER, season_ratio=1.2, **MONEY)

    assert (84, 12, -28) == (
        pytest.approx(found.baseline),
        pytest.approx(found.incremental),
        pytest.approx(found.post_dip),
    )


def test_what_sold_better_afterwards_is_no_dip():
    assert 0 == uplift(BEFORE, DURING, Sales(90, 14), **MONEY).post_dip


@pytest.mark.parametrize("after", [None, Sales(0, 0)])
def test_while_it_goes_on_nothing_is_net(after):
    found = uplift(BEFORE, DURING, after, **MONEY)

    assert (None, None, None) == (found.post_dip, found.net_uplift, found.roi_net)
    assert (26, Silence.NOT_OVER, None) == (found.incremental, found.net_reason, found.reason)


@pytest.mark.parametrize(("lost", "sold_meanwhile"), [(6, 64), (0, 70), (0, 99)])
def test_what_similar_products_lost_is_taken_off_the_net(lost, sold_meanwhile):
    found = uplift(BEFORE, DURING, AFTER, similar=(BEFORE, Sales(sold_meanwhile, 14)), **MONEY)

    assert (lost, 26, 12 - lost) == (found.cannibalised, found.incremental, found.net_incremental)


def test_without_sales_before_nothing_is_relative():
    found = uplift(Sales(0, 28), DURING, AFTER, control=control(10), **MONEY)

    assert (None, None, None) == (found.uplift, found.net_uplift, found.did_uplift)
    assert (96, Silence.NOTHING_SOLD_BEFORE) == (found.incremental, found.reason)
    assert (found.reason, found.reason) == (found.net_reason, found.did_reason)


@pytest.mark.parametrize(
    ("reason", "money"),
    [
        (Silence.NO_COST, {"unit_margin_fen": 18_000, "cost_fen": 0}),
        (Silence.NO_COST, {"unit_margin_fen": 18_000}),
        (Silence.NO_MARGIN, {"cost_fen": 200_000}),
    ],
)
def test_without_cost_or_margin_there_is_no_return(reason, money):
    found = uplift(BEFORE, DURING, AFTER, **money)

    assert (None, None, reason) == (found.roi_gross, found.roi_net, found.roi_reason)


@pytest.mark.parametrize(
    ("reason", "compared"),
    [
        (Silence.TOO_FEW_CONTROLS, None),
        (Silence.TOO_FEW_CONTROLS, control(9)),
        (Silence.CONTROLS_SOLD_NOTHING, Control(Sales(0, 14), Sales(63, 14), 10)),
        (Silence.CONTROLS_SOLD_NOTHING, Control(Sales(60, 14), Sales(0, 14), 10)),
        (Silence.CONTROLS_SOLD_NOTHING, Control(Sales(60, 14), Sales(0, 0), 10)),
    ],
)
def test_a_control_that_is_too_small_or_empty_says_nothing(reason, compared):
    found = uplift(BEFORE, DURING, AFTER, control=compared, **MONEY)

    assert (None, reason) == (found.did_uplift, found.did_reason)


@pytest.mark.parametrize(("days", "promo_days"), [(14, 14), (28, 28), (28, 60)])
def test_a_promotion_answers_for_at_most_four_weeks_after_it(days, promo_days):
    assert days == dip_days(promo_days)
