"""What makes a visit doubtful: signals, scores, appeals against them and what people decided."""

from __future__ import annotations

from peewee import (
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.fieldwork.models import Visit
from backend.network.models import Person
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class SignalConfig(BaseModel):
    """Points and limits of every signal, published as a version, in force from an instant.

    `signals` maps each code to its `points` and `limits`. Published versions never change.
    """

    version = IntegerField(primary_key=True)
    from_at = UTCDateTimeField()
    suspicious_from = IntegerField()
    reject_from = IntegerField()
    signals = JSONTextField()
    note = CharField(max_length=500)
    published_by_id = IntegerField()
    published_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "reference"


class VisitScore(BaseModel):
    """How doubtful a complete visit is, from 0 to 100: the sum of its signals' points.

    Whose, where and when are the visit's, copied so that the list is one table. `codes` are its
    signals; `answers_sha256` is over its checklist answers, null where there are too few.
    """

    visit_id = UUIDField(primary_key=True)
    person_id = IntegerField()
    store_id = IntegerField(null=True)
    dealer_id = IntegerField(null=True)
    region_id = IntegerField(null=True)
    business_on = DayField()
    score = IntegerField(constraints=[Check("score BETWEEN 0 AND 100")])
    band = CharField(max_length=24)
    codes = JSONTextField()
    config_version = IntegerField()
    answers_sha256 = CharField(max_length=64, null=True)
    scored_at = UTCDateTimeField()

    class Meta:
        placement = "by visit_id"
        indexes = (
            (("business_on", "score", "visit_id"), False),
            (("band", "business_on", "score", "visit_id"), False),
            (("person_id", "business_on"), False),
        )


class VisitSignal(BaseModel):
    """One signal of a visit: its value, the threshold it is held against, and its points.

    `evidence` says what it rests on; `visits` in it are ids of other visits. A waived one has no
    part in the score.
    """

    visit_id = UUIDField()
    code = CharField(max_length=24)
    value = DoubleField(null=True)
    threshold = DoubleField()
    points = IntegerField()
    evidence = JSONTextField()
    is_waived = BooleanField()

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "code")
        indexes = ((("code", "visit_id"), False),)


class Appeal(BaseModel):
    """What a person says against the score of an own visit, and the answer.

    `codes` are the signals it is about (empty: all), `waived` those the answer took out.
    """

    visit_id = UUIDField()
    id = UUIDField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    state = CharField(max_length=10)
    text = CharField(max_length=2000)
    codes = JSONTextField()
    score = IntegerField()
    made_at = UTCDateTimeField()
    answer = CharField(max_length=2000, null=True)
    waived = JSONTextField()
    answered_by_id: int | None
    answered_by = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", lazy_load=False, index=False, backref="+"
    )
    answered_at = UTCDateTimeField(null=True)
    version = IntegerField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "id")
        indexes = ((("state", "made_at"), False), (("person", "made_at"), False))

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the appeals about visits that the actor may see."""
        return cls.visit_id.in_(Visit.select(Visit.id).where(Visit.visible_to(actor)))


class VisitReview(BaseModel):
    """That a person decided whether a visit is to be believed, and why; the latest decision."""

    visit_id = UUIDField(primary_key=True)
    verdict = CharField(max_length=10)
    reason = CharField(max_length=1000)
    decided_by_id: int
    decided_by = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    decided_at = UTCDateTimeField()
    version = IntegerField()

    class Meta:
        placement = "by visit_id"


class CaptureTokenUse(BaseModel):
    """That a token fetched ahead was used, for which visit and for which of its photos."""

    nonce = UUIDField(primary_key=True)
    visit_id = UUIDField()
    photo_ids = JSONTextField()
    used_at = UTCDateTimeField()

    class Meta:
        placement = "by nonce"
