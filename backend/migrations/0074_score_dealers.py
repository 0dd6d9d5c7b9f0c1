"""Score dealers: logins of their own, weights of the pillars, cards by month, contests."""

from peewee import (
    BooleanField,
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

NARROW = "CHECK (role IN ('rep', 'supervisor', 'manager', 'auditor', 'admin'))"
WIDE = "CHECK (role IN ('rep', 'supervisor', 'manager', 'auditor', 'admin', 'dealer'))"


def up(migrator, db):
    class Dealer(db.Model):
        class Meta:
            table_name = "dealer"

    class Region(db.Model):
        class Meta:
            table_name = "region"

    class Store(db.Model):
        class Meta:
            table_name = "store"

    class ScorecardWeights(db.Model):
        tier = CharField(max_length=10, constraints=[Check("tier IN ('city', 'county', 'town')")])
        valid_from = DateField()
        weights = TextField()
        version = IntegerField()

        class Meta:
            table_name = "scorecard_weights"
            primary_key = CompositeKey("tier", "valid_from")

    class Scorecard(db.Model):
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        month_on = DateField()
        version = IntegerField()
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        is_latest = BooleanField()
        score = DoubleField(null=True)
        standing = DoubleField()
        pillars = TextField()
        document = TextField()
        frozen_at = DateTimeField()

        class Meta:
            table_name = "scorecard"
            primary_key = CompositeKey("dealer", "month_on", "version")
            indexes = ((("month_on", "is_latest", "standing", "dealer"), False),)

    class ScorecardContest(db.Model):
        id = UUIDField(primary_key=True)
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        from_on = DateField()
        to_on = DateField()
        line = CharField(max_length=120)
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", index=False)
        text = CharField(max_length=2000)
        points = DoubleField()
        state = CharField(max_length=10)
        made_by_id = IntegerField()
        made_at = DateTimeField()
        due_on = DateField()
        reason = CharField(max_length=2000, null=True)
        decided_by_id = IntegerField(null=True)
        decided_at = DateTimeField(null=True)
        content_sha256 = CharField(max_length=64)
        version = IntegerField()

        class Meta:
            table_name = "scorecard_contest"
            indexes = (
                (("made_at", "id"), False),
                (("state", "due_on"), False),
                (("dealer", "from_on"), False),
            )

    on_sqlite = "sqlite" in type(db.obj).__name__.lower()
    widen_role(db, on_sqlite=on_sqlite)
    db.execute_sql(
        'ALTER TABLE "person" ADD COLUMN "dealer_id" INTEGER'
        ' REFERENCES "dealer" ("id") ON DELETE RESTRICT'
    )
    db.create_tables([ScorecardWeights, Scorecard, ScorecardContest])


def widen_role(db, *, on_sqlite):
    """Let a person be a dealer's login.

    SQLite cannot change a constraint, so there the table is made anew under its own definition;
    foreign keys are off while a migration runs.
    """
    if not on_sqlite:
        db.execute_sql('ALTER TABLE "person" DROP CONSTRAINT "person_role_check"')
        db.execute_sql(f'ALTER TABLE "person" ADD CONSTRAINT "person_role_check" {WIDE}')
        return
    rows = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'person' AND sql IS NOT NULL"
        " ORDER BY type DESC"
    )
    table, *indexes = [sql for (sql,) in rows]
    if NARROW not in table:
        raise RuntimeError("The table of people is not the one that the first migration made.")
    wider = table.replace(NARROW, WIDE).replace('"person" (', '"person_wider" (', 1)
    db.execute_sql(wider)
    db.execute_sql('INSERT INTO "person_wider" SELECT * FROM "person"')
    db.execute_sql('DROP TABLE "person"')
    db.execute_sql('ALTER TABLE "person_wider" RENAME TO "person"')
    for index in indexes:
        db.execute_sql(index)
