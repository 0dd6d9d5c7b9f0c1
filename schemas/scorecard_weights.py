"""Weights of the scorecard's pillars on the wire."""

from typing import Any

import marshmallow as ma

from backend.network.divisions import Tier
from backend.standards.scorecard_codes import DEFAULTS, Pillar
from schemas.base import QuerySchema, Schema, whole
from schemas.fields import a_day, one_of

_SOME = DEFAULTS["city"]
PillarWeightsSchema = Schema.from_dict(
    {
        str(pillar): whole(
            0, 100, required=True, metadata={"description": pillar.en, "example": _SOME[pillar]}
        )
        for pillar in Pillar
    },
    name="PillarWeightsSchema",
)


class WeightsQuerySchema(QuerySchema):
    """Filters of the list of weights."""

    tier = one_of(Tier)


class WeightsSchema(Schema):
    """The percent of every pillar, 100 in all."""

    weights: Any = ma.fields.Nested(PillarWeightsSchema, required=True)


class ScorecardWeightsSchema(WeightsSchema):
    """What the pillars weigh for the stores of a tier, from a day on."""

    tier = one_of(Tier, required=True)
    valid_from = a_day("2026-04-01", required=True)
    version = ma.fields.Integer(required=True, metadata={"example": 1})
