"""Series and comparisons of figures on the wire."""

import marshmallow as ma
from webargs.fields import DelimitedList

from backend.insight.catalogue import KPIS
from backend.insight.periods import MOST_POINTS, By
from backend.insight.windows import Against
from schemas.base import Instant, Schema
from schemas.fields import a_day, one_of, window_day
from schemas.figures import ComparedFiguresSchema, MemberSchema, PopulationQuerySchema
from schemas.summaries import FigureSchema


class SeriesQuerySchema(PopulationQuerySchema):
    """Which KPIs, by which periods, beside what."""

    by = one_of(
        By,
        load_default=str(By.WEEK),
        metadata={
            "description": f"Weeks begin on Monday; at most {MOST_POINTS} points",
            "example": "week",
        },
    )
    kpis = DelimitedList(
        ma.fields.String(validate=ma.validate.Length(1, 60)),
        required=True,
        validate=ma.validate.Length(1, 10),
        metadata={"description": "Which ones: 1 to 10", "example": [KPIS[0].code]},
    )
    versus = DelimitedList(
        one_of(Against),
        load_default=list,
        validate=ma.validate.Length(max=2),
        metadata={"description": "What to put beside each point", "example": ["previous"]},
    )


class SeriesPointSchema(Schema):
    """The figures of one period."""

    from_on = a_day("2026-03-02", required=True, data_key="from")
    to_on = a_day("2026-03-09", required=True, data_key="to")
    is_partial = ma.fields.Boolean(
        required=True,
        metadata={"description": "The window cuts the week or month off", "example": False},
    )
    is_provisional = ma.fields.Boolean(required=True, metadata={"example": False})
    kpis = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(FigureSchema), required=True
    )
    compared = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(ComparedFiguresSchema),
        required=True,
        metadata={"description": "By what it is compared with"},
    )


class SeriesOfMemberSchema(MemberSchema):
    """A part of the network and its points."""

    points = ma.fields.List(ma.fields.Nested(SeriesPointSchema), required=True)


class SeriesSchema(Schema):
    """A page of members, by code, each with a point per period."""

    by = one_of(By, required=True)
    from_on = window_day("from", "2026-03-02")
    to_on = window_day("to", "2026-03-30")
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    members = ma.fields.List(ma.fields.Nested(SeriesOfMemberSchema), required=True)
