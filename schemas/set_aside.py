"""Wire shapes of what is kept but stands nowhere yet."""

import marshmallow as ma

from schemas.base import Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_SHA256, SOME_VISIT


class KeptPhotoQuerySchema(QuerySchema):
    """Filters of photos that are kept aside."""

    reason = Text(
        longest=40,
        metadata={
            "example": "not-in-manifest",
            "description": "`unannounced` are those that wait for their report",
        },
    )


class KeptPhotoSchema(Schema):
    """A photo that is kept aside."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    person_id = ma.fields.Integer(required=True, attribute="person", metadata={"example": 7})
    store_id = ma.fields.Integer(allow_none=True, metadata={"example": 17})
    reason = ma.fields.String(
        allow_none=True, attribute="quarantine_reason", metadata={"example": "not-in-manifest"}
    )
    subject = ma.fields.String(allow_none=True, metadata={"example": None})
    declared_sha256 = ma.fields.String(allow_none=True, metadata={"example": None})
    sha256 = ma.fields.String(allow_none=True, metadata={"example": SOME_SHA256})
    size_bytes = ma.fields.Integer(allow_none=True, metadata={"example": 250_000})
    received_at = Instant(allow_none=True, metadata={"example": "2026-03-02T04:39:00+00:00"})
    released_at = Instant(allow_none=True, metadata={"example": None})


class PhotoReleaseSchema(Schema):
    """Why a photo is believed."""

    note = Text(required=True, shortest=1, longest=500, metadata={"example": "漏报清单，照片属实"})


class KeptReportSchema(Schema):
    """A report whose check-in has not come."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 7})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:39:00+00:00"})
    device_at = Instant(required=True, metadata={"example": "2026-03-02T04:38:00+00:00"})
    content_sha256 = ma.fields.String(required=True, metadata={"example": SOME_SHA256})
