"""Configurations of the signals on the wire."""

from typing import Any

import marshmallow as ma

from backend.evidence.signals import MOST_POINTS, REJECT_FROM, SUSPICIOUS_FROM, Signal
from schemas.base import Instant, Schema, Text, whole
from schemas.fields import each_once, one_of

SOME_LIMITS = {"seconds": 120}


class SignalWeightSchema(Schema):
    """What one signal is worth, and the numbers of its rule."""

    code = one_of(Signal, required=True, metadata={"example": "short_visit"})
    points = whole(
        most=MOST_POINTS,
        required=True,
        metadata={"description": "0: a note without weight", "example": 20},
    )
    limits = ma.fields.Dict(
        keys=Text(longest=20),
        values=ma.fields.Float(validate=ma.validate.Range(0, 1_000_000)),
        load_default=dict,
        metadata={
            "description": "The numbers of the rule that change; the first is the threshold",
            "example": SOME_LIMITS,
        },
    )


class ShownWeightSchema(Schema):
    """One signal as a configuration weighs it, in words."""

    code = ma.fields.String(required=True, attribute="signal", metadata={"example": "short_visit"})
    zh = ma.fields.String(required=True, attribute="signal.zh", metadata={"example": "超短停留"})
    en = ma.fields.String(required=True, attribute="signal.en", metadata={"example": "too short"})
    points = ma.fields.Integer(required=True, metadata={"example": 20})
    limits = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"example": SOME_LIMITS},
    )


class SignalConfigSchema(Schema):
    """A version: when it came into force, where its bands begin, and every signal."""

    version = ma.fields.Integer(
        required=True, metadata={"description": "0 is the built-in one", "example": 1}
    )
    from_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-04-01T00:00:00+00:00"}
    )
    suspicious_from = ma.fields.Integer(required=True, metadata={"example": SUSPICIOUS_FROM})
    reject_from = ma.fields.Integer(required=True, metadata={"example": REJECT_FROM})
    signals = ma.fields.List(ma.fields.Nested(ShownWeightSchema), required=True)
    note = ma.fields.String(required=True, metadata={"example": "春节后放宽停留时间"})
    published_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-28T02:00:00+00:00"}
    )
    published_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 1})


class PublishConfigSchema(Schema):
    """The next version; signals that are not named stay as they are."""

    from_at = Instant(
        required=True,
        metadata={
            "description": "Visits that begin from then on are weighed by it; not in the past",
            "example": "2026-04-01T00:00:00+08:00",
        },
    )
    suspicious_from = whole(
        1, MOST_POINTS, load_default=SUSPICIOUS_FROM, metadata={"example": SUSPICIOUS_FROM}
    )
    reject_from = whole(1, MOST_POINTS, load_default=REJECT_FROM, metadata={"example": REJECT_FROM})
    signals = ma.fields.List(
        ma.fields.Nested(SignalWeightSchema),
        load_default=list,
        validate=ma.validate.Length(max=len(Signal)),
    )
    note = Text(required=True, shortest=1, longest=500, metadata={"example": "春节后放宽停留时间"})

    @ma.validates_schema
    def _make_sense(self, document: dict[str, Any], **_: Any) -> None:
        each_once(document["signals"], "code", "A signal is named twice.")
        if document["reject_from"] < document["suspicious_from"]:
            raise ma.ValidationError("Not below suspicious_from.", "reject_from")
