"""The standard of one store on one day, on the wire."""

import marshmallow as ma

from backend.standards.scopes import SCOPE_KINDS
from schemas.base import Day, QuerySchema, Schema
from schemas.checklists import LINES, LinePhotosSchema, Lines
from schemas.fields import one_of
from schemas.prices import LegalNoticeSchema


class StandardQuerySchema(QuerySchema):
    """Which day is asked about."""

    on = Day(load_default=None, metadata={"description": "Today if left out"})


class RequiredPhotoSchema(LinePhotosSchema):
    """Photos to be taken, which name the line as their `item`."""

    line = ma.fields.String(required=True, metadata={"example": "first_notice"})
    required = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "false: only if the line is answered, which is recommended",
            "example": False,
        },
    )


class StandardTemplateSchema(Schema):
    """The checklist to be shown; a report names its code and version."""

    code = ma.fields.String(required=True, metadata={"example": "signage_city"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
    scope_kind = one_of(SCOPE_KINDS, required=True, metadata={"example": "tier"})
    scope_value = ma.fields.String(required=True, metadata={"example": "city"})
    tier = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "If it is for one", "example": "city"},
    )
    lines = Lines(required=True, metadata={"example": LINES})
    any_of_letters = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "Letters of which one line that passes is enough",
            "example": ["D"],
        },
    )
    required_photos = ma.fields.List(
        ma.fields.Nested(RequiredPhotoSchema),
        required=True,
        metadata={"description": "What the lines ask for; lines that are hidden do not"},
    )


class MustRuleSchema(Schema):
    """The rule that made a product a must."""

    id = ma.fields.Integer(required=True, metadata={"example": 5})
    scope_kind = ma.fields.String(required=True, metadata={"example": "tier"})
    scope_value = ma.fields.String(required=True, metadata={"example": "city"})
    select_kind = ma.fields.String(required=True, metadata={"example": "role"})
    select_value = ma.fields.String(required=True, metadata={"example": "hero"})
    priority = ma.fields.Integer(required=True, metadata={"example": 0})
    season_plan_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 2})


class MustSchema(Schema):
    """A product that must be on the counter, and why."""

    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    min_facings = ma.fields.Integer(required=True, metadata={"example": 1})
    stock_cover_days = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 14})
    rule = ma.fields.Nested(MustRuleSchema, required=True)


class CounterSchema(Schema):
    """The brand's counter in the store as it was last seen by that day."""

    seen_on = Day(required=True, metadata={"example": "2026-02-20"})
    position_grade = ma.fields.Integer(required=True, metadata={"example": 2})
    display_area_m2 = ma.fields.Float(required=True, metadata={"example": 6.5})
    sections = ma.fields.Integer(required=True, metadata={"example": 3})
    competitors = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["C1", "C2"]}
    )


class ReferenceSchema(Schema):
    """What a product is measured by, in fen."""

    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    amount_fen = ma.fields.Integer(required=True, metadata={"example": 199900})
    price_type = ma.fields.String(required=True, metadata={"example": "recommended_retail_price"})
    area = ma.fields.String(
        required=True,
        metadata={"description": "Division code; empty for the nation", "example": "430000"},
    )
    legal_notice = ma.fields.Nested(
        LegalNoticeSchema,
        required=True,
        allow_none=True,
        metadata={"description": "With minimum retail prices only"},
    )
    promo_price_fen = ma.fields.Integer(
        required=True, allow_none=True, metadata={"example": 189900}
    )
    allowed_gift_fen = ma.fields.Integer(required=True, metadata={"example": 5000})


class RunningPromotionSchema(Schema):
    """A promotion the store takes part in."""

    id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "2026-SPRING"})
    name = ma.fields.String(required=True, metadata={"example": "春季焕新"})
    starts_on = Day(required=True, metadata={"example": "2026-03-01"})
    ends_on = Day(required=True, metadata={"example": "2026-03-31"})
    sku_ids = ma.fields.List(ma.fields.Integer(), required=True, metadata={"example": [3]})


class StandardSchema(Schema):
    """What a store must show, stock, charge and promote on a day."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    day = Day(required=True, metadata={"example": "2026-03-02"})
    template = ma.fields.Nested(StandardTemplateSchema, required=True, allow_none=True)
    musts = ma.fields.List(ma.fields.Nested(MustSchema), required=True)
    counter = ma.fields.Nested(CounterSchema, required=True, allow_none=True)
    references = ma.fields.List(ma.fields.Nested(ReferenceSchema), required=True)
    promotions = ma.fields.List(ma.fields.Nested(RunningPromotionSchema), required=True)
