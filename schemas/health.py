"""The wire shape of the server's health."""

import marshmallow as ma

from schemas.base import Schema


class HealthSchema(Schema):
    """What a working server says of itself."""

    ledger_seq = ma.fields.Integer(
        metadata={"description": "Number of the last sealed ledger entry", "example": 1204}
    )
    ledger_hash = ma.fields.String(
        metadata={
            "description": "Hash of the last sealed ledger entry: proves every one before it",
            "example": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    )
    free_bytes = ma.fields.Integer(
        metadata={"description": "Room left for photos", "example": 52_428_800_000}
    )
