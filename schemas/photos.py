"""Photo uploads on the wire."""

import marshmallow as ma

from schemas.base import Schema
from schemas.examples import SOME_PHOTO, SOME_SHA256


class PhotoUploadSchema(Schema):
    """What the server holds of a photo just received."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    state = ma.fields.String(required=True, metadata={"example": "received"})
    sha256 = ma.fields.String(required=True, metadata={"example": SOME_SHA256})
    size_bytes = ma.fields.Integer(required=True, metadata={"example": 250000})
    reason = ma.fields.String(allow_none=True, metadata={"example": None})
