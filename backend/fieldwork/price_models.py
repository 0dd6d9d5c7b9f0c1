"""What the office made of price violations."""

from __future__ import annotations

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, UUIDField

from backend.network.models import Store
from backend.platform.database import BaseModel, DayField, UTCDateTimeField


class PriceCase(BaseModel):
    """The file of a price violation: the dealer's reply and the outcome a person decided.

    It has the violation's id and comes to be with the first thing the office does about it.
    The reply's photo is one of a visit to a store.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    violation_id = UUIDField()
    reply_asked_at = UTCDateTimeField(null=True)
    reply_asked_by_id = IntegerField(null=True)
    reply_due_on = DayField(null=True)
    reply_on = DayField(null=True)
    reply_text = CharField(max_length=4000, null=True)
    reply_visit_id = UUIDField(null=True)
    reply_photo_id = UUIDField(null=True)
    reply_recorded_at = UTCDateTimeField(null=True)
    reply_recorded_by_id = IntegerField(null=True)
    outcome = CharField(max_length=20, null=True)
    closing_note = CharField(max_length=2000, null=True)
    closed_at = UTCDateTimeField(null=True)
    closed_by_id = IntegerField(null=True)
    version = IntegerField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "violation_id")
