"""The periods of a series, and what each is compared with."""

from datetime import date

import pytest

from backend.insight import periods
from backend.insight.periods import By, TooManyPointsError
from backend.insight.windows import Against, Window


def window(since: str, until: str) -> Window:
    return Window(date.fromisoformat(since), date.fromisoformat(until))


def days(found: Window) -> tuple[str, str]:
    return str(found.from_on), str(found.to_on)


@pytest.mark.parametrize(
    ("by", "since", "until", "expected"),
    [
        (By.DAY, "2026-02-28", "2026-03-02", ["02-28 ", "03-01 "]),
        (By.WEEK, "2026-03-04", "2026-03-17", ["03-04*", "03-09 ", "03-16*"]),
        (By.MONTH, "2026-01-31", "2026-04-01", ["01-31*", "02-01 ", "03-01 "]),
        (By.MONTH, "2026-03-01", "2026-03-31", ["03-01*"]),
    ],
)
def test_a_window_is_cut_at_mondays_and_months(by, since, until, expected):
    found = periods.periods(window(since, until), by)

    assert expected == [
        f"{each.window.from_on:%m-%d}{'*' if each.is_partial else ' '}" for each in found
    ]
    assert (since, until) == (str(found[0].window.from_on), str(found[-1].window.to_on))


def test_a_series_has_at_most_92_points():
    assert 92 == len(periods.periods(window("2026-01-01", "2026-04-03"), By.DAY))
    with pytest.raises(TooManyPointsError, match="93 points by day"):
        periods.periods(window("2026-01-01", "2026-04-04"), By.DAY)


@pytest.mark.parametrize(
    ("by", "since", "until", "previous", "last_year"),
    [
        (By.DAY, "2026-03-01", "2026-03-02", "2026-02-28 2026-03-01", "2025-03-01 2025-03-02"),
        (By.WEEK, "2026-03-02", "2026-03-09", "2026-02-23 2026-03-02", "2025-03-03 2025-03-10"),
        (By.WEEK, "2026-03-04", "2026-03-09", "2026-02-25 2026-03-02", "2025-03-05 2025-03-10"),
        (By.MONTH, "2026-03-01", "2026-04-01", "2026-02-01 2026-03-01", "2025-03-01 2025-04-01"),
        (By.MONTH, "2026-03-01", "2026-03-20", "2026-02-01 2026-02-20", "2025-03-01 2025-03-20"),
        (By.MONTH, "2026-03-30", "2026-03-31", "2026-02-28 2026-03-01", "2025-03-30 2025-03-31"),
        (None, "2026-01-01", "2026-04-01", "2025-10-01 2026-01-01", "2025-01-01 2025-04-01"),
        (None, "2026-03-02", "2026-03-30", "2026-02-02 2026-03-02", "2025-03-02 2025-03-30"),
        (None, "2024-02-29", "2024-03-01", "2024-02-28 2024-02-29", "2023-02-28 2023-03-01"),
    ],
)
def test_each_is_compared_with_what_it_resembles(by, since, until, previous, last_year):
    asked = window(since, until)

    found = [days(periods.before(asked, against, by)) for against in Against]

    assert [tuple(previous.split()), tuple(last_year.split())] == found
