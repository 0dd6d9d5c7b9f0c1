"""Custody of photos on the wire."""

import marshmallow as ma

from schemas.base import Instant, Schema
from schemas.examples import SOME_PHOTO, SOME_SHA256, SOME_VISIT
from schemas.fields import one_of


class HeadSchema(Schema):
    """The last entry of the ledger."""

    seq = ma.fields.Integer(required=True, metadata={"example": 4711})
    hash = ma.fields.String(required=True, metadata={"example": SOME_SHA256})


class CustodianSchema(Schema):
    """Who did it; id and name only of persons the caller may know."""

    role = ma.fields.String(required=True, metadata={"example": "auditor"})
    id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 5})
    name = ma.fields.String(required=True, allow_none=True, metadata={"example": "韩梅梅"})


class CustodyStepSchema(Schema):
    """One entry of the ledger about a photo."""

    seq = ma.fields.Integer(required=True, metadata={"example": 4702})
    hash = ma.fields.String(required=True, metadata={"example": SOME_SHA256})
    is_sound = ma.fields.Boolean(
        required=True,
        metadata={"description": "The hash follows from entry and predecessor", "example": True},
    )
    verb = ma.fields.String(required=True, metadata={"example": "photo.received"})
    at = Instant(required=True, metadata={"example": "2026-03-02T04:41:10+00:00"})
    device_at = Instant(required=True, allow_none=True, metadata={"example": None})
    actor = ma.fields.Nested(
        CustodianSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null: the system"},
    )
    sha256 = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Declared, received or read, as the verb says"}
        | {"example": SOME_SHA256},
    )
    facts = ma.fields.Dict(required=True, metadata={"example": {"visit": SOME_VISIT}})


class CustodySchema(Schema):
    """What is on record of a photo, and how its bytes are now."""

    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    declared_sha256 = ma.fields.String(
        required=True, allow_none=True, metadata={"example": SOME_SHA256}
    )
    received_sha256 = ma.fields.String(
        required=True, allow_none=True, metadata={"example": SOME_SHA256}
    )
    stored = one_of(
        ["intact", "missing", "changed", "erased"],
        required=True,
        allow_none=True,
        metadata={"description": "The stored bytes, hashed just now; null: none came"},
    )
    is_unbroken = ma.fields.Boolean(
        required=True,
        metadata={"description": "Declared, received and stored are the same", "example": True},
    )
    original_erased_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When its retention ended", "example": None},
    )
    steps = ma.fields.List(ma.fields.Nested(CustodyStepSchema), required=True)
    head = ma.fields.Nested(HeadSchema, required=True)
