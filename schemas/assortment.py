"""Assortment rules on the wire."""

import marshmallow as ma

from backend.standards.codes import ListingStandard
from backend.standards.musts import SELECT_KINDS
from backend.standards.scopes import SCOPE_KINDS
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, one_of, row_id


class AssortmentQuerySchema(QuerySchema):
    """Filters of the list."""

    scope_kind = one_of(SCOPE_KINDS)
    scope_value = Text(longest=80)
    season_plan_id = asked_id("Season plan that it carries out")
    day = a_day(metadata={"description": "In force on this day"})


class NewAssortmentRuleSchema(Schema):
    """Which products must be listed in which stores; the most specific scope wins."""

    scope_kind = one_of(SCOPE_KINDS, required=True, metadata={"example": "tier"})
    scope_value = Text(
        load_default="",
        longest=80,
        metadata={
            "description": "Empty for all; tier, grade, chain, division code or store id",
            "example": "city",
        },
    )
    select_kind = one_of(SELECT_KINDS, required=True, metadata={"example": "role"})
    select_value = Text(
        required=True,
        longest=80,
        metadata={
            "description": "SKU id, role, tag, price band, or one of the listing standards "
            + ", ".join(ListingStandard),
            "example": "hero",
        },
    )
    must_list = ma.fields.Boolean(
        load_default=True, metadata={"description": "false excludes", "example": True}
    )
    min_facings = whole(0, 1_000, load_default=1, metadata={"example": 1})
    priority = whole(-1_000, 1_000, load_default=0, metadata={"example": 0})
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day("2026-07-01", load_default=None, allow_none=True)
    season_plan_id = row_id(load_default=None, allow_none=True)
    min_sales_index = whole(
        0,
        10_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "Only where the region's sales index is at least", "example": 80},
    )
    min_sections = whole(
        1,
        1_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "Only where the counter has at least as many", "example": 2},
    )
    stock_cover_days = whole(
        1,
        365,
        load_default=None,
        allow_none=True,
        metadata={"description": "Days of sales to hold in stock", "example": 14},
    )


class AssortmentRuleSchema(Schema):
    """An assortment rule; it holds until the day before `valid_to`."""

    id = ma.fields.Integer(required=True, metadata={"example": 5})
    scope_kind = ma.fields.String(required=True, metadata={"example": "tier"})
    scope_value = ma.fields.String(required=True, metadata={"example": "city"})
    select_kind = ma.fields.String(required=True, metadata={"example": "role"})
    select_value = ma.fields.String(required=True, metadata={"example": "hero"})
    must_list = ma.fields.Boolean(required=True, metadata={"example": True})
    min_facings = ma.fields.Integer(required=True, metadata={"example": 1})
    priority = ma.fields.Integer(required=True, metadata={"example": 0})
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day(required=True, allow_none=True)
    season_plan_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 2})
    min_sales_index = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 80})
    min_sections = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 2})
    stock_cover_days = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 14})
