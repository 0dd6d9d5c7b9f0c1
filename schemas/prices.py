"""Reference prices on the wire."""

import marshmallow as ma

from backend.standards.codes import LEGAL_NOTICE, PriceType
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, one_of, row_id

AREA = {"description": "Division code; empty for the nation", "example": "430000"}


class PriceQuerySchema(QuerySchema):
    """Filters of the list."""

    sku_id = asked_id("Product")
    price_type = one_of(PriceType)
    area = Text(longest=9, metadata=AREA)
    day = a_day(metadata={"description": "In force on this day"})


class NewPriceSchema(Schema):
    """A price to be added, in fen."""

    sku_id = row_id(required=True)
    price_type = one_of(
        PriceType,
        load_default="recommended_retail_price",
        metadata={"example": "recommended_retail_price"},
    )
    area = Text(load_default="", longest=9, metadata=AREA)
    amount_fen = whole(1, 100_000_000, required=True, metadata={"example": 199900})
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day("2026-07-01", load_default=None, allow_none=True)


class LegalNoticeSchema(Schema):
    """What the law says of minimum retail prices."""

    zh = ma.fields.String(required=True, metadata={"example": LEGAL_NOTICE["zh"]})
    en = ma.fields.String(required=True, metadata={"example": LEGAL_NOTICE["en"]})


class PriceSchema(Schema):
    """A reference price in fen; it holds until the day before `valid_to`."""

    id = ma.fields.Integer(required=True, metadata={"example": 9})
    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    price_type = ma.fields.String(required=True, metadata={"example": "recommended_retail_price"})
    area = ma.fields.String(required=True, metadata=AREA)
    amount_fen = ma.fields.Integer(required=True, metadata={"example": 199900})
    valid_from = a_day("2026-01-01", required=True)
    valid_to = a_day(required=True, allow_none=True)
    legal_notice = ma.fields.Nested(
        LegalNoticeSchema,
        required=True,
        allow_none=True,
        metadata={"description": "With minimum retail prices only"},
    )
