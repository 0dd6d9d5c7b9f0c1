"""Stock on the wire."""

from typing import Any

import marshmallow as ma

from backend.standards.trade_codes import NoStockFlag, StockFlag
from schemas.base import Day, Instant, QuerySchema, Schema, whole
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_COUNT = "3f8a1b34-6a0e-4a6b-9a52-0f6f4b8c2d17"
MOST_LINES = 500


class StockCountLineSchema(Schema):
    """The units of one product by their state; null is not counted."""

    sku_id = row_id(required=True)
    stock = whole(
        most=1_000_000, required=True, metadata={"example": 12, "description": "Sellable units"}
    )
    demo_stock = whole(most=10_000, load_default=None, allow_none=True, metadata={"example": 1})
    damaged_stock = whole(
        most=1_000_000, load_default=None, allow_none=True, metadata={"example": 0}
    )
    oldest_receipt_on = a_day(
        "2026-01-15",
        load_default=None,
        allow_none=True,
        metadata={"description": "When the oldest unit came in"},
    )


class NewStockCountSchema(Schema):
    """A count outside a visit."""

    store_id = row_id(required=True)
    counted_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})
    lines = ma.fields.List(
        ma.fields.Nested(StockCountLineSchema),
        required=True,
        validate=ma.validate.Length(1, MOST_LINES),
    )

    @ma.validates("lines")
    def _each_once(self, lines: list[dict[str, Any]], **_: object) -> None:
        if len({line["sku_id"] for line in lines}) < len(lines):
            raise ma.ValidationError("A product is counted twice.")


class StockCountSchema(Schema):
    """A count as recorded."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_COUNT})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    counted_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    counted_on = Day(required=True, metadata={"example": "2026-03-02"})
    lines = ma.fields.List(ma.fields.Nested(StockCountLineSchema), required=True)


class StockSchema(Schema):
    """The last count of a product in a store."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    sku_code = ma.fields.String(required=True, metadata={"example": "X9-PRO"})
    sku_name = ma.fields.String(required=True, metadata={"example": "曜石 X9 Pro"})
    stock = ma.fields.Integer(required=True, metadata={"example": 12})
    demo_stock = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 1})
    damaged_stock = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 0})
    oldest_receipt_on = Day(required=True, allow_none=True, metadata={"example": "2026-01-15"})
    counted_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    counted_on = Day(required=True, metadata={"example": "2026-03-02"})
    source = one_of(["visit", "count"], required=True)
    source_id = ma.fields.UUID(required=True, metadata={"example": SOME_COUNT})


class StockFlagQuerySchema(QuerySchema):
    """Filters of the flags."""

    flag = one_of(StockFlag)
    reason = one_of(NoStockFlag, metadata={"description": "Why there is no flag"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Whose stores")
    region_id = asked_id("This region and those below")
    sku_id = asked_id("Product")


class StockFlagSchema(StockSchema):
    """The last count of a product in a store, and what it calls for."""

    store_code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    store_name = ma.fields.String(required=True, metadata={"example": "五一路店"})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    sold_units = ma.fields.Integer(
        required=True,
        metadata={"example": 84, "description": "Sell-out of the window, returns taken off"},
    )
    cover_days = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 15.0, "description": "Days the stock lasts; null without sales"},
    )
    flag = one_of(
        StockFlag, required=True, allow_none=True, metadata={"example": "stock_pressure_ok"}
    )
    reason = one_of(
        NoStockFlag,
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Why there is no flag"},
    )
    judged_on = Day(
        required=True,
        allow_none=True,
        metadata={"example": "2026-03-02", "description": "The last day of the window"},
    )
