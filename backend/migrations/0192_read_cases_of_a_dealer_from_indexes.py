"""Read the cases of a dealer from indexes alone, and keep when a task was first acted upon."""

from peewee import DateTimeField

OLD = ("dealer_id_opened_on", "dealer_id_resolved_at", "store_id_kind_opened_at")
OF_DEALER = (
    "dealer_id",
    "resolved_at",
    "opened_at",
    "kind",
    "store_id",
    "region_id",
    "retracted_at",
)


def up(migrator, db):
    for name in OLD:
        db.execute_sql(f'DROP INDEX "violation_{name}"')
    index(db, "violation", "dealer_id", "opened_on", "kind", "retracted_at")
    index(db, "violation", "store_id", "kind", "opened_at", "retracted_at")
    index(db, "violation", *OF_DEALER, name="violation_of_dealer")

    migrator.migrate(migrator.add_column("task", "acted_at", DateTimeField(null=True)))
    db.execute_sql(
        'UPDATE "task" SET "acted_at" = (SELECT MIN(e."at") FROM "task_event" e '
        'WHERE e."store_id" = "task"."store_id" AND e."task_id" = "task"."id" '
        """AND e."person_id" IS NOT NULL AND e."step" <> 'opened')"""
    )
    index(db, "task", "dealer_id", "acted_at", "made_at", "due_on", "store_id")


def index(db, table, *columns, name=None):
    listed = ", ".join(f'"{column}"' for column in columns)
    db.execute_sql(f'CREATE INDEX "{name or "_".join([table, *columns])}" ON "{table}" ({listed})')
