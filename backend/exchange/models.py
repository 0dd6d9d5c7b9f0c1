"""One-time links."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, TextField

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
