"""Dealers on the wire."""

import marshmallow as ma

from schemas.base import QuerySchema, Schema, Text
from schemas.fields import a_day, asked_id, row_id


class DealerQuerySchema(QuerySchema):
    """Filters of the list."""

    region_id = asked_id("Region, with those below it")
    parent_id = asked_id("Dealer directly above")
    q = Text(longest=80, metadata={"description": "Start of the code or part of the name"})
    code = Text(longest=40, metadata={"description": "A whole code, present or former"})


class NewDealerSchema(Schema):
    """A dealer to be added."""

    code = Text(required=True, longest=40, metadata={"example": "43-01-001"})
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "长沙恒达通讯"})
    region_id = row_id(required=True)
    parent_id = row_id(load_default=None, allow_none=True)
    opened_on = a_day("2024-05-01", required=True)


class AmendDealerSchema(Schema):
    """What may change of a dealer; what is left out stays."""

    code = Text(
        longest=40,
        metadata={"description": "The former code still resolves", "example": "43-01-002"},
    )
    name = Text(shortest=1, longest=120, metadata={"example": "长沙恒达通讯"})
    region_id = row_id()
    parent_id = row_id(allow_none=True)
    closed_on = a_day(allow_none=True)


class DealerSchema(Schema):
    """A dealer."""

    id = ma.fields.Integer(required=True, metadata={"example": 7})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    name = ma.fields.String(required=True, metadata={"example": "长沙恒达通讯"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    parent_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 1})
    opened_on = a_day("2024-05-01", required=True)
    closed_on = a_day(required=True, allow_none=True)
    merged_into_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The dealer that stands for this one", "example": None},
    )
    version = ma.fields.Integer(required=True, metadata={"example": 1})
