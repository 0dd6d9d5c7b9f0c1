"""What decides the mix of a store besides the rules: plans, sales levels, price bands, counters."""

from __future__ import annotations

from datetime import date

from peewee import (
    AutoField,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Person, Region, Store
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class SeasonPlan(BaseModel):
    """A season's range and push strategy; assortment rules name the plan they carry out.

    Both days belong to the season.
    """

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    strategy = CharField(max_length=2000)
    starts_on = DayField()
    ends_on = DayField(constraints=[Check("ends_on >= starts_on")])
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"


class RegionSalesIndex(BaseModel):
    """How well a region, and those below it, sells since a day: 100 is the average of all."""

    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    from_on = DayField()
    sales_index = IntegerField(constraints=[Check("sales_index >= 0")])
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("region", "from_on")

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the regions the actor may see."""
        return Region.covers(cls.region, actor)


class PriceBandFit(BaseModel):
    """Which price bands suit the spending in an area (empty: the nation) and tier (empty: any)."""

    id = AutoField()
    area = CharField(max_length=9)
    tier = CharField(max_length=10)
    bands = JSONTextField()
    valid_from = DayField()
    valid_to = DayField(null=True, constraints=[Check("valid_to > valid_from")])

    class Meta:
        placement = "reference"

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for what holds on a day."""
        return (cls.valid_from <= day) & (cls.valid_to.is_null() | (cls.valid_to > day))


class CounterSurvey(BaseModel):
    """Where and how large the brand's counter in a store was on a day, and who else sold there.

    `position_grade` is 1 (best) to 5; `competitors` are their codes, sorted, and
    `competitor_sections` what all of them have together (null: not counted).
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    seen_on = DayField()
    position_grade = IntegerField(constraints=[Check("position_grade BETWEEN 1 AND 5")])
    display_area_m2 = DoubleField(constraints=[Check("display_area_m2 >= 0")])
    sections = IntegerField(constraints=[Check("sections >= 0")])
    competitors = JSONTextField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)
    competitor_sections = IntegerField(null=True)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = (
            (("store", "seen_on", "received_at"), False),
            (("seen_on", "received_at"), False),
            (("id",), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the stores the actor may see."""
        return Store.covers(cls.store, actor)
