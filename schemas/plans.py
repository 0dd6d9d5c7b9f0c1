"""Plans on the wire."""

import marshmallow as ma

from backend.standards.journey_codes import PlanOrigin, PlanReason, PlanStatus
from schemas.base import QuerySchema, Schema, Text
from schemas.examples import SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_PLAN = "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"
A_NOTE = {"description": "In plain words", "example": "店主外出"}


class PlanQuerySchema(QuerySchema):
    """Filters of the list; both days are included."""

    from_on = a_day(data_key="from")
    to_on = a_day(data_key="to")
    person_id = asked_id("Who is to visit")
    store_id = asked_id("Which store")
    status = one_of(PlanStatus)
    origin = one_of(PlanOrigin)
    is_unexplained = ma.fields.Boolean(
        data_key="unexplained", metadata={"description": "Missed, and nobody has said why"}
    )


class NewPlanSchema(Schema):
    """Who is asked to visit which store, when."""

    store_id = row_id(required=True)
    person_id = row_id(required=True)
    planned_on = a_day(required=True)


class PlanReasonSchema(Schema):
    """Why a planned visit is not made."""

    reason = one_of(PlanReason, required=True, metadata={"example": "contact_away"})
    note = Text(load_default="", longest=200, metadata=A_NOTE)


class RescheduleSchema(PlanReasonSchema):
    """On which day a visit is made instead, and why."""

    to_on = a_day("2026-03-04", required=True)


class PlanSchema(Schema):
    """A planned visit and what became of it."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PLAN})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    stands_in_for_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Who answers for the store meanwhile", "example": None},
    )
    planned_on = a_day(required=True)
    status = one_of(PlanStatus, required=True)
    origin = one_of(PlanOrigin, required=True)
    reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    note = ma.fields.String(required=True, metadata={"example": ""})
    moved_from_id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The entry it was rescheduled from", "example": None},
    )
    moved_to_id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The entry it was rescheduled to", "example": None},
    )
    visit_id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The visit that did it", "example": SOME_VISIT},
    )
    days_late = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 0})
