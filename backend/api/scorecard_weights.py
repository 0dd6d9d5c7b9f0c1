"""Routes for the weights of the scorecard's pillars."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, named_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import scorecard_weights
from backend.standards.scorecard_models import ScorecardWeights
from schemas.scorecard_weights import ScorecardWeightsSchema, WeightsQuerySchema, WeightsSchema

blp = Blueprint("scorecard_weights", __name__, description="What the pillars weigh, by tier")


@blp.route("/scorecard-weights")
class Weights(MethodView):
    """The collection."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(WeightsQuerySchema, location="query")
    @blp.response(200, ScorecardWeightsSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ScorecardWeights]:
        """List the weights of the pillars by tier, the latest first

        A tier without any has the built-in weights.
        """
        return scorecard_weights.list_weights(actor, **filters)


@blp.route("/scorecard-weights/<string:tier>/<day:valid_from>")
class WeightsFrom(MethodView):
    """The weights of a tier since a day."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.response(200, ScorecardWeightsSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, tier: str, valid_from: date) -> Any:
        """Get the weights of a tier that begin on a day"""
        row = scorecard_weights.get(actor, tier, valid_from)
        return row, 200, etag(row.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.replacing
    @blp.arguments(WeightsSchema)
    @blp.response(200, ScorecardWeightsSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], tier: str, valid_from: date) -> Any:
        """Lay down the weights of a tier from a later day on

        A card is weighed by what is in force on its last day. Other weights for the same day
        replace the version that If-Match names; what has begun stays.
        """
        row = scorecard_weights.put(
            actor, tier, valid_from, **body, version=named_version(), at=clock.now()
        )
        return row, 200, etag(row.version)
