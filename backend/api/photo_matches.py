"""Routes for photos that repeat earlier ones."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.evidence import matches
from backend.evidence.models import PhotoMatch
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.photo_matches import (
    MatchResolutionSchema,
    PhotoMatchQuerySchema,
    PhotoMatchSchema,
)

blp = Blueprint("photo_matches", __name__, description="Photos that repeat earlier ones")


@blp.route("/photo-matches")
class PhotoMatches(MethodView):
    """The collection."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.arguments(PhotoMatchQuerySchema, location="query")
    @blp.response(200, PhotoMatchSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[PhotoMatch]:
        """List photos that repeat an earlier one, the latest first"""
        return matches.list_matches(actor, **filters)


@blp.route(
    "/visits/<uuid:visit_id>/photos/<uuid:photo_id>"
    "/matches/<uuid:earlier_visit_id>/<uuid:earlier_photo_id>"
)
class PhotoMatchResolution(MethodView):
    """What is held of one match."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.versioned
    @blp.arguments(MatchResolutionSchema)
    @blp.response(200, PhotoMatchSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def put(self, actor: Actor, body: dict[str, Any], **pair: Any) -> Any:
        """Confirm that a photo repeats an earlier one, or clear it

        Both must be in one's regions. A near match cleared within one store teaches the scene:
        photos of that store as close as these two are shown as `fixed_scene` from then on.
        """
        match = matches.resolve(actor, **pair, **body, version=expected_version(), at=clock.now())
        return match, 200, etag(match["version"])
