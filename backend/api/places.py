"""Routes for judged places, and for what they say of where stores are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version, fingerprint
from backend.evidence import places, suggestions
from backend.evidence.models import PointSuggestion
from backend.fieldwork import visits
from backend.fieldwork.case_models import PointCorrection
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.places import PlaceSchema, SuggestionSchema
from schemas.point_corrections import ApprovalSchema, PointCorrectionSchema

blp = Blueprint("places", __name__, description="Where check-ins were, as judged")


@blp.route("/visits/<uuid:visit_id>/places")
class VisitPlaces(MethodView):
    """Every judgement of a check-in's place."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.response(200, PlaceSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID) -> list[Any]:
        """List the judgements of a visit's place, the one in force first"""
        return places.readings(visits.get(actor, visit_id).id)


@blp.route("/places/suspected-datums")
class SuspectedDatums(MethodView):
    """Stores whose point is probably of another datum than it says."""

    @blp.guarded(Permission.POINT_DECIDE)
    @blp.response(200, SuggestionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[PointSuggestion]:
        """List stores whose datum is suspected, most check-ins first

        Read under `raw_crs`, the stored point lies where most check-ins are.
        """
        return suggestions.list_suggestions(actor, is_datum=True)


@blp.route("/places/suggested-points")
class SuggestedPoints(MethodView):
    """Stores that are probably elsewhere."""

    @blp.guarded(Permission.POINT_DECIDE)
    @blp.response(200, SuggestionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[PointSuggestion]:
        """List stores that check-ins place elsewhere, or for the first time"""
        return suggestions.list_suggestions(actor, is_datum=False)


@blp.route("/places/suggested-points/<int:store_id>/adoption")
class SuggestedPointAdoption(MethodView):
    """Taking a suggestion, of a datum or of a point, at its word."""

    @blp.guarded(Permission.POINT_DECIDE)
    @blp.versioned
    @blp.arguments(ApprovalSchema)
    @blp.response(201, PointCorrectionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(
        self, actor: Actor, body: dict[str, Any], store_id: int
    ) -> tuple[PointCorrection, int, dict[str, str]]:
        """Make a suggestion a point correction

        One that moves the store 300 m at most is approved at once; for a longer move somebody
        else decides on it, as on a proposal from the field.
        """
        correction = suggestions.adopt(
            actor,
            store_id,
            **body,
            version=expected_version(),
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return correction, 201, etag(correction.version)
