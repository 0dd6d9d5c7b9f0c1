"""Violations on the wire."""

import marshmallow as ma

from backend.standards.codes import ViolationKind
from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import asked_id, one_of, row_id

SOME_VIOLATION = "7d0e6f5a-3a55-4b5e-8f0e-2f8d0a9f7c12"


class ViolationSchema(Schema):
    """A case: one breach in one store, from first sighting to proven end."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_VIOLATION})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    kind = ma.fields.String(required=True, metadata={"example": "direct_price_cut"})
    group = ma.fields.String(required=True, metadata={"example": "price"})
    subject = ma.fields.String(required=True, metadata={"example": "sku:3"})
    severity = ma.fields.Integer(required=True, metadata={"example": 3})
    colour = ma.fields.String(required=True, metadata={"example": "#EF6C00"})
    opened_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    opened_on = Day(required=True, metadata={"example": "2026-03-02"})
    opened_by_id = ma.fields.Integer(required=True, metadata={"example": 11})
    opened_visit_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"example": SOME_VISIT}
    )
    is_manual = ma.fields.Boolean(required=True, metadata={"example": False})
    note = ma.fields.String(required=True, metadata={"example": ""})
    sightings = ma.fields.Integer(required=True, metadata={"example": 2})
    last_seen_at = Instant(required=True, metadata={"example": "2026-03-09T03:20:00+00:00"})
    resolved_at = Instant(required=True, allow_none=True, metadata={"example": None})
    resolved_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    resolution = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    proof_visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})
    proof_photo_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})
    retracted_at = Instant(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Since when nobody says to have seen it"},
    )
    is_clock_suspect = ma.fields.Boolean(
        required=True,
        metadata={"description": "Somebody gave a time that cannot be", "example": False},
    )
    version = ma.fields.Integer(required=True, metadata={"example": 2})


class ReportViolationSchema(Schema):
    """A violation somebody saw."""

    store_id = row_id(required=True)
    kind = one_of(ViolationKind, required=True, metadata={"example": "fixture_misuse"})
    subject = Text(
        load_default="", longest=60, metadata={"description": "What exactly", "example": "sku:3"}
    )
    note = Text(load_default="", longest=1000, metadata={"example": "专柜摆放竞品"})
    seen_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})


class ResolutionSchema(Schema):
    """How a case ended, and the photo that proves it."""

    resolution = Text(required=True, shortest=1, longest=1000, metadata={"example": "已恢复"})
    proof_visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    proof_photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})


class ViolationQuerySchema(QuerySchema):
    """Filters of the case list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    kind = one_of(ViolationKind)
    is_open = ma.fields.Boolean(data_key="open")
