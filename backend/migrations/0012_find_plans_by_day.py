"""Find planned visits by their day, as the look back at a day does."""


def up(migrator, db):
    db.execute_sql(
        'CREATE INDEX "plan_entry_planned_on_status" ON "plan_entry" ("planned_on", "status")'
    )
