"""Let season plans, sales indexes and enrolments be edited by version."""


def up(migrator, db):
    for table in ("season_plan", "region_sales_index", "promotion_store"):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1')
