"""Long lists of small objects, checked without marshmallow where nothing is in doubt.

A report carries dozens of lines, and checking them field by field costs more than everything
else a report needs. Objects whose every value plainly is what its field asks are taken as they
are, and looked at column by column, which Python does in C; at the first doubt each goes through
marshmallow, which also words the errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple

import marshmallow as ma

from schemas.base import DayText, Text, is_day

Column = Sequence[Any]
Row = dict[str, Any]


class Check(NamedTuple):
    """Which values load as they are: all of a type, and columns of them that pass a test."""

    kind: type
    test: Callable[[Column], bool] | None = None
    allows_none: bool = False

    def passes(self, column: Column) -> bool:
        """Return whether every value of a column, which is not empty, loads as it is."""
        kinds = set(map(type, column))
        if self.allows_none and NoneType in kinds:
            kinds.remove(NoneType)
            column = [value for value in column if value is not None]
            if not kinds:
                return True
        return kinds == {self.kind} and (self.test is None or self.test(column))


class Rows(ma.fields.List[Any]):
    """A list of nested objects that behaves exactly like `List(Nested(schema))`."""

    inner: ma.fields.Nested

    def __init__(self, schema: type[ma.Schema], *, most: int, **kwargs: Any) -> None:
        limit = ma.validate.Length(max=most)
        super().__init__(ma.fields.Nested(schema), load_default=list, validate=limit, **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is list and len(value) <= self._most:
            if self._are_plain(value):
                return self._filled_up(value)
            with suppress(ma.ValidationError):  # worded below, with the place in the list
                return [
                    self._filled_up([row])[0]
                    if self._are_plain([row])
                    else self.inner.deserialize(row)
                    for row in value
                ]
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return found

    def _are_plain(self, rows: list[Any]) -> bool:
        """Return whether all rows load as they are, but for what they leave out."""
        if set(map(type, rows)) != {dict}:
            return not rows
        shapes = set(map(tuple, rows))
        return all(
            self._are_alike_and_plain(
                shape, rows if len(shapes) == 1 else [row for row in rows if tuple(row) == shape]
            )
            for shape in shapes
        )

    def _are_alike_and_plain(self, names: tuple[str, ...], rows: list[Row]) -> bool:
        checks, _, required = self._shape
        return required.issubset(names) and all(
            name in checks and checks[name].passes(column)
            for name, column in zip(names, zip(*map(dict.values, rows), strict=True), strict=True)
        )

    def _filled_up(self, rows: list[Row]) -> list[Row]:
        defaults = self._shape[1]
        return [defaults | row for row in rows] if defaults else rows

    @cached_property
    def _shape(self) -> tuple[dict[str, Check], Row, frozenset[str]]:
        fields = self.inner.schema.load_fields
        checks = {name: check for name, one in fields.items() if (check := check_of(one))}
        defaults = {
            name: one.load_default
            for name, one in fields.items()
            if one.load_default is not ma.missing
        }
        return checks, defaults, frozenset(name for name, one in fields.items() if one.required)


def check_of(field: ma.fields.Field[Any]) -> Check | None:
    """Return the test that only values which load as they are pass, if the field is that simple."""
    check = _check_of(field)
    return check._replace(allows_none=True) if check and field.allow_none else check


def _check_of(field: ma.fields.Field[Any]) -> Check | None:  # noqa: PLR0911  # a table
    if type(field) is ma.fields.Boolean:
        return Check(bool)
    if type(field) is ma.fields.Integer and field.strict:
        return Check(int, _whole_within(*_limits(field, ma.validate.Range)))
    if type(field) is ma.fields.Float:
        return Check(float, _numbers_within(*_limits(field, ma.validate.Range)))
    if type(field) is DayText:
        return Check(str, lambda column: all(map(is_day, column)))
    if type(field) is Text:
        return Check(str, _texts_within(*_limits(field, ma.validate.Length)))
    if type(field) is ma.fields.String and (choices := choices_of(field)):
        return Check(str, choices.issuperset)
    if type(field) is ma.fields.List and (inner := check_of(field.inner)):
        return Check(list, _lists_of(inner, *_limits(field, ma.validate.Length)))
    if type(field) is ma.fields.Dict and field.key_field and field.value_field:
        keys, values = check_of(field.key_field), check_of(field.value_field)
        if keys and values:
            return Check(dict, _dicts_of(keys, values, *_limits(field, ma.validate.Length)))
    return None


def choices_of(field: ma.fields.Field[Any]) -> frozenset[str] | None:
    """Return what a text may be, if that is all that is asked of it."""
    match field.validators:
        case [ma.validate.OneOf() as limit]:
            return frozenset(limit.choices)
    return None


def _limits(field: ma.fields.Field[Any], kind: type[Any]) -> tuple[int, int]:
    limit = next(validator for validator in field.validators if isinstance(validator, kind))
    return limit.min or 0, limit.max


def _whole_within(least: int, most: int) -> Callable[[Column], bool]:
    return lambda column: least <= min(column) and max(column) <= most


def _numbers_within(least: float, most: float) -> Callable[[Column], bool]:
    return lambda column: all(least <= value <= most for value in column)


def _are_of_length(shortest: int, longest: int, column: Column) -> bool:
    lengths = set(map(len, column))
    return shortest <= min(lengths) and max(lengths) <= longest


def _texts_within(shortest: int, longest: int) -> Callable[[Column], bool]:
    return lambda column: (
        _are_of_length(shortest, longest, column) and "".join(column).isprintable()
    )


def _lists_of(inner: Check, shortest: int, longest: int) -> Callable[[Column], bool]:
    def test(column: Column) -> bool:
        items = list(chain.from_iterable(column))
        return _are_of_length(shortest, longest, column) and (not items or inner.passes(items))

    return test


def _dicts_of(keys: Check, values: Check, shortest: int, longest: int) -> Callable[[Column], bool]:
    def test(column: Column) -> bool:
        names = list(chain.from_iterable(column))
        return _are_of_length(shortest, longest, column) and (
            not names
            or (
                keys.passes(names)
                and values.passes(list(chain.from_iterable(map(dict.values, column))))
            )
        )

    return test
