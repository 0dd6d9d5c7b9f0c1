"""Read the plans of a store from an index alone; find its counts of stock by their day.

Visits that were rejected are told apart by their dealer without being read.
"""

OF_STORE = (
    "store_id",
    "planned_on",
    "status",
    "moved_from_id",
    "visit_id",
    "id",
    "person_id",
)


def up(migrator, db):
    for name in ("planentry_store_id", "planentry_store_id_planned_on"):
        db.execute_sql(f'DROP INDEX "{name}"')
    listed = ", ".join(f'"{name}"' for name in OF_STORE)
    db.execute_sql(f'CREATE INDEX "plan_entry_of_store" ON "plan_entry" ({listed})')
    db.execute_sql(
        'CREATE INDEX "stockcount_store_id_counted_on" ON "stock_count" ("store_id", "counted_on")'
    )
    db.execute_sql('DROP INDEX "visit_rejected"')
    db.execute_sql(
        'CREATE INDEX "visit_rejected" ON "visit" ("business_on", "dealer_id") '
        "WHERE quarantine_reason = 'rejected-by-reviewer'"
    )
