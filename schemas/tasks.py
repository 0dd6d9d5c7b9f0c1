"""Tasks on the wire."""

import marshmallow as ma

from backend.standards.codes import ViolationKind
from backend.standards.service import TaskOrigin, TaskState, TaskStep
from schemas.base import Instant, QuerySchema, Schema, Text, whole
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id
from schemas.violations import SOME_VIOLATION

SOME_TASK = "2f1a7c0e-94b5-4d0c-8a35-5f6f0f1b7c21"


class TaskSchema(Schema):
    """Something to be put right in a store; one that follows a violation carries its kind."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_TASK})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    violation_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"example": SOME_VIOLATION}
    )
    origin = one_of(TaskOrigin, required=True)
    kind = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "required_signage_missing"}
    )
    subject = ma.fields.String(required=True, metadata={"example": "letter:C"})
    severity = ma.fields.Integer(required=True, metadata={"example": 2})
    colour = ma.fields.String(required=True, metadata={"example": "#F9A825"})
    note = ma.fields.String(required=True, metadata={"example": "补贴海报"})
    owner_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    state = one_of(TaskState, required=True, metadata={"example": "assigned"})
    made_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    made_by_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null: the product made it", "example": None},
    )
    due_on = a_day("2026-03-09", required=True)
    is_overdue = ma.fields.Boolean(required=True, metadata={"example": False})
    escalation = ma.fields.Integer(
        required=True,
        metadata={"description": "0 none, 1 the supervisor, 2 also a manager", "example": 0},
    )
    submitted_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    proof_visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})
    proof_photo_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})
    ended_at = Instant(required=True, allow_none=True, metadata={"example": None})
    ended_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class TaskEventSchema(Schema):
    """One step in the life of a task; without a person the product took it."""

    number = ma.fields.Integer(required=True, metadata={"example": 1})
    step = one_of(TaskStep, required=True)
    at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    person_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    to_person_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Who got it, or was told that it is late", "example": 11},
    )
    note = ma.fields.String(required=True, metadata={"example": ""})
    proof_visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})
    proof_photo_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})


class NewTaskSchema(Schema):
    """A task made by hand; for a violation its severity counts, else 1 unless stated."""

    store_id = row_id(required=True)
    note = Text(required=True, shortest=1, longest=1000, metadata={"example": "补贴海报"})
    severity = whole(1, 4, load_default=None, allow_none=True, metadata={"example": 2})
    violation_id = ma.fields.UUID(metadata={"example": SOME_VIOLATION})
    owner_id = row_id(metadata={"description": "Left out: the rep of the store", "example": 11})
    due_on = a_day("2026-03-09", metadata={"description": "Left out: by severity"})


class AssignmentSchema(Schema):
    """Who gets a task."""

    owner_id = row_id(required=True)
    due_on = a_day(
        "2026-03-12",
        load_default=None,
        allow_none=True,
        metadata={"description": "Left out or null: the day stays"},
    )
    note = Text(load_default="", longest=1000, metadata={"example": "原负责人休假"})


class SubmissionSchema(Schema):
    """The photo that proves a task done; about a trend, the cause in words."""

    proof_visit_id = ma.fields.UUID(metadata={"example": SOME_VISIT})
    proof_photo_id = ma.fields.UUID(metadata={"example": SOME_PHOTO})
    note = Text(load_default="", longest=1000, metadata={"example": "已补贴"})


class ClosureSchema(Schema):
    """The end of a task, on the photo that was submitted or on one named here."""

    proof_visit_id = ma.fields.UUID(metadata={"example": SOME_VISIT})
    proof_photo_id = ma.fields.UUID(metadata={"example": SOME_PHOTO})
    note = Text(load_default="", longest=1000, metadata={"example": "复查合格"})


class ReasonSchema(Schema):
    """Why."""

    reason = Text(required=True, shortest=1, longest=1000, metadata={"example": "照片看不清"})


class TaskQuerySchema(QuerySchema):
    """Filters of the task list."""

    mine = ma.fields.Boolean(load_default=False, metadata={"description": "Only one's own"})
    overdue = ma.fields.Boolean(metadata={"description": "Should have ended before today"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of the day it was made")
    violation_id = ma.fields.UUID(metadata={"example": SOME_VIOLATION})
    origin = one_of(TaskOrigin)
    kind = one_of(ViolationKind)
    severity = ma.fields.Integer(validate=ma.validate.Range(1, 4))
    state = one_of(TaskState)
