"""The archive of dealers and stores on the wire."""

import marshmallow as ma

from backend.network.words import (
    BuyingMode,
    CustomerKind,
    CustomerSource,
    CustomerType,
    Grade,
    LifeStage,
    RevenueBand,
    Subject,
)
from schemas.base import Day, Instant, PositionSchema, QuerySchema, Schema, Text, whole
from schemas.customers import CustomerQuerySchema, OfCustomerSchema, percent, scale
from schemas.fields import a_day, asked_id, one_of
from schemas.stores import SOME_POSITION, PointSchema

SOME_NOTE = "0c2b8a52-60f8-4f0f-8c37-0b0f3ae0d7f1"


def _words(example: list[str]) -> ma.fields.List[str]:
    return ma.fields.List(
        Text(shortest=1, longest=40),
        allow_none=True,
        validate=ma.validate.Length(max=20),
        metadata={"example": example},
    )


def _text(longest: int, example: str) -> Text:
    return Text(longest=longest, allow_none=True, metadata={"example": example})


class _EnteredSchema(Schema):
    """What is entered of both."""

    short_name = _text(40, "恒达")
    licence_name = _text(120, "长沙恒达通讯有限公司")
    licence_no = Text(
        longest=20,
        allow_none=True,
        metadata={
            "description": "Unified code or the older number",
            "example": "91350100M000100Y43",
        },
    )
    customer_kind = one_of(CustomerKind, allow_none=True)
    customer_type = one_of(CustomerType, allow_none=True)
    customer_source = one_of(CustomerSource, allow_none=True)
    product_field = _words(["handset"])
    products_of_interest = _words(["YAOSHI X1"])
    buying_mode = one_of(BuyingMode, allow_none=True)
    buying_policy = _text(500, "月初订货，量大返点")
    share_of_wallet_percent = percent(allow_none=True)


class _OfStoreSchema(_EnteredSchema):
    """What is entered of a store."""

    position_grade = scale(1, 5)
    display_sections = whole(0, 1000, allow_none=True, metadata={"example": 4})
    display_area_m2 = ma.fields.Float(
        allow_none=True, validate=ma.validate.Range(0, 100_000), metadata={"example": 12.5}
    )


class _OfDealerSchema(_EnteredSchema):
    """What is entered of a dealer."""

    grade = one_of(Grade, allow_none=True)
    credit_grade = one_of(Grade, allow_none=True)
    division_code = Text(longest=9, allow_none=True, metadata={"example": "430102001"})
    address = _text(200, "解放西路 8 号")
    staff_count = whole(0, 100_000, allow_none=True, metadata={"example": 12})
    revenue_band = one_of(RevenueBand, allow_none=True)
    bottleneck = _text(500, "资金周转")
    current_method = _text(500, "电话订货，自提")


class _AmendSchema(Schema):
    """What an amendment of either may say besides."""

    phone = _text(40, "0731-8888 1234")
    lifecycle_stage = one_of(
        LifeStage,
        allow_none=True,
        metadata={"description": "Overrides the derived stage; null returns to it"},
    )
    custom = ma.fields.Dict(
        keys=Text(shortest=1, longest=40),
        validate=ma.validate.Length(max=100),
        metadata={"description": "Values of custom fields by code", "example": {"wifi": True}},
    )


class AmendStoreArchiveSchema(_AmendSchema, _OfStoreSchema):
    """What may be entered of a store; what is left out stays, null empties a field."""


class AmendDealerArchiveSchema(_AmendSchema, _OfDealerSchema):
    """What may be entered of a dealer; what is left out stays, null empties a field."""

    position = ma.fields.Nested(
        PositionSchema, allow_none=True, metadata={"example": SOME_POSITION}
    )


class MissingFieldSchema(Schema):
    """A field that is to be filled."""

    code = ma.fields.String(required=True, metadata={"example": "position_grade"})
    zh = ma.fields.String(required=True, metadata={"example": "位置"})
    en = ma.fields.String(required=True, metadata={"example": "position grade"})
    block = ma.fields.String(required=True, metadata={"example": "extended"})
    weight = ma.fields.Integer(required=True, metadata={"example": 2})
    by = ma.fields.String(
        required=True,
        metadata={"description": "Who can fill it: field or office", "example": "field"},
    )


class DealsSchema(Schema):
    """What was sold to a customer, by the sell-in feed; a deal is a day with goods."""

    first_deal_on = Day(required=True, allow_none=True, metadata={"example": "2025-03-01"})
    last_deal_on = Day(required=True, allow_none=True, metadata={"example": "2026-02-20"})
    deal_count = ma.fields.Integer(required=True, metadata={"example": 14})
    deal_amount_fen = ma.fields.Integer(
        required=True, metadata={"description": "Returns deducted", "example": 18_400_000}
    )


class _ShownSchema(Schema):
    phone = ma.fields.String(
        required=True,
        allow_none=True,
        attribute="phone_text",
        metadata={"example": "0731-88881234"},
    )
    phone_e164 = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "+8673188881234"}
    )
    lifecycle_stage = ma.fields.String(required=True, metadata={"example": "growth"})
    is_stage_overridden = ma.fields.Boolean(required=True, metadata={"example": False})
    custom = ma.fields.Dict(required=True, metadata={"example": {"wifi": True}})
    completeness = ma.fields.Float(
        required=True,
        metadata={"description": "Share of what applies that is filled", "example": 0.62},
    )
    missing = ma.fields.List(ma.fields.Nested(MissingFieldSchema), required=True)
    deals = ma.fields.Nested(
        DealsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null for those who may not see sales"},
    )
    satisfaction = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Mean score of the feedback cards, 1 to 5", "example": 4.2},
    )
    amended_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:00:00+00:00"}
    )
    amended_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    version = ma.fields.Integer(
        required=True, metadata={"description": "0 when nobody entered anything", "example": 3}
    )


class StoreArchiveSchema(_ShownSchema, _OfStoreSchema):
    """The archive of a store."""

    store_id = ma.fields.Integer(required=True, attribute="customer_id", metadata={"example": 17})


class DealerArchiveSchema(_ShownSchema, _OfDealerSchema):
    """The archive of a dealer."""

    dealer_id = ma.fields.Integer(required=True, attribute="customer_id", metadata={"example": 7})
    point = ma.fields.Nested(
        PointSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The office, in the datum asked for"},
    )
    raw = ma.fields.Nested(
        PointSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The office, as it was given"},
    )


class IncompleteQuerySchema(QuerySchema):
    """Filters of the list."""

    subject = one_of(Subject, load_default="store")
    owner_id = asked_id("Stores of this rep")
    region_id = asked_id("Region, with those below it")


class IncompleteSchema(Schema):
    """A dealer or store whose archive lacks something."""

    subject = ma.fields.String(required=True, metadata={"example": "store"})
    id = ma.fields.Integer(required=True, metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    owner_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    completeness = ma.fields.Float(required=True, metadata={"example": 0.31})
    missing = ma.fields.List(ma.fields.Nested(MissingFieldSchema), required=True)


class CompetitorQuerySchema(CustomerQuerySchema):
    """Filters of the list."""

    brand = Text(longest=40)


class NewCompetitorNoteSchema(OfCustomerSchema):
    """A competing brand as found."""

    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_NOTE})
    seen_on = a_day(required=True)
    brand = Text(required=True, shortest=1, longest=40, metadata={"example": "玄铁"})
    strengths = Text(load_default="", longest=500, metadata={"example": "提成高"})
    weaknesses = Text(load_default="", longest=500, metadata={"example": "售后慢"})
    spiff_level = scale(0, 5, load_default=None)
    share_percent = percent(load_default=None, allow_none=True)


class CompetitorNoteSchema(NewCompetitorNoteSchema):
    """A note about a competing brand."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_NOTE})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
