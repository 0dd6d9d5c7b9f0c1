"""Administrative divisions on the wire."""

import marshmallow as ma

from schemas.base import QuerySchema, Schema, Text


class DivisionQuerySchema(QuerySchema):
    """Where to look."""

    parent = Text(
        longest=9,
        metadata={"description": "Code of the division above; none for the provinces"},
    )


class DivisionSchema(Schema):
    """An administrative division of China."""

    code = ma.fields.String(required=True, metadata={"example": "430102001"})
    name = ma.fields.String(required=True, metadata={"example": "文艺路街道"})
    level = ma.fields.String(required=True, metadata={"example": "township"})
    full_name = ma.fields.String(
        required=True, metadata={"example": "湖南省长沙市芙蓉区文艺路街道"}
    )
    tier = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What a township's code suggests", "example": "city"},
    )
