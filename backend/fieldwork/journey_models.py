"""What journeys are made of beside plan entries: rules of stores, and reasons of visits."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, UUIDField

from backend.network.models import Store
from backend.platform.database import BaseModel, JSONTextField, UTCDateTimeField


class VisitRule(BaseModel):
    """When a store may be visited: weekdays (1 Monday … 7), weeks of the cycle (1 … 4).

    `visits` in 28 days is null where tier and grade decide.
    """

    store_id: int
    store = ForeignKeyField(Store, primary_key=True, on_delete="RESTRICT", lazy_load=False)
    weekdays = JSONTextField()
    weeks = JSONTextField()
    visits = IntegerField(null=True)
    version = IntegerField()

    class Meta:
        placement = "reference"


class UnplannedNote(BaseModel):
    """Why a store was visited without a plan, where the salesperson said so afterwards."""

    visit_id = UUIDField(primary_key=True)
    reason = CharField(max_length=30)
    note = CharField(max_length=200)
    noted_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by visit_id"
