"""Proposed store points on the wire."""

import marshmallow as ma

from backend.standards.service import CorrectionState, PointBasis
from schemas.base import Instant, PositionSchema, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import asked_id, one_of, row_id

SOME_CORRECTION = "a7d2e5c8-1b3f-4c6d-9e0a-5f4b3c2d1e66"


class NewPointCorrectionSchema(Schema):
    """Where the door of a store really is, with a photo from there."""

    store_id = row_id(required=True)
    position = ma.fields.Nested(PositionSchema, required=True)
    accuracy_m = ma.fields.Float(
        required=True, validate=ma.validate.Range(0), metadata={"example": 12.0}
    )
    proof_visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    proof_photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    note = Text(load_default="", longest=1000, metadata={"example": "门店搬到对面"})


class PointCorrectionSchema(Schema):
    """A proposed point, as sent and as WGS-84, and what was decided."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CORRECTION})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    state = one_of(CorrectionState, required=True)
    raw_lat = ma.fields.Float(required=True, metadata={"example": 28.1951})
    raw_lon = ma.fields.Float(required=True, metadata={"example": 112.9769})
    raw_crs = one_of(("wgs84", "gcj02", "bd09"), required=True)
    accuracy_m = ma.fields.Float(required=True, metadata={"example": 12.0})
    lat = ma.fields.Float(required=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, metadata={"example": 112.9769})
    from_lat = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The store's point when proposed, WGS-84", "example": 28.1987},
    )
    from_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    moved_m = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Between both", "example": 399}
    )
    basis = one_of(PointBasis, required=True)
    proof_visit_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"example": SOME_VISIT}
    )
    proof_photo_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"example": SOME_PHOTO}
    )
    note = ma.fields.String(required=True, metadata={"example": "门店搬到对面"})
    proposed_by_id = ma.fields.Integer(required=True, metadata={"example": 11})
    proposed_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    decided_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    decided_at = Instant(required=True, allow_none=True, metadata={"example": None})
    decision_note = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class ApprovalSchema(Schema):
    """A word with the approval."""

    note = Text(load_default="", longest=1000, metadata={"example": "与照片一致"})


class PointCorrectionQuerySchema(QuerySchema):
    """Filters of the list."""

    mine = ma.fields.Boolean(load_default=False, metadata={"description": "Only one's own"})
    store_id = asked_id("Store")
    state = one_of(CorrectionState)
