"""Judged places on the wire."""

import marshmallow as ma

from backend.standards.service import JudgedFor
from schemas.base import Instant, Schema
from schemas.fields import one_of


class PlaceSchema(Schema):
    """One judgement of where a check-in was, and the store's point and fence it used."""

    number = ma.fields.Integer(required=True, metadata={"example": 2})
    why = one_of(JudgedFor, required=True, metadata={"example": "store_moved"})
    outcome = ma.fields.String(required=True, metadata={"example": "inside"})
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 38})
    radius_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 170})
    store_version = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Version of the store whose point was used", "example": 3},
    )
    store_lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    store_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    flags = ma.fields.List(
        ma.fields.String(metadata={"example": "mock_location"}),
        required=True,
    )
    judged_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
