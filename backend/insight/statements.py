"""SQL put together from parts that bring their values with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from string import Formatter
from typing import Any

from backend.platform.database import db, is_sqlite


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values for its marks, in order."""

    text: str
    values: tuple[Any, ...] = ()


def sql(template: str, **parts: Sql | str) -> Sql:
    """Put parts into the `{places}` of a template; plain texts are our own words."""
    texts: list[str] = []
    values: list[Any] = []
    for literal, name, _, _ in Formatter().parse(template):
        texts.append(literal)
        if name is not None:
            part = parts[name]
            piece = Sql(part) if isinstance(part, str) else part
            texts.append(piece.text)
            values += piece.values
    return Sql("".join(texts), tuple(values))


def a_day(day: date) -> Sql:
    """Return a day that can be compared and reckoned with."""
    mark = db.param if is_sqlite() else f"CAST({db.param} AS date)"
    return Sql(mark, (day.isoformat(),))


def number(value: int) -> str:
    """Return a whole number of our own as it is written."""
    return str(int(value))


def days_since(column: str) -> str:
    """Return the expression of a column of days as a number that can be subtracted."""
    if is_sqlite():
        return f"CAST(julianday({column}) + 0.5 AS INTEGER)"
    return f"({column} - DATE '2000-01-01')"


def day_number(day: date) -> str:
    """Return a day as the number that `days_since` makes of it."""
    if is_sqlite():
        return number((day - date(2000, 1, 1)).days + 2_451_545)
    return number((day - date(2000, 1, 1)).days)


def days_on(column: str, days: int) -> str:
    """Return the expression of a column of days, so many days later."""
    return f"date({column}, '+{int(days)} days')" if is_sqlite() else f"({column} + {int(days)})"


def latest_of(*expressions: str) -> str:
    """Return the expression of the largest of some values that are all known."""
    return f"{'MAX' if is_sqlite() else 'GREATEST'}({', '.join(expressions)})"


def rows_of(statement: Sql) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    found: list[tuple[Any, ...]] = db.execute_sql(statement.text, statement.values).fetchall()
    return found


def before(day: date, days: int) -> date:
    """Return the day so many days earlier."""
    return day - timedelta(days=days)
