"""Complaints on the wire."""

import marshmallow as ma

from backend.standards.service import (
    RECEIVED,
    ComplaintCategory,
    ComplaintPause,
    ComplaintSource,
    ComplaintStep,
    Department,
)
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_COMPLAINT = "c3a1f0de-5b1e-4f0a-9a4c-0d2b7e6f8a11"
STATES = (RECEIVED, *ComplaintStep)
ENTRIES = (*ComplaintStep, *ComplaintPause)


class ComplaintSchema(Schema):
    """What somebody is not content with, and how far its handling is."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_COMPLAINT})
    kind = ma.fields.String(
        required=True,
        metadata={
            "description": "Its code among the kinds of violation",
            "example": "service_complaint",
        },
    )
    source = one_of(ComplaintSource, required=True)
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    category = one_of(ComplaintCategory, required=True)
    target_department = one_of(Department, required=True)
    severity = ma.fields.Integer(required=True, metadata={"example": 3})
    colour = ma.fields.String(required=True, metadata={"example": "#EF6C00"})
    text = ma.fields.String(required=True, metadata={"example": "返修机三周未归还"})
    state = one_of(STATES, required=True)
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    received_on = Day(required=True, metadata={"example": "2026-03-02"})
    due_at = Instant(
        required=True,
        metadata={
            "description": "Later by each wait for the customer, once that has ended",
            "example": "2026-03-04T04:10:00+00:00",
        },
    )
    is_overdue = ma.fields.Boolean(required=True, metadata={"example": False})
    waiting_since = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Null unless it waits for the customer", "example": None},
    )
    waited_s = ma.fields.Integer(
        required=True,
        attribute="waited_so_far_s",
        metadata={"description": "Seconds it waited for the customer so far", "example": 7200},
    )
    recorded_by_id = ma.fields.Integer(required=True, metadata={"example": 11})
    closed_at = Instant(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class NewComplaintSchema(Schema):
    """A complaint: of a store, a dealer, or a contact or consumer of either."""

    source = one_of(ComplaintSource, required=True)
    store_id = row_id()
    dealer_id = row_id(metadata={"description": "Left out: the dealer of the store that day"})
    category = one_of(ComplaintCategory, required=True)
    target_department = one_of(Department, required=True)
    severity = whole(1, 4, metadata={"description": "Left out: 3", "example": 3})
    text = Text(required=True, shortest=1, longest=2000, metadata={"example": "返修机三周未归还"})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})


class ComplaintStepSchema(Schema):
    """What was said or agreed in a step."""

    text = Text(required=True, shortest=1, longest=2000, metadata={"example": "已致歉并登记"})
    promised_on = a_day(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the step `committed` only, and there required"},
    )


class ComplaintPauseSchema(Schema):
    """What a complaint waits for, or why it goes on."""

    text = Text(required=True, shortest=1, longest=2000, metadata={"example": "等客户提供购机发票"})


class ComplaintEntrySchema(Schema):
    """A step that was taken, or a pause."""

    step = one_of(ENTRIES, required=True)
    text = ma.fields.String(required=True, metadata={"example": "已致歉并登记"})
    promised_on = Day(required=True, allow_none=True, metadata={"example": None})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    at = Instant(required=True, metadata={"example": "2026-03-02T05:00:00+00:00"})


class ComplaintQuerySchema(QuerySchema):
    """Filters of the complaint list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    category = one_of(ComplaintCategory)
    target_department = one_of(Department)
    severity = ma.fields.Integer(validate=ma.validate.Range(1, 4))
    state = one_of(STATES)
    overdue = ma.fields.Boolean(metadata={"description": "Open beyond the hours of its category"})
    waiting = ma.fields.Boolean(metadata={"description": "Waiting for the customer"})


class ComplaintTableQuerySchema(QuerySchema):
    """The window of the complaint table, and whose complaints it counts."""

    from_on = Day(data_key="from", required=True, metadata={"example": "2026-03-01"})
    to_on = Day(
        data_key="to",
        required=True,
        metadata={"description": "Not included", "example": "2026-04-01"},
    )
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")


class ComplaintCellSchema(Schema):
    """The complaints of one category about one department."""

    category = one_of(ComplaintCategory, required=True)
    target_department = one_of(Department, required=True)
    count = ma.fields.Integer(required=True, metadata={"example": 6})
    share = ma.fields.Float(
        required=True, metadata={"description": "Of all in the window", "example": 0.24}
    )
    severity = ma.fields.Integer(
        required=True, metadata={"description": "Of its gravest", "example": 3}
    )
    colour = ma.fields.String(required=True, metadata={"example": "#EF6C00"})
    bar = ma.fields.Float(
        required=True,
        metadata={"description": "Length: count by the largest count of the table", "example": 1.0},
    )
