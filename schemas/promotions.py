"""Promotions and the stores that take part, on the wire."""

from typing import Any

import marshmallow as ma

from backend.standards.codes import ConsumerPromotionKind, DealerPromotionKind, PromotionObjective
from backend.standards.promotion_codes import (
    COST_BASIS,
    ConsumerPromotionSubKind,
    ProductChoice,
    PromotionState,
    TimingFactor,
)
from schemas.base import Instant, QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, each_once, list_of, one_of, row_id

SOME_PRODUCTS = [{"sku_id": 3, "promo_price_fen": 189900}]


class PromotionQuerySchema(QuerySchema):
    """Filters of the list."""

    day = a_day(metadata={"description": "Running on this day"})
    store_id = asked_id("Store that takes part")
    state = one_of(PromotionState, metadata={"description": "Where it is in its life today"})


class OfferSchema(Schema):
    """A product of a promotion."""

    sku_id = row_id(required=True)
    promo_price_fen = whole(
        1,
        100_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "null where the price stays", "example": 189900},
    )


class BudgetSchema(Schema):
    """What a kind of a promotion may cost."""

    kind = one_of(COST_BASIS, required=True, metadata={"example": "sales_spiff"})
    rate_fen = whole(
        1,
        100_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "Per piece of the cost basis", "example": 2000},
    )
    rate_bp = whole(
        1,
        10_000,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Of the sell-in, in hundredths of a percent; for purchase_rebate",
            "example": None,
        },
    )
    budget_fen = whole(
        0,
        10**12,
        load_default=None,
        allow_none=True,
        metadata={"description": "In all", "example": 5000000},
    )


class StoredBudgetSchema(BudgetSchema):
    """What a kind of a promotion may cost, and what its cost grows with."""

    cost_basis = ma.fields.String(required=True, metadata={"example": "per_unit"})


class StaffSchema(Schema):
    """A person with a part in a promotion."""

    person_id = row_id(required=True)
    target_units = whole(
        1,
        1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "The person's own target", "example": 120},
    )
    task = Text(load_default="", longest=200, metadata={"example": "现场演示"})


class TermsSchema(Schema):
    """What a promotion is, as far as it may change; lists are replaced whole."""

    name = Text(shortest=1, longest=120, metadata={"example": "春季焕新"})
    objective = one_of(PromotionObjective)
    further_objectives = list_of(PromotionObjective, load_default=ma.missing)
    dealer_kinds = list_of(DealerPromotionKind, load_default=ma.missing)
    consumer_kinds = list_of(
        ConsumerPromotionKind,
        load_default=ma.missing,
        metadata={"example": ["price_off", "gift_with_purchase"]},
    )
    sub_kinds = list_of(
        ConsumerPromotionSubKind, load_default=ma.missing, metadata={"example": ["flash_sale"]}
    )
    product_choice = one_of(ProductChoice)
    timing_factors = list_of(TimingFactor, load_default=ma.missing)
    area = ma.fields.List(
        Text(shortest=2, longest=9),
        validate=ma.validate.Length(max=500),
        metadata={"description": "Division codes; none for the nation", "example": ["430000"]},
    )
    ad_area = ma.fields.List(
        Text(shortest=2, longest=9),
        allow_none=True,
        validate=ma.validate.Length(max=500),
        metadata={
            "description": "Where it is advertised; null for the area itself",
            "example": ["430000"],
        },
    )
    starts_on = a_day("2026-03-01")
    ends_on = a_day("2026-03-31")
    allowed_gift_fen = whole(0, 100_000_000, metadata={"example": 5000})
    target_units = whole(1, 100_000_000, allow_none=True, metadata={"example": 3000})
    organiser_id = row_id(allow_none=True)
    departments = ma.fields.List(
        Text(shortest=1, longest=80),
        validate=ma.validate.Length(max=50),
        metadata={"description": "Who organises it together", "example": ["市场部", "培训部"]},
    )
    skus = ma.fields.List(
        ma.fields.Nested(OfferSchema),
        validate=ma.validate.Length(1, 500),
        metadata={"example": SOME_PRODUCTS},
    )
    budgets = ma.fields.List(ma.fields.Nested(BudgetSchema), validate=ma.validate.Length(max=20))
    staff = ma.fields.List(ma.fields.Nested(StaffSchema), validate=ma.validate.Length(max=500))

    @ma.validates("skus")
    def _each_product_once(self, skus: list[dict[str, Any]], **_: object) -> None:
        each_once(skus, "sku_id", "A product is named twice.")

    @ma.validates("budgets")
    def _each_budget_once(self, budgets: list[dict[str, Any]], **_: object) -> None:
        each_once(budgets, "kind", "A kind is named twice.")

    @ma.validates("staff")
    def _each_person_once(self, staff: list[dict[str, Any]], **_: object) -> None:
        each_once(staff, "person_id", "A person is named twice.")


class AmendPromotionSchema(TermsSchema):
    """What may change of a promotion; what is left out stays, lists are replaced whole."""


class NewPromotionSchema(TermsSchema):
    """A promotion to be added; both days are included."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "2026-SPRING"})
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "春季焕新"})
    objective = one_of(PromotionObjective, required=True)
    starts_on = a_day("2026-03-01", required=True)
    ends_on = a_day("2026-03-31", required=True)
    skus = ma.fields.List(
        ma.fields.Nested(OfferSchema),
        required=True,
        validate=ma.validate.Length(1, 500),
        metadata={"example": SOME_PRODUCTS},
    )


class StopSchema(Schema):
    """Why a promotion is stopped."""

    reason = Text(required=True, shortest=1, longest=500, metadata={"example": "效果相差甚远"})


class PromotionSchema(Schema):
    """A promotion; both days are included."""

    id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "2026-SPRING"})
    name = ma.fields.String(required=True, metadata={"example": "春季焕新"})
    state = ma.fields.String(
        required=True,
        metadata={"description": "planned, running, ended or stopped", "example": "running"},
    )
    objective = ma.fields.String(required=True, metadata={"example": "lift_sales"})
    further_objectives = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["hit_competitor"]}
    )
    dealer_kinds = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["sales_spiff"]}
    )
    consumer_kinds = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["price_off"]}
    )
    sub_kinds = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["flash_sale"]}
    )
    product_choice = ma.fields.String(required=True, metadata={"example": "new_model"})
    timing_factors = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["public_holiday"]}
    )
    area = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["430000"]})
    ad_area = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["430000"]})
    starts_on = a_day("2026-03-01", required=True)
    ends_on = a_day("2026-03-31", required=True)
    allowed_gift_fen = ma.fields.Integer(required=True, metadata={"example": 5000})
    target_units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3000})
    organiser_id = ma.fields.Integer(
        required=True, allow_none=True, attribute="organiser", metadata={"example": 11}
    )
    departments = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["市场部"]}
    )
    stopped_on = a_day(
        required=True,
        allow_none=True,
        metadata={"description": "Its last day, if it was stopped", "example": None},
    )
    stop_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    stopped_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class WarningSchema(Schema):
    """Something that is allowed but seldom meant."""

    code = ma.fields.String(required=True, metadata={"example": "ad-area-differs"})
    zh = ma.fields.String(required=True, metadata={"example": "广告区域与促销区域不一致"})
    en = ma.fields.String(
        required=True,
        metadata={"example": "The advertising area is not the promotion's area"},
    )


class WholePromotionSchema(PromotionSchema):
    """A promotion with its products, budgets and people, and what to look at again."""

    skus = ma.fields.List(ma.fields.Nested(OfferSchema), required=True)
    budgets = ma.fields.List(ma.fields.Nested(StoredBudgetSchema), required=True)
    staff = ma.fields.List(ma.fields.Nested(StaffSchema), required=True)
    warnings = ma.fields.List(ma.fields.Nested(WarningSchema), required=True)


class EnrolmentSchema(Schema):
    """How a store takes part."""

    target_units = whole(
        1,
        1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "The store's own target; null leaves it", "example": 40},
    )


class PromotionStoreSchema(Schema):
    """A store that takes part in a promotion."""

    store_id = ma.fields.Integer(required=True, attribute="store", metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    target_units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 40})
    enrolled_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    enrolled_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-02-20T04:00:00+00:00"}
    )
    version = ma.fields.Integer(required=True, metadata={"example": 1})
