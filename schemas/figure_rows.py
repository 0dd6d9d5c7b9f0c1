"""The rows behind a figure on the wire."""

import marshmallow as ma

from backend.insight.catalogue import KPIS
from backend.insight.drill import Level, Part
from backend.insight.populations import Grain
from backend.insight.reasons import NullReason
from backend.insight.recorded import RecordKind
from schemas.base import Day, Instant, Schema
from schemas.fields import FileFields, one_of, window_day
from schemas.figures import NarrowedQuerySchema

_CODE = {"example": KPIS[1].code}


class CellQuerySchema(NarrowedQuerySchema):
    """Which figure, and which rows behind it."""

    grain = one_of(Grain, load_default=str(Grain.DEALER))
    member = ma.fields.String(
        required=True,
        validate=ma.validate.Length(1, 80),
        metadata={
            "description": "Its id, or its code where members have no id; of grain `all`: `all`",
            "example": "7",
        },
    )
    part = one_of(Part, metadata={"description": "What must not be 0; either if left out"})
    by = one_of(
        Level,
        load_default=str(Level.STORE),
        metadata={"description": "A row per store, or per visit, violation, sales day …"},
    )


class CellFileQuerySchema(FileFields, CellQuerySchema):
    """The same, and how the file is to be."""


class FigureRowSchema(Schema):
    """A store, person or record behind a figure, and what it adds to it."""

    kind = one_of(RecordKind, required=True, metadata={"example": "visit"})
    id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a promotion or product that of its visit; of sales `dealer:day:"
            "store`; of a person's day `person:day`",
            "example": "5f0c7c1e-9f0a-4d07-8d5c-2d2f8a1b7c11",
        },
    )
    day = Day(required=True, allow_none=True, metadata={"example": "2026-03-02"})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 12})
    store_code = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "43-01-001-07"}
    )
    store_name = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "五一广场旗舰店"}
    )
    person_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    person_login = ma.fields.String(required=True, allow_none=True, metadata={"example": "li.na"})
    person_name = ma.fields.String(required=True, allow_none=True, metadata={"example": "李娜"})
    subject = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Kind of a violation or complaint, id of a promotion or product",
            "example": None,
        },
    )
    num = ma.fields.Float(required=True, allow_none=True, metadata={"example": 1})
    den = ma.fields.Float(required=True, allow_none=True, metadata={"example": 1})


class OpenedSchema(Schema):
    """A page of the rows behind a figure, by store, day and id."""

    kpi = ma.fields.String(required=True, attribute="opened.cell.kpi.code", metadata=_CODE)
    from_on = window_day("from", "2026-03-02", of="opened.cell.window")
    to_on = window_day("to", "2026-03-30", of="opened.cell.window")
    as_of = Instant(
        required=True, attribute="opened.as_of", metadata={"example": "2026-03-30T02:00:00+00:00"}
    )
    is_provisional = ma.fields.Boolean(
        required=True,
        attribute="opened.is_provisional",
        metadata={"description": "Late arrivals may still change it", "example": False},
    )
    value = ma.fields.Float(
        required=True,
        allow_none=True,
        attribute="opened.figure.value",
        metadata={"description": "Of the figure", "example": 0.75},
    )
    num = ma.fields.Float(required=True, attribute="opened.figure.num", metadata={"example": 3})
    den = ma.fields.Float(
        required=True, allow_none=True, attribute="opened.figure.den", metadata={"example": 4}
    )
    n_stores = ma.fields.Integer(
        required=True,
        attribute="opened.figure.n_stores",
        metadata={"description": "Stores that had a part in it", "example": 1},
    )
    low_n = ma.fields.Boolean(
        required=True,
        attribute="opened.figure.low_n",
        metadata={"description": "The denominator is below 5", "example": True},
    )
    suspect_share = ma.fields.Float(
        required=True,
        allow_none=True,
        attribute="opened.figure.suspect_share",
        metadata={"description": "Of the scored visits, how many are doubtful", "example": 0.04},
    )
    reason = one_of(
        NullReason,
        required=True,
        allow_none=True,
        attribute="opened.figure.reason",
        metadata={"description": "Why there is no value", "example": None},
    )
    is_sum = ma.fields.Boolean(
        required=True,
        attribute="opened.cell.is_sum",
        metadata={"description": "All rows together add up to the figure", "example": True},
    )
    rows = ma.fields.List(ma.fields.Nested(FigureRowSchema), required=True)
