"""The tables of the archive: what is known about dealers, stores and the people in them.

A row is about one dealer or one store, never both. The dealers and stores themselves are in
`models.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from peewee import (
    SQL,
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
    fn,
)

from backend.network.models import Dealer, Region, Store
from backend.network.positions import Datum, Point, Position
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField

ONE_CUSTOMER = "(dealer_id IS NULL) <> (store_id IS NULL)"


def of_visible(model: Any, actor: Actor) -> Expression:
    """Return the condition for the rows about dealers and stores that the actor may see.

    Written so that neither engine reads the table: row by row for who sees a whole tree, and
    otherwise by the rows of each dealer and each store in sight.
    """
    if actor.sees_a_tree:
        of_store = Store.select(Store.region).where(Store.id == model.store)
        of_dealer = Dealer.select(Dealer.region).where(Dealer.id == model.dealer)
        regions = Region.select(Region.id).where(Region.visible_to(actor))
        return fn.COALESCE(of_store, of_dealer).in_(regions)
    at_stores = model.select(model.id).where(Store.covers(model.store, actor))
    at_dealers = model.select(model.id).where(Dealer.covers(model.dealer, actor))
    condition: Expression = model.id.in_(at_stores.union_all(at_dealers))
    return condition


class CustomerCard(BaseModel):
    """What was entered about a dealer or store beyond what it is; empty fields are null.

    Of both: names, licence, phone, kind, products, buying. Of stores only: position and display.
    Of dealers only: grades, address and point, business scale.
    """

    id = AutoField()
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, unique=True, on_delete="CASCADE", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE", lazy_load=False)
    short_name = CharField(max_length=40, null=True)
    licence_name = CharField(max_length=120, null=True)
    licence_no = CharField(max_length=18, null=True, index=True)
    phone_e164 = CharField(max_length=20, null=True, index=True)
    phone_text = CharField(max_length=40, null=True)
    customer_kind = CharField(max_length=10, null=True)
    customer_type = CharField(max_length=20, null=True)
    customer_source = CharField(max_length=20, null=True)
    product_field = JSONTextField(null=True)
    products_of_interest = JSONTextField(null=True)
    buying_mode = CharField(max_length=20, null=True)
    buying_policy = CharField(max_length=500, null=True)
    share_of_wallet_percent = IntegerField(null=True)
    stage_override = CharField(max_length=12, null=True)
    position_grade = IntegerField(null=True)
    display_sections = IntegerField(null=True)
    display_area_m2 = DoubleField(null=True)
    grade = CharField(max_length=1, null=True)
    credit_grade = CharField(max_length=1, null=True)
    division_code = CharField(max_length=9, null=True)
    address = CharField(max_length=200, null=True)
    raw_lat = DoubleField(null=True)
    raw_lon = DoubleField(null=True)
    raw_crs = CharField(max_length=5, null=True)
    lat = DoubleField(null=True)
    lon = DoubleField(null=True)
    crs_impl = CharField(max_length=40, null=True)
    staff_count = IntegerField(null=True)
    revenue_band = CharField(max_length=12, null=True)
    bottleneck = CharField(max_length=500, null=True)
    current_method = CharField(max_length=500, null=True)
    amended_at = UTCDateTimeField()
    amended_by_id = IntegerField()
    version = IntegerField()

    class Meta:
        placement = "reference"
        constraints = [Check(ONE_CUSTOMER)]

    @property
    def point(self) -> Point | None:
        """Where the dealer's office is, in WGS-84."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)

    @property
    def position(self) -> Position | None:
        """Where the dealer's office is, as it was given."""
        if self.raw_lat is None or self.raw_lon is None or self.raw_crs is None:
            return None
        return Position(self.raw_lat, self.raw_lon, Datum(self.raw_crs))


class StoreCompleteness(BaseModel):
    """How complete the archive of a store is, from 0 to 1, and the codes of what is missing.

    Of the `required` fields, which apply, so many are `filled`.
    """

    store_id: int
    store = ForeignKeyField(Store, primary_key=True, on_delete="CASCADE", lazy_load=False)
    share = DoubleField()
    missing = JSONTextField()
    filled = IntegerField(default=0)
    required = IntegerField(default=0)

    class Meta:
        placement = "reference"
        indexes = ((("share", "store"), False),)


class DealerCompleteness(BaseModel):
    """How complete the archive of a dealer is, from 0 to 1, and the codes of what is missing.

    Of the `required` fields, which apply, so many are `filled`.
    """

    dealer_id: int
    dealer = ForeignKeyField(Dealer, primary_key=True, on_delete="CASCADE", lazy_load=False)
    share = DoubleField()
    missing = JSONTextField()
    filled = IntegerField(default=0)
    required = IntegerField(default=0)

    class Meta:
        placement = "reference"
        indexes = ((("share", "dealer"), False),)


class DuplicatePair(BaseModel):
    """Two stores that may be one, the lower id first, and what speaks for it.

    Found anew whenever one of them changes. `basis` is the hash of both names and points; while
    it is that of a verdict, the pair `is_cleared`.
    """

    first_id: int
    first = ForeignKeyField(Store, on_delete="CASCADE", lazy_load=False, index=False, backref="+")
    second_id: int
    second = ForeignKeyField(Store, on_delete="CASCADE", lazy_load=False, backref="+")
    reasons = JSONTextField()
    distance_m = IntegerField(null=True)
    name_share = DoubleField()
    basis = CharField(max_length=64)
    is_cleared = BooleanField()

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("first", "second")
        constraints = [Check("first_id < second_id")]


class DuplicateVerdict(BaseModel):
    """That somebody said of two stores that they are not one, and on which `basis`."""

    first_id: int
    first = ForeignKeyField(Store, on_delete="CASCADE", lazy_load=False, index=False, backref="+")
    second_id: int
    second = ForeignKeyField(Store, on_delete="CASCADE", lazy_load=False, backref="+")
    basis = CharField(max_length=64)
    note = CharField(max_length=500)
    person_id = IntegerField()
    decided_at = UTCDateTimeField()

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("first", "second")
        constraints = [Check("first_id < second_id")]


class MergeRecord(BaseModel):
    """What a merge of two dealers or stores changed, so that it can be undone.

    `former` is what the two were; `moved` is, by kind, what went from the old one to the new one.
    """

    id = AutoField()
    subject = CharField(max_length=6)
    old_id = IntegerField()
    new_id = IntegerField()
    merged_on = DayField()
    merged_at = UTCDateTimeField()
    person_id = IntegerField()
    former = JSONTextField()
    moved = JSONTextField()
    undone_at = UTCDateTimeField(null=True)
    undone_by_id = IntegerField(null=True)

    class Meta:
        placement = "reference"
        indexes = ((("subject", "old_id"), False),)


class CompetitorNote(BaseModel):
    """A competing brand as found at a dealer or store on a day."""

    id = UUIDField(primary_key=True)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False)
    visit_id = UUIDField(null=True)
    seen_on = DayField()
    brand = CharField(max_length=40)
    strengths = CharField(max_length=500)
    weaknesses = CharField(max_length=500)
    spiff_level = IntegerField(null=True)
    share_percent = IntegerField(null=True)
    person_id = IntegerField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"
        constraints = [Check(ONE_CUSTOMER)]
        indexes = ((("seen_on",), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for notes about visible dealers and stores."""
        return of_visible(cls, actor)


class CustomField(BaseModel):
    """A field that the brand added to the archive of dealers or of stores."""

    id = AutoField()
    subject = CharField(max_length=6)
    code = CharField(max_length=40)
    label_zh = CharField(max_length=80)
    label_en = CharField(max_length=80)
    kind = CharField(max_length=10)
    options = JSONTextField()
    is_required = BooleanField()
    retired_at = UTCDateTimeField(null=True)
    version = IntegerField()

    class Meta:
        placement = "reference"
        indexes = ((("subject", "code"), True),)


class CustomValue(BaseModel):
    """What a custom field holds for one dealer or store."""

    id = AutoField()
    field_id: int
    field = ForeignKeyField(CustomField, on_delete="RESTRICT", lazy_load=False, index=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="CASCADE", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="CASCADE", lazy_load=False)
    value = JSONTextField()

    class Meta:
        placement = "reference"
        constraints = [Check(ONE_CUSTOMER)]
        indexes = ((("field", "dealer"), True), (("field", "store"), True))


class PipelineMove(BaseModel):
    """A step of a store on its way from prospect to closed."""

    id = AutoField()
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    from_status = CharField(max_length=12, null=True)
    to_status = CharField(max_length=12)
    moved_on = DayField()
    moved_at = UTCDateTimeField()
    person_id = IntegerField()
    reason = CharField(max_length=200)

    class Meta:
        placement = "reference"


class Contact(BaseModel):
    """A person at a dealer or store. `erased_at` is when the personal part was removed."""

    id = UUIDField(primary_key=True)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False)
    name = CharField(max_length=40)
    job_role = CharField(max_length=20)
    buying_role = CharField(max_length=20, null=True)
    phone_e164 = CharField(max_length=20, null=True)
    phone_text = CharField(max_length=40, null=True)
    wechat = CharField(max_length=40, null=True)
    preferred_channel = CharField(max_length=10, null=True)
    relation_grade = IntegerField(null=True)
    birthday = CharField(max_length=5, null=True)
    interests = CharField(max_length=200, null=True)
    promoter = JSONTextField(null=True)
    left_on = DayField(null=True)
    erased_at = UTCDateTimeField(null=True)
    person_id = IntegerField()
    created_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)
    version = IntegerField()

    class Meta:
        placement = "local"
        constraints = [Check(ONE_CUSTOMER)]
        indexes = ((("name", "id"), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the people of visible dealers and stores."""
        return of_visible(cls, actor)


class ContactConsent(BaseModel):
    """What a contact said about one channel, once; the latest statement counts."""

    id = UUIDField(primary_key=True)
    contact_id: Any
    contact = ForeignKeyField(Contact, on_delete="CASCADE", lazy_load=False)
    channel = CharField(max_length=10)
    is_granted = BooleanField()
    given_at = UTCDateTimeField()
    source = CharField(max_length=10)
    note = CharField(max_length=200)
    person_id = IntegerField()
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"


class ContactEntry(BaseModel):
    """One time somebody was in touch with a contact."""

    id = UUIDField(primary_key=True)
    contact_id: Any
    contact = ForeignKeyField(Contact, on_delete="CASCADE", lazy_load=False, index=False)
    kind = CharField(max_length=10)
    happened_at = UTCDateTimeField()
    happened_on = DayField()
    visit_id = UUIDField(null=True)
    objection = CharField(max_length=20, null=True)
    note = CharField(max_length=500)
    person_id = IntegerField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"
        indexes = ((("contact", "happened_on"), False), (("happened_at",), False))

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what was said to the people one may see."""
        if actor.sees_a_tree:
            mine = (Contact.id == cls.contact) & Contact.visible_to(actor)
            condition: Any = fn.EXISTS(Contact.select(SQL("1")).where(mine))
            return cast("Expression", condition)
        return cls.contact.in_(Contact.select(Contact.id).where(Contact.visible_to(actor)))


class Agreement(BaseModel):
    """What a dealer signed: products and territory, targets, payment and rebates, for a time.

    `products` and `territory` are empty for all. Amounts are in fen, rebates in basis points.
    """

    id = AutoField()
    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False)
    code = CharField(max_length=40, unique=True)
    channel = CharField(max_length=20, null=True)
    products = JSONTextField()
    territory = JSONTextField()
    targets = JSONTextField()
    payment_mode = CharField(max_length=20)
    payment_day = IntegerField(null=True, constraints=[Check("payment_day BETWEEN 1 AND 31")])
    credit_days = IntegerField(null=True, constraints=[Check("credit_days > 0")])
    rebate_basis_points = IntegerField(null=True)
    rebate_terms = CharField(max_length=1000)
    legal_representative = CharField(max_length=40)
    signed_on = DayField()
    valid_from = DayField()
    valid_to = DayField(null=True, constraints=[Check("valid_to >= valid_from")])
    end_reason = CharField(max_length=500, null=True)
    version = IntegerField()

    class Meta:
        placement = "reference"

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the agreements of visible dealers."""
        return Dealer.covers(cls.dealer, actor)

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for the agreements in force on a day."""
        return (cls.valid_from <= day) & (cls.valid_to.is_null() | (cls.valid_to > day))
