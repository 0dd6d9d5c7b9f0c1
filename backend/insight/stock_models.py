"""The stock of every store as last counted."""

from __future__ import annotations

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, UUIDField

from backend.network.models import Store
from backend.platform.database import BaseModel, DayField, UTCDateTimeField
from backend.standards.models import Sku


class StoreStock(BaseModel):
    """The last count of a product in a store, from a visit or outside one.

    Recomputed from the rows of the store, so that a wrong one heals by itself. `source` is
    `visit` or `count`, and `source_id` which.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    stock = IntegerField()
    demo_stock = IntegerField(null=True)
    damaged_stock = IntegerField(null=True)
    oldest_receipt_on = DayField(null=True)
    counted_at = UTCDateTimeField()
    counted_on = DayField()
    source = CharField(max_length=10)
    source_id = UUIDField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "sku")
