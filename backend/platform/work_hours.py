"""The hours in which people work, by the day of the week: only then a position is kept exact."""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache

from backend.platform import clock
from backend.platform.settings import settings


def is_off(at: datetime) -> bool:
    """Return whether an instant is outside the work hours of its day, in the business zone."""
    local = at.astimezone(clock.zone())
    span = parsed(settings().work_hours)[local.weekday()]
    return span is None or not span[0] <= local.time() < span[1]


@lru_cache
def parsed(text: str) -> tuple[tuple[time, time] | None, ...]:
    """Return beginning and end from Monday to Sunday, None for a day without work."""
    spans = [_span(part) for part in text.split(",")]
    return tuple(spans if len(spans) == 7 else spans * 7)


def _span(text: str) -> tuple[time, time] | None:
    if text == "-":
        return None
    begins, _, ends = text.partition("-")
    return time.fromisoformat(begins), time.max if ends == "24:00" else time.fromisoformat(ends)
