"""What promotions did, on the wire."""

from typing import Any

import marshmallow as ma

from schemas.base import Instant, QuerySchema, Schema, Text, whole
from schemas.fields import a_day, one_of

SOURCES = ("office", "import")


class ResultsQuerySchema(QuerySchema):
    """Until when results are wanted."""

    on = a_day(
        load_default=None, metadata={"description": "Until the end of this day; today if left out"}
    )


class EnterResultSchema(Schema):
    """A store's results of a day; what is null is left to what visits reported."""

    units = whole(most=1_000_000, load_default=None, allow_none=True, metadata={"example": 6})
    gifts = whole(most=1_000_000, load_default=None, allow_none=True, metadata={"example": 6})
    cost_fen = whole(load_default=None, allow_none=True, metadata={"example": 24000})
    is_executed = ma.fields.Boolean(load_default=None, allow_none=True, metadata={"example": True})
    source = one_of(SOURCES, load_default="office")
    remark = Text(load_default="", longest=500, metadata={"example": "经销商日报"})

    @ma.validates_schema
    def _says_something(self, body: dict[str, Any], **_: object) -> None:
        figures = ("units", "gifts", "cost_fen", "is_executed")
        if all(body.get(name) is None for name in figures):
            raise ma.ValidationError("At least one of the figures is needed.")


class EnteredResultSchema(Schema):
    """A store's results of a day, as entered."""

    promotion_id = ma.fields.Integer(required=True, metadata={"example": 2})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    day = a_day(required=True)
    units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 6})
    gifts = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 6})
    cost_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 24000})
    is_executed = ma.fields.Boolean(required=True, allow_none=True, metadata={"example": True})
    source = ma.fields.String(required=True, metadata={"example": "office"})
    remark = ma.fields.String(required=True, metadata={"example": "经销商日报"})
    entered_by_id = ma.fields.Integer(required=True, metadata={"example": 3})
    entered_at = Instant(required=True, metadata={"example": "2026-03-03T02:00:00+00:00"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class FiguresSchema(Schema):
    """What was sold, given away and spent; null where nobody said so."""

    units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 96})
    gifts = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 90})
    cost_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 360000})


class StoreResultSchema(FiguresSchema):
    """What a promotion did in a store."""

    store_id = ma.fields.Integer(required=True, attribute="store", metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    days_checked = ma.fields.Integer(required=True, metadata={"example": 4})
    days_executed = ma.fields.Integer(required=True, metadata={"example": 3})
    target_units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 120})
    expected_units = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The target's share for the days gone by", "example": 60.0},
    )
    attainment = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Units over expected units", "example": 1.6},
    )


class DayResultSchema(FiguresSchema):
    """What a promotion did on a day."""

    day = a_day(required=True)
    stores_checked = ma.fields.Integer(required=True, metadata={"example": 12})
    stores_executed = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 9})


class ProgressSchema(FiguresSchema):
    """How a promotion stands against its target, in the stores one may see."""

    promotion_id = ma.fields.Integer(required=True, metadata={"example": 2})
    on = a_day(required=True)
    state = ma.fields.String(required=True, metadata={"example": "running"})
    days_total = ma.fields.Integer(required=True, metadata={"example": 14})
    days_elapsed = ma.fields.Integer(required=True, metadata={"example": 7})
    stores_enrolled = ma.fields.Integer(required=True, metadata={"example": 40})
    stores_checked = ma.fields.Integer(
        required=True,
        metadata={"description": "In which somebody said whether it is executed", "example": 32},
    )
    stores_executed = ma.fields.Integer(
        required=True, metadata={"description": "In which it was executed", "example": 24}
    )
    target_units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 480})
    expected_units = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The target's share for the days gone by", "example": 240.0},
    )
    attainment = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Units over expected units", "example": 0.4},
    )
    target_attainment = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Units over the whole target", "example": 0.2},
    )
    stop_suggested = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether it is so far behind that it may be stopped"},
    )
