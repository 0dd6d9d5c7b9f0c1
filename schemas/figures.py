"""Figures of any part of the network on the wire."""

import marshmallow as ma
from webargs.fields import DelimitedList

from backend.insight.catalogue import KPIS
from backend.insight.populations import Grain
from backend.insight.windows import Against
from backend.network.divisions import Tier
from schemas.base import Instant, Schema
from schemas.fields import a_day, asked_id, one_of, window_day
from schemas.summaries import FRESH, VERSION, DaysQuerySchema, FigureSchema

_CODE = {"example": KPIS[1].code}


class NarrowedQuerySchema(DaysQuerySchema):
    """Which days, and what is left out."""

    tier = one_of(Tier)
    grade = ma.fields.String(validate=ma.validate.OneOf(list("ABCD")))
    chain = ma.fields.String(validate=ma.validate.Length(1, 80))
    division = ma.fields.String(
        validate=ma.validate.Regexp(r"\A(\d{2}|\d{4}|\d{6}|\d{9})\Z"),
        metadata={"description": "Stores in a division: its code", "example": "4301"},
    )
    region_id = asked_id("Members of this region and below")
    dealer_id = asked_id("Facts that count for this dealer")
    sku_id = asked_id("The product that the two distributions are about")


class PopulationQuerySchema(NarrowedQuerySchema):
    """Which days, whose figures, of which stores."""

    grain = one_of(Grain, load_default=str(Grain.DEALER))
    kpis = DelimitedList(
        ma.fields.String(validate=ma.validate.Length(max=60)),
        validate=ma.validate.Length(max=60),
        metadata={"description": "Only these; all if left out", "example": ["visits"]},
    )
    members = DelimitedList(
        ma.fields.String(validate=ma.validate.Length(1, 80)),
        validate=ma.validate.Length(1, 200),
        metadata={"description": "Only these: ids, or codes where members have no id"},
    )


class FiguresQuerySchema(PopulationQuerySchema):
    """Whose figures, and beside what."""

    fresh = FRESH
    compare = one_of(
        Against, metadata={"description": "An earlier window whose figures stand beside"}
    )


class ComparedFiguresSchema(Schema):
    """The figures of an earlier window."""

    from_on = a_day("2026-02-02", required=True, data_key="from")
    to_on = a_day("2026-03-02", required=True, data_key="to")
    kpis = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(FigureSchema), required=True
    )
    differences = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(allow_none=True),
        required=True,
        metadata={
            "description": "By how much the later value is more; null where either is",
            "example": {"visits": 3},
        },
    )


class MemberSchema(Schema):
    """A part of the network."""

    id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null where members are codes", "example": 7},
    )
    code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    name = ma.fields.String(required=True, metadata={"example": "长沙恒信通讯"})


class FiguresOfMemberSchema(MemberSchema):
    """A part of the network and its figures."""

    n_stores = ma.fields.Integer(
        required=True, metadata={"description": "Stores visited", "example": 12}
    )
    version = VERSION
    kpis = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(FigureSchema), required=True
    )
    compared = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(ComparedFiguresSchema),
        required=True,
        metadata={"description": "By what `compare` asks for"},
    )


class FiguresSchema(Schema):
    """A page of members, by code."""

    from_on = window_day("from", "2026-03-02")
    to_on = window_day("to", "2026-03-30")
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    is_provisional = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Phones that were offline may still change it: until 3 days after `to`",
            "example": False,
        },
    )
    members = ma.fields.List(ma.fields.Nested(FiguresOfMemberSchema), required=True)


class KpiSchema(Schema):
    """What a KPI is."""

    code = ma.fields.String(required=True, metadata=_CODE)
    zh = ma.fields.String(required=True, metadata={"example": KPIS[1].zh})
    en = ma.fields.String(required=True, metadata={"example": KPIS[1].en})
    numerator = ma.fields.String(required=True, metadata={"example": KPIS[1].numerator})
    denominator = ma.fields.String(required=True, metadata={"example": KPIS[1].denominator})
    window = ma.fields.String(
        required=True, metadata={"description": "The window it is meant for", "example": "d28"}
    )
    null_rule = ma.fields.String(required=True, metadata={"example": KPIS[1].null_rule})
    scale = ma.fields.Integer(
        required=True, metadata={"description": "What the quotient is multiplied by", "example": 1}
    )
    is_state = ma.fields.Boolean(
        required=True,
        metadata={"description": "Read at each store's latest visit", "example": False},
    )
    is_higher_better = ma.fields.Boolean(required=True, allow_none=True, metadata={"example": True})
