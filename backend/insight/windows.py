"""Windows: the business days a summary is about, the first included and the last not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from backend.platform.errors import RuleError

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


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `from_on` until, not including, `to_on`."""

    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Window(Span):
    """The business days that figures are asked for."""

    def __post_init__(self) -> None:
        """Raise BadWindowError for one that is empty, reversed or too long."""
        if not 0 < (self.to_on - self.from_on).days <= LONGEST_DAYS:
            raise BadWindowError(longest_days=LONGEST_DAYS)

    def is_provisional(self, today: date) -> bool:
        """Return whether late arrivals may still change what happened in it."""
        return today - PROVISIONAL < self.to_on


def _last_days(count: int) -> Callable[[date], Window]:
    return lambda today: Window(today - timedelta(days=count - 1), today + timedelta(days=1))


def _month_so_far(today: date) -> Window:
    return Window(today.replace(day=1), today + timedelta(days=1))


def _last_month(today: date) -> Window:
    until = today.replace(day=1)
    return Window((until - timedelta(days=1)).replace(day=1), until)


def _last_quarter(today: date) -> Window:
    until = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before = until - timedelta(days=1)
    return Window(before.replace(month=before.month - 2, day=1), until)


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
