"""Key customers, deciles and scores of dealers and stores on the wire."""

import marshmallow as ma

from backend.insight.rankings import TOP, AbcClass
from backend.insight.rfv import Segment
from backend.insight.trends import Flag
from schemas.base import Schema
from schemas.fields import a_day, asked_id, one_of, window_day
from schemas.summaries import DaysQuerySchema

_SHARE = {"description": "0 to 1", "example": 0.28125}


MEASURES = ("amount", "units")


def _measure() -> ma.fields.String:
    """Return a field for what stores are measured by."""
    return one_of(
        MEASURES,
        load_default="amount",
        metadata={
            "description": "`amount`: what they bought, in fen; `units`: what they sold to shoppers"
        },
    )


class DealerNameSchema(Schema):
    """Which dealer."""

    dealer_id = ma.fields.Integer(required=True, attribute="id", metadata={"example": 7})
    dealer_code = ma.fields.String(
        required=True, attribute="code", metadata={"example": "43-01-001"}
    )
    dealer_name = ma.fields.String(
        required=True, attribute="name", metadata={"example": "长沙恒信通讯"}
    )


class StoreNameSchema(Schema):
    """Which store."""

    store_id = ma.fields.Integer(required=True, attribute="id", metadata={"example": 17})
    store_code = ma.fields.String(
        required=True, attribute="code", metadata={"example": "43-01-001-0001"}
    )
    store_name = ma.fields.String(
        required=True, attribute="name", metadata={"example": "五一广场店"}
    )


class KeyCustomersQuerySchema(DaysQuerySchema):
    """Which month or other window (the last whole month if none is named), how many, and where."""

    month = a_day(metadata={"description": "Any day of a month, instead of a window"})
    top = ma.fields.Integer(load_default=TOP, validate=ma.validate.Range(1, 500))
    region_id = asked_id("Dealers of this region and below")


class TrendSchema(Schema):
    """Where six months are heading, in fen a month and relative to their mean."""

    slope = ma.fields.Float(
        required=True, metadata={"description": "Least squares", "example": -525.7}
    )
    slope_rel = ma.fields.Float(required=True, allow_none=True, metadata={"example": -0.0467})
    robust = ma.fields.Float(
        required=True, metadata={"description": "Theil-Sen; decides the flag", "example": -600.0}
    )
    robust_rel = ma.fields.Float(required=True, allow_none=True, metadata={"example": -0.0533})
    flag = one_of(Flag, required=True, allow_none=True)


class PlaceSchema(Schema):
    """One customer's place."""

    rank = ma.fields.Integer(required=True, metadata={"example": 1})
    previous_rank = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null when it bought nothing then", "example": 2},
    )
    share = ma.fields.Float(required=True, metadata=_SHARE)
    cumulative_share = ma.fields.Float(required=True, metadata=_SHARE)
    abc = one_of(AbcClass, required=True)
    trend = ma.fields.Nested(
        TrendSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null with fewer than four months"},
    )
    turned_falling = ma.fields.Boolean(
        required=True, metadata={"description": "Falls, and did not a month before"}
    )
    last_year_ratio = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "This month over the same of last year", "example": 1.125},
    )


class KeyCustomerSchema(DealerNameSchema, PlaceSchema):
    """One dealer's place."""

    value_fen = ma.fields.Integer(
        required=True, attribute="value", metadata={"example": 18_000_000}
    )
    last_year_fen = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="last_year",
        metadata={
            "description": "The same month of last year; null without 13 months of history",
            "example": 16_000_000,
        },
    )


class KeyStoreSchema(StoreNameSchema, PlaceSchema):
    """One store's place."""

    value = ma.fields.Integer(
        required=True, metadata={"description": "In fen, or units", "example": 4_200_000}
    )
    last_year = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "The same month of last year; null without 13 months of history",
            "example": 4_000_000,
        },
    )


class RankingSchema(Schema):
    """What a month's ranking is of."""

    from_on = window_day("from", "2026-03-01")
    to_on = window_day("to", "2026-04-01")
    ranked = ma.fields.Integer(
        required=True, metadata={"description": "Customers with any sales", "example": 21}
    )
    unpriced = ma.fields.Integer(
        required=True, metadata={"description": "Sales without an amount", "example": 0}
    )


class KeyCustomersSchema(RankingSchema):
    """A month's ranking of dealers."""

    total_fen = ma.fields.Integer(
        required=True, attribute="total", metadata={"example": 64_000_000}
    )
    items = ma.fields.List(ma.fields.Nested(KeyCustomerSchema), required=True)


class KeyStoresSchema(RankingSchema):
    """A month's ranking of stores."""

    measure = one_of(MEASURES, required=True)
    total = ma.fields.Integer(required=True, metadata={"example": 64_000_000})
    items = ma.fields.List(ma.fields.Nested(KeyStoreSchema), required=True)


class KeyStoresQuerySchema(KeyCustomersQuerySchema):
    """Which month, how many, where, and by what."""

    measure = _measure()


class DecilesQuerySchema(DaysQuerySchema):
    """Which table, which days, and where."""

    kind = ma.fields.String(
        load_default="money",
        validate=ma.validate.OneOf(["money", "purchase"]),
        metadata={
            "description": "`money`: ten groups of as many dealers; `purchase`: ten groups of as "
            "much money"
        },
    )
    region_id = asked_id("Dealers of this region and below")


class StoreDecilesQuerySchema(DecilesQuerySchema):
    """Which table, which days, where, and by what."""

    measure = _measure()


class TenthSchema(Schema):
    """One of the ten groups, the strongest first."""

    number = ma.fields.Integer(required=True, metadata={"example": 1})
    count = ma.fields.Integer(required=True, metadata={"example": 2})
    share = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the whole, or of the members where the whole is cut",
            "example": 0.28125,
        },
    )
    cumulative_share = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)


class DecileSchema(TenthSchema):
    """One of the ten groups of dealers."""

    dealer_codes = ma.fields.List(
        ma.fields.String(), required=True, attribute="members", metadata={"example": ["43-01-001"]}
    )
    value_fen = ma.fields.Integer(
        required=True, attribute="value", metadata={"example": 18_000_000}
    )


class StoreDecileSchema(TenthSchema):
    """One of the ten groups of stores."""

    value = ma.fields.Integer(
        required=True, metadata={"description": "In fen, or units", "example": 18_000_000}
    )


class TableSchema(Schema):
    """Whose ten groups, or why there are none."""

    from_on = window_day("from", "2026-03-01")
    to_on = window_day("to", "2026-04-01")
    unpriced = ma.fields.Integer(required=True, metadata={"example": 0})
    reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "population_too_small or nothing_sold", "example": None},
    )


class DecileTableSchema(TableSchema):
    """Ten groups of dealers, or none and why."""

    total_fen = ma.fields.Integer(
        required=True, attribute="total", metadata={"example": 64_000_000}
    )
    groups = ma.fields.List(ma.fields.Nested(DecileSchema), required=True)


class StoreDecileTableSchema(TableSchema):
    """Ten groups of stores, or none and why."""

    measure = one_of(MEASURES, required=True)
    total = ma.fields.Integer(required=True, metadata={"example": 64_000_000})
    groups = ma.fields.List(ma.fields.Nested(StoreDecileSchema), required=True)


class ScoresQuerySchema(DaysQuerySchema):
    """Which year (that ends before `to`, or with a window, or else with today), which dealers."""

    segment = one_of(Segment, load_default=None, allow_none=True)
    region_id = asked_id("Dealers of this region and below")


class ScoreSchema(Schema):
    """What a customer's year says of it."""

    days_since = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: never bought", "example": 3}
    )
    order_days = ma.fields.Integer(required=True, metadata={"example": 41})
    amount_fen = ma.fields.Integer(required=True, metadata={"example": 310_000_000})
    rfv = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Recency, frequency, value; null: too few to compare",
            "example": 543,
        },
    )
    rfv_sum = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 12})
    segment = one_of(Segment, required=True, allow_none=True)
    is_best = ma.fields.Boolean(
        required=True,
        metadata={"description": "Above the money, kinds and days of the best", "example": True},
    )


class BuyerScoreSchema(DealerNameSchema, ScoreSchema):
    """What a dealer's year says of it."""


class StoreScoreSchema(StoreNameSchema, ScoreSchema):
    """What a store's year says of it."""
