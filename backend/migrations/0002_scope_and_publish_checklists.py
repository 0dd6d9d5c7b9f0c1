"""Give checklists a scope, drafts and groups, and reports what they lack."""

from peewee import BooleanField, DateTimeField, TextField


def up(migrator, db):
    for column in (
        "\"scope_kind\" VARCHAR(10) NOT NULL DEFAULT 'tier'",
        "\"scope_value\" VARCHAR(80) NOT NULL DEFAULT ''",
        "\"any_of_letters\" TEXT NOT NULL DEFAULT '[]'",
        '"revision" INTEGER NOT NULL DEFAULT 1',
    ):
        db.execute_sql(f'ALTER TABLE "checklist_template" ADD COLUMN {column}')
    migrator.migrate(
        migrator.add_column("checklist_template", "published_at", DateTimeField(null=True)),
        migrator.add_column("report", "is_incomplete", BooleanField(null=True)),
        migrator.add_column("report", "missing", TextField(null=True)),
        migrator.add_column("report", "failed_critical", TextField(null=True)),
    )
    db.execute_sql(
        'UPDATE "checklist_template" SET "scope_value" = "tier", "published_at" = "valid_from"'
    )
    db.execute_sql('ALTER TABLE "checklist_template" DROP COLUMN "tier"')
