"""Read long lists by the page: stored verdicts, scores and pairs, and an index for each order."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

COLUMNS = (
    '"sold_units" INTEGER NOT NULL DEFAULT 0',
    '"verdict" VARCHAR(20)',
    '"judged_on" DATE',
    '"judge_again_on" DATE',
)
INDEXES = (
    ("store_stock", "verdict", "store_id", "sku_id"),
    ("store_stock", "sku_id", "verdict", "store_id"),
    ("store_stock", "judge_again_on", "store_id"),
    ("contact", "name", "id"),
    ("contact_entry", "happened_at"),
    ("competitor_note", "seen_on"),
    ("counter_survey", "seen_on", "received_at"),
    ("visit", "business_on", "checked_in_at"),
    ("violation", "opened_on", "opened_at"),
    ("violation", "dealer_id", "opened_on"),
    ("sell_in", "sold_on", "id"),
    ("sell_out", "sold_on", "id"),
    ("imei_sighting", "seen_at"),
    ("task", "due_on"),
    ("task", "dealer_id", "due_on"),
    ("complaint", "due_at"),
    ("feedback_card", "recorded_at"),
    ("point_correction", "proposed_at"),
    ("push_assessment", "assessed_at"),
)
JOBS = (("measure-archive", "store:*"), ("measure-archive", "dealer:*"), ("find-duplicates", "*"))


def up(migrator, db):
    class Dealer(db.Model):
        id = AutoField()

        class Meta:
            table_name = "dealer"

    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class StoreCompleteness(db.Model):
        store = ForeignKeyField(Store, primary_key=True, on_delete="CASCADE")
        share = DoubleField()
        missing = TextField()

        class Meta:
            table_name = "store_completeness"
            indexes = ((("share", "store"), False),)

    class DealerCompleteness(db.Model):
        dealer = ForeignKeyField(Dealer, primary_key=True, on_delete="CASCADE")
        share = DoubleField()
        missing = TextField()

        class Meta:
            table_name = "dealer_completeness"
            indexes = ((("share", "dealer"), False),)

    class DuplicatePair(db.Model):
        first = ForeignKeyField(Store, on_delete="CASCADE", index=False, backref="+")
        second = ForeignKeyField(Store, on_delete="CASCADE", backref="+")
        reasons = TextField()
        distance_m = IntegerField(null=True)
        name_share = DoubleField()
        basis = CharField(max_length=64)
        is_cleared = BooleanField()

        class Meta:
            table_name = "duplicate_pair"
            primary_key = CompositeKey("first", "second")
            constraints = [Check("first_id < second_id")]

    class DuplicateVerdict(db.Model):
        first = ForeignKeyField(Store, on_delete="CASCADE", index=False, backref="+")
        second = ForeignKeyField(Store, on_delete="CASCADE", backref="+")
        basis = CharField(max_length=64)
        note = CharField(max_length=500)
        person_id = IntegerField()
        decided_at = DateTimeField()

        class Meta:
            table_name = "duplicate_verdict"
            primary_key = CompositeKey("first", "second")
            constraints = [Check("first_id < second_id")]

    db.create_tables([StoreCompleteness, DealerCompleteness, DuplicatePair, DuplicateVerdict])
    for column in COLUMNS:
        db.execute_sql(f'ALTER TABLE "store_stock" ADD COLUMN {column}')
    db.execute_sql('UPDATE "store_stock" SET "judge_again_on" = "counted_on"')
    db.execute_sql('DROP INDEX "visit_business_on"')
    for table, *columns in INDEXES:
        names = ", ".join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE INDEX "{"_".join([table, *columns])}" ON "{table}" ({names})')
    db.execute_sql(
        'CREATE INDEX "visit_quarantined" ON "visit" ("received_at") '
        "WHERE quarantine_reason IS NOT NULL"
    )
    _owe_what_is_there(db)


def _owe_what_is_there(db):
    """Let the worker measure and compare the stores there are, instead of reading every entry."""
    if not db.execute_sql('SELECT 1 FROM "store" LIMIT 1').fetchone():
        return
    for kind, key in JOBS:
        db.execute_sql(
            'INSERT INTO "job" ("kind", "key", "run_at", "revision", "attempts", "is_dead") '  # noqa: S608
            f"VALUES ('{kind}', '{key}', '2026-01-01 00:00:00', 0, 0, 1 = 0)"
        )
    for name in ("archive", "duplicates"):
        db.execute_sql(
            f'INSERT INTO "consumer_cursor" ("name", "seq") SELECT \'{name}\', '  # noqa: S608
            'COALESCE(MAX("seq"), 0) FROM "ledger_entry"'
        )
