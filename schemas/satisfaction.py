"""What dealers' stores think of us, on the wire."""

import marshmallow as ma

from backend.insight.satisfaction import Silence
from backend.standards.service import ComplaintCategory
from schemas.base import Instant, Schema
from schemas.fields import asked_id, one_of
from schemas.summaries import DaysQuerySchema

_COLOUR = {"description": "Of the gravest complaint", "example": "#EF6C00"}


def _reason(what: str) -> ma.fields.String:
    """Return a field that says why a figure is null."""
    return one_of(
        Silence,
        required=True,
        allow_none=True,
        metadata={"description": f"Why {what} is null, if it is", "example": None},
    )


def _figure(example: float, what: str) -> ma.fields.Float:
    """Return a field for a figure that may be unknown."""
    return ma.fields.Float(
        required=True, allow_none=True, metadata={"description": what, "example": example}
    )


def _few(what: str) -> ma.fields.Boolean:
    """Return a field that says whether there are too few to conclude much."""
    return ma.fields.Boolean(
        required=True, metadata={"description": f"Fewer than 5 {what}", "example": True}
    )


class SatisfactionsQuerySchema(DaysQuerySchema):
    """Which days (the last 90 if none are named), and which dealers."""

    region_id = asked_id("Dealers of this region and below")
    dealer_id = asked_id("Only this dealer")


class ComplaintPointSchema(Schema):
    """The complaints of one category."""

    category = one_of(ComplaintCategory, required=True)
    count = ma.fields.Integer(required=True, metadata={"example": 6})
    severity = ma.fields.Integer(required=True, metadata={"example": 3})
    colour = ma.fields.String(required=True, metadata=_COLOUR)
    bar = ma.fields.Float(
        required=True,
        metadata={"description": "Length: count by the dealer's largest", "example": 1.0},
    )


class DealerSatisfactionSchema(Schema):
    """What a dealer's stores think and complain about."""

    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    dealer_code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    dealer_name = ma.fields.String(required=True, metadata={"example": "长沙恒信通讯"})
    feedback_score = _figure(4.25, "The mean of its stores' means, 1 (bad) to 5")
    num = ma.fields.Float(
        required=True, metadata={"description": "Sum of the stores' means", "example": 8.5}
    )
    den = ma.fields.Integer(
        required=True, metadata={"description": "Stores with a card", "example": 2}
    )
    low_n = _few("stores with a card")
    feedback_reason = _reason("feedback_score")
    cards = ma.fields.Integer(required=True, metadata={"example": 3})
    jobs = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Finished jobs a card could be about, or the cards if these are more",
            "example": 12,
        },
    )
    response_rate = _figure(0.25, "Cards over jobs")
    response_low_n = _few("jobs")
    response_reason = _reason("response_rate")
    complaints = ma.fields.Integer(required=True, metadata={"example": 9})
    active_stores = ma.fields.Integer(
        required=True,
        metadata={"description": "Active for 7 days of the window or more", "example": 28},
    )
    complaint_rate = _figure(32.14, "Complaints per 100 active stores")
    complaint_low_n = _few("active stores")
    complaint_reason = _reason("complaint_rate")
    severity = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of the gravest complaint", "example": 3},
    )
    colour = ma.fields.String(required=True, allow_none=True, metadata=_COLOUR)
    bar = ma.fields.Float(
        required=True,
        metadata={
            "description": "Length: complaints by the most of any dealer asked for",
            "example": 0.6,
        },
    )
    points = ma.fields.List(ma.fields.Nested(ComplaintPointSchema), required=True)
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
