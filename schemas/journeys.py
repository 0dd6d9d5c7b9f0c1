"""Journeys on the wire: cycles, weeks, visit rules, substitutions, routes, unplanned visits."""

from datetime import date
from typing import Any

import marshmallow as ma

from backend.fieldwork.visit_rules import WEEKDAYS, WEEKS
from backend.standards.journey_codes import NoFit, UnplannedReason
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.calendar import DaySchema
from schemas.examples import SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id
from schemas.plans import PlanSchema

SOME_SUBSTITUTION = "3b3c0f55-1c40-4f9e-8a2e-6c1f2f0a7d21"
EARLIEST, LATEST = date(2004, 1, 1), date(2099, 12, 31)
A_LEG = {
    "number": 1,
    "store_id": 17,
    "store_code": "43-01-007-0017",
    "store_name": "五一广场旗舰店",
    "plan_id": SOME_VISIT,
    "distance_m": 1250.0,
    "travel_min": 4.6,
    "arrives_at": "2026-03-02T01:04:36+00:00",
    "stay_min": 38,
}


def near_day(**kwargs: Any) -> Day:
    """Return a field for a day of this century's first hundred years, with room on both sides."""
    within = ma.validate.Range(EARLIEST, LATEST)
    return a_day(validate=within, **kwargs)


class GenerateSchema(Schema):
    """Whose cycle is to be planned, and whether only to look."""

    person_id = row_id(required=True)
    on = near_day(required=True, metadata={"description": "Any day of the cycle"})
    is_dry_run = ma.fields.Boolean(
        load_default=False, metadata={"description": "true changes nothing", "example": True}
    )


class PlannedVisitSchema(Schema):
    """A visit that a generation made or withdrew."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    stands_in_for_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    planned_on = a_day(required=True)


class UnplacedSchema(Schema):
    """Visits of a store that do not fit, and why."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 18})
    visits = ma.fields.Integer(required=True, metadata={"example": 1})
    reason = one_of(NoFit, required=True)
    reason_zh = ma.fields.String(
        required=True, attribute="reason.zh", metadata={"example": "没有可安排的日期"}
    )
    reason_en = ma.fields.String(
        required=True,
        attribute="reason.en",
        metadata={"example": "its rules leave no working day"},
    )


class GenerationSchema(Schema):
    """What a generation made, or would make; `ends_on` is the cycle's last day."""

    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    starts_on = a_day(required=True)
    ends_on = a_day("2026-03-29", required=True)
    is_dry_run = ma.fields.Boolean(required=True)
    kept = ma.fields.Integer(
        required=True, metadata={"description": "Entries that stay as they were", "example": 12}
    )
    made = ma.fields.List(ma.fields.Nested(PlannedVisitSchema), required=True)
    withdrawn = ma.fields.List(ma.fields.Nested(PlannedVisitSchema), required=True)
    unplaced = ma.fields.List(ma.fields.Nested(UnplacedSchema), required=True)


class WeekQuerySchema(QuerySchema):
    """Whose week, and which."""

    person_id = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"description": "Whose week", "example": 11},
    )
    on = near_day(required=True, metadata={"description": "Any day of the week"})


class PlannedStopSchema(PlanSchema):
    """A planned visit with its store."""

    store_code = ma.fields.String(required=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(required=True, metadata={"example": "五一广场旗舰店"})
    tier = ma.fields.String(required=True, metadata={"example": "city"})
    grade = ma.fields.String(required=True, metadata={"example": "B"})


class WeekDaySchema(DaySchema):
    """A day of a week with its visits."""

    fullness = ma.fields.Float(
        required=True, metadata={"description": "1 when the day is full", "example": 0.67}
    )
    plans = ma.fields.List(ma.fields.Nested(PlannedStopSchema), required=True)


class WeekSchema(Schema):
    """A person's week, Monday first; `number` is its place in the cycle."""

    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    from_on = a_day(required=True)
    number = ma.fields.Integer(required=True, metadata={"example": 1})
    days = ma.fields.List(ma.fields.Nested(WeekDaySchema), required=True)


def _each_once(values: list[int]) -> None:
    if len(set(values)) < len(values):
        raise ma.ValidationError("A number is named twice.")


def numbers(allowed: range, what: str, example: list[int]) -> ma.fields.List[int]:
    """Return a field for some of a few numbers, all of them unless told."""
    return ma.fields.List(
        whole(allowed[0], allowed[-1]),
        load_default=list(allowed),
        validate=[ma.validate.Length(min=1), _each_once],
        metadata={"description": what, "example": example},
    )


class EditVisitRuleSchema(Schema):
    """When a store may be visited; what is left out allows everything."""

    weekdays = numbers(WEEKDAYS, "1 is Monday", [2, 4])
    weeks = numbers(WEEKS, "Weeks of the 28-day cycle", [1, 3])
    visits = whole(
        0,
        28,
        load_default=None,
        allow_none=True,
        metadata={"description": "In 28 days; null where tier and grade decide", "example": None},
    )


class VisitRuleSchema(Schema):
    """When a store may be visited, and how often where that is not as its grade has it."""

    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    weekdays = ma.fields.List(ma.fields.Integer(), required=True, metadata={"example": [2, 4]})
    weeks = ma.fields.List(ma.fields.Integer(), required=True, metadata={"example": [1, 3]})
    visits = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(
        required=True, metadata={"description": "0 until somebody sets a rule", "example": 0}
    )


class SubstitutionQuerySchema(QuerySchema):
    """Filters of the list."""

    person_id = asked_id("Either of the two")
    day = a_day(metadata={"description": "In force on this day"})


class NewSubstitutionSchema(Schema):
    """Who stands in for whom; on `to_on` the person is back."""

    person_id = row_id(required=True)
    substitute_id = row_id(required=True)
    from_on = a_day(required=True)
    to_on = a_day("2026-03-09", required=True)
    note = Text(load_default="", longest=200, metadata={"example": "年假"})


class EndSubstitutionSchema(Schema):
    """When the person is back."""

    on = a_day("2026-03-05", required=True)


class SubstitutionSchema(Schema):
    """Somebody going to another's stores, until (not including) `to_on`."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_SUBSTITUTION})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    substitute_id = ma.fields.Integer(required=True, metadata={"example": 12})
    from_on = a_day(required=True)
    to_on = a_day("2026-03-09", required=True)
    note = ma.fields.String(required=True, metadata={"example": "年假"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class RouteQuerySchema(QuerySchema):
    """Whose day, and from where: all of lat, lon and crs, or none."""

    person_id = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"description": "Whose day", "example": 11},
    )
    on = near_day(required=True)
    lat = ma.fields.Float(validate=ma.validate.Range(-90, 90))
    lon = ma.fields.Float(validate=ma.validate.Range(-180, 180))
    crs = one_of(["wgs84", "gcj02", "bd09"])
    starts = ma.fields.Time(
        format="%H:%M",
        metadata={
            "description": "When the day begins, 09:00 unless told",
            "example": "09:00",
        },
    )

    @ma.validates_schema
    def _whole_point(self, asked: dict[str, object], **_: object) -> None:
        named = {"lat", "lon", "crs"} & set(asked)
        if named and len(named) < 3:
            missing = sorted({"lat", "lon", "crs"} - named)
            raise ma.ValidationError({name: ["A start has all three."] for name in missing})


class LegSchema(Schema):
    """A stop of a route: the way there, when one arrives, how long one stays."""

    number = ma.fields.Integer(required=True)
    store_id = ma.fields.Integer(required=True)
    store_code = ma.fields.String(required=True)
    store_name = ma.fields.String(required=True)
    plan_id = ma.fields.UUID(required=True)
    distance_m = ma.fields.Float(required=True)
    travel_min = ma.fields.Float(required=True)
    arrives_at = Instant(required=True)
    stay_min = ma.fields.Integer(required=True)


class RouteSchema(Schema):
    """A suggested order of a day's visits; `planned_m` is the way by store codes."""

    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    on = a_day(required=True)
    starts_at = Instant(required=True, metadata={"example": "2026-03-02T01:00:00+00:00"})
    ends_at = Instant(required=True, metadata={"example": "2026-03-02T09:10:00+00:00"})
    distance_m = ma.fields.Float(required=True, metadata={"example": 14250.0})
    planned_m = ma.fields.Float(required=True, metadata={"example": 31800.0})
    travel_min = ma.fields.Float(required=True, metadata={"example": 52.5})
    stay_min = ma.fields.Integer(required=True, metadata={"example": 266})
    legs = ma.fields.List(ma.fields.Nested(LegSchema), required=True, metadata={"example": [A_LEG]})
    unlocated = ma.fields.List(
        ma.fields.Nested(PlanSchema),
        required=True,
        metadata={"description": "Visits to stores whose place nobody knows"},
    )


class UnplannedQuerySchema(QuerySchema):
    """Filters of the list; both days are included."""

    from_on = a_day(data_key="from")
    to_on = a_day(data_key="to")
    person_id = asked_id("Who visited")
    store_id = asked_id("Which store")
    is_missing = ma.fields.Boolean(
        data_key="missing", metadata={"description": "Nobody has said why"}
    )


class ExplainSchema(Schema):
    """Why a visit was not planned."""

    reason = one_of(UnplannedReason, required=True)
    note = Text(load_default="", longest=200, metadata={"example": "店主来电"})


class UnplannedVisitSchema(Schema):
    """A visit nobody had planned; the code is `other` where only words were sent."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    business_on = a_day(required=True)
    said_at_check_in = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    reason = one_of(UnplannedReason, required=True, allow_none=True)
    reason_zh = ma.fields.String(required=True, allow_none=True, metadata={"example": "门店要求"})
    note = ma.fields.String(required=True, metadata={"example": "店主来电"})
    unplanned_reason_missing = ma.fields.Boolean(required=True, metadata={"example": False})
