"""Which price bands suit a place, on the wire."""

import marshmallow as ma

from backend.network.divisions import Tier
from schemas.base import QuerySchema, Schema, Text
from schemas.fields import a_day
from schemas.prices import AREA

TIER = {"description": "Empty for any", "example": "county"}
BANDS = {"description": "The brand's own codes", "example": ["0-999", "1000-1999"]}


class PriceBandFitQuerySchema(QuerySchema):
    """Filters of the list."""

    area = Text(longest=9, metadata=AREA)
    day = a_day(metadata={"description": "In force on this day"})


class NewPriceBandFitSchema(Schema):
    """The price bands that suit an area and tier."""

    area = Text(load_default="", longest=9, metadata=AREA)
    tier = ma.fields.String(
        load_default="", validate=ma.validate.OneOf(["", *map(str, Tier)]), metadata=TIER
    )
    bands = ma.fields.List(
        Text(shortest=1, longest=20),
        required=True,
        validate=ma.validate.Length(1, 50),
        metadata=BANDS,
    )
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day("2026-07-01", load_default=None, allow_none=True)


class PriceBandFitSchema(Schema):
    """The price bands that suit an area and tier, until the day before `valid_to`."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    area = ma.fields.String(required=True, metadata=AREA)
    tier = ma.fields.String(required=True, metadata=TIER)
    bands = ma.fields.List(ma.fields.String(), required=True, metadata=BANDS)
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day(required=True, allow_none=True)
