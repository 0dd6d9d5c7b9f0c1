"""Capture tokens on the wire."""

import marshmallow as ma

from schemas.base import Instant, Schema, whole
from schemas.examples import SOME_CAPTURE

MOST_TOKENS = 50


class CaptureTokensRequestSchema(Schema):
    """How many tokens a phone wants to have with it."""

    count = whole(1, MOST_TOKENS, load_default=10, metadata={"example": 10})


class CaptureTokensSchema(Schema):
    """Tokens for visits to come, one each."""

    tokens = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"example": [SOME_CAPTURE]},
    )
    expires_at = Instant(
        required=True,
        metadata={
            "description": "Photos taken until then are covered",
            "example": "2026-03-05T01:00:00+00:00",
        },
    )
