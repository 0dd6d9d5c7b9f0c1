"""Windows by name and by day."""

from datetime import date

import pytest

from backend.insight.windows import BadWindowError, Window, resolve

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("name", "today", "from_on", "to_on"),
    [
        (None, TODAY, date(2026, 2, 3), date(2026, 3, 3)),
        ("d7", TODAY, date(2026, 2, 24), date(2026, 3, 3)),
        ("d28", TODAY, date(2026, 2, 3), date(2026, 3, 3)),
        ("mtd", TODAY, date(2026, 3, 1), date(2026, 3, 3)),
        ("month", TODAY, date(2026, 2, 1), date(2026, 3, 1)),
        ("month", date(2026, 1, 31), date(2025, 12, 1), date(2026, 1, 1)),
        ("quarter", TODAY, date(2025, 10, 1), date(2026, 1, 1)),
        ("quarter", date(2026, 6, 30), date(2026, 1, 1), date(2026, 4, 1)),
    ],
)
def test_a_name_means_days(name, today, from_on, to_on):
    assert Window(from_on, to_on) == resolve(name, None, None, today=today)


def test_two_days_are_a_window():
    assert Window(TODAY, date(2026, 3, 3)) == resolve(None, TODAY, date(2026, 3, 3), today=TODAY)


@pytest.mark.parametrize(
    ("name", "from_on", "to_on"),
    [
        (None, TODAY, TODAY),
        (None, TODAY, date(2026, 3, 1)),
        (None, TODAY, date(2027, 6, 6)),
        (None, TODAY, None),
        (None, None, TODAY),
        ("d7", TODAY, date(2026, 3, 3)),
    ],
)
def test_what_is_no_window_is_refused(name, from_on, to_on):
    with pytest.raises(BadWindowError):
        resolve(name, from_on, to_on, today=TODAY)


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2026, 3, 5), True), (date(2026, 3, 6), False)]
)
def test_a_window_stays_provisional_for_three_days(today, expected):
    assert expected == Window(TODAY, date(2026, 3, 3)).is_provisional(today)
