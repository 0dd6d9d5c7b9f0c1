"""What the pillars of a dealer's scorecard weigh."""

from __future__ import annotations

from peewee import CharField, Check, CompositeKey, IntegerField

from backend.platform.database import BaseModel, DayField, JSONTextField


class ScorecardWeights(BaseModel):
    """The percent of each pillar for the stores of a tier, from a day on."""

    tier = CharField(max_length=10, constraints=[Check("tier IN ('city', 'county', 'town')")])
    valid_from = DayField()
    weights = JSONTextField()
    version = IntegerField()

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("tier", "valid_from")
