"""Runs of the retention clocks, and how far each has come."""

from __future__ import annotations

from typing import Any

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class RetentionRun(BaseModel):
    """One look through all that may have been kept long enough; a dry run only counts.

    `days` are the clocks it goes by. `asked_by_id` is null when the calendar asked.
    """

    id = UUIDField(primary_key=True)
    run_on = DayField()
    is_dry_run = BooleanField()
    asked_by_id = IntegerField(null=True)
    days = JSONTextField()
    started_at = UTCDateTimeField()
    finished_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"
        indexes = ((("started_at",), False),)


class RetentionStep(BaseModel):
    """One class of data in a run: how many rows were due and how many are held back, and why.

    `cursor` is where the next chunk begins; `oldest_kept_at` is that of the oldest row that stays.
    """

    run_id: Any
    run = ForeignKeyField(RetentionRun, on_delete="CASCADE", lazy_load=False, index=False)
    kind = CharField(max_length=12)
    cursor = JSONTextField(null=True)
    done = IntegerField(default=0)
    held = JSONTextField()
    oldest_kept_at = UTCDateTimeField(null=True)
    finished_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"
        primary_key = CompositeKey("run", "kind")
