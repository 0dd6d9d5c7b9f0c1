"""SQL put together from parts that bring their values with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from string import Formatter
from typing import Any

from backend.insight.windows import Span
from backend.platform import clock
from backend.platform.database import db, is_sqlite


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values for its marks, in order."""

    text: str
    values: tuple[Any, ...] = ()


Part = Sql | str | int
"""Something to put into a statement; texts and whole numbers are our own words."""


def sql(template: str, **parts: Part) -> Sql:
    """Put parts into the `{places}` of a template, each as often as it is named."""
    pieces: list[Sql] = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces.append(Sql(literal))
        if name is not None:
            part = parts[name]
            pieces.append(part if isinstance(part, Sql) else Sql(str(part)))
    return joined(pieces, "")


def joined(pieces: Iterable[Sql], between: str = " ") -> Sql:
    """Return pieces one after the other."""
    several = list(pieces)
    values = tuple(value for piece in several for value in piece.values)
    return Sql(between.join(piece.text for piece in several), values)


def bound(value: Any) -> Sql:
    """Return a value that is not one of our own words."""
    return Sql(db.param, (value,))


def one_of(expression: str, values: Sequence[Any]) -> Sql:
    """Return the condition that an expression is one of some values."""
    if not values:
        return Sql("1 = 0")
    listed = joined(map(bound, values), ", ")
    return sql("{expression} IN ({listed})", expression=expression, listed=listed)


def a_day(day: date) -> Sql:
    """Return a day that can be compared and reckoned with."""
    mark = db.param if is_sqlite() else f"CAST({db.param} AS date)"
    return Sql(mark, (day.isoformat(),))


def beginning(day: date) -> Sql:
    """Return the instant at which a business day begins."""
    begins = datetime.combine(day, time(), clock.zone()).astimezone(UTC)
    return bound(begins.replace(tzinfo=None).isoformat(" ", "microseconds"))


def within(column: str, span: Span) -> Sql:
    """Return the condition that a column of days is in a span."""
    return sql(
        "{column} >= {since} AND {column} < {until}",
        column=column,
        since=a_day(span.from_on),
        until=a_day(span.to_on),
    )


def during(column: str, span: Span) -> Sql:
    """Return the condition that a column of instants is in a span of business days."""
    return sql(
        "{column} >= {since} AND {column} < {until}",
        column=column,
        since=beginning(span.from_on),
        until=beginning(span.to_on),
    )


def rows_of(statement: Sql) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    found: list[tuple[Any, ...]] = db.execute_sql(statement.text, statement.values).fetchall()
    return found
