"""What was counted, sold in, sold out, and where single handsets were seen.

A sell-in lives with the dealer who answers for the goods, a sell-out with its store, and what is
known of one handset with its IMEI.
"""

from __future__ import annotations

from peewee import CharField, CompositeKey, Expression, ForeignKeyField, IntegerField, UUIDField

from backend.network.models import Dealer, Person, Region, Store
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, UTCDateTimeField
from backend.standards.models import Sku


class StockCount(BaseModel):
    """A count of goods in a store, made outside a visit."""

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    counted_at = UTCDateTimeField()
    counted_on = DayField()
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = ((("id",), False), (("store", "counted_on"), False))


class StockCountLine(BaseModel):
    """The units of one product in a count; null is not counted."""

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    count_id = UUIDField()
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    stock = IntegerField()
    demo_stock = IntegerField(null=True)
    damaged_stock = IntegerField(null=True)
    oldest_receipt_on = DayField(null=True)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "count_id", "sku")


class SellIn(BaseModel):
    """Units sold to a dealer, or to a store: then `dealer` is whose store it was that day.

    A return has negative units. `dealer` and `region` are frozen on the day of the sale.
    """

    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    sold_on = DayField()
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    units = IntegerField()
    amount_fen = IntegerField(null=True)
    imei = CharField(max_length=15, null=True)
    recorded_at = UTCDateTimeField()
    recorded_by_id = IntegerField()

    class Meta:
        placement = "by dealer_id"
        primary_key = CompositeKey("dealer", "id")
        indexes = (
            (("id",), False),
            (("imei",), False),
            (("sold_on", "id"), False),
            (("dealer", "sold_on"), False),
            (("store", "sold_on"), False),
            (("region", "sold_on"), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the sales of the subtree."""
        return Region.covers(cls.region, actor)


class SellOut(BaseModel):
    """Units a store sold to shoppers; a return has negative units.

    `dealer` is whose store it was that day, if anyone's.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    sold_on = DayField()
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    units = IntegerField()
    amount_fen = IntegerField(null=True)
    imei = CharField(max_length=15, null=True)
    recorded_at = UTCDateTimeField()
    recorded_by_id = IntegerField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = (
            (("id",), False),
            (("imei",), False),
            (("store", "sold_on"), False),
            (("sold_on", "id"), False),
            (("dealer", "sold_on"), False),
            (("region", "sold_on"), False),
            (("sku", "sold_on", "store", "units"), False),  # a promotion reads no more than this
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the sales of the subtree."""
        return Region.covers(cls.region, actor)


SellOut.add_index(
    SellOut.index(
        SellOut.store,
        SellOut.sku,
        SellOut.sold_on,
        SellOut.units,
        SellOut.region,
        name="sell_out_by_product",
    )
)


class ImeiSighting(BaseModel):
    """A handset that somebody saw in a store, on a visit or not."""

    imei = CharField(max_length=15)
    id = UUIDField()
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    visit_id = UUIDField(null=True)
    seen_at = UTCDateTimeField()
    seen_on = DayField()
    note = CharField(max_length=500)
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by imei"
        primary_key = CompositeKey("imei", "id")
        indexes = ((("id",), False), (("seen_at",), False))

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what was seen in stores the actor may see."""
        return Store.covers(cls.store, actor)


class CrossAreaSale(BaseModel):
    """Two facts that do not go together: a handset sold in to one dealer, seen at another's.

    `seen_kind` names the feed that `seen_id` belongs to. Every such fact of a handset joins the
    same violation while that is open.
    """

    imei = CharField(max_length=15)
    seen_id = UUIDField()
    seen_kind = CharField(max_length=20)
    seen_on = DayField()
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    sell_in_id = UUIDField()
    sold_in_on = DayField()
    sold_in_dealer_id: int
    sold_in_dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    violation_id = UUIDField()
    violation_store_id = IntegerField()
    found_at = UTCDateTimeField()

    class Meta:
        placement = "by imei"
        primary_key = CompositeKey("imei", "seen_id")
        indexes = ((("seen_on",), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what was seen in stores the actor may see."""
        return Store.covers(cls.store, actor)
