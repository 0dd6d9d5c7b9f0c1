"""Find amendments and cancellations of visits that nobody checked in for, by their arrival."""


def up(migrator, db):
    db.execute_sql(
        'CREATE INDEX "report_revision_waiting" ON "report_revision" ("received_at") '
        "WHERE number IS NULL"
    )
    db.execute_sql(
        'CREATE INDEX "visit_cancellation_received_at" ON "visit_cancellation" ("received_at")'
    )
