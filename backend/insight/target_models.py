"""What KPIs should come to."""

from __future__ import annotations

from peewee import CharField, Check, CompositeKey, DoubleField, IntegerField

from backend.platform.database import BaseModel, DayField


class KpiTarget(BaseModel):
    """What a KPI should come to in the stores of a tier, or of `all` tiers without their own.

    It holds from `valid_from` until the next one of its tier begins, or before `valid_to`.
    """

    kpi = CharField(max_length=60)
    tier = CharField(
        max_length=10, constraints=[Check("tier IN ('all', 'city', 'county', 'town')")]
    )
    valid_from = DayField()
    valid_to = DayField(null=True)
    value = DoubleField()
    version = IntegerField()

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("kpi", "tier", "valid_from")
