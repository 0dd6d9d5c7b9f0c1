"""Let managers release photos, and find what is kept aside."""

INDEXES = {
    "photo_set_aside": ("photo", "received_at", "quarantine_reason IS NOT NULL"),
    "photo_unannounced": ("photo", "received_at", "NOT is_declared"),
    "report_held": ("report", "received_at", "state = 'held'"),
}


def up(migrator, db):
    db.execute_sql('ALTER TABLE "photo" ADD COLUMN "released_by_id" INTEGER')
    kind = "DATETIME" if db.param == "?" else "TIMESTAMP"
    db.execute_sql(f'ALTER TABLE "photo" ADD COLUMN "released_at" {kind}')
    for name, (table, column, condition) in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON "{table}" ("{column}") WHERE {condition}')
