"""Keep the figures of dealers as they were when a month or quarter was closed."""

from peewee import (
    BooleanField,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)


def up(migrator, db):
    class Dealer(db.Model):
        class Meta:
            table_name = "dealer"

    class FrozenFigures(db.Model):
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        from_on = DateField()
        to_on = DateField()
        version = IntegerField()
        is_latest = BooleanField()
        document = TextField()
        as_of = DateTimeField()

        class Meta:
            table_name = "frozen_figures"
            primary_key = CompositeKey("dealer", "from_on", "to_on", "version")
            indexes = ((("from_on", "to_on", "is_latest", "dealer"), False),)

    db.create_tables([FrozenFigures])
