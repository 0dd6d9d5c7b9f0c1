"""Receive photos in pieces, and count what each person sends in a day."""

from peewee import (
    CharField,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)


def up(migrator, db):
    class Person(db.Model):
        class Meta:
            table_name = "person"

    class PhotoTally(db.Model):
        person_id = IntegerField()
        received_on = DateField()
        photos = IntegerField()

        class Meta:
            table_name = "photo_tally"
            primary_key = CompositeKey("person_id", "received_on")

    class Upload(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        visit_id = UUIDField()
        photo_id = UUIDField()
        media_type = CharField(max_length=20)
        declared_sha256 = CharField(max_length=64, null=True)
        length_bytes = IntegerField(null=True)
        headline = TextField()
        created_at = DateTimeField()
        expires_at = DateTimeField(index=True)
        completed_at = DateTimeField(null=True)
        expired_at = DateTimeField(null=True)

        class Meta:
            table_name = "upload"

    db.create_tables([PhotoTally, Upload])
