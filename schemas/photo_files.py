"""What is known of a photo, on the wire."""

import marshmallow as ma

from schemas.audits import SOME_PHOTO, SOME_VISIT
from schemas.base import Day, Instant, Schema
from schemas.quality import MeasureSchema

SOME_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LINKS = {
    "description": "Short-lived addresses by variant, good without a header",
    "example": {"thumbnail": "/v1/photo-links/WyI1YjBj.Q2hl"},
}


class ReadingSchema(Schema):
    """What a photo says of itself; everything it claims is unproven."""

    unreadable_reason = ma.fields.String(allow_none=True, metadata={"example": None})
    width = ma.fields.Integer(allow_none=True, metadata={"example": 3000})
    height = ma.fields.Integer(allow_none=True, metadata={"example": 4000})
    taken_at = Instant(
        allow_none=True,
        metadata={"example": "2026-03-02T04:05:00+00:00", "description": "By the camera's clock"},
    )
    lat = ma.fields.Float(
        allow_none=True, metadata={"description": "EXIF position, WGS-84", "example": 28.1951}
    )
    lon = ma.fields.Float(allow_none=True, metadata={"example": 112.9769})
    device_model = ma.fields.String(allow_none=True, metadata={"example": "YAOSHI X1"})


class PhotoVerdictSchema(Schema):
    """What the auditors said."""

    status = ma.fields.String(required=True, metadata={"example": "approved"})
    reasons = ma.fields.List(ma.fields.String(), required=True, metadata={"example": []})
    note = ma.fields.String(required=True, metadata={"example": ""})
    judged_at = Instant(allow_none=True, metadata={"example": "2026-03-03T02:10:00+00:00"})
    version = ma.fields.Integer(required=True, metadata={"example": 2})


class MatchSchema(Schema):
    """An earlier photo that this one repeats; out of scope, only kind, distance, status, dates."""

    kind = ma.fields.String(
        required=True,
        metadata={"description": "exact: same bytes; near: same frame", "example": "near"},
    )
    distance = ma.fields.Integer(
        required=True, metadata={"description": "Fingerprint bits that differ", "example": 2}
    )
    status = ma.fields.String(
        required=True,
        metadata={
            "description": "open, confirmed, cleared, or fixed_scene by what was cleared before",
            "example": "open",
        },
    )
    reason = ma.fields.String(
        allow_none=True, metadata={"description": "What the auditor said", "example": None}
    )
    resolved_at = Instant(allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 1}
    )
    received_at = Instant(required=True, metadata={"example": "2026-02-20T08:15:00+00:00"})
    visit_id = ma.fields.UUID(allow_none=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(allow_none=True, metadata={"example": SOME_PHOTO})
    business_on = Day(allow_none=True, metadata={"example": "2026-02-20"})
    store_code = ma.fields.String(allow_none=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(allow_none=True, metadata={"example": "曜石手机五一店"})
    person_name = ma.fields.String(allow_none=True, metadata={"example": "李雷"})
    links = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True, metadata=LINKS
    )


class PhotoReadingSchema(Schema):
    """A photo: as handed in, as read, as judged."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    sha256 = ma.fields.String(allow_none=True, metadata={"example": SOME_SHA256})
    size_bytes = ma.fields.Integer(allow_none=True, metadata={"example": 248_113})
    media_type = ma.fields.String(allow_none=True, metadata={"example": "image/jpeg"})
    subject = ma.fields.String(allow_none=True, metadata={"example": "storefront"})
    item = ma.fields.String(allow_none=True, metadata={"example": "city_a_fascia_or_lightbox"})
    captured_at = Instant(allow_none=True, metadata={"example": "2026-03-02T04:05:00+00:00"})
    capture_source = ma.fields.String(allow_none=True, metadata={"example": "in_app_camera"})
    received_at = Instant(allow_none=True, metadata={"example": "2026-03-02T04:39:00+00:00"})
    quarantine_reason = ma.fields.String(allow_none=True, metadata={"example": None})
    is_read = ma.fields.Boolean(
        required=True, metadata={"description": "false until the server has looked at it"}
    )
    reading = ma.fields.Nested(ReadingSchema, allow_none=True)
    quality = ma.fields.List(
        ma.fields.Nested(MeasureSchema),
        required=True,
        metadata={"description": "What was measured when it was read"},
    )
    audit = ma.fields.Nested(
        PhotoVerdictSchema, allow_none=True, metadata={"description": "null before it is queued"}
    )
    matches = ma.fields.List(ma.fields.Nested(MatchSchema), required=True)
    links = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True, metadata=LINKS
    )
