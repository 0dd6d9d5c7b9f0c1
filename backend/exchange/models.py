"""One-time links, and the files that came in."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, TextField, UUIDField

from backend.network.models import Person
from backend.platform.database import BaseModel, UTCDateTimeField


class ExportLink(BaseModel):
    """A link that downloads one export once, as the person who asked for it."""

    token_sha256 = CharField(max_length=64, primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE", lazy_load=False)
    export = CharField(max_length=40)
    filters = TextField()
    expires_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"


class ImportedFile(BaseModel):
    """A file whose rows were taken in, whole. The same bytes for the same feed come in once."""

    id = UUIDField(primary_key=True)
    feed = CharField(max_length=20)
    sha256 = CharField(max_length=64)
    encoding = CharField(max_length=20)
    rows = IntegerField()
    rows_new = IntegerField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    imported_at = UTCDateTimeField()

    class Meta:
        placement = "local"
        indexes = ((("feed", "sha256"), True),)
