"""The work calendar: which days people work, by law, by guess, and by the brand's own word.

The legal days come from the package chinesecalendar, which follows the State Council's yearly
notice. A year without a notice yet falls back on weekends and the days the holidays are named
after, and its days are not `confirmed`. What the brand declares for a region holds there and
below, over everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chinese_calendar.constants import Holiday, holidays, workdays

from backend.network import regions
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError
from backend.platform.settings import settings
from backend.standards import revision
from backend.standards.journey_codes import DayKind
from backend.standards.journey_models import CalendarDay
from backend.standards.validity import EndsBeforeStartError

LONGEST = 400
COVERED = range(min(holidays).year, max(holidays).year + 1)
"""The years whose notice the package knows."""
LUNAR = {
    festivals[0].year: festivals
    for festivals in (
        tuple(map(date.fromisoformat, line.split()))
        for line in (
            "2024-02-10 2024-06-10 2024-09-17",
            "2025-01-29 2025-05-31 2025-10-06",
            "2026-02-17 2026-06-19 2026-09-25",
            "2027-02-06 2027-06-09 2027-09-15",
            "2028-01-26 2028-05-28 2028-10-03",
            "2029-02-13 2029-06-16 2029-09-22",
            "2030-02-03 2030-06-05 2030-09-12",
            "2031-01-23 2031-06-24 2031-10-01",
            "2032-02-11 2032-06-12 2032-09-19",
            "2033-01-31 2033-06-01 2033-09-08",
            "2034-02-19 2034-06-20 2034-09-27",
            "2035-02-08 2035-06-10 2035-09-16",
            "2036-01-28 2036-05-30 2036-10-04",
            "2037-02-15 2037-06-18 2037-09-24",
            "2038-02-04 2038-06-07 2038-09-13",
            "2039-01-24 2039-05-27 2039-10-02",
            "2040-02-12 2040-06-14 2040-09-20",
        )
    )
}
"""By year the first day of the first lunar month, the fifth of the fifth, the fifteenth of the
eighth, as PyPI `lunardate` 0.3.0 computes them (its licence keeps it out of the product)."""
FIXED = {
    (1, 1): Holiday.new_years_day,
    (5, 1): Holiday.labour_day,
    (5, 2): Holiday.labour_day,
    (10, 1): Holiday.national_day,
    (10, 2): Holiday.national_day,
    (10, 3): Holiday.national_day,
}
GOLDEN_WEEKS = {Holiday.spring_festival.chinese, Holiday.national_day.chinese}
HALF, FULL = 0.5, 1.0


class TooManyDaysError(RuleError):
    """A calendar is shown for a year at most."""

    code = "too-many-days"
    title = "Too many days"
    title_zh = "天数过多"
    detail = "Ask for {most} days at most."
    detail_zh = "最多查询 {most} 天。"


class DayDeclaredError(ConflictError):
    """The brand has said something else about the day."""

    code = "day-declared"
    title = "The day is declared already"
    title_zh = "该日已有声明"
    detail = "{day} is declared a {kind} in this region; take that back first."
    detail_zh = "{day} 在该区域已声明为 {kind}，请先撤销。"


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is worked; `source` is `law`, `fallback` or `brand`."""

    day: date
    kind: DayKind
    name: str
    source: str
    confirmed: bool

    @property
    def is_working(self) -> bool:
        """Whether people work."""
        return self.kind.is_working

    @property
    def share(self) -> float:
        """How much of a day's visits is planned: 0, a half or 1.

        Nobody is sent out from the eve of Spring Festival to its third day, nor on other
        holidays; in a golden week, when stores trade hardest, as the setting says.
        """
        if self.is_working:
            return FULL
        if self.source == "brand" or self.name not in GOLDEN_WEEKS or _is_new_year(self.day):
            return 0.0
        return {"none": 0.0, "half": HALF, "full": FULL}[settings().plan_on_holiday]


def days(actor: Actor, *, from_on: date, to_on: date, region_id: int | None = None) -> list[Day]:
    """Return the days, both included, as they are worked in a region; without one, as by law.

    Raises EndsBeforeStartError, TooManyDaysError, or NotFoundError for the region.
    """
    if to_on < from_on:
        raise EndsBeforeStartError(starts_on=from_on, ends_on=to_on)
    if (to_on - from_on).days >= LONGEST:
        raise TooManyDaysError(most=LONGEST)
    region = None if region_id is None else regions.get(actor, region_id)
    return between(from_on, to_on, region)


def between(from_on: date, to_on: date, region: Region | None) -> list[Day]:
    """Return the days, both included, with what the brand declared for the region or above it."""
    declared = dict(_declared(from_on, to_on, region)) if region else {}
    span = (from_on + timedelta(number) for number in range((to_on - from_on).days + 1))
    return [declared.get(day) or by_law(day) for day in span]


def by_law(day: date) -> Day:
    """Return a day as the notice of its year has it, or as can be guessed before there is one."""
    if day.year in COVERED:
        if day in workdays:
            return Day(day, DayKind.MAKEUP_WORKDAY, _name(workdays[day]), "law", confirmed=True)
        if day in holidays:
            return Day(day, DayKind.HOLIDAY, _name(holidays[day]), "law", confirmed=True)
        return Day(day, _ordinary(day), "", "law", confirmed=True)
    holiday = _guessed(day)
    kind = DayKind.HOLIDAY if holiday else _ordinary(day)
    return Day(day, kind, holiday.chinese if holiday else "", "fallback", confirmed=False)


def declare(
    actor: Actor, day: date, region_id: int, *, kind: str, name: str, at: datetime
) -> tuple[Day, bool]:
    """Say what a day is in a region and below; return it and whether that was news.

    Raises DayDeclaredError where something else was said, or NotFoundError for the region.
    """
    region = regions.get(actor, region_id)
    with transaction():
        take_turns(f"calendar {day} {region_id}")
        row = {"region": region.id, "day": day, "kind": str(kind), "name": name}
        is_new = bool(insert_rows(CalendarDay, [row], ignore=True))
        stored = CalendarDay.get(CalendarDay.region == region.id, CalendarDay.day == day)
        if (stored.kind, stored.name) != (str(kind), name):
            raise DayDeclaredError(day=day, kind=stored.kind)
        if is_new:
            revision.bump()
            ledger.append(
                actor,
                "calendar.declared",
                f"{region.id}:{day}",
                at=at,
                region=region.id,
                on=day,
                kind=str(kind),
            )
    return _of(stored), is_new


def take_back(actor: Actor, day: date, region_id: int, *, at: datetime) -> None:
    """Leave a day to the law again. Raises NotFoundError."""
    region = regions.get(actor, region_id)
    mine = (CalendarDay.region == region.id) & (CalendarDay.day == day)
    with transaction():
        if not CalendarDay.delete().where(mine).execute():
            raise NotFoundError(what="declared day")
        revision.bump()
        object_id = f"{region.id}:{day}"
        ledger.append(actor, "calendar.taken_back", object_id, at=at, region=region.id, on=day)


def _declared(from_on: date, to_on: date, region: Region) -> Iterator[tuple[date, Day]]:
    """Yield what was declared, the nearest region last."""
    above = [int(part) for part in region.path.strip("/").split("/")]
    rows = CalendarDay.select().where(
        CalendarDay.region.in_(above), CalendarDay.day >= from_on, CalendarDay.day <= to_on
    )
    for row in sorted(rows, key=lambda row: above.index(row.region_id)):
        yield row.day, _of(row)


def _of(row: CalendarDay) -> Day:
    kind = DayKind(row.kind)
    return Day(row.day, kind, row.name, "brand", confirmed=True)


def _ordinary(day: date) -> DayKind:
    return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY


def _is_new_year(day: date) -> bool:
    """Tell whether it is the eve of Spring Festival or one of its first three days."""
    return day.year in LUNAR and -1 <= (day - LUNAR[day.year][0]).days <= 2


def _guessed(day: date) -> Holiday | None:
    """Return the holiday a day is the day of, whatever else a notice may add to it."""
    if _is_new_year(day):
        return Holiday.spring_festival
    if (day.month, day.day) in FIXED:
        return FIXED[day.month, day.day]
    if day == _qingming(day.year):
        return Holiday.tomb_sweeping_day
    _, dragon_boat, mid_autumn = LUNAR.get(day.year, (None,) * 3)
    if day == dragon_boat:
        return Holiday.dragon_boat_festival
    return Holiday.mid_autumn_festival if day == mid_autumn else None


def _qingming(year: int) -> date | None:
    """Return when the sun stands at 15°, in Beijing; the rule of thumb holds for this century."""
    number = year % 100
    return date(year, 4, int(number * 0.2422 + 4.81) - number // 4) if year // 100 == 20 else None


def _name(english: str) -> str:
    return str(Holiday(english).chinese)
