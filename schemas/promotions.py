"""Promotions on the wire."""

import marshmallow as ma

from backend.standards.codes import ConsumerPromotionKind, DealerPromotionKind, PromotionObjective
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, list_of, one_of, row_id


class PromotionQuerySchema(QuerySchema):
    """Filters of the list."""

    day = a_day(metadata={"description": "Running on this day"})
    store_id = asked_id("Store that takes part")


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


class NewPromotionSchema(Schema):
    """A promotion to be added; both days are included."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "2026-SPRING"})
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "春季焕新"})
    objective = one_of(PromotionObjective, required=True)
    dealer_kinds = list_of(DealerPromotionKind)
    consumer_kinds = list_of(ConsumerPromotionKind)
    area = ma.fields.List(
        Text(shortest=2, longest=9),
        load_default=list,
        validate=ma.validate.Length(max=500),
        metadata={"description": "Division codes; none for the nation", "example": ["430000"]},
    )
    starts_on = a_day("2026-03-01", required=True)
    ends_on = a_day("2026-03-31", required=True)
    allowed_gift_fen = whole(0, 100_000_000, load_default=0, metadata={"example": 5000})
    skus = ma.fields.List(
        ma.fields.Nested(OfferSchema), required=True, validate=ma.validate.Length(1, 500)
    )

    @ma.validates("skus")
    def _each_once(self, skus: list[dict[str, int]], **_: object) -> None:
        if len({sku["sku_id"] for sku in skus}) < len(skus):
            raise ma.ValidationError("A product is named twice.")


class PromotionSchema(Schema):
    """A promotion; both days are included."""

    id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "2026-SPRING"})
    name = ma.fields.String(required=True, metadata={"example": "春季焕新"})
    objective = ma.fields.String(required=True, metadata={"example": "lift_sales"})
    dealer_kinds = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["sales_spiff"]}
    )
    consumer_kinds = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["price_off"]}
    )
    area = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["430000"]})
    starts_on = a_day("2026-03-01", required=True)
    ends_on = a_day("2026-03-31", required=True)
    allowed_gift_fen = ma.fields.Integer(required=True, metadata={"example": 5000})


class PromotionWithSkusSchema(PromotionSchema):
    """A promotion with its products."""

    skus = ma.fields.List(ma.fields.Nested(OfferSchema), required=True)
