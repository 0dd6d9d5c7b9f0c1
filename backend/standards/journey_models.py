"""What journeys are planned by: declared days of the calendar, and how often a store is called."""

from __future__ import annotations

from peewee import CharField, Check, CompositeKey, ForeignKeyField, IntegerField

from backend.network.models import Region
from backend.platform.database import BaseModel, DayField


class CalendarDay(BaseModel):
    """What the brand says a day is in a region and below; it holds over the law."""

    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    day = DayField()
    kind = CharField(max_length=20)
    name = CharField(max_length=80)

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("region", "day")


class CallFrequency(BaseModel):
    """How many visits a store of a tier and grade is due in 28 days, where it was edited."""

    tier = CharField(max_length=10)
    grade = CharField(max_length=1)
    visits = IntegerField(constraints=[Check("visits >= 0")])
    version = IntegerField()

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("tier", "grade")
