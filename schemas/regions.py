"""Regions on the wire."""

import marshmallow as ma

from schemas.base import Schema, Text
from schemas.fields import row_id


class NewRegionSchema(Schema):
    """A region to be added below another."""

    code = Text(required=True, shortest=1, longest=20, metadata={"example": "HN-CS"})
    name = Text(required=True, shortest=1, longest=80, metadata={"example": "长沙"})
    parent_id = row_id(required=True)


class RegionSchema(Schema):
    """A region; `path` is the ids from the root down to itself."""

    id = ma.fields.Integer(required=True, metadata={"example": 4})
    code = ma.fields.String(required=True, metadata={"example": "HN-CS"})
    name = ma.fields.String(required=True, metadata={"example": "长沙"})
    parent_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 1})
    path = ma.fields.String(required=True, metadata={"example": "/1/4/"})
