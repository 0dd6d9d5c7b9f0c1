"""One-time links, the files that came in, and photos that come in pieces."""

from __future__ import annotations

from peewee import CharField, Expression, ForeignKeyField, IntegerField, TextField, UUIDField

from backend.network.models import Person
from backend.platform.actors import Actor
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


class Upload(BaseModel):
    """A photo that arrives in pieces. How much of it is held is the length of its partial file.

    `headline` is the client's own description of it, as it was sent. One that did not end in time
    is `expired_at`; its row is kept for a while to say so.
    """

    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    visit_id = UUIDField()
    photo_id = UUIDField()
    media_type = CharField(max_length=20)
    declared_sha256 = CharField(max_length=64, null=True)
    length_bytes = IntegerField(null=True)
    headline = TextField()
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField(index=True)
    completed_at = UTCDateTimeField(null=True)
    expired_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for an actor's own uploads: nobody sees another's."""
        condition: Expression = cls.person == actor.id
        return condition


class DataExport(BaseModel):
    """A person's copy of what is held about them: asked for, made, and gone when it expires."""

    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    asked_at = UTCDateTimeField()
    made_at = UTCDateTimeField(null=True)
    sha256 = CharField(max_length=64, null=True)
    size_bytes = IntegerField(null=True)
    expires_at = UTCDateTimeField(null=True)
    erased_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"
