"""Price cases on the wire."""

import marshmallow as ma

from backend.standards.codes import ViolationGroup, ViolationKind
from backend.standards.price_codes import PriceCaseOutcome, PriceCaseState, SightingSource
from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import a_day, asked_id, one_of
from schemas.prices import LegalNoticeSchema
from schemas.violations import SOME_VIOLATION

KINDS = [kind for kind in ViolationKind if kind.group is ViolationGroup.PRICE]
SOME_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AN_INSTANT = {"example": "2026-03-02T04:10:00+00:00"}
REPLY = "店员误贴价签，已改回。"


class PriceCaseQuerySchema(QuerySchema):
    """Filters of the list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    sku_id = asked_id("Product")
    kind = one_of(KINDS)
    state = one_of(PriceCaseState)
    outcome = one_of(PriceCaseOutcome)


class RepeatsSchema(Schema):
    """How often the same kind happened in so many days before."""

    days = ma.fields.Integer(required=True, metadata={"example": 90})
    store = ma.fields.Integer(
        required=True, metadata={"description": "Earlier cases in this store", "example": 1}
    )
    dealer = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Earlier cases in the dealer's stores", "example": 4},
    )


class ReplyRequestSchema(Schema):
    """That the dealer was asked, and until when."""

    asked_at = Instant(required=True, metadata=AN_INSTANT)
    asked_by_id = ma.fields.Integer(required=True, metadata={"example": 3})
    due_on = a_day("2026-03-09", required=True)


class PhotoNameSchema(Schema):
    """A photo of a visit."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})


class ReplySchema(Schema):
    """What the dealer said, as the office noted it."""

    replied_on = a_day("2026-03-05", required=True)
    text = ma.fields.String(required=True, metadata={"example": REPLY})
    photo = ma.fields.Nested(PhotoNameSchema, required=True, allow_none=True)
    is_late = ma.fields.Boolean(required=True, metadata={"example": False})
    recorded_at = Instant(required=True, metadata=AN_INSTANT)
    recorded_by_id = ma.fields.Integer(required=True, metadata={"example": 3})


class ClosingSchema(Schema):
    """What a person decided."""

    outcome = one_of(PriceCaseOutcome, required=True)
    note = ma.fields.String(required=True, metadata={"example": "复查价签已恢复"})
    closed_at = Instant(required=True, metadata=AN_INSTANT)
    closed_by_id = ma.fields.Integer(required=True, metadata={"example": 3})


class PriceCaseSchema(Schema):
    """A price violation and what was made of it."""

    id = ma.fields.UUID(
        required=True, metadata={"description": "The violation's", "example": SOME_VIOLATION}
    )
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    kind = one_of(KINDS, required=True)
    kind_zh = ma.fields.String(required=True, metadata={"example": KINDS[0].zh})
    subject = ma.fields.String(required=True, metadata={"example": "sku:3"})
    severity = ma.fields.Integer(required=True, metadata={"example": 3})
    opened_at = Instant(required=True, metadata=AN_INSTANT)
    opened_on = a_day(required=True)
    is_manual = ma.fields.Boolean(required=True, metadata={"example": False})
    sighted = ma.fields.Integer(
        required=True, metadata={"description": "How often it was seen", "example": 2}
    )
    last_seen_at = Instant(required=True, metadata=AN_INSTANT)
    resolved_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When a photo proved that it ended", "example": None},
    )
    repeats = ma.fields.Nested(RepeatsSchema, required=True)
    state = one_of(PriceCaseState, required=True)
    reply_request = ma.fields.Nested(ReplyRequestSchema, required=True, allow_none=True)
    reply = ma.fields.Nested(ReplySchema, required=True, allow_none=True)
    closing = ma.fields.Nested(ClosingSchema, required=True, allow_none=True)
    version = ma.fields.Integer(required=True, metadata={"example": 2})


class SightingSchema(Schema):
    """Who saw it, and how."""

    id = ma.fields.UUID(
        required=True,
        metadata={
            "description": "Of the visit, the report by hand, or the line of the feed",
            "example": SOME_VISIT,
        },
    )
    source = one_of(SightingSource, required=True)
    seen_at = Instant(required=True, metadata=AN_INSTANT)
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    note = ma.fields.String(required=True, metadata={"example": ""})
    quarantine_reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the visit does not count", "example": None},
    )


class ObservationSchema(Schema):
    """A price as seen, beside its reference of the day, in fen."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    number = ma.fields.Integer(required=True, metadata={"example": 1})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    seen_at = Instant(required=True, metadata=AN_INSTANT)
    seen_on = a_day(required=True)
    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    tag_fen = ma.fields.Integer(required=True, metadata={"example": 189900})
    quoted_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    discount_fen = ma.fields.Integer(required=True, metadata={"example": 0})
    gift_fen = ma.fields.Integer(required=True, metadata={"example": 0})
    allowed_gift_fen = ma.fields.Integer(required=True, metadata={"example": 5000})
    net_fen = ma.fields.Integer(required=True, metadata={"example": 189900})
    reference_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 199900})
    findings = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "`overpricing` is told, but is no violation",
            "example": ["direct_price_cut"],
        },
    )


class DiversionSchema(Schema):
    """A handset seen away from the dealer it was sold to."""

    imei = ma.fields.String(required=True, metadata={"example": "490154203237518"})
    seen_kind = ma.fields.String(required=True, metadata={"example": "imei_sighting"})
    seen_on = a_day(required=True)
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    sold_in_on = a_day("2026-02-02", required=True)
    sold_in_dealer_id = ma.fields.Integer(required=True, metadata={"example": 9})


class ProofSchema(PhotoNameSchema):
    """A photo of a price tag, received with a visit that saw the violation."""

    item = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    captured_at = Instant(required=True, allow_none=True, metadata=AN_INSTANT)
    capture_source = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "in_app_camera"}
    )
    received_at = Instant(required=True, metadata=AN_INSTANT)
    sha256 = ma.fields.String(required=True, metadata={"example": SOME_HASH})
    size_bytes = ma.fields.Integer(required=True, metadata={"example": 240000})
    media_type = ma.fields.String(required=True, metadata={"example": "image/jpeg"})
    quarantine_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})


class WholePriceCaseSchema(PriceCaseSchema):
    """A price case with all that it stands on."""

    note = ma.fields.String(required=True, metadata={"example": ""})
    sightings = ma.fields.List(ma.fields.Nested(SightingSchema), required=True)
    observations = ma.fields.List(ma.fields.Nested(ObservationSchema), required=True)
    diversions = ma.fields.List(ma.fields.Nested(DiversionSchema), required=True)
    proofs = ma.fields.List(ma.fields.Nested(ProofSchema), required=True)
    legal_notice = ma.fields.Nested(LegalNoticeSchema, required=True)


class AskForReplySchema(Schema):
    """By which day the dealer is asked to reply."""

    due_on = a_day(
        "2026-03-09",
        load_default=None,
        allow_none=True,
        metadata={"description": "null takes the usual number of days"},
    )


class NewReplySchema(Schema):
    """What the dealer said."""

    replied_on = a_day("2026-03-05", required=True)
    text = Text(required=True, shortest=1, longest=4000, metadata={"example": REPLY})
    photo = ma.fields.Nested(PhotoNameSchema, load_default=None, allow_none=True)


class CloseSchema(Schema):
    """What a person decided, and why."""

    outcome = one_of(PriceCaseOutcome, required=True)
    note = Text(required=True, shortest=1, longest=2000, metadata={"example": "复查价签已恢复"})


class ReopenSchema(Schema):
    """Why a case is opened again."""

    note = Text(required=True, shortest=1, longest=500, metadata={"example": "经销商补充了证据"})
