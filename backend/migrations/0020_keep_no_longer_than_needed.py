"""Notices and consents, retention runs, own-data exports, and what was coarsened or erased."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

INDEXES = {
    "visit_exact_points": ("visit", "business_on", "points_coarsened_at IS NULL"),
    "photo_original": ("photo", "received_at", "original_erased_at IS NULL"),
    "photo_reading_shown": ("photo_reading", "received_at", "display_sha256 IS NOT NULL"),
}


def up(migrator, db):
    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class PrivacyNotice(db.Model):
        id = AutoField()
        kind = CharField(
            max_length=20, constraints=[Check("kind IN ('work_rule', 'separate_consent')")]
        )
        version = IntegerField()
        text_zh = TextField()
        text_en = TextField()
        text_sha256 = CharField(max_length=64)
        published_at = DateTimeField()
        published_by_id = IntegerField()

        class Meta:
            table_name = "privacy_notice"
            indexes = ((("kind", "version"), True),)

    class PrivacyAnswer(db.Model):
        id = UUIDField(primary_key=True)
        notice = ForeignKeyField(PrivacyNotice, on_delete="RESTRICT", index=False)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        answer = CharField(
            max_length=12,
            constraints=[Check("answer IN ('acknowledged', 'granted', 'withdrawn')")],
        )
        text_sha256 = CharField(max_length=64)
        answered_at = DateTimeField()
        device_id = CharField(max_length=80)
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "privacy_answer"
            indexes = ((("person", "answered_at"), False),)

    class DataExport(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        asked_at = DateTimeField()
        made_at = DateTimeField(null=True)
        sha256 = CharField(max_length=64, null=True)
        size_bytes = IntegerField(null=True)
        expires_at = DateTimeField(null=True)
        erased_at = DateTimeField(null=True)

        class Meta:
            table_name = "data_export"

    class RetentionRun(db.Model):
        id = UUIDField(primary_key=True)
        run_on = DateField()
        is_dry_run = BooleanField()
        asked_by_id = IntegerField(null=True)
        days = TextField()
        started_at = DateTimeField()
        finished_at = DateTimeField(null=True)

        class Meta:
            table_name = "retention_run"
            indexes = ((("started_at",), False),)

    class RetentionStep(db.Model):
        run = ForeignKeyField(RetentionRun, on_delete="CASCADE", index=False)
        kind = CharField(max_length=12)
        cursor = TextField(null=True)
        done = IntegerField()
        held = TextField()
        oldest_kept_at = DateTimeField(null=True)
        finished_at = DateTimeField(null=True)

        class Meta:
            table_name = "retention_step"
            primary_key = CompositeKey("run", "kind")

    db.create_tables([PrivacyNotice, PrivacyAnswer, DataExport, RetentionRun, RetentionStep])
    is_sqlite = db.param == "?"
    instant = "DATETIME" if is_sqlite else "TIMESTAMP"
    no = "INTEGER NOT NULL DEFAULT 0" if is_sqlite else "BOOLEAN NOT NULL DEFAULT FALSE"
    columns = [
        ("person", "erased_at", instant),
        ("visit", "is_off_hours", no),
        ("visit", "points_coarsened_at", instant),
        ("photo", "original_erased_at", instant),
    ]
    for table, name, kind in columns:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    for name, (table, column, condition) in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON "{table}" ("{column}") WHERE {condition}')
