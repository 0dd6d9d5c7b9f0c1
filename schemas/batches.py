"""An evening's sync on the wire."""

import marshmallow as ma

from schemas.base import (
    Schema,
)
from schemas.examples import SOME_VISIT
from schemas.fields import one_of

MOST_ITEMS = 200


class BatchItemSchema(Schema):
    """One document of an evening's sync, as it would have been PUT."""

    kind = one_of(
        ("check_in", "report", "pause", "cancellation", "amendment"),
        required=True,
        metadata={"example": "check_in"},
    )
    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    id = ma.fields.UUID(
        load_default=None, metadata={"description": "Of the pause or the amendment"}
    )
    body = ma.fields.Dict(required=True)


class BatchSchema(Schema):
    """An evening's sync; items are judged one by one."""

    items = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        validate=ma.validate.Length(1, MOST_ITEMS),
        metadata={
            "example": [
                {
                    "kind": "check_in",
                    "visit_id": SOME_VISIT,
                    "body": {
                        "store_id": 17,
                        "clock": {"device_at": "2026-03-02T12:00:00+08:00"},
                        "position": None,
                    },
                }
            ]
        },
    )


class BatchResultSchema(Schema):
    """What became of one item."""

    visit_id = ma.fields.String(allow_none=True, metadata={"example": SOME_VISIT})
    id = ma.fields.String(allow_none=True, metadata={"example": None})
    kind = ma.fields.String(allow_none=True, metadata={"example": "check_in"})
    result = ma.fields.String(
        required=True,
        metadata={"example": "created"},
        validate=ma.validate.OneOf(["created", "replayed", "conflict", "quarantined", "invalid"]),
    )
    problem = ma.fields.Dict(allow_none=True, metadata={"example": None})


class BatchAnswerSchema(Schema):
    """The results, in the order of the items."""

    results = ma.fields.List(ma.fields.Nested(BatchResultSchema), required=True)
