"""The stock of every store as last counted."""

from __future__ import annotations

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, UUIDField

from backend.network.models import Store
from backend.platform.database import BaseModel, DayField, UTCDateTimeField
from backend.standards.models import Sku


class StoreStock(BaseModel):
    """The last count of a product in a store, from a visit or outside one, and what it calls for.

    Recomputed from the rows of the store, so that a wrong one heals by itself. `source` is
    `visit` or `count`, and `source_id` which. `verdict` is a flag, or why there is none, as of
    `judged_on`; `sold_units` are those of the window that ended then. On `judge_again_on` time
    alone may change the verdict (null: never).
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
    sold_units = IntegerField(default=0)
    verdict = CharField(max_length=20, null=True)
    judged_on = DayField(null=True)
    judge_again_on = DayField(null=True)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "sku")
        indexes = (
            (("verdict", "store", "sku"), False),
            (("sku", "verdict", "store"), False),
            (("judge_again_on", "store"), False),
        )
