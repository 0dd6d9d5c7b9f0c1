"""What the whole brand sold, product by product and day by day."""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, ForeignKeyField

from backend.platform.database import BaseModel, DayField
from backend.standards.models import Sku


class SkuDay(BaseModel):
    """The units of a product that all stores sold to shoppers on a day, returns taken off.

    Recomputed from the sales of the day, so that a wrong one heals by itself.
    """

    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    day = DayField()
    units = BigIntegerField()

    class Meta:
        placement = "local"
        primary_key = CompositeKey("sku", "day")
        indexes = ((("day",), False),)
