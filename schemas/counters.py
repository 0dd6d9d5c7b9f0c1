"""Surveys of counters on the wire."""

import marshmallow as ma

from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, row_id

SOME_SURVEY = "0b1f7a52-9c3e-4f6e-8a59-6a3c5f0f3c11"
GRADE = {"description": "1 the best place in the store, 5 the worst", "example": 2}
COMPETITORS = {"description": "Codes of those who sell beside us", "example": ["C1", "C2"]}

COMPETITOR_SECTIONS = {
    "description": "Their counter sections together; null if not counted",
    "example": 4,
}


class CounterQuerySchema(QuerySchema):
    """Filters of the list."""

    store_id = asked_id("Store")
    competitor = Text(longest=40, metadata={"description": "Seen there", "example": "C1"})
    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})


class NewCounterSurveySchema(Schema):
    """The counter as it was seen: position and area together, and who else is there."""

    store_id = row_id(required=True)
    seen_on = a_day(required=True)
    position_grade = whole(1, 5, required=True, metadata=GRADE)
    display_area_m2 = ma.fields.Float(
        required=True, validate=ma.validate.Range(0, 100_000), metadata={"example": 6.5}
    )
    sections = whole(
        0, 1_000, required=True, metadata={"description": "Counter sections", "example": 3}
    )
    competitors = ma.fields.List(
        Text(shortest=1, longest=40),
        required=True,
        validate=ma.validate.Length(max=50),
        metadata=COMPETITORS,
    )
    competitor_sections = whole(
        0, 1_000, load_default=None, allow_none=True, metadata=COMPETITOR_SECTIONS
    )


class CounterSurveySchema(Schema):
    """A survey of a store's counter."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_SURVEY})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    seen_on = a_day(required=True)
    position_grade = ma.fields.Integer(required=True, metadata=GRADE)
    display_area_m2 = ma.fields.Float(required=True, metadata={"example": 6.5})
    sections = ma.fields.Integer(required=True, metadata={"example": 3})
    competitors = ma.fields.List(ma.fields.String(), required=True, metadata=COMPETITORS)
    competitor_sections = ma.fields.Integer(
        required=True, allow_none=True, metadata=COMPETITOR_SECTIONS
    )
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
