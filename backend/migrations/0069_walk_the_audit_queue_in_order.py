"""Walk the auditors' queue in its order, and find what each holds."""


def up(migrator, db):
    db.execute_sql('DROP INDEX "photoaudit_status_region_id_business_on"')
    db.execute_sql(
        'CREATE INDEX "photo_audit_status_business_on_visit_id_photo_id"'
        ' ON "photo_audit" ("status", "business_on", "visit_id", "photo_id")'
    )
    db.execute_sql(
        'CREATE INDEX "photo_audit_held" ON "photo_audit" ("claimed_by_id")'
        " WHERE claimed_by_id IS NOT NULL"
    )
