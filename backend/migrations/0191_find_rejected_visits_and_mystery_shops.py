"""Say which push assessment was a mystery shop, and find closed complaints and rejected visits."""

INDEXES = (("complaint", "dealer_id", "closed_at"), ("complaint", "closed_at"))


def up(migrator, db):
    is_lite = "sqlite" in type(db.obj).__name__.lower()
    kind = "INTEGER NOT NULL DEFAULT 0" if is_lite else "BOOLEAN NOT NULL DEFAULT FALSE"
    db.execute_sql(f'ALTER TABLE "push_assessment" ADD COLUMN "is_mystery_shop" {kind}')
    for table, *names in INDEXES:
        listed = ", ".join(f'"{name}"' for name in names)
        db.execute_sql(f'CREATE INDEX "{"_".join([table, *names])}" ON "{table}" ({listed})')
    db.execute_sql(
        'CREATE INDEX "visit_rejected" ON "visit" ("business_on") '
        "WHERE quarantine_reason = 'rejected-by-reviewer'"
    )
