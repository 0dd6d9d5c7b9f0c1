"""Stores and whose they are, on the wire."""

import marshmallow as ma

from backend.network.divisions import Tier
from backend.network.stores import GRADES, STATUSES
from schemas.base import Instant, PositionSchema, Schema, Text, whole
from schemas.fields import DatumQuerySchema, a_day, asked_id, one_of, row_id

SOME_POSITION = {"lat": 28.192456, "lon": 112.982312, "crs": "gcj02"}


class StoreQuerySchema(DatumQuerySchema):
    """Filters of the list."""

    region_id = asked_id("Region, with those below it")
    dealer_id = asked_id("Whose store it is today")
    tier = one_of(Tier)
    grade = one_of(GRADES)
    status = one_of(STATUSES)
    owner_id = asked_id("Rep who answers for it")
    q = Text(longest=80, metadata={"description": "Start of the code or part of the name"})
    code = Text(longest=40, metadata={"description": "A whole code, present or former"})


def _radius(**kwargs: object) -> ma.fields.Integer:
    about = {"description": "null takes the tier's usual radius", "example": 150}
    return whole(1, 5_000, allow_none=True, metadata=about, **kwargs)


def _tier(**kwargs: object) -> ma.fields.String:
    about = {"description": "null derives it from the division", "example": "county"}
    return one_of(Tier, allow_none=True, metadata=about, **kwargs)


def _position(**kwargs: object) -> ma.fields.Nested:
    about = {"example": SOME_POSITION}
    return ma.fields.Nested(PositionSchema, allow_none=True, metadata=about, **kwargs)  # type: ignore[arg-type]


class NewStoreSchema(Schema):
    """A store to be added."""

    code = Text(required=True, longest=40, metadata={"example": "43-01-001-0001"})
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "五一广场店"})
    region_id = row_id(required=True)
    dealer_id = row_id(load_default=None, allow_none=True)
    division_code = Text(required=True, longest=9, metadata={"example": "430102001"})
    tier = _tier(load_default=None)
    grade = one_of(GRADES, required=True)
    chain = Text(load_default=None, allow_none=True, longest=80, metadata={"example": "大中"})
    address = Text(load_default="", longest=200, metadata={"example": "黄兴中路 1 号"})
    position = _position(load_default=None)
    fence_radius_m = _radius(load_default=None)
    owner_id = row_id(load_default=None, allow_none=True)
    status = one_of(
        [status for status in STATUSES if status != "closed"],
        load_default="active",
        metadata={"example": "active"},
    )
    opened_on = a_day("2025-01-01", required=True)


class AmendStoreSchema(Schema):
    """What may change of a store; what is left out stays."""

    code = Text(
        longest=40,
        metadata={"description": "The former code still resolves", "example": "43-01-002-0001"},
    )
    name = Text(shortest=1, longest=120, metadata={"example": "五一广场店"})
    region_id = row_id()
    division_code = Text(longest=9, metadata={"example": "430102001"})
    tier = _tier()
    grade = one_of(GRADES)
    chain = Text(allow_none=True, longest=80, metadata={"example": "大中"})
    address = Text(longest=200, metadata={"example": "黄兴中路 1 号"})
    position = _position()
    fence_radius_m = _radius()
    owner_id = row_id(allow_none=True)
    status = one_of(STATUSES)
    closed_on = a_day(allow_none=True)


class PointSchema(Schema):
    """A point in a stated datum."""

    lat = ma.fields.Float(required=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, metadata={"example": 112.9769})
    crs = ma.fields.String(required=True, metadata={"example": "wgs84"})


class StoreSchema(Schema):
    """A store."""

    id = ma.fields.Integer(required=True, metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    region_id = ma.fields.Integer(required=True, attribute="region", metadata={"example": 4})
    dealer_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Whose store it is today", "example": 7},
    )
    division_code = ma.fields.String(required=True, metadata={"example": "430102001"})
    division_name = ma.fields.String(
        required=True, metadata={"example": "湖南省长沙市芙蓉区文艺路街道"}
    )
    tier = ma.fields.String(required=True, metadata={"example": "city"})
    is_tier_overridden = ma.fields.Boolean(required=True, metadata={"example": False})
    grade = ma.fields.String(required=True, metadata={"example": "B"})
    chain = ma.fields.String(required=True, allow_none=True, metadata={"example": "大中"})
    address = ma.fields.String(required=True, metadata={"example": "黄兴中路 1 号"})
    point = ma.fields.Nested(
        PointSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The door, in the datum asked for"},
    )
    raw = ma.fields.Nested(
        PointSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The door, as it was given"},
    )
    crs_impl = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "prcoords-bored@1.0.2", "description": "What converted the raw point"},
    )
    fence_radius_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 150})
    owner_id = ma.fields.Integer(
        required=True, allow_none=True, attribute="owner", metadata={"example": 11}
    )
    status = ma.fields.String(required=True, metadata={"example": "active"})
    opened_on = a_day("2025-01-01", required=True)
    closed_on = a_day(required=True, allow_none=True)
    merged_into_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="merged_into",
        metadata={"description": "The store that stands for this one", "example": None},
    )
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class FormerCodeSchema(Schema):
    """A code that leads to something else than it was issued for, or to its owner still."""

    code = ma.fields.String(required=True, metadata={"example": "43-01-002-0001"})
    retired_at = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": "When it was given up, where recorded",
            "example": "2026-03-02T04:00:00+00:00",
        },
    )


class PipelineSchema(Schema):
    """How far a store is now."""

    status = one_of(STATUSES, required=True, metadata={"example": "contacted"})
    moved_on = a_day(metadata={"description": "Left out: today"})
    reason = Text(load_default="", longest=200, metadata={"example": "老板有意向"})


class PipelineMoveSchema(Schema):
    """A step of a store from prospect to closed."""

    from_status = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null when the store was added", "example": "prospect"},
    )
    to_status = ma.fields.String(required=True, metadata={"example": "contacted"})
    moved_on = a_day(required=True)
    moved_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    person_id = ma.fields.Integer(required=True, metadata={"example": 2})
    reason = ma.fields.String(required=True, metadata={"example": "老板有意向"})


class StoreMoveSchema(Schema):
    """To whom the store goes."""

    dealer_id = row_id(required=True)
    code = Text(
        load_default=None,
        allow_none=True,
        longest=40,
        metadata={"description": "The store's new code, if any", "example": "43-01-002-0001"},
    )


class StoreDealerSchema(Schema):
    """Whose store it was: from a day until (not including) another, or still."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    from_on = a_day("2025-01-01", required=True)
    to_on = a_day(required=True, allow_none=True)
