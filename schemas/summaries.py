"""Dealer summaries on the wire."""

from typing import Any

import marshmallow as ma
from webargs.fields import DelimitedList

from backend.insight.catalogue import SUMMARISED
from backend.insight.kpis import CHECKED_GROUPS
from backend.insight.reasons import NullReason
from backend.insight.windows import PRESETS
from schemas.base import Day, Instant, QuerySchema, Schema
from schemas.fields import one_of

_ID = ma.validate.Range(1, 2_147_483_647)


FRESH = ma.fields.Boolean(
    load_default=False,
    metadata={"description": "Work out closed months anew instead of reading them as frozen"},
)
REASON = one_of(
    NullReason,
    required=True,
    allow_none=True,
    metadata={"description": "Why there is no value; null where there is one", "example": None},
)
VERSION = ma.fields.Integer(
    required=True,
    allow_none=True,
    metadata={
        "description": "Of frozen numbers of a closed month or quarter; null where worked out now",
        "example": 1,
    },
)


class DaysQuerySchema(QuerySchema):
    """Which days: two days, or a named window, or the last 28 days."""

    from_on = Day(
        data_key="from",
        load_default=None,
        metadata={"description": "The first business day", "example": "2026-03-02"},
    )
    to_on = Day(
        data_key="to",
        load_default=None,
        metadata={"description": "The business day after the last", "example": "2026-03-30"},
    )
    window = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(list(PRESETS)),
        metadata={
            "description": "`month` and `quarter` are the last whole ones; `d7`, `d28`, `d90`, "
            "`mtd` and `w65` (65 weeks) end with today",
            "example": "d28",
        },
    )


class WindowQuerySchema(DaysQuerySchema):
    """Which days, and whose facts."""

    include_sub_dealers = ma.fields.Boolean(
        load_default=False, metadata={"description": "Add the facts of all dealers below"}
    )
    fresh = FRESH


class SummaryVersionsQuerySchema(QuerySchema):
    """Of which month or quarter."""

    from_on = Day(
        data_key="from", metadata={"description": "Its first day", "example": "2026-03-01"}
    )
    to_on = Day(
        data_key="to", metadata={"description": "The day after its last", "example": "2026-04-01"}
    )


class SummaryVersionSchema(Schema):
    """A version of a dealer's frozen numbers."""

    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-04-01"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
    is_latest = ma.fields.Boolean(required=True, metadata={"example": True})
    as_of = Instant(required=True, metadata={"example": "2026-04-04T02:00:00+00:00"})


class SummariesQuerySchema(WindowQuerySchema):
    """Which days and which dealers."""

    region_id = ma.fields.Integer(
        load_default=None,
        validate=_ID,
        metadata={"description": "Dealers of this region and below", "example": 1},
    )
    dealer_ids = DelimitedList(
        ma.fields.Integer(validate=_ID),
        validate=ma.validate.Length(max=200),
        metadata={"description": "Only these dealers", "example": [1, 2]},
    )
    tier = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(["city", "county", "town"]),
        metadata={"description": "Only stores that are of this tier today"},
    )


class FigureSchema(Schema):
    """A number with the parts it was made of."""

    value = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "null when there is nothing to divide by", "example": 0.75},
    )
    num = ma.fields.Float(required=True, metadata={"example": 3})
    den = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "null for a count", "example": 4},
    )
    n_stores = ma.fields.Integer(
        required=True, metadata={"description": "Stores that had a part in it", "example": 1}
    )
    low_n = ma.fields.Boolean(
        required=True, metadata={"description": "The denominator is below 5", "example": True}
    )
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    suspect_share = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the scored visits behind it, how many are doubtful; null: none is",
            "example": 0.04,
        },
    )
    also = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        allow_none=True,
        metadata={
            "description": "What belongs to the number: medians, what was left out",
            "example": None,
        },
    )
    reason = REASON
    target = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "What it should come to: the mean of its tiers' targets, weighed by "
            "stores",
            "example": 0.9,
        },
    )
    attainment = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Value over target, or target over value where less is better",
            "example": 0.833333,
        },
    )


class ViolationRateSchema(Schema):
    """Violations first seen in the window per 100 checks that could have found them."""

    value = ma.fields.Float(required=True, allow_none=True, metadata={"example": 2.5})
    num = ma.fields.Integer(required=True, metadata={"example": 1})
    den = ma.fields.Integer(required=True, metadata={"example": 40})
    low_n = ma.fields.Boolean(required=True, metadata={"example": False})
    inconsistent = ma.fields.Boolean(
        required=True,
        metadata={"description": "Violations without a single check", "example": False},
    )
    n_stores = ma.fields.Integer(
        required=True, metadata={"description": "Stores visited", "example": 12}
    )
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    suspect_share = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Of the scored visits, how many are doubtful", "example": 0.04},
    )
    reason = REASON


def _nested(schema: type[Schema], names: dict[str, str]) -> dict[str, Any]:
    return {
        code: ma.fields.Nested(schema, required=True, metadata={"description": name})
        for code, name in names.items()
    }


KpisSchema = Schema.from_dict(
    _nested(FigureSchema, {kpi.code: f"{kpi.zh} ({kpi.en})" for kpi in SUMMARISED}),
    name="KpisSchema",
)
ViolationRatesSchema = Schema.from_dict(
    _nested(
        ViolationRateSchema,
        {str(group): f"{group.zh} ({group.en})" for group in CHECKED_GROUPS}
        | {"all": "合计 (all)"},
    ),
    name="ViolationRatesSchema",
)


class DealerSummarySchema(Schema):
    """A dealer's numbers over a window."""

    dealer_id = ma.fields.Integer(required=True, metadata={"example": 1})
    dealer_code = ma.fields.String(required=True, metadata={"example": "43-01-001"})
    dealer_name = ma.fields.String(required=True, metadata={"example": "长沙恒信通讯"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 1})
    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-30"})
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    is_provisional = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Phones that were offline may still change it: until 3 days after `to`"
        },
    )
    version = VERSION
    n_stores = ma.fields.Integer(
        required=True, metadata={"description": "Stores visited", "example": 12}
    )
    kpis = ma.fields.Nested(KpisSchema, required=True)
    violations_by_kind = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"example": {"direct_price_cut": 2}},
    )
    violations_per_100_checks = ma.fields.Nested(ViolationRatesSchema, required=True)
