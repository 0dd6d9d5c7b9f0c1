"""Lend fixtures to dealers, and inspect them."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)


def up(migrator, db):
    class Region(db.Model):
        id = AutoField()

        class Meta:
            table_name = "region"

    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Dealer(db.Model):
        id = AutoField()

        class Meta:
            table_name = "dealer"

    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class Fixture(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        kind = CharField(max_length=30)
        name = CharField(max_length=80)
        value_fen = IntegerField(constraints=[Check("value_fen >= 0")])
        owner_company = CharField(max_length=120)
        purchased_on = DateField()
        condition = CharField(max_length=20)
        state = CharField(max_length=20)
        region = ForeignKeyField(Region, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        place = CharField(max_length=200)
        lent_on = DateField(null=True)
        due_back_on = DateField(null=True)
        recalled_on = DateField(null=True)
        inspected_at = DateTimeField(null=True)
        is_present = BooleanField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "fixture"

    class FixtureEvent(db.Model):
        fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", index=False)
        number = IntegerField()
        kind = CharField(max_length=20)
        happened_at = DateTimeField()
        giver = CharField(max_length=80, null=True)
        giver_person_id = IntegerField(null=True)
        receiver = CharField(max_length=80, null=True)
        receiver_person_id = IntegerField(null=True)
        condition = CharField(max_length=20, null=True)
        dealer_id = IntegerField(null=True)
        store_id = IntegerField(null=True)
        place = CharField(max_length=200)
        photos = TextField()
        note = CharField(max_length=500)
        recorded_at = DateTimeField()
        recorded_by_id = IntegerField()

        class Meta:
            table_name = "fixture_event"
            primary_key = CompositeKey("fixture", "number")

    class FixtureInspection(db.Model):
        fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", index=False)
        id = UUIDField()
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        visit_id = UUIDField(null=True)
        inspected_at = DateTimeField()
        is_present = BooleanField()
        is_expected = BooleanField()
        is_misused = BooleanField()
        condition = CharField(max_length=20, null=True)
        note = CharField(max_length=500)
        photos = TextField()
        violation_id = UUIDField(null=True)
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "fixture_inspection"
            primary_key = CompositeKey("fixture", "id")
            indexes = ((("id",), False), (("store", "inspected_at"), False))

    db.create_tables([Fixture, FixtureEvent, FixtureInspection])
