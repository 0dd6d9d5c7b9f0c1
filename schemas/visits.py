"""Check-ins, reports, receipts and batches on the wire."""

import json
from datetime import timedelta
from typing import Any

import marshmallow as ma

from backend.standards.codes import (
    CancelReason,
    CaptureSource,
    PhotoSubject,
    VisitOutcome,
    VisitStatus,
    VisitType,
)
from schemas.base import (
    SHA256,
    Day,
    DayText,
    Instant,
    PositionSchema,
    QuerySchema,
    Schema,
    Text,
    whole,
)
from schemas.fields import asked_id, one_of, row_id
from schemas.rows import Rows

SOME_VISIT = "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"
SOME_PAUSE = "3c6f1f0a-8f5f-4c1d-9d38-0f6f3f1c7a52"
SOME_PHOTO = "0b8fd8c2-95f1-4f5a-8a54-5c1b6f0f2d11"
SOME_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MOST_ANSWERS, MOST_PRODUCTS, MOST_PRICES, MOST_PROMOTIONS, MOST_PHOTOS = 300, 500, 300, 50, 100
MOST_RECEIPTS, MOST_ITEMS = 500, 200


class ClockSchema(Schema):
    """The phone's clocks when it happened; neither is trusted, both are kept."""

    device_at = Instant(required=True, metadata={"example": "2026-03-02T12:00:00+08:00"})
    elapsed_ms = whole(
        most=10**12,
        load_default=None,
        allow_none=True,
        metadata={"description": "Milliseconds since the phone started", "example": 8640000},
    )


class FixSchema(PositionSchema):
    """A position with how it was obtained."""

    accuracy_m = ma.fields.Float(
        load_default=None, allow_none=True, validate=ma.validate.Range(0, 100_000)
    )
    provider = Text(load_default=None, allow_none=True, longest=20, metadata={"example": "gps"})
    fix_age_s = ma.fields.Float(
        load_default=None, allow_none=True, validate=ma.validate.Range(0, 10**7)
    )
    is_mock = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "null when the platform cannot tell"},
    )


class CheckInSchema(Schema):
    """What the phone sends on arrival."""

    store_id = row_id(required=True)
    kind = one_of(VisitType, load_default="routine", metadata={"example": "routine"})
    clock = ma.fields.Nested(ClockSchema, required=True)
    position = ma.fields.Nested(
        FixSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "null when the phone had no fix",
            "example": {
                "lat": 28.1951,
                "lon": 112.9769,
                "crs": "wgs84",
                "accuracy_m": 12.0,
                "provider": "gps",
                "fix_age_s": 2.0,
                "is_mock": False,
            },
        },
    )
    unplanned_reason = Text(
        load_default=None, allow_none=True, longest=200, metadata={"example": None}
    )


class TemplateRefSchema(Schema):
    """The checklist version the phone showed."""

    code = Text(required=True, longest=40, metadata={"example": "signage_city"})
    version = whole(1, required=True, metadata={"example": 1})


class AnswerSchema(Schema):
    """One checklist line as answered; whatever is left out was not answered."""

    line = Text(required=True, longest=60, metadata={"example": "city_c1_brand_counter"})
    present = ma.fields.Boolean(allow_none=True)
    quantity = whole(most=100_000, allow_none=True)
    parts = ma.fields.Dict(
        keys=Text(longest=40), values=ma.fields.Boolean(), validate=ma.validate.Length(max=10)
    )
    width_m = ma.fields.Float(allow_none=True, validate=ma.validate.Range(0, 1000))
    contiguous = ma.fields.Boolean(allow_none=True)
    yes = ma.fields.Boolean(allow_none=True)
    value = ma.fields.Float(allow_none=True, validate=ma.validate.Range(-1_000_000_000, 10**9))
    choice = Text(longest=40, allow_none=True)
    choices = ma.fields.List(Text(longest=40), allow_none=True, validate=ma.validate.Length(max=50))
    text = Text(longest=2000, allow_none=True)
    not_applicable = ma.fields.Boolean()
    note = Text(longest=500)


class ProductAnswerSchema(Schema):
    """One product as found; null means not looked at."""

    sku_id = row_id(required=True)
    listed = ma.fields.Boolean(load_default=None, allow_none=True, metadata={"example": True})
    facings = whole(most=10_000, load_default=None, allow_none=True, metadata={"example": 2})
    stock = whole(
        most=1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"example": 5, "description": "Sellable units, demo units not among them"},
    )
    demo_stock = whole(most=10_000, load_default=None, allow_none=True, metadata={"example": 1})
    damaged_stock = whole(
        most=1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"example": 0, "description": "Units that cannot be sold"},
    )
    oldest_receipt_on = DayText(
        load_default=None,
        allow_none=True,
        metadata={"example": "2026-01-15", "description": "When the oldest unit came in"},
    )


class PriceAnswerSchema(Schema):
    """One price as seen, in fen."""

    sku_id = row_id(required=True)
    tag_fen = whole(1, required=True, metadata={"example": 199900})
    quoted_fen = whole(load_default=None, allow_none=True, metadata={"example": 189900})
    discount_fen = whole(load_default=0, metadata={"example": 0})
    gift_fen = whole(load_default=0, metadata={"example": 5000, "description": "Value of gifts"})


class PromotionAnswerSchema(Schema):
    """What was seen of a promotion, and what it did in the store since the visit before."""

    promotion_id = row_id(required=True)
    executed = ma.fields.Boolean(load_default=None, allow_none=True, metadata={"example": True})
    material_ok = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether its material is there and in order", "example": True},
    )
    timing_ok = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether it runs on its days only", "example": True},
    )
    area_ok = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether it is offered and advertised here only", "example": True},
    )
    units = whole(
        most=1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "Sold since the visit before", "example": 3},
    )
    gifts = whole(most=1_000_000, load_default=None, allow_none=True, metadata={"example": 3})
    cost_fen = whole(load_default=None, allow_none=True, metadata={"example": 12000})
    remark = Text(load_default="", longest=500, metadata={"example": "堆头到位"})


class ManifestPhotoSchema(Schema):
    """One photo the phone has taken and will send."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    sha256 = ma.fields.String(
        required=True, validate=ma.validate.Regexp(SHA256), metadata={"example": SOME_SHA256}
    )
    size_bytes = whole(1, required=True, metadata={"example": 250000})
    media_type = Text(load_default="image/jpeg", longest=20, metadata={"example": "image/jpeg"})
    subject = one_of(PhotoSubject, required=True, metadata={"example": "storefront"})
    item = Text(
        load_default=None,
        allow_none=True,
        longest=60,
        metadata={
            "example": "city_a_fascia_or_lightbox",
            "description": "What it proves: a checklist line, `sku:3`, `promotion:2`",
        },
    )
    captured_at = Instant(required=True, metadata={"example": "2026-03-02T12:05:00+08:00"})
    capture_source = one_of(
        CaptureSource, load_default="unknown", metadata={"example": "in_app_camera"}
    )


class CheckOutSchema(Schema):
    """What the phone read on leaving."""

    clock = ma.fields.Nested(ClockSchema, required=True)
    position = ma.fields.Nested(
        FixSchema, load_default=None, allow_none=True, metadata={"example": None}
    )


class ReportSchema(Schema):
    """Everything found on a visit, and the manifest of its photos."""

    template = ma.fields.Nested(TemplateRefSchema, load_default=None, allow_none=True)
    answers = Rows(
        AnswerSchema,
        most=MOST_ANSWERS,
        metadata={
            "example": [
                {"line": "city_c1_brand_counter", "quantity": 3},
                {"line": "city_c2_back_wall", "present": True, "width_m": 2.0},
                {"line": "city_e_welcome_mat", "present": False, "note": "送洗"},
                {"line": "first_notice", "yes": True},
                {"line": "poster_state", "choice": "torn"},
            ]
        },
    )
    products = Rows(ProductAnswerSchema, most=MOST_PRODUCTS)
    prices = Rows(PriceAnswerSchema, most=MOST_PRICES)
    promotions = Rows(PromotionAnswerSchema, most=MOST_PROMOTIONS)
    photos = ma.fields.List(
        ma.fields.Nested(ManifestPhotoSchema),
        load_default=list,
        validate=ma.validate.Length(max=MOST_PHOTOS),
    )
    outcome = one_of(VisitOutcome, required=True, metadata={"example": "done"})
    outcome_reason = Text(
        load_default="",
        longest=500,
        metadata={"description": "Required for the outcome `other`", "example": ""},
    )
    check_out = ma.fields.Nested(CheckOutSchema, required=True)

    @ma.validates_schema
    def _say_what_else(self, document: dict[str, Any], **_: Any) -> None:
        if document.get("outcome") == VisitOutcome.OTHER and not document["outcome_reason"].strip():
            raise ma.ValidationError("Say what happened.", "outcome_reason")


class PauseSchema(Schema):
    """A part of a visit that was not worked; told when it is over."""

    paused = ma.fields.Nested(ClockSchema, required=True)
    resumed = ma.fields.Nested(ClockSchema, required=True)


class StoredPauseSchema(Schema):
    """A pause as it is held."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PAUSE})
    paused_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    resumed_at = Instant(required=True, metadata={"example": "2026-03-02T04:18:00+00:00"})


class CancellationSchema(Schema):
    """Why, when and where a visit was broken off."""

    reason = one_of(CancelReason, required=True, metadata={"example": "called_away"})
    note = Text(
        load_default="",
        longest=500,
        metadata={"description": "Required for the reason `other`", "example": "总部临时会议"},
    )
    clock = ma.fields.Nested(ClockSchema, required=True)
    position = ma.fields.Nested(
        FixSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "null when the phone had no fix",
            "example": {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 12.0},
        },
    )

    @ma.validates_schema
    def _say_what_else(self, document: dict[str, Any], **_: Any) -> None:
        if document.get("reason") == CancelReason.OTHER and not document["note"].strip():
            raise ma.ValidationError("Say why.", "note")


class AmendmentSchema(Schema):
    """A report handed in anew, whole, and why."""

    reason = Text(
        required=True, shortest=1, longest=500, metadata={"example": "漏填两款机型的库存"}
    )
    clock = ma.fields.Nested(
        ClockSchema, required=True, metadata={"description": "When the amendment was written"}
    )
    report = ma.fields.Nested(ReportSchema, required=True)


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
    check_in = ma.fields.Nested(DocumentReceiptSchema, required=True)
    report = ma.fields.Nested(DocumentReceiptSchema, required=True)
    photos = ma.fields.List(ma.fields.Nested(PhotoReceiptSchema), required=True)
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


class ReceiptsRequestSchema(Schema):
    """The visits a phone asks about."""

    visit_ids = ma.fields.List(
        ma.fields.UUID(),
        required=True,
        validate=ma.validate.Length(1, MOST_RECEIPTS),
        metadata={"example": [SOME_VISIT]},
    )


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


class VisitSchema(Schema):
    """A stored visit."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    claimed_store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 4})
    tier = ma.fields.String(required=True, allow_none=True, metadata={"example": "city"})
    grade = ma.fields.String(required=True, allow_none=True, metadata={"example": "B"})
    kind = ma.fields.String(required=True, metadata={"example": "routine"})
    status = ma.fields.String(required=True, metadata={"example": "complete"})
    quarantine_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    checked_in_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    checked_out_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:38:00+00:00"}
    )
    device_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:02+00:00"})
    skew_s = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.8})
    is_clock_suspect = ma.fields.Boolean(required=True, metadata={"example": False})
    lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})
    outcome = ma.fields.String(required=True, allow_none=True, metadata={"example": "done"})
    outcome_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    paused_s = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: no pause", "example": 480}
    )
    worked_s = ma.fields.Method(
        "_worked_s",
        metadata={
            "type": ["integer", "null"],
            "description": "From check-in to check-out without pauses; null without a check-out",
            "example": 1800,
        },
    )
    auto_closed_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Closed by the system for want of a report", "example": None},
    )
    cancelled_at = Instant(required=True, allow_none=True, metadata={"example": None})
    completed_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:41:10+00:00"}
    )
    place = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "example": "inside",
            "description": "inside, outside or uncertain; null until it was judged",
        },
    )
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 23})
    unplanned_reason_missing = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Nobody had planned it, and nobody has said why",
            "example": False,
        },
    )

    def _worked_s(self, visit: dict[str, Any]) -> int | None:
        if visit["checked_out_at"] is None or visit["cancelled_at"] is not None:
            return None
        stayed: timedelta = visit["checked_out_at"] - visit["checked_in_at"]
        return round(stayed.total_seconds()) - (visit["paused_s"] or 0)


class PlaceLeftSchema(Schema):
    """Where the phone was on leaving, against the store's point of now: advice, no judgement."""

    lat = ma.fields.Float(required=True, metadata={"example": 28.1951})
    lon = ma.fields.Float(required=True, metadata={"example": 112.9769})
    crs = ma.fields.String(required=True, metadata={"example": "wgs84"})
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})
    provider = ma.fields.String(required=True, allow_none=True, metadata={"example": "gps"})
    place = ma.fields.String(required=True, metadata={"example": "inside"})
    distance_m = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 23})


class BrokenOffSchema(Schema):
    """Why, when and where a visit was broken off."""

    reason = one_of(CancelReason, required=True, metadata={"example": "called_away"})
    note = ma.fields.String(required=True, metadata={"example": ""})
    cancelled_at = Instant(required=True, metadata={"example": "2026-03-02T04:20:00+00:00"})
    raw_lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    raw_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    raw_crs = ma.fields.String(required=True, allow_none=True, metadata={"example": "wgs84"})
    accuracy_m = ma.fields.Float(required=True, allow_none=True, metadata={"example": 12.0})


class WholeVisitSchema(VisitSchema):
    """A stored visit with all that happened in it."""

    raw_lat = ma.fields.Float(required=True, allow_none=True, metadata={"example": 28.1951})
    raw_lon = ma.fields.Float(required=True, allow_none=True, metadata={"example": 112.9769})
    raw_crs = ma.fields.String(required=True, allow_none=True, metadata={"example": "wgs84"})
    left = ma.fields.Nested(PlaceLeftSchema, required=True, allow_none=True)
    pauses = ma.fields.List(ma.fields.Nested(StoredPauseSchema), required=True)
    cancellation = ma.fields.Nested(BrokenOffSchema, required=True, allow_none=True)


class RevisionSchema(Schema):
    """One text of a report, and what the rules made of it."""

    id = ma.fields.UUID(
        required=True,
        attribute="row.id",
        metadata={"description": "Of the original, the visit's own", "example": SOME_VISIT},
    )
    number = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="row.number",
        metadata={"description": "1 is the original; null while it waits", "example": 1},
    )
    is_in_force = ma.fields.Boolean(required=True, metadata={"example": True})
    reason = ma.fields.String(required=True, attribute="row.reason", metadata={"example": ""})
    amended_at = Instant(
        required=True,
        attribute="row.amended_at",
        metadata={"example": "2026-03-02T04:38:00+00:00"},
    )
    received_at = Instant(
        required=True,
        attribute="row.received_at",
        metadata={"example": "2026-03-02T04:38:04+00:00"},
    )
    content_sha256 = ma.fields.String(
        required=True, attribute="row.content_sha256", metadata={"example": SOME_SHA256}
    )
    doubt = ma.fields.String(
        required=True,
        allow_none=True,
        attribute="row.doubt",
        metadata={"description": "Why part of it was not judged", "example": None},
    )
    document = ma.fields.Method("_document", metadata={"type": "object"})
    judgement = ma.fields.Dict(required=True, allow_none=True)

    def _document(self, revision: Any) -> Any:
        return json.loads(revision.row.document)


class VisitQuerySchema(QuerySchema):
    """Filters of the visit list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    person_id = asked_id("Who visited")
    status = one_of(VisitStatus, metadata={"example": "complete"})
    kind = one_of(VisitType, metadata={"example": "routine"})


class QuarantineQuerySchema(QuerySchema):
    """Filters of the quarantine."""

    reason = Text(longest=40, metadata={"example": "unknown-store"})


class ReleaseSchema(Schema):
    """How a manager lets a kept visit in."""

    store_id = whole(
        1,
        load_default=None,
        allow_none=True,
        metadata={
            "example": 17,
            "description": "The store it really was, when the phone's was unknown",
        },
    )
    note = Text(required=True, shortest=1, longest=500, metadata={"example": "新开门店，已建档"})


class SentSchema(Schema):
    """What the phone's clocks said at the moment of sending, as headers."""

    class Meta:
        unknown = ma.EXCLUDE

    sent_device_at = Instant(
        data_key="Device-Time",
        load_default=None,
        metadata={"description": "The phone's clock now", "example": "2026-03-02T18:30:00+08:00"},
    )
    sent_elapsed_ms = ma.fields.Integer(
        data_key="Device-Elapsed-Ms",
        load_default=None,
        validate=ma.validate.Range(0, 10**12),
        metadata={"description": "Milliseconds since the phone started", "example": 32040000},
    )
