"""Sales levels of regions on the wire."""

import marshmallow as ma

from schemas.base import Schema, whole
from schemas.fields import a_day

ABOUT = {"description": "100 is the average of all regions", "example": 120}


class SalesIndexSchema(Schema):
    """How well a region sells."""

    sales_index = whole(0, 10_000, required=True, metadata=ABOUT)


class RegionSalesIndexSchema(Schema):
    """How well a region sells since a day."""

    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    from_on = a_day("2026-01-01", required=True)
    sales_index = ma.fields.Integer(required=True, metadata=ABOUT)
    version = ma.fields.Integer(required=True, metadata={"example": 1})
