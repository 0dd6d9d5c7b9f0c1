"""League tables on the wire."""

import marshmallow as ma

from backend.insight.leagues import TOO_FEW
from schemas.base import Day, Instant, Schema
from schemas.fields import asked_id, one_of
from schemas.summaries import REASON, DaysQuerySchema


class LeagueQuerySchema(DaysQuerySchema):
    """Which KPI, which days, and whose reps."""

    kpi = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=60),
        metadata={"example": "visit_adherence_rate"},
    )
    region_id = asked_id("Reps of this region and below; a rep has the own one only")
    sku_id = asked_id("The product that the two distributions are about")


class LeaguePlaceSchema(Schema):
    """A rep's place; what a rep may not know of the others is null."""

    rank = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Equal values share one; null without a value", "example": 2},
    )
    value = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.9})
    num = ma.fields.Float(required=True, allow_none=True, metadata={"example": 18})
    den = ma.fields.Float(required=True, allow_none=True, metadata={"example": 20})
    n_stores = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Stores that had a part in it", "example": 12},
    )
    low_n = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "The denominator is below 5", "example": False},
    )
    suspect_share = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Of the scored visits, how many are doubtful", "example": 0.04},
    )
    reason = REASON
    previous_rank = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "In the window before: as many days, or as many whole months",
            "example": 4,
        },
    )
    percentile = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "How many in a hundred of the others are worse", "example": 87.5},
    )
    is_own = ma.fields.Boolean(required=True, metadata={"example": True})
    person_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    login = ma.fields.String(required=True, allow_none=True, metadata={"example": "cs.rep.03"})
    name = ma.fields.String(required=True, allow_none=True, metadata={"example": "李娜"})


class LeagueSchema(Schema):
    """A page of a league table, the best first."""

    kpi = ma.fields.String(
        required=True, attribute="kpi.code", metadata={"example": "visit_adherence_rate"}
    )
    is_higher_better = ma.fields.Boolean(
        required=True,
        allow_none=True,
        attribute="kpi.is_higher_better",
        metadata={"description": "null: neither, and the largest comes first", "example": True},
    )
    from_on = Day(
        required=True,
        attribute="window.from_on",
        data_key="from",
        metadata={"example": "2026-03-02"},
    )
    to_on = Day(
        required=True, attribute="window.to_on", data_key="to", metadata={"example": "2026-03-30"}
    )
    previous_from_on = Day(
        required=True,
        attribute="before.from_on",
        data_key="previous_from",
        metadata={
            "description": "Where the window before begins; it ends with `from`",
            "example": "2026-02-02",
        },
    )
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    is_provisional = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Phones that were offline may still change it: until 3 days after `to`",
            "example": False,
        },
    )
    n_reps = ma.fields.Integer(
        required=True, metadata={"description": "Active reps of the region", "example": 9}
    )
    n_ranked = ma.fields.Integer(
        required=True, metadata={"description": "Those with a value", "example": 9}
    )
    reason = one_of(
        [TOO_FEW],
        required=True,
        allow_none=True,
        metadata={
            "description": "Why a rep gets the own figure only: fewer than 5 have a value",
            "example": None,
        },
    )
    own = ma.fields.Nested(
        LeaguePlaceSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The reader's place, on every page; null for the office"},
    )
    places = ma.fields.List(ma.fields.Nested(LeaguePlaceSchema), required=True)
