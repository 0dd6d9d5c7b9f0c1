"""Queries whose SQL is written once, for the few places that run on every request.

peewee writes the text of a query anew each time, which costs more than running it. A prepared
query is an ordinary peewee query, built once per engine with a mark for each value. PostgreSQL
plans it once per connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeGuard, TypeVar

from peewee import (
    Field,
    Model,
    ModelSelect,
    Query,
    Value,
)

from backend.platform.database import AS_DRIVEN, Statement, db, execute, is_sqlite, kind_of
from backend.platform.postgresql import plan_once

M = TypeVar("M", bound=Model)
_STORED = "_stored_row"


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands in the query for the value of a name."""

    name: str


@dataclass(frozen=True, slots=True)
class _Written:
    sql: str
    values: list[tuple[str | None, Any]]
    writers: list[tuple[int, Callable[[Any], Any]]]
    names: list[str]
    conversions: list[tuple[int, Callable[[Any], Any]]]
    extras: list[str]


class Prepared(Generic[M]):
    """A query over a model, run with new values.

    `build` gets a mark per parameter; each parameter names the field that converts its value.
    """

    def __init__(
        self, model: type[M], build: Callable[..., Query], **parameters: Field[Any]
    ) -> None:
        self._model = model
        self._build = build
        self._parameters = parameters
        self._written: dict[type, _Written] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the selected columns of every row, as Python values."""
        written = self._text()
        return [tuple(_converted(written, row)) for row in _stored(written, values)]

    def models(self, seen: M | None = None, /, **values: Any) -> list[M]:
        """Return every row as an instance of the model that holds the selected columns.

        What was selected under another name, and is no column, becomes an attribute. The row that
        an instance was made of, `seen` by a query for the same columns, is that instance again.
        """
        written = self._text()
        return self._made_of(written, _stored(written, values), seen)

    def made_of(self, rows: list[tuple[Any, ...]], seen: M | None = None) -> list[M]:
        """Return the instances of rows that the statement returned elsewhere."""
        return self._made_of(self._text(), rows, seen)

    def _made_of(self, written: _Written, rows: list[tuple[Any, ...]], seen: M | None) -> list[M]:
        known = None if seen is None else seen.__dict__.get(_STORED)
        return [
            seen if seen is not None and row == known else self._instance(written, row)
            for row in rows
        ]

    def first(self, **values: Any) -> M | None:
        """Return the first row as an instance, if there is one."""
        found = self.models(**values)
        return found[0] if found else None

    def run(self, **values: Any) -> int:
        """Run an update or delete and return how many rows it touched."""
        return execute(*self.statement(**values))

    def statement(self, **values: Any) -> Statement:
        """Return the statement, to be run with others."""
        written = self._text()
        return written.sql, _bound(written, values)

    def _text(self) -> _Written:
        engine = type(db.obj)
        if engine not in self._written:
            marks = {
                name: Value(_Mark(name), converter=False, unpack=False) for name in self._parameters
            }
            query = self._build(**marks)
            sql, values = query.bind(db.obj).sql()
            selected = query.selected_columns if isinstance(query, ModelSelect) else []
            if not is_sqlite():
                plan_once(sql)
            marked = [
                (at, self._parameters[value.name])
                for at, value in enumerate(values)
                if _is_mark(value)
            ]
            fields = [(at, column) for at, column in enumerate(selected) if _is_field(column)]
            self._written[engine] = _Written(
                sql,
                [(value.name, None) if _is_mark(value) else (None, value) for value in values],
                [(at, f.db_value) for at, f in marked if not isinstance(kind_of(f), AS_DRIVEN)],
                [column.name for column in selected],
                [(at, f.python_value) for at, f in fields if not isinstance(kind_of(f), AS_DRIVEN)],
                [column.name for column in selected if not _is_field(column)],
            )
        return self._written[engine]

    def _instance(self, written: _Written, row: tuple[Any, ...]) -> M:
        instance = self._model(__no_default__=True)
        instance.__dict__[_STORED] = row
        instance.__data__ = dict(zip(written.names, _converted(written, row), strict=True))
        for name in written.extras:
            setattr(instance, name, instance.__data__.pop(name))
        return instance


def _stored(written: _Written, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor = db.obj.execute_sql(written.sql, _bound(written, values))
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _bound(written: _Written, values: dict[str, Any]) -> list[Any]:
    bound = [values[name] if name else value for name, value in written.values]
    for place, convert in written.writers:
        bound[place] = convert(bound[place])
    return bound


def _converted(written: _Written, stored: tuple[Any, ...]) -> list[Any]:
    row = list(stored)
    for place, convert in written.conversions:
        if row[place] is not None:
            row[place] = convert(row[place])
    return row


def _is_field(column: object) -> bool:
    return isinstance(column, Field)


def _is_mark(value: object) -> TypeGuard[_Mark]:
    return isinstance(value, _Mark)
