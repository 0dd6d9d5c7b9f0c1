"""Periods: the days, weeks and months of a window, and those that each is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from backend.insight.windows import Against, Window, months_later
from backend.platform.errors import RuleError
from backend.platform.labels import Labelled

MOST_POINTS = 92  # a quarter of days
WEEK = timedelta(days=7)
YEAR_OF_WEEKS = 52 * WEEK


class By(Labelled):
    """How long the periods of a series are; weeks begin on Monday."""

    DAY = "day", "日", "day"
    WEEK = "week", "周", "week"
    MONTH = "month", "月", "month"


class TooManyPointsError(RuleError):
    """A series longer than anybody can read."""

    code = "too-many-points"
    title = "The series has too many points"
    title_zh = "数据点过多"
    detail = "The window has {points} points by {by}; a series has at most {most}."
    detail_zh = "该时间窗口按 {by} 有 {points} 个数据点，最多允许 {most} 个。"


@dataclass(frozen=True, slots=True)
class Period:
    """One point of a series; `is_partial` when the window cuts it off."""

    window: Window
    is_partial: bool


def periods(window: Window, by: By) -> list[Period]:
    """Return the periods of a window, the first one first. Raises TooManyPointsError."""
    found, start = [], _first(window.from_on, by)
    while start < window.to_on:
        end = _after(start, by)
        kept = Window(max(start, window.from_on), min(end, window.to_on))
        found.append(Period(kept, (kept.from_on, kept.to_on) != (start, end)))
        start = end
    if len(found) > MOST_POINTS:
        raise TooManyPointsError(points=len(found), by=str(by), most=MOST_POINTS)
    return found


def before(window: Window, against: Against, by: By | None = None) -> Window:
    """Return what a window, or a period of a series, is compared with.

    That is as many days just before, of whole months as many months, and of part of a week or
    month the same part of the one before. Last year are the same days of the year, of a week
    that of 52 weeks ago. Days that a shorter month lacks are its last one.
    """
    is_last_year = against is Against.LAST_YEAR
    if by is By.WEEK:
        return window.earlier(YEAR_OF_WEEKS if is_last_year else WEEK)
    if is_last_year:
        return window.months_earlier(12)
    if by is By.MONTH:
        return window.months_earlier(1)
    if by is None and window.months:
        return window.months_earlier(window.months)
    return window.earlier(window.length)


def _first(day: date, by: By) -> date:
    if by is By.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by is By.WEEK else day


def _after(start: date, by: By) -> date:
    if by is By.MONTH:
        return months_later(start, 1)
    return start + (WEEK if by is By.WEEK else timedelta(days=1))
