"""Let complaints wait for the customer; number their journal, as they may wait several times."""

STEPS = (
    "acknowledged",
    "restated",
    "expectation_recorded",
    "action_agreed",
    "committed",
    "closed",
)
OLD_KEY, NEW_KEY = '("complaint_id", "step")', '("complaint_id", "number")'
KEPT = '"complaint_id", "step", "text", "promised_on", "person_id", "at"'


def up(migrator, db):
    is_lite = "sqlite" in type(db.obj).__name__.lower()
    instant = "DATETIME" if is_lite else "TIMESTAMP"
    db.execute_sql(f'ALTER TABLE "complaint" ADD COLUMN "waiting_since" {instant}')
    db.execute_sql('ALTER TABLE "complaint" ADD COLUMN "waited_s" INTEGER NOT NULL DEFAULT 0')
    cases = " ".join(f"WHEN '{step}' THEN {n}" for n, step in enumerate(STEPS, start=2))
    number = f'CASE "step" {cases} END'
    (_number_on_sqlite if is_lite else _number_on_postgresql)(db, number)


def _number_on_sqlite(db, number):
    """Copy the journal into a table with another key, which SQLite cannot change in place."""
    ((table,),) = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'complaint_entry'"
    ).fetchall()
    numbered = table.replace(
        '"complaint_entry" (', '"complaint_entry_numbered" ("number" INTEGER NOT NULL, ', 1
    ).replace(OLD_KEY, NEW_KEY, 1)
    db.execute_sql(numbered)
    db.execute_sql(
        f'INSERT INTO "complaint_entry_numbered" ("number", {KEPT}) '  # noqa: S608  # our own words
        f'SELECT {number}, {KEPT} FROM "complaint_entry"'
    )
    db.execute_sql('DROP TABLE "complaint_entry"')
    db.execute_sql('ALTER TABLE "complaint_entry_numbered" RENAME TO "complaint_entry"')


def _number_on_postgresql(db, number):
    db.execute_sql('ALTER TABLE "complaint_entry" ADD COLUMN "number" INTEGER')
    db.execute_sql(f'UPDATE "complaint_entry" SET "number" = {number}')  # noqa: S608
    db.execute_sql(
        'ALTER TABLE "complaint_entry" ALTER COLUMN "number" SET NOT NULL, '
        f'DROP CONSTRAINT "complaint_entry_pkey", ADD PRIMARY KEY {NEW_KEY}'
    )
