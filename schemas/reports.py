"""Reports on the wire: answers, products, prices, promotions and the manifest of photos."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from backend.standards.codes import (
    Achievement,
    CaptureSource,
    PhotoSubject,
    VisitOutcome,
)
from schemas.base import (
    SHA256,
    DayText,
    Instant,
    Schema,
    Text,
    whole,
)
from schemas.clocks import ClockSchema, FixSchema
from schemas.examples import SOME_CAPTURE, SOME_PHOTO, SOME_SHA256
from schemas.fields import list_of, one_of, row_id
from schemas.plain import PlainSchema
from schemas.rows import Rows

MOST_ANSWERS, MOST_PRODUCTS, MOST_PRICES, MOST_PROMOTIONS, MOST_PHOTOS = 300, 500, 300, 50, 100


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


class ReportSchema(PlainSchema):
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
    capture_token = Text(
        longest=400,
        metadata={
            "description": "Of the check-in's answer, or one fetched ahead; for all its photos",
            "example": SOME_CAPTURE,
        },
    )
    outcome = one_of(VisitOutcome, required=True, metadata={"example": "done"})
    outcome_reason = Text(
        load_default="",
        longest=500,
        metadata={"description": "Required for the outcome `other`", "example": ""},
    )
    achieved = list_of(
        Achievement,
        load_default=ma.missing,
        allow_none=True,
        metadata={
            "description": "What came of the visit: nothing if empty, not asked if left out",
            "example": ["order", "posm_installed"],
        },
    )
    check_out = ma.fields.Nested(CheckOutSchema, required=True)

    def is_doubtful(self, document: Mapping[str, Any]) -> bool:
        """Return whether the outcome may ask for a reason."""
        return document["outcome"] == VisitOutcome.OTHER

    @ma.validates_schema
    def _say_what_else(self, document: dict[str, Any], **_: Any) -> None:
        if document.get("outcome") == VisitOutcome.OTHER and not document["outcome_reason"].strip():
            raise ma.ValidationError("Say what happened.", "outcome_reason")
