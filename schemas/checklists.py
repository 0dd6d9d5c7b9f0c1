"""Checklists on the wire."""

import marshmallow as ma

from backend.network.divisions import Tier
from schemas.base import QuerySchema, Schema
from schemas.fields import a_day, one_of


class ChecklistQuerySchema(QuerySchema):
    """Filters of the list."""

    tier = one_of(Tier)
    day = a_day(metadata={"description": "In force on this day"})


class ChecklistSchema(Schema):
    """One version of a tier's checklist; `lines` is what the phone shows and how it is judged."""

    id = ma.fields.Integer(required=True, metadata={"example": 1})
    code = ma.fields.String(required=True, metadata={"example": "signage_city"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
    tier = ma.fields.String(required=True, metadata={"example": "city"})
    name_zh = ma.fields.String(required=True, metadata={"example": "市区售点形象"})
    name_en = ma.fields.String(required=True, metadata={"example": "Signage of a city store"})
    lines = ma.fields.List(ma.fields.Dict(), required=True)
    valid_from = a_day("2020-01-01", required=True)
    retired_on = a_day(required=True, allow_none=True)


class RetirementSchema(Schema):
    """The first day without the checklist."""

    retired_on = a_day("2026-07-01", required=True)
