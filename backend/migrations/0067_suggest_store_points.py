"""Ask for photos of doubtful places, and suggest store points from check-ins."""

from peewee import (
    AutoField,
    CharField,
    DateTimeField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
)


def up(migrator, db):
    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class PointSuggestion(db.Model):
        store = ForeignKeyField(Store, primary_key=True, on_delete="CASCADE")
        basis = CharField(max_length=12)
        raw_lat = DoubleField()
        raw_lon = DoubleField()
        raw_crs = CharField(max_length=5)
        lat = DoubleField()
        lon = DoubleField()
        from_lat = DoubleField(null=True)
        from_lon = DoubleField(null=True)
        moved_m = IntegerField(null=True)
        spread_m = IntegerField()
        visits = IntegerField()
        people = IntegerField()
        suggested_at = DateTimeField()
        version = IntegerField()

        class Meta:
            table_name = "point_suggestion"
            indexes = ((("basis", "visits"), False),)

    db.create_tables([PointSuggestion])
    db.execute_sql('ALTER TABLE "visit" ADD COLUMN "demand" VARCHAR(20)')
    db.execute_sql(
        'ALTER TABLE "point_correction" ADD COLUMN "basis" VARCHAR(12) NOT NULL DEFAULT \'photo\''
    )
    migrator.migrate(
        migrator.drop_not_null("point_correction", "proof_visit_id"),
        migrator.drop_not_null("point_correction", "proof_photo_id"),
    )
