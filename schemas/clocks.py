"""What a phone's clocks and its map say, on the wire."""

import marshmallow as ma

from schemas.base import (
    Instant,
    PositionSchema,
    Schema,
    Text,
    whole,
)


class ClockSchema(Schema):
    """The phone's clocks when it happened; neither is trusted, both are kept."""

    device_at = Instant(required=True, metadata={"example": "2026-03-02T12:00:00+08:00"})
    elapsed_ms = whole(
        most=10**12,
        load_default=None,
        allow_none=True,
        metadata={"description": "Milliseconds since the phone started", "example": 8640000},
    )


class FixSchema(PositionSchema):
    """A position with how it was obtained."""

    accuracy_m = ma.fields.Float(
        load_default=None, allow_none=True, validate=ma.validate.Range(0, 100_000)
    )
    provider = Text(load_default=None, allow_none=True, longest=20, metadata={"example": "gps"})
    fix_age_s = ma.fields.Float(
        load_default=None, allow_none=True, validate=ma.validate.Range(0, 10**7)
    )
    is_mock = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "null when the platform cannot tell"},
    )
