"""Find check-ins outside work hours, and who else shows a copy of a photo."""


def up(migrator, db):
    condition = "is_off_hours AND points_coarsened_at IS NULL"
    db.execute_sql(
        f'CREATE INDEX "visit_exact_off_hours" ON "visit" ("business_on") WHERE {condition}'
    )
    for name in ("display_sha256", "thumbnail_sha256"):
        db.execute_sql(f'CREATE INDEX "photo_reading_{name}" ON "photo_reading" ("{name}")')
