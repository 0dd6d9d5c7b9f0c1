"""What else a phone hands in of a visit: check-in, pauses, cancellation, amendments."""

from typing import Any

import marshmallow as ma

from backend.standards.codes import (
    CancelReason,
    VisitType,
)
from schemas.base import (
    Instant,
    Schema,
    Text,
)
from schemas.clocks import ClockSchema, FixSchema
from schemas.fields import one_of, row_id
from schemas.plain import PlainSchema
from schemas.reports import ReportSchema


class CheckInSchema(Schema):
    """What the phone sends on arrival."""

    store_id = row_id(required=True)
    kind = one_of(VisitType, load_default="routine", metadata={"example": "routine"})
    clock = ma.fields.Nested(ClockSchema, required=True)
    position = ma.fields.Nested(
        FixSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "null when the phone had no fix",
            "example": {
                "lat": 28.1951,
                "lon": 112.9769,
                "crs": "wgs84",
                "accuracy_m": 12.0,
                "provider": "gps",
                "fix_age_s": 2.0,
                "is_mock": False,
            },
        },
    )
    unplanned_reason = Text(
        load_default=None, allow_none=True, longest=200, metadata={"example": None}
    )
    is_rooted = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Rooted, jailbroken or hooked; null when the phone cannot tell",
            "example": False,
        },
    )


class PauseSchema(Schema):
    """A part of a visit that was not worked; told when it is over."""

    paused = ma.fields.Nested(ClockSchema, required=True)
    resumed = ma.fields.Nested(ClockSchema, required=True)


class CancellationSchema(Schema):
    """Why, when and where a visit was broken off."""

    reason = one_of(CancelReason, required=True, metadata={"example": "called_away"})
    note = Text(
        load_default="",
        longest=500,
        metadata={"description": "Required for the reason `other`", "example": "总部临时会议"},
    )
    clock = ma.fields.Nested(ClockSchema, required=True)
    position = ma.fields.Nested(
        FixSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "null when the phone had no fix",
            "example": {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 12.0},
        },
    )

    @ma.validates_schema
    def _say_what_else(self, document: dict[str, Any], **_: Any) -> None:
        if document.get("reason") == CancelReason.OTHER and not document["note"].strip():
            raise ma.ValidationError("Say why.", "note")


class AmendmentSchema(Schema):
    """A report handed in anew, whole, and why."""

    reason = Text(
        required=True, shortest=1, longest=500, metadata={"example": "漏填两款机型的库存"}
    )
    clock = ma.fields.Nested(
        ClockSchema, required=True, metadata={"description": "When the amendment was written"}
    )
    report = ma.fields.Nested(ReportSchema, required=True)


class SentSchema(PlainSchema):
    """What the phone's clocks said at the moment of sending, as headers."""

    class Meta:
        unknown = ma.EXCLUDE

    sent_device_at = Instant(
        data_key="Device-Time",
        load_default=None,
        metadata={"description": "The phone's clock now", "example": "2026-03-02T18:30:00+08:00"},
    )
    sent_elapsed_ms = ma.fields.Integer(
        data_key="Device-Elapsed-Ms",
        load_default=None,
        validate=ma.validate.Range(0, 10**12),
        metadata={"description": "Milliseconds since the phone started", "example": 32040000},
    )
