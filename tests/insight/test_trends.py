import pytest

from backend.insight.trends import Flag, trend


def test_the_golden_series_falls():
    found = trend([120, 126, 118, 110, 104, 98])

    assert -5.257142857 == pytest.approx(found.slope, abs=1e-9)
    assert -0.046661 == pytest.approx(found.slope_rel, abs=1e-6)
    assert -6.0 == found.robust
    assert -0.053254 == pytest.approx(found.robust_rel, abs=1e-6)
    assert Flag.FALLING == found.flag


@pytest.mark.parametrize(
    ("flag", "months"),
    [
        (Flag.RISING, [95, 98, 101, 104]),
        (Flag.FLAT, [100, 101, 99, 100]),
        (Flag.FALLING, [104, 101, 98, 95]),
        (Flag.FLAT, [100, 100, 100, 100, 100, 40]),  # one bad month is no trend
        (Flag.RISING, [500, 0, 100, 105, 110, 115, 120]),  # the seventh last month is forgotten
    ],
)
def test_the_robust_slope_decides_the_flag(flag, months):
    assert flag == trend(months).flag


def test_three_months_say_nothing():
    assert trend([1, 2, 3]) is None


@pytest.mark.parametrize("months", [[0, 0, 0, 0], [-4, -3, -2, -1]])
def test_without_sales_there_is_a_slope_but_no_flag(months):
    found = trend(months)

    assert (None, None, None) == (found.slope_rel, found.robust_rel, found.flag)
