"""What a phone's clocks and its map say, on the wire."""

import marshmallow as ma

from schemas.base import (
    Instant,
    PositionSchema,
    Schema,
    Text,
    whole,
)

MOST_SAMPLES = 60


class ClockSchema(Schema):
    """The phone's clocks when it happened; neither is trusted, both are kept."""

    device_at = Instant(required=True, metadata={"example": "2026-03-02T12:00:00+08:00"})
    elapsed_ms = whole(
        most=10**12,
        load_default=None,
        allow_none=True,
        metadata={"description": "Milliseconds since the phone started", "example": 8640000},
    )


class FixSampleSchema(Schema):
    """One of the fixes taken while the phone stood there."""

    lat = ma.fields.Float(
        required=True, validate=ma.validate.Range(-90, 90), metadata={"example": 28.192456}
    )
    lon = ma.fields.Float(
        required=True, validate=ma.validate.Range(-180, 180), metadata={"example": 112.982312}
    )
    at = Instant(
        required=True,
        metadata={"description": "By the phone's clock", "example": "2026-03-02T12:00:15+08:00"},
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
    is_simulated = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "iOS: made by software", "example": False},
    )
    is_accessory = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "iOS: came from an accessory, such as a car", "example": False},
    )
    trusted_level = whole(
        1,
        4,
        load_default=None,
        allow_none=True,
        metadata={"description": "AMap: 1 very trusted, up to 4 not trusted", "example": 1},
    )
    location_type = whole(
        most=99,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "AMap: 1 satellite, 2 previous, 4 cache, 5 Wi-Fi, 6 cell, 8 offline, "
            "9 last",
            "example": 1,
        },
    )
    fix_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "When it was taken by the phone's clock; its age is told by it",
            "example": "2026-03-02T11:59:58+08:00",
        },
    )
    samples = ma.fields.List(
        ma.fields.Nested(FixSampleSchema),
        validate=ma.validate.Length(max=MOST_SAMPLES),
        metadata={"description": "Fixes taken around it, in the same datum"},
    )
