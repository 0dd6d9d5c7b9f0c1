"""Queries whose SQL is written once, for the few places that run on every request.

peewee writes the text of a query anew each time, which costs more than running it. A prepared
query is an ordinary peewee query, built once per engine with a mark for each value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from peewee import Field, Model, ModelSelect, Query, Value

from backend.platform.database import db, execute, is_sqlite

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands in the query for the value of a name."""

    name: str


@dataclass(frozen=True, slots=True)
class _Written:
    sql: str
    values: list[Any]
    columns: list[tuple[str, Callable[[Any], Any]]]


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
        self._written: dict[bool, _Written] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the selected columns of every row, as Python values."""
        written = self._text()
        cursor = db.execute_sql(written.sql, self._bound(values))
        converters = [convert for _, convert in written.columns]
        return [
            tuple(convert(value) for convert, value in zip(converters, row, strict=True))
            for row in cursor.fetchall()
        ]

    def models(self, **values: Any) -> list[M]:
        """Return every row as an instance of the model that holds the selected columns."""
        names = [name for name, _ in self._text().columns]
        return [self._instance(names, row) for row in self.rows(**values)]

    def first(self, **values: Any) -> M | None:
        """Return the first row as an instance, if there is one."""
        found = self.models(**values)
        return found[0] if found else None

    def run(self, **values: Any) -> int:
        """Run an update or delete and return how many rows it touched."""
        return execute(self._text().sql, self._bound(values))

    def _bound(self, values: dict[str, Any]) -> list[Any]:
        return [
            self._parameters[value.name].db_value(values[value.name])
            if isinstance(value, _Mark)
            else value
            for value in self._text().values
        ]

    def _text(self) -> _Written:
        engine = is_sqlite()
        if engine not in self._written:
            marks = {
                name: Value(_Mark(name), converter=False, unpack=False) for name in self._parameters
            }
            query = self._build(**marks)
            sql, values = query.bind(db.obj).sql()
            selected = query.selected_columns if isinstance(query, ModelSelect) else []
            columns = [(field.name, field.python_value) for field in selected]
            self._written[engine] = _Written(sql, values, columns)
        return self._written[engine]

    def _instance(self, names: list[str], row: tuple[Any, ...]) -> M:
        instance = self._model(__no_default__=True)
        instance.__data__ = dict(zip(names, row, strict=True))
        return instance
