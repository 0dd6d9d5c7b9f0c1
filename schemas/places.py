"""Judged places on the wire."""

import marshmallow as ma

from backend.network.positions import Datum
from backend.standards.service import JudgedFor, PointBasis
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


class SuggestionSchema(Schema):
    """Where check-ins that count say a store is."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    basis = one_of(
        [basis for basis in PointBasis if basis is not PointBasis.PHOTO],
        required=True,
        metadata={"example": "datum"},
    )
    raw_lat = ma.fields.Float(
        required=True, metadata={"description": "The position to store", "example": 28.192456}
    )
    raw_lon = ma.fields.Float(required=True, metadata={"example": 112.982312})
    raw_crs = one_of(
        Datum,
        required=True,
        metadata={"description": "Its datum: the suspected one, for `datum`", "example": "gcj02"},
    )
    lat = ma.fields.Float(
        required=True, metadata={"description": "The same in WGS-84", "example": 28.195867}
    )
    lon = ma.fields.Float(required=True, metadata={"example": 112.976716})
    from_lat = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The store's point when suggested, WGS-84", "example": 28.192456},
    )
    from_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.982312})
    moved_m = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Between both; null: the store has no point", "example": 666},
    )
    spread_m = ma.fields.Integer(
        required=True,
        metadata={"description": "Median distance of the check-ins from it", "example": 24},
    )
    visits = ma.fields.Integer(
        required=True, metadata={"description": "Check-ins that agree on it", "example": 7}
    )
    people = ma.fields.Integer(
        required=True, metadata={"description": "Whose they are", "example": 3}
    )
    needs_approval = ma.fields.Boolean(
        required=True, metadata={"description": "The move takes somebody else's yes"}
    )
    suggested_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
