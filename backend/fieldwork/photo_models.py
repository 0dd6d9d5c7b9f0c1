"""Photos of visits, and how many of a person were taken in on a day."""

from __future__ import annotations

from peewee import (
    SQL,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Person
from backend.platform.database import BaseModel, DayField, UTCDateTimeField


class Photo(BaseModel):
    """A photo announced in a manifest, or received, or both.

    `declared_*` and what it shows come from the manifest; `sha256`, `size_bytes`, `media_type`
    from the bytes that are held. `quarantine_reason` says why bytes are kept but not believed;
    since `original_erased_at` the bytes are no longer held. Only an upload asks for the last four.
    """

    visit_id = UUIDField()
    id = UUIDField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    is_declared = BooleanField()
    declared_sha256 = CharField(max_length=64, null=True)
    declared_bytes = IntegerField(null=True)
    subject = CharField(max_length=20, null=True)
    item = CharField(max_length=60, null=True)
    captured_at = UTCDateTimeField(null=True)
    capture_source = CharField(max_length=20, null=True)
    sha256 = CharField(max_length=64, null=True)
    size_bytes = IntegerField(null=True)
    media_type = CharField(max_length=20, null=True)
    received_at = UTCDateTimeField(null=True)
    quarantine_reason = CharField(max_length=40, null=True)
    released_by_id = IntegerField(null=True)
    released_at = UTCDateTimeField(null=True)
    original_erased_at = UTCDateTimeField(null=True)
    visitor_id: int | None
    visit_status: str | None
    misses_others: bool
    taken_today: int

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "id")
        indexes = ((("id",), False), (("sha256",), False))


for _name, _condition in (
    ("photo_set_aside", "quarantine_reason IS NOT NULL"),
    ("photo_unannounced", "NOT is_declared"),
    ("photo_original", "original_erased_at IS NULL"),
):
    Photo.add_index(Photo.index(Photo.received_at, name=_name).where(SQL(_condition)))


class PhotoTally(BaseModel):
    """How many photos of a person were taken in on a day."""

    person_id = IntegerField()
    received_on = DayField()
    photos = IntegerField()

    class Meta:
        placement = "by person_id"
        primary_key = CompositeKey("person_id", "received_on")
