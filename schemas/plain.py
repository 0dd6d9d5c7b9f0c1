"""Documents taken without marshmallow where nothing is in doubt.

Loading by marshmallow asks every field a dozen questions. A document of a `PlainSchema` is first
taken straight, in the order of its fields; at the first doubt marshmallow loads it from the
start, and words the errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import marshmallow as ma

from schemas.base import Instant, Schema
from schemas.rows import check_of, choices_of

Take = Callable[[Any], Any]
"""Return a value as marshmallow would load it. Raises ValidationError also where in doubt."""


class _Part(NamedTuple):
    """A field, and what to do with its value."""

    name: str
    key: str
    take: Take
    is_required: bool
    default: Any


class PlainSchema(Schema):
    """A schema that loads what is plainly right without marshmallow, and to the same."""

    def load(self, data: Any, **options: Any) -> Any:
        """Load a document. Raises ValidationError."""
        if not options:
            try:
                return self.take(data)
            except ma.ValidationError:
                pass
        return super().load(data, **options)

    def take(self, data: Any) -> dict[str, Any]:
        """Return what is plainly right, loaded. Raises ValidationError where in doubt."""
        taken = self._take(data)
        if self.is_doubtful(taken):
            raise _doubt()
        return taken

    def take_named(self, header: Callable[[str], str | None]) -> dict[str, Any]:
        """Return what is taken of the headers that the schema names; raises like `take`."""
        texts = {key: header(key) for key in self._keys}
        return self.take({key: text for key, text in texts.items() if text is not None})

    def is_doubtful(self, document: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Return whether what the schema asks of the whole needs a closer look."""
        return False

    @cached_property
    def _keys(self) -> list[str]:
        return [one.data_key or name for name, one in self.load_fields.items()]

    @cached_property
    def _take(self) -> Take:
        return _taking(self)


def _doubt() -> ma.ValidationError:
    return ma.ValidationError("")


def _taking(schema: ma.Schema) -> Take:
    parts = [
        _Part(name, one.data_key or name, _taking_field(one), one.required, one.load_default)
        for name, one in schema.load_fields.items()
    ]
    refuses_others = schema.unknown == ma.RAISE

    def take(document: Any) -> dict[str, Any]:
        if type(document) is not dict:
            raise _doubt()
        taken = {}
        others = len(document)
        for name, key, take_value, is_required, default in parts:
            if key in document:
                taken[name] = take_value(document[key])
                others -= 1
            elif is_required:
                raise _doubt()
            elif default is not ma.missing:
                taken[name] = default() if callable(default) else default
        if others and refuses_others:
            raise _doubt()
        return taken

    return take


def _taking_field(field: ma.fields.Field[Any]) -> Take:
    take: Take
    check = None
    if type(field) is ma.fields.String and (choices := choices_of(field)):
        take = _as_it_is(lambda column: type(column[0]) is str and column[0] in choices)
    elif check := check_of(field):
        take = _as_it_is(check.passes)
    elif type(field) is Instant and not field.validators:
        take = _instant
    elif type(field) is ma.fields.Nested and _is_simple(field):
        take = _taking(field.schema)
    else:
        return field.deserialize
    return _or_none(take) if field.allow_none and not check else take


def _is_simple(field: ma.fields.Nested) -> bool:
    return not (field.schema.many or field.validators or any(field.schema._hooks.values()))  # noqa: SLF001


def _as_it_is(check: Callable[[list[Any]], bool]) -> Take:
    def take(value: Any) -> Any:
        if check([value]):
            return value
        raise _doubt()

    return take


def _or_none(take: Take) -> Take:
    return lambda value: None if value is None else take(value)


def _instant(value: Any) -> datetime:
    if type(value) is not str:
        raise _doubt()
    try:
        instant = datetime.fromisoformat(value)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _doubt() from None
    if instant.tzinfo is None:
        raise _doubt()
    return instant
