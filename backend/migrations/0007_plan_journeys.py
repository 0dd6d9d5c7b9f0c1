"""Plan journeys: calendar, frequencies, rules of stores, substitutes, what became of an entry."""

from peewee import (
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


def up(migrator, db):
    class Region(db.Model):
        class Meta:
            table_name = "region"

    class Person(db.Model):
        class Meta:
            table_name = "person"

    class Store(db.Model):
        class Meta:
            table_name = "store"

    class Substitution(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        substitute = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
        from_on = DateField()
        to_on = DateField()
        note = CharField(max_length=200)
        is_open = BooleanField()
        version = IntegerField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "substitution"
            constraints = [Check("to_on >= from_on")]

    class CalendarDay(db.Model):
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        day = DateField()
        kind = CharField(max_length=20)
        name = CharField(max_length=80)

        class Meta:
            table_name = "calendar_day"
            primary_key = CompositeKey("region", "day")

    class CallFrequency(db.Model):
        tier = CharField(max_length=10)
        grade = CharField(max_length=1)
        visits = IntegerField(constraints=[Check("visits >= 0")])
        version = IntegerField()

        class Meta:
            table_name = "call_frequency"
            primary_key = CompositeKey("tier", "grade")

    class VisitRule(db.Model):
        store = ForeignKeyField(Store, primary_key=True, on_delete="RESTRICT")
        weekdays = TextField()
        weeks = TextField()
        visits = IntegerField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "visit_rule"

    class UnplannedNote(db.Model):
        visit_id = UUIDField(primary_key=True)
        reason = CharField(max_length=30)
        note = CharField(max_length=200)
        noted_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "unplanned_note"

    db.create_tables([Substitution, CalendarDay, CallFrequency, VisitRule, UnplannedNote])
    is_sqlite = "sqlite" in type(db.obj).__name__.lower()
    uuid = "TEXT" if is_sqlite else "UUID"
    no = "INTEGER NOT NULL DEFAULT 0" if is_sqlite else "BOOLEAN NOT NULL DEFAULT FALSE"
    columns = [
        ("person", "is_standing_in", no),
        ("plan_entry", "origin", "VARCHAR(10) NOT NULL DEFAULT 'manual'"),
        (
            "plan_entry",
            "stands_in_for_id",
            "INTEGER REFERENCES person (id) ON DELETE RESTRICT",
        ),
        ("plan_entry", "reason", "VARCHAR(30)"),
        ("plan_entry", "note", "VARCHAR(200) NOT NULL DEFAULT ''"),
        ("plan_entry", "moved_from_id", uuid),
        ("plan_entry", "moved_to_id", uuid),
        ("plan_entry", "visit_id", uuid),
        ("plan_entry", "days_late", "INTEGER"),
    ]
    for table, name, kind in columns:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    for name in ("stands_in_for_id", "visit_id"):
        db.execute_sql(f'CREATE INDEX "plan_entry_{name}" ON "plan_entry" ("{name}")')
