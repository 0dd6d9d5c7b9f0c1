"""What people who sign in were told about their data, and what they answered."""

from __future__ import annotations

from typing import Any

from peewee import (
    AutoField,
    CharField,
    Check,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

from backend.network.models import Person
from backend.network.privacy_words import NoticeAnswer, NoticeKind
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, UTCDateTimeField


class PrivacyNotice(BaseModel):
    """One version of a text people are told or asked; it never changes.

    `text_sha256` is the SHA-256 of the Chinese text, a line feed, and the English one, in UTF-8.
    """

    id = AutoField()
    kind = CharField(
        max_length=20, constraints=[Check(f"kind IN {tuple(str(k) for k in NoticeKind)}")]
    )
    version = IntegerField()
    text_zh = TextField()
    text_en = TextField()
    text_sha256 = CharField(max_length=64)
    published_at = UTCDateTimeField()
    published_by_id = IntegerField()

    class Meta:
        placement = "reference"
        indexes = ((("kind", "version"), True),)


class PrivacyAnswer(BaseModel):
    """What a person said to a version of a notice, once; the latest answer counts.

    `answered_at` is the phone's word, never later than `received_at`; `device_id` is the session's.
    """

    id = UUIDField(primary_key=True)
    notice_id: int
    notice = ForeignKeyField(PrivacyNotice, on_delete="RESTRICT", lazy_load=False, index=False)
    person_id: Any
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    answer = CharField(
        max_length=12, constraints=[Check(f"answer IN {tuple(str(a) for a in NoticeAnswer)}")]
    )
    text_sha256 = CharField(max_length=64)
    answered_at = UTCDateTimeField()
    device_id = CharField(max_length=80)
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"
        indexes = ((("person", "answered_at"), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for one's own answers, and for office roles their people's."""
        return cls.person.in_(Person.select(Person.id).where(Person.visible_to(actor)))
