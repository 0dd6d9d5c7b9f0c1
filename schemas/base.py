"""The base schema and the fields every shape shares."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma

SHA256 = r"^[0-9a-f]{64}$"
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Schema(ma.Schema):
    """A wire shape. Unknown keys are an error, so a client's typo is never silently dropped."""

    class Meta:
        unknown = ma.RAISE


class QuerySchema(Schema):
    """Query parameters. The pager reads `page` and `page_size` from the same place."""

    class Meta:
        unknown = ma.EXCLUDE


class Instant(ma.fields.AwareDateTime):
    """An ISO 8601 instant with an offset; naive times are refused, output is UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        instant: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            instant.astimezone(UTC)
        except OverflowError:  # the first or the last day there is, elsewhere
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return instant

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any
    ) -> str | float | None:
        return super()._serialize(value and value.astimezone(UTC), attr, obj, **kwargs)


class Day(ma.fields.Date):
    """A calendar day, `2026-03-02`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        return day


class DayText(ma.fields.String):
    """A calendar day, `2026-03-02`, that stays a text: for documents that are kept as sent."""

    default_error_messages = {"day": "Not a valid date."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"format": "date", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not is_day(text):
            raise self.make_error("day")
        return text


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar, as ISO 8601 writes it in full."""
    with suppress(ValueError):
        return bool(DAY.fullmatch(text) and date.fromisoformat(text))
    return False


class Text(ma.fields.String):
    """Text without control characters that no database or spreadsheet can hold."""

    default_error_messages = {"control": "Control characters are not allowed."}

    def __init__(self, *, longest: int, shortest: int = 0, **kwargs: Any) -> None:
        length = ma.validate.Length(shortest or None, longest)
        super().__init__(validate=[length, *kwargs.pop("also", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text):
            raise self.make_error("control")
        return text


def whole(least: int = 0, most: int = 1_000_000_000, **kwargs: Any) -> ma.fields.Integer:
    """Return a field for a JSON whole number within limits; `"12"` is not one."""
    return ma.fields.Integer(strict=True, validate=ma.validate.Range(least, most), **kwargs)


class PositionSchema(Schema):
    """A point as the phone's map gave it. The datum is required: it is never guessed."""

    lat = ma.fields.Float(
        required=True, validate=ma.validate.Range(-90, 90), metadata={"example": 28.192456}
    )
    lon = ma.fields.Float(
        required=True, validate=ma.validate.Range(-180, 180), metadata={"example": 112.982312}
    )
    crs = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["wgs84", "gcj02", "bd09"]),
        metadata={"description": "Datum of lat and lon", "example": "gcj02"},
    )


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = ma.fields.String(
        metadata={
            "description": "Permanent identifier of the problem",
            "example": "urn:xundian:problem:not-found",
        }
    )
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String(metadata={"description": "Chinese or English by Accept-Language"})
    retry = ma.fields.String(
        metadata={"description": "What to do with the same request: never, now, after, login"}
    )
    errors = ma.fields.Dict(metadata={"description": "Messages by location and field"})
