"""Pause, cancel, close and amend visits; retract what a visit no longer says it saw."""

import json
from collections import defaultdict

from peewee import (
    BigIntegerField,
    CharField,
    CompositeKey,
    DateTimeField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)


def up(migrator, db):
    class Person(db.Model):
        class Meta:
            table_name = "person"

    class VisitPause(db.Model):
        visit_id = UUIDField()
        id = UUIDField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        paused_at = DateTimeField()
        resumed_at = DateTimeField()
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "visit_pause"
            primary_key = CompositeKey("visit_id", "id")

    class VisitCancellation(db.Model):
        visit_id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        reason = CharField(max_length=20)
        note = CharField(max_length=500)
        cancelled_at = DateTimeField()
        device_at = DateTimeField()
        elapsed_ms = BigIntegerField(null=True)
        received_at = DateTimeField()
        raw_lat = DoubleField(null=True)
        raw_lon = DoubleField(null=True)
        raw_crs = CharField(max_length=5, null=True)
        accuracy_m = DoubleField(null=True)
        provider = CharField(max_length=20, null=True)
        lat = DoubleField(null=True)
        lon = DoubleField(null=True)
        crs_impl = CharField(max_length=40, null=True)
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "visit_cancellation"

    class ReportRevision(db.Model):
        visit_id = UUIDField()
        id = UUIDField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        number = IntegerField(null=True)
        reason = CharField(max_length=500)
        amended_at = DateTimeField()
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)
        document = TextField()
        judgement = TextField(null=True)
        doubt = CharField(max_length=40, null=True)

        class Meta:
            table_name = "report_revision"
            primary_key = CompositeKey("visit_id", "id")

    db.create_tables([VisitPause, VisitCancellation, ReportRevision])
    is_sqlite = "sqlite" in type(db.obj).__name__.lower()
    instant = "DATETIME" if is_sqlite else "TIMESTAMP"
    columns = [
        ("visit", "outcome_reason", "VARCHAR(500)"),
        ("visit", "paused_s", "INTEGER"),
        ("visit", "auto_closed_at", instant),
        ("visit", "cancelled_at", instant),
        ("report", "revision", "INTEGER NOT NULL DEFAULT 1"),
        ("report", "sightings", "TEXT"),
        ("violation", "retracted_at", instant),
    ]
    for table, name, kind in columns:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    db.execute_sql(
        'CREATE INDEX "violation_sighting_violation_id" ON "violation_sighting" ("violation_id")'
    )
    _remember_what_was_seen(db)


def _remember_what_was_seen(db):
    """Say in each judged report which violations it showed, as new reports do."""
    seen = defaultdict(list)
    for visit_id, kind, subject in db.execute_sql(
        'SELECT s."visit_id", v."kind", v."subject" FROM "violation_sighting" s'
        ' JOIN "violation" v ON v."id" = s."violation_id"'
    ).fetchall():
        seen[visit_id].append([kind, subject])
    db.execute_sql('UPDATE "report" SET "sightings" = \'[]\' WHERE "state" = \'judged\'')
    mark = db.param
    for visit_id, sightings in seen.items():
        db.execute_sql(
            f'UPDATE "report" SET "sightings" = {mark} WHERE "visit_id" = {mark}',  # noqa: S608
            (json.dumps(sorted(sightings), ensure_ascii=False, separators=(",", ":")), visit_id),
        )
