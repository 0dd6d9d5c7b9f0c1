"""Which days are worked."""

from datetime import date, timedelta

import pytest

from backend.platform import settings
from backend.standards import calendar
from backend.standards.journey_codes import DayKind
from tests.factories import NOON, actor_of, make_calendar_day, make_person, make_region, the_region

pytestmark = pytest.mark.usefixtures("storage")


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2026-03-02", DayKind.WORKDAY, ""),
        ("2026-03-07", DayKind.WEEKEND, ""),
        ("2026-02-14", DayKind.MAKEUP_WORKDAY, "春节"),
        ("2026-02-28", DayKind.MAKEUP_WORKDAY, "春节"),
        ("2026-10-10", DayKind.MAKEUP_WORKDAY, "国庆节"),
        ("2026-02-15", DayKind.HOLIDAY, "春节"),
        ("2026-02-23", DayKind.HOLIDAY, "春节"),
        ("2026-05-05", DayKind.HOLIDAY, "劳动节"),
        ("2026-06-19", DayKind.HOLIDAY, "端午"),
        ("2026-09-27", DayKind.HOLIDAY, "中秋"),
    ],
)
def test_the_notice_of_the_year_decides(day, kind, name):
    found = calendar.by_law(date.fromisoformat(day))

    assert (kind, name, "law", True) == (found.kind, found.name, found.source, found.confirmed)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2027-01-01", DayKind.HOLIDAY, "元旦"),
        ("2027-02-05", DayKind.HOLIDAY, "春节"),
        ("2027-02-08", DayKind.HOLIDAY, "春节"),
        ("2027-02-09", DayKind.WORKDAY, ""),
        ("2027-04-05", DayKind.HOLIDAY, "清明"),
        ("2028-04-04", DayKind.HOLIDAY, "清明"),
        ("2100-04-05", DayKind.WORKDAY, ""),
        ("2027-06-09", DayKind.HOLIDAY, "端午"),
        ("2027-09-15", DayKind.HOLIDAY, "中秋"),
        ("2031-10-01", DayKind.HOLIDAY, "国庆节"),
        ("2040-09-20", DayKind.HOLIDAY, "中秋"),
        ("2027-10-03", DayKind.HOLIDAY, "国庆节"),
        ("2027-10-04", DayKind.WORKDAY, ""),
        ("2027-03-06", DayKind.WEEKEND, ""),
        ("2099-02-05", DayKind.WORKDAY, ""),
    ],
)
def test_a_year_without_notice_is_guessed_and_not_confirmed(day, kind, name):
    found = calendar.by_law(date.fromisoformat(day))

    assert (kind, name, "fallback", False) == (
        found.kind,
        found.name,
        found.source,
        found.confirmed,
    )


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_guess_names_days_that_the_notice_frees_too(year):
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    guessed = {day: guess.chinese for day in days if (guess := calendar._guessed(day))}

    eve = calendar.LUNAR[year][0] - timedelta(days=1)  # a working day in 2024
    for day, name in guessed.items():
        found = calendar.by_law(day)
        assert found.kind is DayKind.HOLIDAY or day == eve, day
        assert name == found.name or name in {"中秋", "国庆节"} or day == eve
    assert {"元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆节"} == set(guessed.values())


class TestShare:
    @pytest.mark.parametrize(
        ("day", "share"),
        [
            ("2026-03-02", 1.0),
            ("2026-02-28", 1.0),
            ("2026-03-07", 0.0),
            ("2026-02-15", 0.5),
            ("2026-02-16", 0.0),
            ("2026-02-19", 0.0),
            ("2026-02-20", 0.5),
            ("2026-10-05", 0.5),
            ("2026-05-01", 0.0),
        ],
    )
    def test_is_half_in_golden_weeks_but_for_spring_festival_itself(self, day, share):
        assert share == calendar.by_law(date.fromisoformat(day)).share

    @pytest.mark.parametrize(("rule", "share"), [("none", 0.0), ("full", 1.0)])
    def test_is_the_brand_s_to_set(self, config, rule, share):
        settings.bind(type(config)(plan_on_holiday=rule))

        assert share == calendar.by_law(date(2026, 10, 5)).share

    def test_of_a_declared_holiday_is_nothing(self):
        make_calendar_day(the_region(), date(2026, 10, 5), kind="holiday", name="国庆节")

        assert [0.0] == [
            day.share
            for day in calendar.between(date(2026, 10, 5), date(2026, 10, 5), the_region())
        ]


class TestDeclared:
    def test_holds_below_and_the_nearest_region_wins(self):
        top = the_region()
        middle = make_region(top)
        low, elsewhere = make_region(middle), make_region(top)
        day = date(2026, 3, 7)
        make_calendar_day(middle, day, kind="workday", name="大促")
        make_calendar_day(low, day, kind="holiday")

        kinds = [
            calendar.between(day, day, region)[0].kind for region in (top, middle, low, elsewhere)
        ]

        assert [DayKind.WEEKEND, DayKind.WORKDAY, DayKind.HOLIDAY, DayKind.WEEKEND] == kinds

    def test_is_confirmed_even_before_the_notice(self):
        day = date(2027, 10, 9)
        boss = actor_of(make_person(role="admin"))

        declared, _ = calendar.declare(
            boss, day, the_region().id, kind="makeup_workday", name="", at=NOON
        )

        assert (True, "brand") == (declared.confirmed, declared.source)
        assert [declared] == calendar.between(day, day, the_region())
