"""What is followed up: tasks, complaints, feedback cards and proposed store points."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from peewee import (
    SQL,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Person, Region, Store
from backend.network.positions import Point
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, UTCDateTimeField
from backend.standards.codes import SEVERITY_COLOUR, ViolationKind
from backend.standards.service import TaskOrigin, TaskState

ENDED = (str(TaskState.CLOSED), str(TaskState.WRITTEN_OFF))


def _in_scope(store: ForeignKeyField, region: ForeignKeyField, actor: Actor) -> Expression:
    """Return the condition for a rep's own stores, or the subtree."""
    if actor.role is Role.REP:
        return Store.covers(store, actor)
    return Region.covers(region, actor)


class Task(BaseModel):
    """Something to be put right in a store, until a supervisor closes it on proof.

    One that follows a violation carries its kind, subject and severity. `escalation` is how many
    rungs were told that it is late, `escalates_on` the day of the next (null: no further one).
    `acted_at` is when somebody first did anything about it.
    One whose origin is a trend is about its dealer, and ends with words instead of a proof.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    origin = CharField(max_length=10, default=str(TaskOrigin.HAND))
    violation_id = UUIDField(null=True)
    kind = CharField(max_length=30, null=True)
    subject = CharField(max_length=60)
    severity = IntegerField(constraints=[Check("severity BETWEEN 1 AND 4")])
    note = CharField(max_length=1000)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    owner_id: int | None
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    state = CharField(max_length=12)
    made_at = UTCDateTimeField()
    made_by_id = IntegerField(null=True)
    acted_at = UTCDateTimeField(null=True)
    due_on = DayField()
    escalation = IntegerField()
    escalates_on = DayField(null=True)
    submitted_by_id = IntegerField(null=True)
    proof_visit_id = UUIDField(null=True)
    proof_photo_id = UUIDField(null=True)
    ended_at = UTCDateTimeField(null=True)
    ended_by_id = IntegerField(null=True)
    content_sha256 = CharField(max_length=64, null=True)
    version = IntegerField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = (
            (("id",), False),
            (("violation_id",), False),
            (("owner", "due_on"), False),
            (("due_on",), False),
            (("region", "due_on"), False),
            (("dealer", "due_on"), False),
            (("dealer", "acted_at", "made_at", "due_on", "store"), False),
            (("escalates_on",), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for a rep's own tasks and stores, or the subtree."""
        seen = _in_scope(cls.store, cls.region, actor)
        return seen | (cls.owner == actor.id) if actor.role is Role.REP else seen

    @classmethod
    def late(cls, today: date) -> Expression:
        """Return the condition for tasks that should have ended before today."""
        return (cls.due_on < today) & cls.state.not_in(ENDED)

    @property
    def colour(self) -> str:
        """The colour of its severity."""
        return SEVERITY_COLOUR[self.severity]


Task.add_index(
    Task.index(Task.store, Task.violation_id, unique=True, name="task_one_running").where(
        SQL("ended_at IS NULL")
    )
)


class TaskEvent(BaseModel):
    """One step in the life of a task; `number` is the version it made.

    `person_id` did it (null: the product itself); `to_person_id` got the task, or was told.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    task_id = UUIDField()
    number = IntegerField()
    step = CharField(max_length=12)
    at = UTCDateTimeField()
    person_id = IntegerField(null=True)
    to_person_id = IntegerField(null=True)
    note = CharField(max_length=1000)
    proof_visit_id = UUIDField(null=True)
    proof_photo_id = UUIDField(null=True)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "task_id", "number")


class Complaint(BaseModel):
    """What a partner or consumer is not content with, and how far its handling is.

    It is of a store or of a dealer; `state` is the last step that was taken. `due_at` is when
    the hours of its category are over. `waiting_since` is null unless it waits for the customer;
    `waited_s` and `due_at` hold the waits that ended.
    """

    id = UUIDField(primary_key=True)
    source = CharField(max_length=10)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    category = CharField(max_length=20)
    target_department = CharField(max_length=12)
    severity = IntegerField(constraints=[Check("severity BETWEEN 1 AND 4")])
    text = CharField(max_length=2000)
    state = CharField(max_length=20)
    received_at = UTCDateTimeField()
    received_on = DayField()
    due_at = UTCDateTimeField()
    waiting_since = UTCDateTimeField(null=True)
    waited_s = IntegerField(default=0)
    recorded_by_id = IntegerField()
    closed_at = UTCDateTimeField(null=True)
    content_sha256 = CharField(max_length=64)
    version = IntegerField()
    waited_so_far_s: int  # where `complaints.with_waited` put it

    class Meta:
        placement = "local"
        indexes = (
            (("region", "received_on"), False),
            (("received_on",), False),
            (("dealer", "received_on"), False),
            (("dealer", "closed_at"), False),
            (("closed_at",), False),
            (("due_at",), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what a rep recorded or own stores said, or the subtree."""
        seen = _in_scope(cls.store, cls.region, actor)
        return seen | (cls.recorded_by_id == actor.id) if actor.role is Role.REP else seen

    @property
    def kind(self) -> str:
        """The one code that complaints have among the kinds of violation."""
        return str(ViolationKind.SERVICE_COMPLAINT)

    @property
    def colour(self) -> str:
        """The colour of its severity."""
        return SEVERITY_COLOUR[self.severity]


class ComplaintEntry(BaseModel):
    """A step of a complaint, or a pause: what was said or agreed, by whom, when.

    `number` is the version of the complaint it made; each step is taken once.
    """

    complaint = ForeignKeyField(Complaint, on_delete="CASCADE", lazy_load=False, index=False)
    number = IntegerField()
    step = CharField(max_length=20)
    text = CharField(max_length=2000)
    promised_on = DayField(null=True)
    person_id = IntegerField()
    at = UTCDateTimeField()

    class Meta:
        placement = "local"
        primary_key = CompositeKey("complaint", "number")


class FeedbackCard(BaseModel):
    """What a partner thinks of one finished job; `score` is the mean of its topics.

    `job` names what at most one card can be about: a violation, a complaint, or the visits of
    a store in a month.
    """

    id = UUIDField(primary_key=True)
    about = CharField(max_length=10)
    about_id = UUIDField()
    job = CharField(max_length=60, unique=True)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    given_on = DayField()
    comment = CharField(max_length=2000)
    score = DoubleField()
    recorded_by_id = IntegerField()
    recorded_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)
    scores: list[FeedbackScore]  # where `feedback.with_scores` put them

    class Meta:
        placement = "local"
        indexes = (
            (("region", "given_on"), False),
            (("given_on",), False),
            (("recorded_at",), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what a rep recorded or own stores said, or the subtree."""
        seen = _in_scope(cls.store, cls.region, actor)
        return seen | (cls.recorded_by_id == actor.id) if actor.role is Role.REP else seen


class FeedbackScore(BaseModel):
    """The score of one topic of a card, 1 (bad) to 5, and the department it is assigned to."""

    card_id: UUID
    card = ForeignKeyField(FeedbackCard, on_delete="CASCADE", lazy_load=False, index=False)
    topic = CharField(max_length=20)
    department = CharField(max_length=12)
    score = IntegerField(constraints=[Check("score BETWEEN 1 AND 5")])

    class Meta:
        placement = "local"
        primary_key = CompositeKey("card", "topic")


class PointCorrection(BaseModel):
    """A proposal that a store's door is elsewhere: the point as given and as WGS-84.

    `basis` says what proves it (PointBasis); only the field's own has a photo.
    `from_*` is the store's point when it was proposed, `moved_m` the whole metres between (null
    if the store had none).
    """

    id = UUIDField(primary_key=True)
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    state = CharField(max_length=10)
    raw_lat = DoubleField()
    raw_lon = DoubleField()
    raw_crs = CharField(max_length=5)
    accuracy_m = DoubleField()
    lat = DoubleField()
    lon = DoubleField()
    crs_impl = CharField(max_length=40)
    from_lat = DoubleField(null=True)
    from_lon = DoubleField(null=True)
    moved_m = IntegerField(null=True)
    basis = CharField(max_length=12, default="photo")
    proof_visit_id = UUIDField(null=True)
    proof_photo_id = UUIDField(null=True)
    note = CharField(max_length=1000)
    proposed_by_id = IntegerField()
    proposed_at = UTCDateTimeField()
    decided_by_id = IntegerField(null=True)
    decided_at = UTCDateTimeField(null=True)
    decision_note = CharField(max_length=1000, null=True)
    content_sha256 = CharField(max_length=64)
    version = IntegerField()

    class Meta:
        placement = "local"
        indexes = ((("region", "proposed_at"), False), (("proposed_at",), False))

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what a rep proposed or own stores, or the subtree."""
        seen = _in_scope(cls.store, cls.region, actor)
        return seen | (cls.proposed_by_id == actor.id) if actor.role is Role.REP else seen

    @property
    def from_point(self) -> Point | None:
        """Where the store was said to be before, in WGS-84."""
        if self.from_lat is None or self.from_lon is None:
            return None
        return Point(self.from_lat, self.from_lon)
