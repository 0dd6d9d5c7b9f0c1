"""Find the violations of a kind that a store had again."""


def up(migrator, db):
    db.execute_sql(
        'CREATE INDEX "violation_store_id_kind_opened_at" '
        'ON "violation" ("store_id", "kind", "opened_at")'
    )
