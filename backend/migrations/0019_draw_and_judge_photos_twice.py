"""Draw photos for audit by plan, and keep what each auditor said of them."""

from peewee import (
    AutoField,
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    DoubleField,
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

    class AuditPlan(db.Model):
        id = AutoField()
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        valid_from = DateField()
        valid_to = DateField(null=True, constraints=[Check("valid_to > valid_from")])
        share = DoubleField(constraints=[Check("share BETWEEN 0 AND 1")])
        control_share = DoubleField(constraints=[Check("control_share BETWEEN 0 AND 1")])
        second_share = DoubleField(constraints=[Check("second_share BETWEEN 0 AND 1")])
        weights = TextField()
        seed = CharField(max_length=64)
        created_by_id = IntegerField()
        created_at = DateTimeField()
        version = IntegerField()

        class Meta:
            table_name = "audit_plan"
            indexes = ((("region", "valid_from"), True),)

    class PhotoVerdict(db.Model):
        visit_id = UUIDField()
        photo_id = UUIDField()
        number = IntegerField()
        part = CharField(max_length=7)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        region_id = IntegerField()
        verdict = CharField(max_length=8)
        reasons = TextField()
        note = CharField(max_length=1000)
        seconds = IntegerField(null=True)
        judged_at = DateTimeField()
        judged_on = DateField()
        withdrawn_at = DateTimeField(null=True)

        class Meta:
            table_name = "photo_verdict"
            primary_key = CompositeKey("visit_id", "photo_id", "number")
            indexes = ((("judged_on", "person"), False),)

    db.create_tables([AuditPlan, PhotoVerdict])
    is_sqlite = "sqlite" in type(db.obj).__name__.lower()
    no = "INTEGER NOT NULL DEFAULT 0" if is_sqlite else "BOOLEAN NOT NULL DEFAULT FALSE"
    real = "REAL" if is_sqlite else "DOUBLE PRECISION"
    columns = [
        ("plan_id", 'INTEGER REFERENCES "audit_plan" ("id") ON DELETE RESTRICT'),
        ("probability", f"{real} NOT NULL DEFAULT 1"),
        ("is_control", no),
        ("wants_second", no),
        ("risks", "TEXT"),
        ("first_by_id", "INTEGER"),
        ("claimed_at", "DATETIME" if is_sqlite else "TIMESTAMP"),
    ]
    for name, kind in columns:
        db.execute_sql(f'ALTER TABLE "photo_audit" ADD COLUMN "{name}" {kind}')
    db.execute_sql(
        'CREATE INDEX "photo_audit_plan_id_business_on" ON "photo_audit" ("plan_id", "business_on")'
    )
    _keep_who_said_what(db, is_sqlite=is_sqlite)


def _keep_who_said_what(db, *, is_sqlite):
    """Make a first verdict of each that stands; its day is that of Shanghai."""
    if is_sqlite:
        day = "date(\"judged_at\", '+8 hours')"
    else:
        day = "(\"judged_at\" + interval '8 hours')::date"
    judged = "\"judged_by_id\" IS NOT NULL AND \"status\" IN ('approved', 'rejected')"
    columns = '"visit_id", "photo_id", %s, "region_id", %s, "reasons", "note", "judged_at", %s'
    into = columns % ('"number", "part", "person_id"', '"verdict"', '"judged_on"')
    found = columns % ("1, 'first', \"judged_by_id\"", '"status"', day)
    copy = f'INSERT INTO "photo_verdict" ({into}) SELECT {found} FROM "photo_audit"'  # noqa: S608
    db.execute_sql(f"{copy} WHERE {judged}")
    first = 'UPDATE "photo_audit" SET "first_by_id" = "judged_by_id"'
    db.execute_sql(f"{first} WHERE {judged}")
