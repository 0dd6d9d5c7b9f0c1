"""Visits on the wire, as they are shown and asked for."""

import json
from datetime import timedelta
from typing import Any

import marshmallow as ma

from backend.standards.codes import (
    CancelReason,
    VisitStatus,
    VisitType,
)
from schemas.base import (
    Day,
    Instant,
    Schema,
    Text,
    whole,
)
from schemas.examples import SOME_PAUSE, SOME_SHA256, SOME_VISIT
from schemas.fields import DatumQuerySchema, asked_id, one_of


class StoredPauseSchema(Schema):
    """A pause as it is held."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PAUSE})
    paused_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    resumed_at = Instant(required=True, metadata={"example": "2026-03-02T04:18:00+00:00"})


class VisitSchema(Schema):
    """A stored visit."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    claimed_store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 4})
    tier = ma.fields.String(required=True, allow_none=True, metadata={"example": "city"})
    grade = ma.fields.String(required=True, allow_none=True, metadata={"example": "B"})
    kind = ma.fields.String(required=True, metadata={"example": "routine"})
    status = ma.fields.String(required=True, metadata={"example": "complete"})
    quarantine_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    checked_in_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    checked_out_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:38:00+00:00"}
    )
    device_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:02+00:00"})
    skew_s = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.8})
    is_clock_suspect = ma.fields.Boolean(required=True, metadata={"example": False})
    is_off_hours = ma.fields.Boolean(
        required=True,
        metadata={"description": "Outside work hours, so the position is coarse", "example": False},
    )
    points_coarsened_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Since then positions are kept to about 1 km", "example": None},
    )
    lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    crs = ma.fields.String(
        required=True, metadata={"description": "Datum of lat and lon", "example": "wgs84"}
    )
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})
    outcome = ma.fields.String(required=True, allow_none=True, metadata={"example": "done"})
    outcome_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    paused_s = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: no pause", "example": 480}
    )
    worked_s = ma.fields.Method(
        "_worked_s",
        metadata={
            "type": ["integer", "null"],
            "description": "From check-in to check-out without pauses; null without a check-out",
            "example": 1800,
        },
    )
    auto_closed_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Closed by the system for want of a report", "example": None},
    )
    cancelled_at = Instant(required=True, allow_none=True, metadata={"example": None})
    completed_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:41:10+00:00"}
    )
    place = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "example": "inside",
            "description": "inside, outside or uncertain; null until it was judged",
        },
    )
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 23})
    unplanned_reason_missing = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Nobody had planned it, and nobody has said why",
            "example": False,
        },
    )

    def _worked_s(self, visit: dict[str, Any]) -> int | None:
        if visit["checked_out_at"] is None or visit["cancelled_at"] is not None:
            return None
        stayed: timedelta = visit["checked_out_at"] - visit["checked_in_at"]
        return round(stayed.total_seconds()) - (visit["paused_s"] or 0)


class PlaceLeftSchema(Schema):
    """Where the phone was on leaving, against the store's point of now: advice, no judgement."""

    lat = ma.fields.Float(required=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, metadata={"example": 112.9769})
    crs = ma.fields.String(required=True, metadata={"example": "wgs84"})
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})
    provider = ma.fields.String(required=True, allow_none=True, metadata={"example": "gps"})
    place = ma.fields.String(required=True, metadata={"example": "inside"})
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 23})


class BrokenOffSchema(Schema):
    """Why, when and where a visit was broken off."""

    reason = one_of(CancelReason, required=True, metadata={"example": "called_away"})
    note = ma.fields.String(required=True, metadata={"example": ""})
    cancelled_at = Instant(required=True, metadata={"example": "2026-03-02T04:20:00+00:00"})
    is_clock_suspect = ma.fields.Boolean(required=True, metadata={"example": False})
    raw_lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    raw_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    raw_crs = ma.fields.String(required=True, allow_none=True, metadata={"example": "wgs84"})
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})


class FixFactsSchema(Schema):
    """What else a platform said of its fix; what it did not say is left out."""

    is_simulated = ma.fields.Boolean(metadata={"example": False})
    is_accessory = ma.fields.Boolean(metadata={"example": False})
    trusted_level = ma.fields.Integer(metadata={"example": 1})
    location_type = ma.fields.Integer(metadata={"example": 1})
    fix_at = ma.fields.String(metadata={"example": "2026-03-02T03:59:58Z"})


class WholeVisitSchema(VisitSchema):
    """A stored visit with all that happened in it."""

    raw_lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    raw_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    raw_crs = ma.fields.String(required=True, allow_none=True, metadata={"example": "wgs84"})
    demand = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "What the place made it owe; the receipt says whether that came",
            "example": None,
        },
    )
    crs_impl = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "prcoords-bored@1.0.2", "description": "What converted the raw point"},
    )
    provider = ma.fields.String(required=True, allow_none=True, metadata={"example": "gps"})
    fix_age_s = ma.fields.Float(required=True, allow_none=True, metadata={"example": 2.0})
    is_mock = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "null: the platform cannot tell", "example": False},
    )
    fix_facts = ma.fields.Nested(FixFactsSchema, required=True, allow_none=True)
    left = ma.fields.Nested(PlaceLeftSchema, required=True, allow_none=True)
    pauses = ma.fields.List(ma.fields.Nested(StoredPauseSchema), required=True)
    cancellation = ma.fields.Nested(BrokenOffSchema, required=True, allow_none=True)


class RevisionSchema(Schema):
    """One text of a report, and what the rules made of it."""

    id = ma.fields.UUID(
        required=True,
        attribute="row.id",
        metadata={"description": "Of the original, the visit's own", "example": SOME_VISIT},
    )
    number = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="row.number",
        metadata={"description": "1 is the original; null while it waits", "example": 1},
    )
    is_in_force = ma.fields.Boolean(required=True, metadata={"example": True})
    reason = ma.fields.String(required=True, attribute="row.reason", metadata={"example": ""})
    amended_at = Instant(
        required=True,
        metadata={"example": "2026-03-02T04:38:00+00:00"},
    )
    received_at = Instant(
        required=True,
        attribute="row.received_at",
        metadata={"example": "2026-03-02T04:38:04+00:00"},
    )
    is_clock_suspect = ma.fields.Boolean(
        required=True,
        attribute="row.is_clock_suspect",
        metadata={
            "description": "When it was written is a clock's unlikely word",
            "example": False,
        },
    )
    content_sha256 = ma.fields.String(
        required=True, attribute="row.content_sha256", metadata={"example": SOME_SHA256}
    )
    doubt = ma.fields.String(
        required=True,
        allow_none=True,
        attribute="row.doubt",
        metadata={"description": "Why part of it was not judged", "example": None},
    )
    document = ma.fields.Method("_document", metadata={"type": "object"})
    judgement = ma.fields.Dict(required=True, allow_none=True)

    def _document(self, revision: Any) -> Any:
        return json.loads(revision.row.document)


class VisitQuerySchema(DatumQuerySchema):
    """Filters of the visit list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    person_id = asked_id("Who visited")
    status = one_of(VisitStatus, metadata={"example": "complete"})
    kind = one_of(VisitType, metadata={"example": "routine"})


class QuarantineQuerySchema(DatumQuerySchema):
    """Filters of the quarantine."""

    reason = Text(longest=40, metadata={"example": "unknown-store"})


class ReleaseSchema(Schema):
    """How a manager lets a kept visit in."""

    store_id = whole(
        1,
        load_default=None,
        allow_none=True,
        metadata={
            "example": 17,
            "description": "The store it really was, when the phone's was unknown",
        },
    )
    note = Text(required=True, shortest=1, longest=500, metadata={"example": "新开门店，已建档"})
