"""Fixtures that are lent to dealers: what they are, what happened to them, what was found."""

from __future__ import annotations

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Person, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class Fixture(BaseModel):
    """A counter, cabinet or sign that stays its owner's while a dealer uses it. Value in fen.

    `state` is `available` (nobody has it), `on_loan`, `recalled` (asked back) or
    `written_off`. While it is lent, `dealer` uses it, in `store` or at `place`. `region` is who
    keeps it, or the dealer's.
    """

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    kind = CharField(max_length=30)
    name = CharField(max_length=80)
    value_fen = IntegerField(constraints=[Check("value_fen >= 0")])
    owner_company = CharField(max_length=120)
    purchased_on = DayField()
    condition = CharField(max_length=20)
    state = CharField(max_length=20)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False)
    place = CharField(max_length=200)
    lent_on = DayField(null=True)
    due_back_on = DayField(null=True)
    recalled_on = DayField(null=True)
    inspected_at = UTCDateTimeField(null=True)
    is_present = BooleanField(null=True)
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what stands in a rep's own stores, or is in the subtree."""
        if actor.role is Role.REP:
            return Store.covers(cls.store, actor)
        return Region.covers(cls.region, actor)


class FixtureEvent(BaseModel):
    """One step in the life of a fixture: who gave it to whom, when, in what condition.

    `dealer_id`, `store_id` and `place` are where it was afterwards. Photos are pairs of
    `visit_id` and `photo_id`.
    """

    fixture_id: int
    fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", lazy_load=False, index=False)
    number = IntegerField()
    kind = CharField(max_length=20)
    happened_at = UTCDateTimeField()
    giver = CharField(max_length=80, null=True)
    giver_person_id = IntegerField(null=True)
    receiver = CharField(max_length=80, null=True)
    receiver_person_id = IntegerField(null=True)
    condition = CharField(max_length=20, null=True)
    dealer_id = IntegerField(null=True)
    store_id = IntegerField(null=True)
    place = CharField(max_length=200)
    photos = JSONTextField()
    note = CharField(max_length=500)
    recorded_at = UTCDateTimeField()
    recorded_by_id = IntegerField()

    class Meta:
        placement = "by fixture_id"
        primary_key = CompositeKey("fixture", "number")


class FixtureInspection(BaseModel):
    """What somebody found when they looked for a fixture in a store.

    `is_expected` says whether it should have stood there then.
    """

    fixture_id: int
    fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    visit_id = UUIDField(null=True)
    inspected_at = UTCDateTimeField()
    is_present = BooleanField()
    is_expected = BooleanField()
    is_misused = BooleanField()
    condition = CharField(max_length=20, null=True)
    note = CharField(max_length=500)
    photos = JSONTextField()
    violation_id = UUIDField(null=True)
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by fixture_id"
        primary_key = CompositeKey("fixture", "id")
        indexes = (
            (("id",), False),
            (("store", "inspected_at"), False),
            (("inspected_at",), False),
        )
