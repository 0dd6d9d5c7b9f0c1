"""Sessions on the wire."""

import marshmallow as ma

from backend.network.privacy_words import NoticeKind
from schemas.base import Instant, Schema, Text
from schemas.fields import one_of


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
        metadata={"example": False, "description": "Also set the session cookie, for a browser"},
    )


class PersonRefSchema(Schema):
    """Who signed in."""

    id = ma.fields.Integer(required=True, metadata={"example": 11})
    login = ma.fields.String(required=True, metadata={"example": "rep01"})
    name = ma.fields.String(required=True, metadata={"example": "李雷"})
    role = ma.fields.String(required=True, metadata={"example": "rep"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 2})
    dealer_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Whose login it is, of the role `dealer` only", "example": None},
    )


class SessionSchema(Schema):
    """A signed-in device."""

    id = ma.fields.UUID(required=True, metadata={"example": "0a6c2f4e-58f1-4a43-9f43-5d8e3b1c7a90"})
    device_id = ma.fields.String(required=True, metadata={"example": "9f0c2b"})
    device_name = ma.fields.String(required=True, metadata={"example": "YAOSHI X1"})
    created_at = Instant(required=True, metadata={"example": "2026-03-02T00:55:10Z"})
    last_seen_at = Instant(required=True, metadata={"example": "2026-03-02T09:12:44Z"})
    expires_at = Instant(required=True, metadata={"example": "2026-05-31T00:55:10Z"})


class OutstandingNoticeSchema(Schema):
    """A privacy notice that is still to be answered."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    kind = one_of(NoticeKind, required=True)
    version = ma.fields.Integer(required=True, metadata={"example": 2})


class NewSessionSchema(SessionSchema):
    """A session just opened; the token is shown this once."""

    token = ma.fields.String(
        required=True, metadata={"example": "q1Zk0aV2xJmB3n7RtYc8WfHs5uLd9eGpTiKo4yQvXrE"}
    )
    person = ma.fields.Nested(PersonRefSchema, required=True)
    outstanding_notices = ma.fields.List(ma.fields.Nested(OutstandingNoticeSchema), required=True)
