"""Sessions on the wire."""

import marshmallow as ma

from schemas.base import Instant, Schema, Text


class SignInSchema(Schema):
    """What a device sends to sign in."""

    login = Text(required=True, shortest=1, longest=80, metadata={"example": "rep01"})
    password = Text(required=True, shortest=1, longest=200, metadata={"example": "demo-rep01"})
    device_id = Text(
        required=True,
        shortest=1,
        longest=80,
        metadata={"description": "The device's own lasting id", "example": "9f0c2b"},
    )
    device_name = Text(load_default="", longest=120, metadata={"example": "YAOSHI X1"})
    cookie = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Also set the session cookie, for a browser"},
    )


class PersonRefSchema(Schema):
    """Who signed in."""

    id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    region_id = ma.fields.Integer(required=True)


class SessionSchema(Schema):
    """A signed-in device."""

    id = ma.fields.UUID(required=True)
    device_id = ma.fields.String(required=True)
    device_name = ma.fields.String(required=True)
    created_at = Instant(required=True)
    last_seen_at = Instant(required=True)
    expires_at = Instant(required=True)


class NewSessionSchema(SessionSchema):
    """A session just opened; the token is shown this once."""

    token = ma.fields.String(required=True)
    person = ma.fields.Nested(PersonRefSchema, required=True)
