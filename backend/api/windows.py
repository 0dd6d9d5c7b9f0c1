"""The window of days that a query asks for."""

from typing import Any

from backend.insight import windows
from backend.insight.windows import FutureWindowError, Window
from backend.platform import clock


def window_of(query: dict[str, Any]) -> Window:
    """Take the window out of a query and return it.

    Raises BadWindowError, and FutureWindowError for one that has not begun.
    """
    today = clock.business_date(clock.now())
    window = windows.resolve(
        query.pop("window"), query.pop("from_on"), query.pop("to_on"), today=today
    )
    if window.from_on > today:
        raise FutureWindowError(from_on=window.from_on, today=today)
    return window
