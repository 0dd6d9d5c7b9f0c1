"""Windows: the business days figures are about, the first included and the last not; months."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from backend.platform.errors import RuleError
from backend.platform.labels import Labelled

LONGEST_DAYS = 460  # w65 and a little
FIRST_ON, LAST_ON = date(2000, 1, 1), date(2100, 1, 1)  # what is before and after has a date too
PROVISIONAL = timedelta(days=3)  # phones that were offline still hand in their days


class BadWindowError(RuleError):
    """A window that ends before it begins, is too long, or is only half given."""

    code = "bad-window"
    title = "Not a window of days"
    title_zh = "时间窗口无效"
    detail = (
        "Give both from and a later to, at most {longest_days} days on and of the years 2000 to "
        "2099, or else one named window."
    )
    detail_zh = (
        "请同时给出 from 和 to（2000 至 2099 年，最多 {longest_days} 天），或只给出一个命名窗口。"
    )


class FutureWindowError(RuleError):
    """A window of which nothing can have happened yet."""

    code = "future-window"
    title = "The window is in the future"
    title_zh = "时间窗口在未来"
    detail = "It would begin on {from_on}, and today is {today}: there is nothing to tell yet."
    detail_zh = "该窗口自 {from_on} 开始，而今天是 {today}，尚无数据。"


class Against(Labelled):
    """What a window is compared with."""

    PREVIOUS = "previous", "上一时段", "the window before: as many days, or as many whole months"
    LAST_YEAR = "last_year", "去年同期", "the same days of last year"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `from_on` until, not including, `to_on`."""

    from_on: date
    to_on: date

    @property
    def last_on(self) -> date:
        """The last day of it."""
        return self.to_on - timedelta(days=1)

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.to_on - self.from_on


@dataclass(frozen=True, slots=True)
class Window(Span):
    """The business days that figures are asked for."""

    def __post_init__(self) -> None:
        """Raise BadWindowError for one that is empty, reversed or too long."""
        if not 0 < self.length.days <= LONGEST_DAYS:
            raise BadWindowError(longest_days=LONGEST_DAYS)

    def is_provisional(self, today: date) -> bool:
        """Return whether late arrivals may still change what happened in it."""
        return today - PROVISIONAL < self.to_on

    @property
    def months(self) -> int:
        """How many calendar months it is; 0 if it cuts one."""
        is_whole = self.from_on.day == 1 == self.to_on.day
        return _month_number(self.to_on) - _month_number(self.from_on) if is_whole else 0

    def earlier(self, length: timedelta) -> Window:
        """Return as many days, so much earlier."""
        return Window(self.from_on - length, self.to_on - length)

    def months_earlier(self, months: int) -> Window:
        """Return the same days of an earlier month, or the last one of a month without them."""
        start, end = months_later(self.from_on, -months), months_later(self.to_on, -months)
        return Window(start, max(end, start + timedelta(days=1)))


def months_later(day: date, months: int) -> date:
    """Return the same day so many months on, or the last one of a month without it."""
    year, month = divmod(_month_number(day) + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_of(day: date) -> Window:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Window(first, months_later(first, 1))


def months_until(day: date, count: int) -> list[Window]:
    """Return so many calendar months, the last of which holds a day."""
    last = month_of(day)
    return [last.months_earlier(ago) for ago in reversed(range(count))]


def by_month(window: Window) -> list[Window]:
    """Return the parts of a window by calendar month."""
    parts, first = [], window.from_on
    while first < window.to_on:
        until = min(month_of(first).to_on, window.to_on)
        parts.append(Window(first, until))
        first = until
    return parts


def last_closed_month(today: date) -> Window:
    """Return the last month that is no longer provisional on a day."""
    return _last_month(today - PROVISIONAL)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _last_days(count: int) -> Callable[[date], Window]:
    return lambda today: Window(today - timedelta(days=count - 1), today + timedelta(days=1))


def _month_so_far(today: date) -> Window:
    return Window(today.replace(day=1), today + timedelta(days=1))


def _last_month(today: date) -> Window:
    return month_of(today).months_earlier(1)


def _last_quarter(today: date) -> Window:
    until = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return Window(months_later(until, -3), until)


PRESETS: dict[str, Callable[[date], Window]] = {
    "d7": _last_days(7),
    "d28": _last_days(28),
    "mtd": _month_so_far,
    "month": _last_month,
    "quarter": _last_quarter,
    "d90": _last_days(90),
    "w65": _last_days(65 * 7),
}
"""Windows by name as of a day: `month` and `quarter` are the last whole ones, the rest end then."""


def resolve(name: str | None, from_on: date | None, to_on: date | None, *, today: date) -> Window:
    """Return the window meant by a name or by two days; the last 28 days if nothing is given.

    Raises BadWindowError, also when both ways are used or only one day is given.
    """
    if name is None and from_on is not None and to_on is not None:
        if not FIRST_ON <= from_on < to_on <= LAST_ON:
            raise BadWindowError(longest_days=LONGEST_DAYS)
        return Window(from_on, to_on)
    if from_on is not None or to_on is not None:
        raise BadWindowError(longest_days=LONGEST_DAYS)
    return PRESETS[name or "d28"](today)
