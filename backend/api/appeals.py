"""Routes for appeals against scores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version, fingerprint
from backend.evidence import appeals
from backend.evidence.signal_models import Appeal
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.appeals import AppealAnswerSchema, AppealQuerySchema, AppealSchema, MakeAppealSchema

blp = Blueprint("appeals", __name__, description="What salespeople say against scores")


@blp.route("/appeals")
class Appeals(MethodView):
    """The collection."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.arguments(AppealQuerySchema, location="query")
    @blp.response(200, AppealSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Appeal]:
        """List appeals about visits in sight, oldest first"""
        return appeals.list_appeals(actor, **filters)


@blp.route("/visits/<uuid:visit_id>/appeals/<uuid:appeal_id>")
class AppealById(MethodView):
    """One appeal."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.response(200, AppealSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID, appeal_id: UUID) -> Any:
        """Get an appeal with its answer"""
        appeal = appeals.get(actor, visit_id, appeal_id)
        return appeal, 200, etag(appeal.version)

    @blp.guarded(Permission.APPEAL_WRITE)
    @blp.arguments(MakeAppealSchema)
    @blp.response(201, AppealSchema)
    @blp.alt_response(200, schema=AppealSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID, appeal_id: UUID) -> Any:
        """Appeal against the score of an own visit

        Against some of its signals, or all. One appeal is answered before the next is made.
        """
        appeal, is_new = appeals.put(
            actor,
            visit_id,
            appeal_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return appeal, 201 if is_new else 200, etag(appeal.version)


@blp.route("/visits/<uuid:visit_id>/appeals/<uuid:appeal_id>/answer")
class AppealAnswer(MethodView):
    """What a reviewer says."""

    @blp.guarded(Permission.EVIDENCE_REVIEW)
    @blp.versioned
    @blp.arguments(AppealAnswerSchema)
    @blp.response(200, AppealSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], visit_id: UUID, appeal_id: UUID) -> Any:
        """Answer an appeal

        Accepted, it waives signals of that visit and the score is taken anew at once. Nobody
        answers an appeal about an own visit.
        """
        appeal = appeals.answer(
            actor, visit_id, appeal_id, **body, version=expected_version(), at=clock.now()
        )
        return appeal, 200, etag(appeal.version)
