"""Stores that may be the same, and merging them, on the wire."""

import marshmallow as ma

from schemas.base import Instant, QuerySchema, Schema, Text
from schemas.dealers import DealerSchema
from schemas.fields import asked_id, row_id
from schemas.stores import StoreSchema


class DuplicateQuerySchema(QuerySchema):
    """Filters of the list."""

    region_id = asked_id("Region, with those below it")
    store_id = asked_id("Pairs of this store only")
    cleared = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Those that somebody said are not one", "example": False},
    )


class NamedStoreSchema(Schema):
    """A store, named."""

    id = ma.fields.Integer(required=True, metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})


class ClearPairSchema(Schema):
    """Why two stores are not one."""

    note = Text(load_default="", longest=500, metadata={"example": "同一商场的两个柜台"})


class ClearedSchema(ClearPairSchema):
    """Who said that two stores are not one, and when."""

    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    decided_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})


class PairVerdictSchema(ClearedSchema):
    """That two stores are not one."""

    first_id = ma.fields.Integer(required=True, metadata={"example": 17})
    second_id = ma.fields.Integer(required=True, metadata={"example": 18})


class DuplicateSchema(Schema):
    """Two stores that may be one."""

    first = ma.fields.Nested(NamedStoreSchema, required=True)
    second = ma.fields.Nested(NamedStoreSchema, required=True)
    reasons = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "same_licence, same_phone, near, similar_name",
            "example": ["near", "similar_name"],
        },
    )
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 24})
    name_share = ma.fields.Float(
        required=True,
        metadata={"description": "Share of the names that agrees, 0 to 1", "example": 0.86},
    )
    verdict = ma.fields.Nested(ClearedSchema, required=True, allow_none=True)


class MergeDealerSchema(Schema):
    """Which one stays."""

    into_id = row_id(required=True)


class MergeStoreSchema(MergeDealerSchema):
    """Which one stays, and what holds where the two differ."""

    dealer_id = row_id(load_default=None, allow_none=True)
    owner_id = row_id(load_default=None, allow_none=True)


class LeftSchema(Schema):
    """Something that stays with the one that it was merged into."""

    what = ma.fields.String(
        required=True,
        metadata={
            "description": "codes, contacts, card, agreements, violations, tasks, plans and so on",
            "example": "contacts",
        },
    )
    id = ma.fields.Raw(metadata={"description": "Which, where it has an id", "example": 17})
    field = ma.fields.Raw(metadata={"description": "Which field", "example": "short_name"})
    why = ma.fields.String(
        required=True,
        metadata={
            "description": "changed: by somebody since; seen_again: a newer case is open; closed",
            "example": "changed",
        },
    )


class UnmergedStoreSchema(Schema):
    """A store that stands again."""

    store = ma.fields.Nested(StoreSchema, required=True)
    left = ma.fields.List(ma.fields.Nested(LeftSchema), required=True)


class UnmergedDealerSchema(Schema):
    """A dealer that stands again."""

    dealer = ma.fields.Nested(DealerSchema, required=True)
    left = ma.fields.List(ma.fields.Nested(LeftSchema), required=True)
