"""What the server itself made of places and photos, and what auditors decided."""

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
    UUIDField,
)

from backend.evidence.audit_models import AuditPlan
from backend.network.models import Person, Store
from backend.network.positions import Point
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField
from backend.platform.settings import settings


class LocationReading(BaseModel):
    """Where a check-in was: the judgement in force, which is the latest.

    `number` counts the judgements of the visit and `why` says what led to this one; the store's
    point and fence are those of `store_version`. Those before are FormerLocationReading.
    """

    visit_id = UUIDField(primary_key=True)
    number = IntegerField(default=1)
    why = CharField(max_length=12, default="checked_in")
    outcome = CharField(max_length=10)
    distance_m = IntegerField(null=True)
    radius_m = IntegerField(null=True)
    store_version = IntegerField(null=True)
    store_lat = DoubleField(null=True)
    store_lon = DoubleField(null=True)
    flags = JSONTextField()
    judged_at = UTCDateTimeField()

    class Meta:
        placement = "by visit_id"


class FormerLocationReading(BaseModel):
    """An earlier judgement of a check-in's place, as it was when the next one took its place."""

    visit_id = UUIDField()
    number = IntegerField()
    why = CharField(max_length=12)
    outcome = CharField(max_length=10)
    distance_m = IntegerField(null=True)
    radius_m = IntegerField(null=True)
    store_version = IntegerField(null=True)
    store_lat = DoubleField(null=True)
    store_lon = DoubleField(null=True)
    flags = JSONTextField()
    judged_at = UTCDateTimeField()

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "number")


class PointSuggestion(BaseModel):
    """Where check-ins say that a store's door is, while that is not where the store's point is.

    `raw_*` is the position to store: for the basis `datum` the store's own under another datum.
    `lat` and `lon` are WGS-84, `moved_m` the whole metres from the store's point (null: it has
    none), `spread_m` the median distance of the `visits` it rests on. `from_*` is the point of
    the store then.
    """

    store_id: int
    store = ForeignKeyField(Store, primary_key=True, on_delete="CASCADE", lazy_load=False)
    basis = CharField(max_length=12)
    raw_lat = DoubleField()
    raw_lon = DoubleField()
    raw_crs = CharField(max_length=5)
    lat = DoubleField()
    lon = DoubleField()
    from_lat = DoubleField(null=True)
    from_lon = DoubleField(null=True)
    moved_m = IntegerField(null=True)
    spread_m = IntegerField()
    visits = IntegerField()
    people = IntegerField()
    suggested_at = UTCDateTimeField()
    version = IntegerField()

    class Meta:
        placement = "by store_id"
        indexes = ((("basis", "visits"), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for stores in sight that were not merged into others."""
        stores = Store.select(Store.id).where(Store.visible_to(actor), Store.merged_into.is_null())
        return cls.store.in_(stores)

    @property
    def from_point(self) -> Point | None:
        """Where the store was said to be then, in WGS-84."""
        if self.from_lat is None or self.from_lon is None:
            return None
        return Point(self.from_lat, self.from_lon)

    @property
    def needs_approval(self) -> bool:
        """Whether somebody else has to approve so long a move; a first point moves nothing."""
        return self.moved_m is not None and self.moved_m > settings().point_approval_m


class PhotoReading(BaseModel):
    """What a photo shows of itself: size, EXIF, fingerprint, and its derivatives' hashes.

    `unreadable_reason` is set when it could not be decoded; then the rest is null. Derivatives
    that were erased have no hash. `dhash` is a signed 64-bit difference hash, its three bands
    beside it for the search. `quality` is what was measured, each with the threshold of then
    (`evidence/quality.py`); `recapture_score` is the one that hints at a photographed screen.
    """

    visit_id = UUIDField()
    photo_id = UUIDField()
    sha256 = CharField(max_length=64, index=True)
    received_at = UTCDateTimeField()
    unreadable_reason = CharField(max_length=40, null=True)
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    taken_at = UTCDateTimeField(null=True)
    lat = DoubleField(null=True)
    lon = DoubleField(null=True)
    device_model = CharField(max_length=120, null=True)
    display_sha256 = CharField(max_length=64, null=True, index=True)
    thumbnail_sha256 = CharField(max_length=64, null=True, index=True)
    dhash = BigIntegerField(null=True)
    band0 = IntegerField(null=True)
    band1 = IntegerField(null=True)
    band2 = IntegerField(null=True)
    quality = JSONTextField(null=True)
    recapture_score = DoubleField(null=True)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "photo_id")
        indexes = (
            (("band0", "dhash"), False),
            (("band1", "dhash"), False),
            (("band2", "dhash"), False),
            (("dhash", "received_at"), False),
        )


PhotoReading.add_index(
    PhotoReading.index(PhotoReading.received_at, name="photo_reading_shown").where(
        SQL("display_sha256 IS NOT NULL")
    )
)


class PhotoMatch(BaseModel):
    """A photo that repeats an earlier one: `exact` by hash, or `near` by fingerprint bits.

    `received_at` is the later photo's; `store_id` is set where both photos are of that store.
    `status` is `open`, `fixed_scene` by what was learned, or an auditor's word.
    """

    visit_id = UUIDField()
    photo_id = UUIDField()
    earlier_visit_id = UUIDField()
    earlier_photo_id = UUIDField()
    kind = CharField(max_length=5)
    distance = IntegerField()
    received_at = UTCDateTimeField(null=True)
    store_id = IntegerField(null=True)
    status = CharField(max_length=12, default="open")
    reason = CharField(max_length=500, null=True)
    resolved_by_id = IntegerField(null=True)
    resolved_at = UTCDateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "photo_id", "earlier_visit_id", "earlier_photo_id")
        indexes = (
            (("status", "received_at"), False),
            (("store_id", "status"), False),
            (("earlier_photo_id",), False),
            (("received_at",), False),
        )


class PhotoAudit(BaseModel):
    """A photo's place in the auditors' queue, and the verdict that stands.

    `status` is `pending`, `disputed` (waits for an arbiter), `approved`, `rejected` or `left_out`
    (not drawn by `plan`); a claim keeps others off until it lapses. While it is pending nothing
    here tells whether somebody read it before, but for `first_by_id`. `probability` is how likely
    it was to be drawn, for the `risks` it had; without a plan everything is.
    `region_id` and `business_on` are the visit's, copied so that the queue is one table.
    """

    visit_id = UUIDField()
    photo_id = UUIDField()
    region_id = IntegerField()
    business_on = DayField()
    status = CharField(max_length=10)
    plan_id: int | None
    plan = ForeignKeyField(AuditPlan, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    probability = DoubleField(default=1.0)
    is_control = BooleanField(default=False)
    wants_second = BooleanField(default=False)
    risks = JSONTextField(null=True)
    first_by_id = IntegerField(null=True)
    claimed_by_id: int | None
    claimed_by = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    claimed_at = UTCDateTimeField(null=True)
    claimed_until = UTCDateTimeField(null=True)
    judged_by_id: int | None
    judged_by = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    judged_at = UTCDateTimeField(null=True)
    reasons = JSONTextField()
    note = CharField(max_length=1000)
    version = IntegerField()

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "photo_id")
        indexes = (
            (("status", "business_on", "visit_id", "photo_id"), False),  # the queue in its order
            (("plan", "business_on"), False),
        )


PhotoAudit.add_index(
    PhotoAudit.index(PhotoAudit.claimed_by, name="photo_audit_held").where(
        SQL("claimed_by_id IS NOT NULL")
    )
)
