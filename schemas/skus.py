"""Products on the wire."""

import marshmallow as ma

from backend.standards.codes import SkuRole
from schemas.base import QuerySchema, Schema, Text
from schemas.fields import a_day, one_of


class SkuQuerySchema(QuerySchema):
    """Filters of the list."""

    role = one_of(SkuRole)
    category = Text(longest=20)
    code = Text(longest=40)


class NewSkuSchema(Schema):
    """A product to be added."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "YS-X1-128"})
    name = Text(required=True, shortest=1, longest=80, metadata={"example": "曜石 X1 128G"})
    category = Text(required=True, shortest=1, longest=20, metadata={"example": "handset"})
    role = one_of(SkuRole, required=True)
    tags = ma.fields.List(
        Text(shortest=1, longest=80),
        load_default=list,
        validate=ma.validate.Length(max=20),
        metadata={"example": ["local:43", "fighter:C1"]},
    )
    launched_on = a_day("2025-09-01", required=True)
    ended_on = a_day("2026-12-01", load_default=None, allow_none=True)


class SkuSchema(Schema):
    """A product."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    code = ma.fields.String(required=True, metadata={"example": "YS-X1-128"})
    name = ma.fields.String(required=True, metadata={"example": "曜石 X1 128G"})
    category = ma.fields.String(required=True, metadata={"example": "handset"})
    role = ma.fields.String(required=True, metadata={"example": "hero"})
    tags = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["local:43"]})
    launched_on = a_day("2025-09-01", required=True)
    ended_on = a_day(required=True, allow_none=True)
