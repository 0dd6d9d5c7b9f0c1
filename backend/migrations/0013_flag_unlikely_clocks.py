"""Flag amendments, cancellations and hand reports whose time is a clock's unlikely word."""


def up(migrator, db):
    kind = "INTEGER NOT NULL DEFAULT 0" if db.param == "?" else "BOOLEAN NOT NULL DEFAULT FALSE"
    for table in ("report_revision", "visit_cancellation", "violation"):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "is_clock_suspect" {kind}')
