"""Keep what merges change, and find claims, evidence of launches and inspections in their order."""

from peewee import AutoField, CharField, DateField, DateTimeField, IntegerField, TextField

INDEXES = (
    ("claim", "submitted_at"),
    ("launch_evidence", "launch_id", "seen_at"),
    ("fixture_inspection", "inspected_at"),
)


def up(migrator, db):
    class MergeRecord(db.Model):
        id = AutoField()
        subject = CharField(max_length=6)
        old_id = IntegerField()
        new_id = IntegerField()
        merged_on = DateField()
        merged_at = DateTimeField()
        person_id = IntegerField()
        former = TextField()
        moved = TextField()
        undone_at = DateTimeField(null=True)
        undone_by_id = IntegerField(null=True)

        class Meta:
            table_name = "merge_record"
            indexes = ((("subject", "old_id"), False),)

    db.create_tables([MergeRecord])
    for table, *columns in INDEXES:
        names = ", ".join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE INDEX "{"_".join([table, *columns])}" ON "{table}" ({names})')
