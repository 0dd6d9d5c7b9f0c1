"""Long lists of small objects, checked without marshmallow where nothing is in doubt.

A report carries dozens of lines, and checking them field by field costs more than everything
else a report needs. An object whose every value plainly is what its field asks is taken as it
is; at the first doubt it goes through marshmallow, which also words the errors.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

import marshmallow as ma

from schemas.base import DayText, Text, is_day

Check = Callable[[Any], bool]


class Rows(ma.fields.List[Any]):
    """A list of nested objects that behaves exactly like `List(Nested(schema))`."""

    inner: ma.fields.Nested

    def __init__(self, schema: type[ma.Schema], *, most: int, **kwargs: Any) -> None:
        limit = ma.validate.Length(max=most)
        super().__init__(ma.fields.Nested(schema), load_default=list, validate=limit, **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is list and len(value) <= self._most:
            with suppress(ma.ValidationError):  # worded below, with the place in the list
                return [self._plain(item) or self.inner.deserialize(item) for item in value]
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return found

    def _plain(self, item: Any) -> dict[str, Any] | None:
        """Return the loaded item, or None when it takes a closer look."""
        checks, defaults, required = self._shape
        if type(item) is not dict:
            return None
        for name, value in item.items():
            check = checks.get(name)
            if check is None or not check(value):
                return None
        return {**defaults, **item} if required <= item.keys() else None

    @cached_property
    def _shape(self) -> tuple[dict[str, Check], dict[str, Any], frozenset[str]]:
        fields = self.inner.schema.load_fields
        checks = {name: check for name, one in fields.items() if (check := _check_of(one))}
        defaults = {
            name: one.load_default
            for name, one in fields.items()
            if one.load_default is not ma.missing
        }
        return checks, defaults, frozenset(name for name, one in fields.items() if one.required)


def _check_of(field: ma.fields.Field[Any]) -> Check | None:
    """Return a test that only values which load as they are pass, if the field is that simple."""
    check: Check
    if type(field) is ma.fields.Boolean:
        check = _is_bool
    elif type(field) is ma.fields.Integer and field.strict:
        check = _whole_within(*_limits(field, ma.validate.Range))
    elif type(field) is ma.fields.Float:
        check = _number_within(*_limits(field, ma.validate.Range))
    elif type(field) is DayText:
        check = _is_day_text
    elif type(field) is Text:
        check = _text_within(*_limits(field, ma.validate.Length))
    elif type(field) is ma.fields.List and (inner := _check_of(field.inner)):
        check = _list_of(inner, *_limits(field, ma.validate.Length))
    else:
        return None
    if field.allow_none:
        return lambda value: value is None or check(value)
    return check


def _limits(field: ma.fields.Field[Any], kind: type[Any]) -> tuple[int, int]:
    limit = next(validator for validator in field.validators if isinstance(validator, kind))
    return limit.min or 0, limit.max


def _is_bool(value: Any) -> bool:
    return value is True or value is False


def _is_day_text(value: Any) -> bool:
    return type(value) is str and is_day(value)


def _whole_within(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _number_within(least: float, most: float) -> Check:
    return lambda value: type(value) is float and least <= value <= most


def _text_within(shortest: int, longest: int) -> Check:
    return lambda value: (
        type(value) is str and shortest <= len(value) <= longest and value.isprintable()
    )


def _list_of(inner: Check, shortest: int, longest: int) -> Check:
    return lambda value: (
        type(value) is list and shortest <= len(value) <= longest and all(map(inner, value))
    )
