"""What may happen to a visit besides its report: pauses, a cancellation, amendments.

Each may arrive before the check-in; it waits here then.
"""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

from backend.network.models import Person
from backend.platform.database import BaseModel, JSONTextField, UTCDateTimeField


class VisitPause(BaseModel):
    """A time within a visit that was not worked; told when it was over."""

    visit_id = UUIDField()
    id = UUIDField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    paused_at = UTCDateTimeField()
    resumed_at = UTCDateTimeField()
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "id")


class VisitCancellation(BaseModel):
    """That a visit was broken off: why, when, and where the phone was. Clocks as on a visit."""

    visit_id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    reason = CharField(max_length=20)
    note = CharField(max_length=500)
    cancelled_at = UTCDateTimeField()
    device_at = UTCDateTimeField()
    elapsed_ms = BigIntegerField(null=True)
    received_at = UTCDateTimeField(index=True)
    raw_lat = DoubleField(null=True)
    raw_lon = DoubleField(null=True)
    raw_crs = CharField(max_length=5, null=True)
    accuracy_m = DoubleField(null=True)
    provider = CharField(max_length=20, null=True)
    lat = DoubleField(null=True)
    lon = DoubleField(null=True)
    crs_impl = CharField(max_length=40, null=True)
    content_sha256 = CharField(max_length=64)
    is_clock_suspect = BooleanField(default=False)

    class Meta:
        placement = "by visit_id"


class ReportRevision(BaseModel):
    """One text of a report that was amended; that of the original has the visit's own id.

    `number` counts them as they were taken in (1 is the original), and is null while the report
    or the visit has not arrived. In force is the one `amended_at` last; `is_clock_suspect` says
    that it is only a clock's word, and an unlikely one. `judgement` is what
    the rules made of one that is not in force; what they make of that in force is the report's.
    `doubt` is why part of it was left out of the judgement.
    """

    visit_id = UUIDField()
    id = UUIDField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    number = IntegerField(null=True)
    reason = CharField(max_length=500)
    amended_at = UTCDateTimeField()
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)
    document = TextField()
    judgement = JSONTextField(null=True)
    doubt = CharField(max_length=40, null=True)
    is_clock_suspect = BooleanField(default=False)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "id")


ReportRevision.add_index(
    ReportRevision.index(ReportRevision.received_at, name="report_revision_waiting").where(
        SQL("number IS NULL")
    )
)
