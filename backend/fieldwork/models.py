"""What was handed in: visits, and reports with their lines.

Everything that belongs to a visit carries its id first in the key, so that a sharded database
keeps it together. A report or a photo may arrive before its visit: no foreign key demands it.
"""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

from backend.network.models import Dealer, Person, Region, Store
from backend.network.positions import Datum, Point, Position
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField
from backend.standards.models import ChecklistTemplate, Promotion, Sku


class Visit(BaseModel):
    """One check-in. The phone mints the id, so a retry is recognised as the same visit.

    `claimed_store_id` is what the phone said; `store`, `dealer`, `region`, `tier`, `grade`,
    `chain` and `division_code` are what the server made of it, frozen on that day (null while
    the store is unknown).
    Clocks: `device_at` and `elapsed_ms` (since the phone started) as the phone read them,
    `received_at` as the server did, `skew_s` measured, `checked_in_at` the server's conclusion.
    `demand` is what it owes because of its place (see fence_policy; null: nothing).
    `fix_facts` is what else the platform said of its position (see fixes.FACTS); null: nothing.
    `fix_samples` are fixes taken around it, in its datum; `device_id` is the phone of the session.
    A visit counts when `status` is `complete` and `quarantine_reason` is null. `paused_s` is the
    part of its time that was not worked (null: no pause); one that nobody reported on is
    `auto_closed_at`, and has no check-out. `is_off_hours` says that the check-in was outside the
    work hours of its day; `points_coarsened_at` that its positions are no longer exact.
    Where arrivals are put together it also says whether there is a report, any photo, or anything
    else (pause, cancellation, amendment) of it.
    """

    has_report: bool
    has_photos: bool
    has_more: bool
    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    claimed_store_id = IntegerField()
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int | None
    region = ForeignKeyField(Region, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    tier = CharField(max_length=10, null=True)
    grade = CharField(max_length=1, null=True)
    chain = CharField(max_length=80, null=True)
    division_code = CharField(max_length=9, null=True)
    kind = CharField(max_length=20)
    unplanned_reason = CharField(max_length=200, null=True)
    status = CharField(max_length=10)
    quarantine_reason = CharField(max_length=40, null=True)
    demand = CharField(max_length=20, null=True)
    released_by_id = IntegerField(null=True)
    released_at = UTCDateTimeField(null=True)
    business_on = DayField()
    checked_in_at = UTCDateTimeField()
    device_at = UTCDateTimeField()
    elapsed_ms = BigIntegerField(null=True)
    received_at = UTCDateTimeField()
    skew_s = DoubleField(null=True)
    is_clock_suspect = BooleanField()
    raw_lat = DoubleField(null=True)
    raw_lon = DoubleField(null=True)
    raw_crs = CharField(max_length=5, null=True)
    accuracy_m = DoubleField(null=True)
    provider = CharField(max_length=20, null=True)
    fix_age_s = DoubleField(null=True)
    is_mock = BooleanField(null=True)
    fix_facts = JSONTextField(null=True)
    fix_samples = JSONTextField(null=True)
    device_id = CharField(max_length=80, null=True)
    is_rooted = BooleanField(null=True)
    lat = DoubleField(null=True)
    lon = DoubleField(null=True)
    crs_impl = CharField(max_length=40, null=True)
    is_off_hours = BooleanField(default=False)
    points_coarsened_at = UTCDateTimeField(null=True)
    outcome = CharField(max_length=20, null=True)
    outcome_reason = CharField(max_length=500, null=True)
    checked_out_at = UTCDateTimeField(null=True)
    paused_s = IntegerField(null=True)
    auto_closed_at = UTCDateTimeField(null=True)
    cancelled_at = UTCDateTimeField(null=True)
    completed_at = UTCDateTimeField(null=True)
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by id"
        indexes = (
            (("person", "checked_in_at"), False),
            (("store", "business_on"), False),
            (("business_on", "checked_in_at"), False),
            (("device_id", "business_on"), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for one's own visits, or those in the subtree.

        A visit whose store is unknown has no region; it is seen where its person belongs.
        """
        if actor.role is Role.REP:
            return cls.person == actor.id
        regions = Region.select(Region.id).where(Region.visible_to(actor))
        people = Person.select(Person.id).where(Person.visible_to(actor))
        return cls.region.in_(regions) | (cls.region.is_null() & cls.person.in_(people))

    @classmethod
    def counts(cls) -> Expression:
        """Return the condition for a countable visit."""
        return (cls.status == "complete") & cls.quarantine_reason.is_null()

    @property
    def point(self) -> Point | None:
        """Where the phone said it was, in WGS-84."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)

    @property
    def position(self) -> Position | None:
        """Where the phone said it was, as it said it."""
        if self.raw_lat is None or self.raw_lon is None or self.raw_crs is None:
            return None
        return Position(self.raw_lat, self.raw_lon, Datum(self.raw_crs))


class Report(BaseModel):
    """What was found in the store: the document as handed in, and what the rules made of it.

    `state` is `held` until the visit it belongs to can be judged, then `judged`. `lines` are
    the judged checklist lines; `missing` are the answers and photos they still ask for, which
    make it `is_incomplete`. Counts come in pairs, so that rates can be pooled later.
    `sightings` are the violations it shows, as pairs of kind and subject. An amended report has
    the document of its `revision`; `content_sha256`, `device_at` and `received_at` stay those of
    the original.
    """

    visit_id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    state = CharField(max_length=10)
    received_at = UTCDateTimeField()
    device_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)
    revision = IntegerField(default=1)
    document = TextField()
    template_id: int | None
    template = ForeignKeyField(
        ChecklistTemplate, null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    lines = JSONTextField(null=True)
    missing_required = JSONTextField(null=True)
    is_incomplete = BooleanField(null=True)
    missing = JSONTextField(null=True)
    failed_critical = JSONTextField(null=True)
    signage_num = DoubleField(null=True)
    signage_den = DoubleField(null=True)
    mandatory_pass = IntegerField(null=True)
    mandatory_checked = IntegerField(null=True)
    is_all_mandatory_pass = BooleanField(null=True)
    lines_offered = IntegerField(null=True)
    lines_checked = IntegerField(null=True)
    must_listed = IntegerField(null=True)
    must_answered = IntegerField(null=True)
    must_available = IntegerField(null=True)
    must_stock_answered = IntegerField(null=True)
    prices_compliant = IntegerField(null=True)
    prices_checked = IntegerField(null=True)
    promos_executed = IntegerField(null=True)
    promos_checked = IntegerField(null=True)
    promo_units = IntegerField(null=True)
    sightings = JSONTextField(null=True)
    is_productive = BooleanField(null=True)
    first_notice = BooleanField(null=True)
    photo_slots = IntegerField(null=True)
    photo_slots_filled = IntegerField(null=True)

    class Meta:
        placement = "by visit_id"


class ProductLine(BaseModel):
    """One product as found: on the counter or not, facings, and units by their state."""

    visit_id = UUIDField()
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    is_must = BooleanField()
    is_listed = BooleanField(null=True)
    facings = IntegerField(null=True)
    stock = IntegerField(null=True)
    demo_stock = IntegerField(null=True)
    damaged_stock = IntegerField(null=True)
    oldest_receipt_on = DayField(null=True)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "sku")


class PriceObservation(BaseModel):
    """One price as seen, the reference of that product, area and day, and the findings. In fen."""

    visit_id = UUIDField()
    number = IntegerField()
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False, index=False)
    tag_fen = IntegerField()
    quoted_fen = IntegerField(null=True)
    discount_fen = IntegerField()
    gift_fen = IntegerField()
    net_fen = IntegerField()
    reference_fen = IntegerField(null=True)
    allowed_gift_fen = IntegerField()
    findings = JSONTextField()

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "number")


class PromotionResult(BaseModel):
    """What a visit saw of a promotion, and what it did in the store since the visit before.

    `is_enrolled` is frozen: whether the store took part on that day, as known when it was judged.
    """

    visit_id = UUIDField()
    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", lazy_load=False, index=False)
    is_executed = BooleanField(null=True)
    units = IntegerField(null=True)
    gifts = IntegerField(null=True)
    cost_fen = IntegerField(null=True)
    remark = CharField(max_length=500)
    is_enrolled = BooleanField(default=False)
    material_ok = BooleanField(null=True)
    timing_ok = BooleanField(null=True)
    area_ok = BooleanField(null=True)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "promotion")


for _name, _model, _condition in (
    ("report_held", Report, "state = 'held'"),
    ("visit_quarantined", Visit, "quarantine_reason IS NOT NULL"),
):
    _model.add_index(_model.index(_model.received_at, name=_name).where(SQL(_condition)))
for _name, _condition in (
    ("visit_exact_points", "points_coarsened_at IS NULL"),
    ("visit_exact_off_hours", "is_off_hours AND points_coarsened_at IS NULL"),
):
    Visit.add_index(Visit.index(Visit.business_on, name=_name).where(SQL(_condition)))
Visit.add_index(
    Visit.index(Visit.business_on, Visit.dealer, name="visit_rejected").where(
        SQL("quarantine_reason = 'rejected-by-reviewer'")
    )
)
