"""Why a figure has no value."""

import pytest

from backend.insight.catalogue import BY_CODE, KPIS
from backend.insight.reasons import NullReason


def test_every_kpi_without_parts_says_why_it_has_no_value():
    nothing = {kpi.code: kpi.figure(None, None, 0) for kpi in KPIS}
    unexplained = {code for code, one in nothing.items() if one.value is None and not one.reason}

    assert set() == unexplained
    assert {kpi.code for kpi in KPIS if kpi.reason} == {
        code for code, one in nothing.items() if one.value is None
    }
    assert all(kpi.figure(1, 2, 1).reason is None for kpi in KPIS)


@pytest.mark.parametrize(
    ("code", "also", "reason"),
    [
        ("avg_time_in_store_min", {"no_checkout": 2}, NullReason.NO_CHECKOUT),
        ("avg_time_in_store_min", {"no_checkout": 0}, NullReason.NO_VISIT),
        ("price_index", {"unreferenced": 1}, NullReason.NO_REFERENCE),
        ("stock_cover_days", {"no_sales": True}, NullReason.NO_SALES),
        ("stock_cover_days", {"no_sales": False}, NullReason.NO_COUNT),
        ("violations_per_100_checks_by_kind", {"inconsistent": True}, NullReason.INCONSISTENT),
        ("weighted_distribution", {"unweighted_stores": 3}, NullReason.NO_SELL_OUT),
    ],
)
def test_what_was_left_out_explains_more(code, also, reason):
    assert reason is BY_CODE[code].figure(5, 0, 1, also=also).reason
