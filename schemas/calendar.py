"""The work calendar and call frequencies on the wire."""

import marshmallow as ma

from backend.network.divisions import Tier
from backend.network.stores import GRADES
from backend.standards.journey_codes import DayKind
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, one_of


class CalendarQuerySchema(QuerySchema):
    """Which days, both included, and for which region."""

    from_on = a_day(data_key="from", required=True)
    to_on = a_day("2026-03-31", data_key="to", required=True)
    region_id = asked_id("Region whose declared days hold; without it, the law alone")


class DeclareDaySchema(Schema):
    """What the brand says a day is."""

    kind = one_of(DayKind, required=True)
    name = Text(load_default="", longest=80, metadata={"example": "全员大促"})


class DaySchema(Schema):
    """A day as it is worked; not `confirmed` while the year's notice is not known."""

    day = a_day(required=True)
    kind = one_of(DayKind, required=True)
    kind_zh = ma.fields.String(required=True, attribute="kind.zh", metadata={"example": "工作日"})
    name = ma.fields.String(required=True, metadata={"example": ""})
    source = one_of(["law", "fallback", "brand"], required=True)
    confirmed = ma.fields.Boolean(required=True)
    is_working = ma.fields.Boolean(required=True)
    share = ma.fields.Float(
        required=True,
        metadata={"description": "How much of a day's visits is planned", "example": 1.0},
    )


class EditFrequencySchema(Schema):
    """How many visits are due in 28 days."""

    visits = whole(0, 28, required=True, metadata={"example": 4})


class FrequencySchema(Schema):
    """How many visits a store of a tier and grade is due in 28 days."""

    tier = one_of(Tier, required=True)
    grade = one_of(GRADES, required=True)
    visits = ma.fields.Integer(required=True, metadata={"example": 8})
    version = ma.fields.Integer(
        required=True, metadata={"description": "0 until somebody edits it", "example": 0}
    )
