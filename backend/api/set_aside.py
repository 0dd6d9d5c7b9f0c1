"""Routes for what is kept but stands nowhere yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from backend.api.blueprint import Blueprint, QueryPage
from backend.fieldwork import set_aside
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.set_aside import (
    KeptPhotoQuerySchema,
    KeptPhotoSchema,
    KeptReportSchema,
    PhotoReleaseSchema,
)

blp = Blueprint("set_aside", __name__, description="Photos and reports that wait for somebody")


@blp.route("/quarantine/photos")
class KeptPhotos(MethodView):
    """Photos nobody believes yet."""

    @blp.guarded(Permission.QUARANTINE_RELEASE)
    @blp.arguments(KeptPhotoQuerySchema, location="query")
    @blp.response(200, KeptPhotoSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Any:
        """List photos that are kept aside, oldest first"""
        return set_aside.list_photos(actor, **filters)


@blp.route("/quarantine/reports")
class KeptReports(MethodView):
    """Reports without a visit."""

    @blp.guarded(Permission.QUARANTINE_RELEASE)
    @blp.response(200, KeptReportSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> Any:
        """List reports whose check-in has not come, oldest first"""
        return set_aside.list_reports(actor)


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/release")
class PhotoRelease(MethodView):
    """Letting one in."""

    @blp.guarded(Permission.QUARANTINE_RELEASE)
    @blp.arguments(PhotoReleaseSchema)
    @blp.response(200, KeptPhotoSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(
        self, actor: Actor, body: dict[str, Any], visit_id: UUID, photo_id: UUID
    ) -> dict[str, Any]:
        """Believe a photo as it is held

        Bytes other than the announced ones then stand for them; the ledger keeps what was
        announced.
        """
        return set_aside.release_photo(actor, visit_id, photo_id, **body, at=clock.now())
