"""Routes for proposed store points."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import point_corrections
from backend.fieldwork.case_models import PointCorrection
from backend.network.positions import Datum, Position
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.point_corrections import (
    ApprovalSchema,
    NewPointCorrectionSchema,
    PointCorrectionQuerySchema,
    PointCorrectionSchema,
)
from schemas.tasks import ReasonSchema

blp = Blueprint("point-corrections", __name__, description="Where stores really are")
Answer = tuple[PointCorrection, int, dict[str, str]]


@blp.route("/point-corrections")
class PointCorrections(MethodView):
    """The collection."""

    @blp.guarded(Permission.POINT_READ)
    @blp.arguments(PointCorrectionQuerySchema, location="query")
    @blp.response(200, PointCorrectionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[PointCorrection]:
        """List proposed store points, newest first"""
        return point_corrections.list_corrections(actor, **filters)


@blp.route("/point-corrections/<uuid:correction_id>")
class PointCorrectionById(MethodView):
    """One proposal."""

    @blp.guarded(Permission.POINT_READ)
    @blp.response(200, PointCorrectionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, correction_id: UUID) -> Answer:
        """Get a proposed store point"""
        return _answer(point_corrections.get(actor, correction_id))

    @blp.guarded(Permission.POINT_PROPOSE)
    @blp.arguments(NewPointCorrectionSchema)
    @blp.response(201, PointCorrectionSchema)
    @blp.alt_response(
        200, schema=PointCorrectionSchema, description="Already recorded", success=True
    )
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], correction_id: UUID) -> Answer:
        """Propose another point for a store

        The id is the client's. Sending the same again is safe and answers 200. The photo is one
        of a visit to the store that was received.
        """
        sent = body.pop("position")
        correction, is_new = point_corrections.propose(
            actor,
            correction_id,
            **body,
            position=Position(sent["lat"], sent["lon"], Datum(sent["crs"])),
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return _answer(correction, 201 if is_new else 200)


@blp.route("/point-corrections/<uuid:correction_id>/approval")
class PointCorrectionApproval(MethodView):
    """The yes."""

    @blp.guarded(Permission.POINT_DECIDE)
    @blp.versioned
    @blp.arguments(ApprovalSchema)
    @blp.response(200, PointCorrectionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], correction_id: UUID) -> Answer:
        """Approve a proposed point and move the store there

        The places of the store's visits are then judged again in the background.
        """
        version = expected_version()
        return _answer(
            point_corrections.approve(actor, correction_id, **body, version=version, at=clock.now())
        )


@blp.route("/point-corrections/<uuid:correction_id>/rejection")
class PointCorrectionRejection(MethodView):
    """The no."""

    @blp.guarded(Permission.POINT_DECIDE)
    @blp.versioned
    @blp.arguments(ReasonSchema)
    @blp.response(200, PointCorrectionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], correction_id: UUID) -> Answer:
        """Reject a proposed point"""
        version = expected_version()
        return _answer(
            point_corrections.reject(actor, correction_id, **body, version=version, at=clock.now())
        )


def _answer(correction: PointCorrection, status: int = 200) -> Answer:
    return correction, status, etag(correction.version)
