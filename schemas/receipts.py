"""Receipts on the wire: what the server holds, and what it came to."""

import marshmallow as ma

from backend.standards.codes import (
    VisitStatus,
)
from schemas.base import (
    Day,
    Instant,
    Schema,
)
from schemas.examples import SOME_CAPTURE, SOME_PAUSE, SOME_PHOTO, SOME_SHA256, SOME_VISIT
from schemas.fields import one_of

MOST_RECEIPTS = 500


class DocumentReceiptSchema(Schema):
    """Whether a document is held, and the hash of what is held."""

    received = ma.fields.Boolean(required=True)
    content_sha256 = ma.fields.String(
        allow_none=True,
        metadata={
            "example": SOME_SHA256,
            "description": "SHA-256 of the canonical JSON: sorted keys, no spaces, UTF-8",
        },
    )


class PhotoReceiptSchema(Schema):
    """What became of one photo."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    state = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["missing", "received", "unannounced", "quarantined"]),
        metadata={
            "example": "received",
            "description": "`unannounced`: held, but no manifest has named it yet",
        },
    )
    sha256 = ma.fields.String(
        allow_none=True, metadata={"description": "Of the bytes held", "example": SOME_SHA256}
    )
    reason = ma.fields.String(allow_none=True, metadata={"example": None})


class MissingFromReportSchema(Schema):
    """What a checklist line still asks for."""

    line = ma.fields.String(required=True, metadata={"example": "first_notice"})
    letter = ma.fields.String(required=True, metadata={"example": "P1"})
    what = one_of(("answer", "photo"), required=True, metadata={"example": "photo"})
    reason = ma.fields.String(required=True, metadata={"example": "0 of 1 photos"})
    found = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Photos that count", "example": 0}
    )
    wanted = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 1})


class ScoreSchema(Schema):
    """What the rules made of the report; shares are 0-1, null when nothing was checked."""

    signage_score = ma.fields.Float(allow_none=True, metadata={"example": 0.7})
    mandatory_pass = ma.fields.Integer(allow_none=True, metadata={"example": 3})
    mandatory_checked = ma.fields.Integer(allow_none=True, metadata={"example": 4})
    is_all_mandatory_pass = ma.fields.Boolean(allow_none=True, metadata={"example": False})
    missing_required = ma.fields.List(
        ma.fields.String(),
        allow_none=True,
        metadata={"example": ["F"], "description": "Required letters without an answer"},
    )
    is_incomplete = ma.fields.Boolean(
        allow_none=True,
        metadata={
            "description": "Something is `missing`; null where there was no checklist",
            "example": True,
        },
    )
    missing = ma.fields.List(ma.fields.Nested(MissingFromReportSchema), allow_none=True)
    failed_critical = ma.fields.List(
        ma.fields.String(),
        allow_none=True,
        metadata={"example": [], "description": "Critical lines that failed: one fails the visit"},
    )
    must_listed = ma.fields.Integer(allow_none=True, metadata={"example": 6})
    must_answered = ma.fields.Integer(allow_none=True, metadata={"example": 8})
    must_available = ma.fields.Integer(allow_none=True, metadata={"example": 5})
    must_stock_answered = ma.fields.Integer(allow_none=True, metadata={"example": 6})
    prices_compliant = ma.fields.Integer(allow_none=True, metadata={"example": 2})
    prices_checked = ma.fields.Integer(allow_none=True, metadata={"example": 3})
    promos_executed = ma.fields.Integer(allow_none=True, metadata={"example": 1})
    promos_checked = ma.fields.Integer(allow_none=True, metadata={"example": 1})


class PartReceiptSchema(Schema):
    """What the server holds of a pause or an amendment."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PAUSE})
    content_sha256 = ma.fields.String(required=True, metadata={"example": SOME_SHA256})


ON_ASKING = {"description": "Left out in the answer to a check-in, a report or a photo"}


class ReceiptSchema(Schema):
    """What the server holds of a visit: what is received the phone may delete."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    status = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["unknown", *map(str, VisitStatus)]),
        metadata={"example": "open"},
    )
    is_complete = ma.fields.Boolean(required=True, metadata={"example": False})
    quarantine_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    demands = ma.fields.List(
        one_of(["storefront_photo"]),
        required=True,
        metadata={
            "description": "What the visit still owes because of its place; a report or an "
            "amendment may bring it",
            "example": [],
        },
    )
    check_in = ma.fields.Nested(DocumentReceiptSchema, required=True)
    report = ma.fields.Nested(DocumentReceiptSchema, required=True)
    photos = ma.fields.List(ma.fields.Nested(PhotoReceiptSchema), required=True)
    pauses = ma.fields.List(ma.fields.Nested(PartReceiptSchema), metadata=ON_ASKING)
    amendments = ma.fields.List(ma.fields.Nested(PartReceiptSchema), metadata=ON_ASKING)
    cancellation = ma.fields.Nested(DocumentReceiptSchema, metadata=ON_ASKING)
    score = ma.fields.Nested(ScoreSchema, allow_none=True)


class UnreportedSchema(Schema):
    """An earlier visit without a report."""

    visit_id = ma.fields.UUID(required=True, attribute="id", metadata={"example": SOME_VISIT})
    store_id = ma.fields.Integer(
        required=True, attribute="claimed_store_id", metadata={"example": 17}
    )
    business_on = Day(required=True, metadata={"example": "2026-03-01"})
    checked_in_at = Instant(required=True, metadata={"example": "2026-03-01T08:20:00+00:00"})


class CheckInReceiptSchema(ReceiptSchema):
    """What the server holds of a visit, and what it misses of earlier ones."""

    unreported = ma.fields.List(
        ma.fields.Nested(UnreportedSchema),
        required=True,
        metadata={"description": "The person's last visits without a report: ask for them"},
    )
    capture_token = ma.fields.String(
        required=True,
        metadata={
            "description": "To be named in the report that announces photos taken from now on",
            "example": SOME_CAPTURE,
        },
    )


class ReceiptsRequestSchema(Schema):
    """The visits a phone asks about."""

    visit_ids = ma.fields.List(
        ma.fields.UUID(),
        required=True,
        validate=ma.validate.Length(1, MOST_RECEIPTS),
        metadata={"example": [SOME_VISIT]},
    )
