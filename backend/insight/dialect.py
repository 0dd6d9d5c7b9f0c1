"""The few words of SQL that the two engines do not share.

What is put in may have places for the parts of a statement.
"""

from __future__ import annotations

from datetime import date

from backend.platform.database import is_sqlite

_DAY_NUMBER_OF_2000 = 2_451_545  # SQLite counts from 4714 BC; PostgreSQL is made to from 2000
_FIRST = date(2000, 1, 1)


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


def days_after(day: str, count: int) -> str:
    """Return the day so many days after another."""
    return f"date({day}, '+{count:d} days')" if is_sqlite() else f"({day} + {count:d})"


def numbered(day: str) -> str:
    """Return a column of days as whole numbers that can be subtracted and compared."""
    if is_sqlite():
        return f"CAST(julianday({day}) + 0.5 AS INTEGER)"
    return f"({day} - DATE '{_FIRST}')"


def day_number(day: date) -> int:
    """Return the number that `numbered` makes of a day."""
    return (day - _FIRST).days + (_DAY_NUMBER_OF_2000 if is_sqlite() else 0)


def least(*values: str) -> str:
    """Return the least of some values, none of which is null."""
    return f"{'MIN' if is_sqlite() else 'LEAST'}({', '.join(values)})"


def greatest(*values: str) -> str:
    """Return the greatest of some values, none of which is null."""
    return f"{'MAX' if is_sqlite() else 'GREATEST'}({', '.join(values)})"


def local_day(instant: str) -> str:
    """Return the day of an instant in China, which has one time zone and no summer time."""
    if is_sqlite():
        return f"date({instant}, '+8 hours')"
    return f"CAST({instant} + interval '8 hours' AS date)"


def text(value: str) -> str:
    """Return a number, day or identifier as text."""
    return f"CAST({value} AS TEXT)"
