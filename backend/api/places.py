"""The route for the judged places of a visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.evidence import places
from backend.fieldwork import visits
from backend.platform.actors import Actor, Permission
from schemas.places import PlaceSchema

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
