"""Key customers, deciles and scores of dealers on the wire."""

import marshmallow as ma

from backend.insight.rankings import TOP, AbcClass
from backend.insight.rfv import Segment
from backend.insight.trends import Flag
from schemas.base import Day, QuerySchema, Schema
from schemas.fields import a_day, asked_id, one_of
from schemas.summaries import DaysQuerySchema

_SHARE = {"description": "0 to 1", "example": 0.28125}


class KeyCustomersQuerySchema(QuerySchema):
    """Which month, how many, and where."""

    month = a_day(metadata={"description": "Any day of the month; the last whole one if left out"})
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


class KeyCustomerSchema(Schema):
    """One dealer's place."""

    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    dealer_code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    dealer_name = ma.fields.String(required=True, metadata={"example": "长沙恒信通讯"})
    rank = ma.fields.Integer(required=True, metadata={"example": 1})
    previous_rank = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null when it bought nothing then", "example": 2},
    )
    value_fen = ma.fields.Integer(required=True, metadata={"example": 18_000_000})
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
    last_year_fen = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "The same month of last year; null without 13 months of history",
            "example": 16_000_000,
        },
    )
    last_year_ratio = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "This month over the same of last year", "example": 1.125},
    )


class KeyCustomersSchema(Schema):
    """A month's ranking."""

    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-04-01"})
    total_fen = ma.fields.Integer(required=True, metadata={"example": 64_000_000})
    ranked = ma.fields.Integer(
        required=True, metadata={"description": "Dealers that bought anything", "example": 21}
    )
    unpriced = ma.fields.Integer(
        required=True, metadata={"description": "Sales without an amount", "example": 0}
    )
    items = ma.fields.List(ma.fields.Nested(KeyCustomerSchema), required=True)


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


class DecileSchema(Schema):
    """One of the ten groups, the strongest first."""

    number = ma.fields.Integer(required=True, metadata={"example": 1})
    count = ma.fields.Integer(required=True, metadata={"example": 2})
    dealer_codes = ma.fields.List(
        ma.fields.String(), required=True, attribute="members", metadata={"example": ["43-01-001"]}
    )
    value_fen = ma.fields.Integer(
        required=True, attribute="value", metadata={"example": 18_000_000}
    )
    share = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the money, or of the dealers where the money is cut",
            "example": 0.28125,
        },
    )
    cumulative_share = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)


class DecileTableSchema(Schema):
    """Ten groups, or none and why."""

    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-04-01"})
    total_fen = ma.fields.Integer(required=True, metadata={"example": 64_000_000})
    unpriced = ma.fields.Integer(required=True, metadata={"example": 0})
    reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "population_too_small or nothing_sold", "example": None},
    )
    groups = ma.fields.List(ma.fields.Nested(DecileSchema), required=True)


class ScoresQuerySchema(QuerySchema):
    """Which year, which dealers."""

    to_on = a_day(
        data_key="to", metadata={"description": "The day after the year; tomorrow if left out"}
    )
    segment = one_of(Segment, load_default=None, allow_none=True)
    region_id = asked_id("Dealers of this region and below")


class BuyerScoreSchema(Schema):
    """What a dealer's year says of it."""

    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    dealer_code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    dealer_name = ma.fields.String(required=True, metadata={"example": "长沙恒信通讯"})
    days_since = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: never bought", "example": 3}
    )
    order_days = ma.fields.Integer(required=True, metadata={"example": 41})
    amount_fen = ma.fields.Integer(required=True, metadata={"example": 310_000_000})
    rfv = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Recency, frequency, value; null: too few dealers",
            "example": 543,
        },
    )
    rfv_sum = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 12})
    segment = one_of(Segment, required=True, allow_none=True)
    is_best = ma.fields.Boolean(
        required=True,
        metadata={"description": "Above the money, kinds and days of the best", "example": True},
    )
