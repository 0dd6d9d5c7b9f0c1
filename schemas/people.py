"""People on the wire."""

import marshmallow as ma

from backend.platform.actors import Role
from schemas.base import QuerySchema, Schema, Text
from schemas.fields import one_of, row_id

OF_DEALER = {"description": "Whose login it is, of the role `dealer` only", "example": None}


class PersonQuerySchema(QuerySchema):
    """Filters of the list."""

    role = one_of(Role)


class NewPersonSchema(Schema):
    """Somebody to be enrolled."""

    login = Text(required=True, shortest=1, longest=80, metadata={"example": "rep11"})
    name = Text(required=True, shortest=1, longest=80, metadata={"example": "韩梅梅"})
    role = one_of(Role, required=True)
    region_id = row_id(required=True)
    supervisor_id = row_id(load_default=None, allow_none=True)
    dealer_id = row_id(load_default=None, allow_none=True, metadata=OF_DEALER)
    password = Text(
        required=True, shortest=8, longest=200, metadata={"example": "correct horse battery"}
    )


class AmendPersonSchema(Schema):
    """What may change of a person; what is left out stays."""

    name = Text(shortest=1, longest=80, metadata={"example": "韩梅梅"})
    role = one_of(Role)
    region_id = row_id()
    supervisor_id = row_id(allow_none=True)
    dealer_id = row_id(allow_none=True, metadata=OF_DEALER)
    is_active = ma.fields.Boolean(
        metadata={"description": "false signs the person out everywhere", "example": True}
    )
    password = Text(shortest=8, longest=200, metadata={"example": "correct horse battery"})


class PersonSchema(Schema):
    """A person who signs in."""

    id = ma.fields.Integer(required=True, metadata={"example": 11})
    login = ma.fields.String(required=True, metadata={"example": "rep11"})
    name = ma.fields.String(required=True, metadata={"example": "韩梅梅"})
    role = ma.fields.String(required=True, metadata={"example": "rep"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    supervisor_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata=OF_DEALER)
    is_active = ma.fields.Boolean(required=True, metadata={"example": True})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
