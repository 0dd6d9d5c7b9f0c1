"""Photos that repeat earlier ones, on the wire."""

import marshmallow as ma

from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import asked_id

KINDS = ["exact", "near"]
STATUSES = ["open", "confirmed", "cleared", "fixed_scene"]


class PhotoMatchQuerySchema(QuerySchema):
    """Which matches to list."""

    status = ma.fields.String(validate=ma.validate.OneOf(STATUSES), metadata={"example": "open"})
    kind = ma.fields.String(validate=ma.validate.OneOf(KINDS), metadata={"example": "near"})
    store_id = asked_id("The store of the later photo")


class MatchResolutionSchema(Schema):
    """What an auditor says of a match."""

    resolution = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["confirmed", "cleared"]),
        metadata={"example": "cleared"},
    )
    reason = Text(required=True, shortest=1, longest=500, metadata={"example": "同一机位"})


class PhotoMatchSchema(Schema):
    """A photo and the earlier one it repeats; of one out of scope only when it came."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    kind = ma.fields.String(
        required=True,
        metadata={"description": "exact: same bytes; near: same frame", "example": "near"},
    )
    distance = ma.fields.Integer(
        required=True, metadata={"description": "Fingerprint bits that differ", "example": 2}
    )
    status = ma.fields.String(required=True, metadata={"example": "open"})
    reason = ma.fields.String(allow_none=True, metadata={"example": None})
    resolved_by = ma.fields.String(allow_none=True, metadata={"example": None})
    resolved_at = Instant(allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 1}
    )
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:39:00+00:00"})
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    store_code = ma.fields.String(allow_none=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(allow_none=True, metadata={"example": "曜石手机五一店"})
    person_name = ma.fields.String(required=True, metadata={"example": "李雷"})
    earlier_received_at = Instant(required=True, metadata={"example": "2026-02-20T08:15:00+00:00"})
    earlier_visit_id = ma.fields.UUID(allow_none=True, metadata={"example": SOME_VISIT})
    earlier_photo_id = ma.fields.UUID(allow_none=True, metadata={"example": SOME_PHOTO})
    earlier_business_on = Day(allow_none=True, metadata={"example": "2026-02-20"})
    earlier_store_code = ma.fields.String(allow_none=True, metadata={"example": "43-01-007-0018"})
    earlier_store_name = ma.fields.String(allow_none=True, metadata={"example": "曜石手机中山店"})
    earlier_person_name = ma.fields.String(allow_none=True, metadata={"example": "韩梅梅"})
