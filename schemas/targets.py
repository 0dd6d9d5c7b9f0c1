"""Targets of KPIs on the wire."""

import marshmallow as ma

from backend.insight.catalogue import KPIS
from backend.insight.targets import TIERS
from schemas.base import QuerySchema, Schema
from schemas.fields import a_day, one_of

_KPI = {"example": KPIS[1].code}


class KpiTargetQuerySchema(QuerySchema):
    """Filters of the list of targets."""

    kpi = one_of(kpi.code for kpi in KPIS)
    tier = one_of(TIERS)


class KpiTargetValueSchema(Schema):
    """What a KPI should come to."""

    value = ma.fields.Float(
        required=True,
        validate=ma.validate.Range(0, 1_000_000_000_000),
        metadata={"description": "In the unit of the KPI: a rate from 0 to 1", "example": 0.9},
    )


class KpiTargetSchema(KpiTargetValueSchema):
    """What a KPI should come to in the stores of a tier, from a day on."""

    kpi = ma.fields.String(required=True, metadata=_KPI)
    tier = one_of(
        TIERS,
        required=True,
        metadata={"description": "`all` is for tiers without one of their own"},
    )
    valid_from = a_day("2026-04-01", required=True)
    valid_to = a_day(
        "2026-07-01",
        required=True,
        allow_none=True,
        metadata={"description": "The first day without it"},
    )
    version = ma.fields.Integer(required=True, metadata={"example": 1})
