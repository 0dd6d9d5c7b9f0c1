"""Add up again: counts of stock and scores without a doubt did not reach the rollups."""


def up(migrator, db):
    if db.execute_sql('SELECT 1 FROM "visit_fact" LIMIT 1').fetchone():
        db.execute_sql(
            'INSERT INTO "job" ("kind", "key", "run_at", "revision", "attempts", "is_dead") '
            "VALUES ('rebuild-rollups', '*', '2026-01-01 00:00:00', 0, 0, 1 = 0) "
            "ON CONFLICT DO NOTHING"
        )
