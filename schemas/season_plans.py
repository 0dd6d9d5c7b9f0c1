"""Season plans on the wire."""

import marshmallow as ma

from schemas.base import QuerySchema, Schema, Text
from schemas.fields import a_day

STRATEGY = "春节主推 X 系列，县镇以千元机保量"


class SeasonPlanQuerySchema(QuerySchema):
    """Filters of the list."""

    day = a_day(metadata={"description": "In season on this day"})


class NewSeasonPlanSchema(Schema):
    """A season to be planned; both days belong to it."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "2026-SPRING"})
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "2026 春季"})
    strategy = Text(
        load_default="",
        longest=2000,
        metadata={"description": "Range and push strategy", "example": STRATEGY},
    )
    starts_on = a_day("2026-01-01", required=True)
    ends_on = a_day("2026-03-31", required=True)


class EditSeasonPlanSchema(Schema):
    """What is to be different; what is left out stays."""

    name = Text(shortest=1, longest=120, metadata={"example": "2026 春季"})
    strategy = Text(longest=2000, metadata={"example": STRATEGY})
    starts_on = a_day("2026-01-01")
    ends_on = a_day("2026-03-31")


class SeasonPlanSchema(Schema):
    """A season's range and push strategy."""

    id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "2026-SPRING"})
    name = ma.fields.String(required=True, metadata={"example": "2026 春季"})
    strategy = ma.fields.String(required=True, metadata={"example": STRATEGY})
    starts_on = a_day("2026-01-01", required=True)
    ends_on = a_day("2026-03-31", required=True)
    version = ma.fields.Integer(required=True, metadata={"example": 1})
