"""The few words of SQL that the two engines do not share."""

from __future__ import annotations

from backend.platform.database import is_sqlite


def seconds(since: str, until: str) -> str:
    """Return the whole seconds between two instants."""
    if is_sqlite():
        return f"CAST(ROUND((julianday({until}) - julianday({since})) * 86400) AS INTEGER)"
    return f"CAST(ROUND(EXTRACT(EPOCH FROM {until} - {since})) AS INTEGER)"


def days(since: str, until: str) -> str:
    """Return the days between two days."""
    if is_sqlite():
        return f"CAST(julianday({until}) - julianday({since}) AS INTEGER)"
    return f"(CAST({until} AS date) - CAST({since} AS date))"


def days_before(day: str, count: int) -> str:
    """Return the day so many days before another."""
    return f"date({day}, '-{count} days')" if is_sqlite() else f"({day} - {count})"


def days_after(day: str, count: int) -> str:
    """Return the day so many days after another."""
    return f"date({day}, '+{count} days')" if is_sqlite() else f"({day} + {count})"


def least(one: str, other: str) -> str:
    """Return the lesser of two values, neither of which is null."""
    return f"MIN({one}, {other})" if is_sqlite() else f"LEAST({one}, {other})"


def greatest(one: str, other: str) -> str:
    """Return the greater of two values, neither of which is null."""
    return f"MAX({one}, {other})" if is_sqlite() else f"GREATEST({one}, {other})"


def local_day(instant: str) -> str:
    """Return the day of an instant in China, which has one time zone and no summer time."""
    if is_sqlite():
        return f"date({instant}, '+8 hours')"
    return f"CAST({instant} + interval '8 hours' AS date)"


def text(value: str) -> str:
    """Return a number, day or identifier as text."""
    return f"CAST({value} AS TEXT)"
