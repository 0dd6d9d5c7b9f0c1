"""Keep the sums of price ratios in billionths: millionths cut off showed in the index."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "visit_fact" RENAME COLUMN "price_ratio_ppm" TO "price_ratio_ppb"')
    db.execute_sql('UPDATE "visit_fact" SET "price_ratio_ppb" = "price_ratio_ppb" * 1000')
    if db.execute_sql('SELECT 1 FROM "visit_fact" LIMIT 1').fetchone():
        db.execute_sql(
            'INSERT INTO "job" ("kind", "key", "run_at", "revision", "attempts", "is_dead") '
            "VALUES ('rebuild-rollups', '*', '2026-01-01 00:00:00', 0, 0, 1 = 0) "
            "ON CONFLICT DO NOTHING"
        )
