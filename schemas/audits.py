"""Audits of photos on the wire."""

import marshmallow as ma

from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole

SOME_VISIT = "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"
SOME_PHOTO = "0b8fd8c2-95f1-4f5a-8a54-5c1b6f0f2d11"
TIERS = ["city", "county", "town"]
STATUSES = ["pending", "approved", "rejected"]
REASONS = [
    "blurred",
    "wrong_object",
    "too_far",
    "dark",
    "other_store",
    "old_photo",
    "screen_photo",
    "other",
]


class AuditQuerySchema(QuerySchema):
    """Which audits to list."""

    status = ma.fields.String(validate=ma.validate.OneOf(STATUSES), metadata={"example": "pending"})
    region_id = ma.fields.Integer(
        metadata={"description": "A region and everything below it", "example": 2}
    )
    dealer_id = ma.fields.Integer(metadata={"example": 7})
    tier = ma.fields.String(validate=ma.validate.OneOf(TIERS), metadata={"example": "county"})


class ClaimSchema(Schema):
    """Which photos an auditor would like to judge next."""

    limit = whole(
        1,
        50,
        load_default=20,
        metadata={"description": "Most photos to hold, those held already included", "example": 20},
    )
    region_id = whole(1, load_default=None, allow_none=True, metadata={"example": 2})
    dealer_id = whole(1, load_default=None, allow_none=True, metadata={"example": 7})
    tier = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.OneOf(TIERS),
        metadata={"example": "county"},
    )


class VerdictSchema(Schema):
    """What an auditor decided."""

    verdict = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["approved", "rejected"]),
        metadata={"example": "rejected"},
    )
    reasons = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(REASONS)),
        load_default=list,
        validate=ma.validate.Length(max=len(REASONS)),
        metadata={"description": "At least one for a rejection", "example": ["blurred"]},
    )
    note = Text(load_default="", longest=1000, metadata={"example": "门头文字看不清"})


class AuditSchema(Schema):
    """A photo in the auditors' queue."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    status = ma.fields.String(
        required=True, validate=ma.validate.OneOf(STATUSES), metadata={"example": "pending"}
    )
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 2})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    store_code = ma.fields.String(required=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(required=True, metadata={"example": "曜石手机五一店"})
    person_name = ma.fields.String(
        required=True, metadata={"description": "Who took it", "example": "李雷"}
    )
    subject = ma.fields.String(allow_none=True, metadata={"example": "storefront"})
    item = ma.fields.String(allow_none=True, metadata={"example": "city_a_fascia_or_lightbox"})
    matches = ma.fields.Integer(
        required=True, metadata={"description": "Earlier photos that it repeats", "example": 0}
    )
    claimed_by = ma.fields.String(
        allow_none=True,
        metadata={"example": "王芳", "description": "Who holds it, or last held it"},
    )
    claimed_until = Instant(allow_none=True, metadata={"example": "2026-03-03T02:15:00+00:00"})
    judged_by = ma.fields.String(allow_none=True, metadata={"example": None})
    judged_at = Instant(allow_none=True, metadata={"example": None})
    reasons = ma.fields.List(ma.fields.String(), required=True, metadata={"example": []})
    note = ma.fields.String(required=True, metadata={"example": ""})
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 1}
    )
