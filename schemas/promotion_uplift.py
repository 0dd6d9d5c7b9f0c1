"""What promotions brought, on the wire."""

import marshmallow as ma

from backend.insight.promotion_costs import CostSource, MarginSource
from backend.insight.uplift import Silence
from schemas.base import QuerySchema, Schema
from schemas.fields import a_day, asked_id, one_of
from schemas.summaries import DaysQuerySchema

MOST_FEN = 10**12


def _fen(what: str, example: int, least: int = 0) -> ma.fields.Integer:
    """Return a field for an amount to reckon with, in a query."""
    return ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(least, MOST_FEN),
        metadata={"description": what, "example": example},
    )


def _number(example: float, what: str = "") -> ma.fields.Float:
    """Return a field for a figure that may be unknown."""
    described = {"description": what} if what else {}
    return ma.fields.Float(
        required=True, allow_none=True, metadata=described | {"example": example}
    )


def _amount(example: int, what: str = "") -> ma.fields.Integer:
    """Return a field for an amount in fen that may be unknown."""
    described = {"description": what} if what else {}
    return ma.fields.Integer(
        required=True, allow_none=True, metadata=described | {"example": example}
    )


def _reason(what: str) -> ma.fields.String:
    """Return a field that says why a figure is null."""
    return one_of(
        Silence,
        required=True,
        allow_none=True,
        metadata={"description": f"Why {what} is null, if it is", "example": None},
    )


class UpliftQuerySchema(QuerySchema):
    """Whose stores, and what the caller knows of the money."""

    dealer_id = asked_id("Only stores that were this dealer's on the first day")
    unit_margin_fen = _fen("Margin of a unit; left out: that of the last evaluation", 18_000)
    cost_fen = _fen("What it cost; left out: what is recorded", 200_000)
    with_similar = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Take off what products of the same role and price band lost"},
    )


class UpliftsQuerySchema(DaysQuerySchema):
    """Promotions of which days, whose stores, and the margin of a unit."""

    dealer_id = asked_id("Only stores that were this dealer's on the first day")
    unit_margin_fen = _fen("Margin of a unit; left out: that of the last evaluation", 18_000)


class CostSchema(Schema):
    """What a promotion cost, and the parts that are known."""

    total_fen = _amount(200_000)
    source = one_of(
        CostSource,
        required=True,
        allow_none=True,
        metadata={
            "description": "`recorded`: claims, reported costs and gifts add up; `budget`: nothing "
            "is recorded",
            "example": "recorded",
        },
    )
    claims_fen = _amount(120_000, "Granted to dealers")
    reported_fen = _amount(50_000, "Reported or entered for days of stores")
    gifts_fen = _amount(30_000, "Gifts at their rate, unless claims paid for them")
    budget_fen = _amount(250_000, "The budgets, for whoever sees every store that takes part")


class PromotionUpliftSchema(Schema):
    """What a promotion brought, in the stores asked for."""

    promotion_id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "2026-51"})
    name = ma.fields.String(required=True, metadata={"example": "五一"})
    state = ma.fields.String(required=True, metadata={"example": "ended"})
    starts_on = a_day(required=True)
    last_on = a_day(required=True, example="2026-03-15")
    is_provisional = ma.fields.Boolean(
        required=True, metadata={"description": "Whether days are still to come in"}
    )
    stores = ma.fields.Integer(
        required=True, metadata={"description": "That take part", "example": 40}
    )
    controls = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Stores of the area without it, of the same tiers and grades, that sold "
            "any of its products",
            "example": 35,
        },
    )
    before_units = ma.fields.Integer(required=True, metadata={"example": 140})
    before_days = ma.fields.Integer(
        required=True,
        metadata={"description": "Of the 28 before it, without those excluded", "example": 28},
    )
    excluded_days = ma.fields.Integer(
        required=True,
        metadata={
            "description": "On which its stores had another promotion of its products, or that lie"
            " before the first known sale",
            "example": 0,
        },
    )
    during_units = ma.fields.Integer(required=True, metadata={"example": 96})
    during_days = ma.fields.Integer(required=True, metadata={"example": 14})
    after_units = ma.fields.Integer(required=True, metadata={"example": 56})
    after_days = ma.fields.Integer(required=True, metadata={"example": 14})
    season_ratio = _number(1.2, "What the season sells more; null without 13 months of history")
    baseline_daily = _number(5.0, "Units a day it would have sold anyway")
    baseline = _number(70.0, "Units it would have sold anyway")
    incremental = _number(26.0, "Units beyond the baseline")
    uplift = _number(0.371429, "Incremental over baseline")
    reason = _reason("uplift")
    cannibalised = _number(0.0, "Units that similar products lost; null unless asked for")
    post_dip = _number(-14.0, "Units that were only bought earlier, never above 0")
    net_incremental = _number(12.0)
    net_uplift = _number(0.171429)
    net_reason = _reason("net_uplift")
    did_uplift = _number(0.306122, "Growth beyond that of the controls")
    did_reason = _reason("did_uplift")
    unit_margin_fen = _amount(18_000)
    margin_source = one_of(MarginSource, required=True, allow_none=True)
    cost = ma.fields.Nested(CostSchema, required=True)
    roi_gross = _number(1.34, "(Incremental units at their margin - cost) / cost")
    roi_net = _number(0.08, "The same with the net units")
    roi_reason = _reason("roi_gross")
    target_units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 120})
    target_attainment = _number(0.8, "Units sold over the whole target")
    stop_suggested = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether it is so far behind that it may be stopped"},
    )
