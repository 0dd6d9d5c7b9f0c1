"""What dealers say against their scorecards, on the wire."""

import marshmallow as ma

from backend.standards.scorecard_codes import ContestState
from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.fields import a_day, asked_id, one_of, row_id
from schemas.scorecards import SOME_CONTEST, SOME_LINE

_SAID, _WHY = "专柜 3 月 2 日已装，照片见店内", "照片核实，专柜已装"


class ContestQuerySchema(QuerySchema):
    """Filters of the list of contests."""

    state = one_of(ContestState)
    dealer_id = asked_id("Whose card")
    region_id = asked_id("Dealers of this region and below")
    overdue = ma.fields.Boolean(
        load_default=False, metadata={"description": "Only open ones that are late"}
    )


class MakeContestSchema(Schema):
    """What is said against a line of a card."""

    dealer_id = row_id(required=True)
    from_on = a_day("2026-03-02", required=True, data_key="from")
    to_on = a_day("2026-03-30", required=True, data_key="to")
    line = Text(required=True, shortest=1, longest=120, metadata={"example": SOME_LINE})
    store_id = row_id(
        load_default=None, allow_none=True, metadata={"description": "null: in every store"}
    )
    text = Text(required=True, shortest=1, longest=2000, metadata={"example": _SAID})


class DecideContestSchema(Schema):
    """What is decided, and why."""

    is_upheld = ma.fields.Boolean(required=True, data_key="upheld", metadata={"example": True})
    reason = Text(required=True, shortest=1, longest=2000, metadata={"example": _WHY})


class ContestSchema(Schema):
    """A contest with its decision."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CONTEST})
    dealer_id = ma.fields.Integer(required=True, metadata={"example": 1})
    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-30"})
    line = ma.fields.String(required=True, metadata={"example": SOME_LINE})
    store_id = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: every store", "example": 7}
    )
    text = ma.fields.String(required=True, metadata={"example": _SAID})
    points = ma.fields.Float(
        required=True,
        metadata={"description": "What it cost on the card when it was contested", "example": 1.5},
    )
    state = one_of(ContestState, required=True)
    made_by_id = ma.fields.Integer(required=True, metadata={"example": 31})
    made_at = Instant(required=True, metadata={"example": "2026-04-01T01:00:00+00:00"})
    due_on = Day(
        required=True, metadata={"description": "To be decided by", "example": "2026-04-08"}
    )
    reason = ma.fields.String(required=True, allow_none=True, metadata={"example": _WHY})
    decided_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    decided_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-04-02T06:30:00+00:00"}
    )
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 2}
    )
