"""Routes for push assessments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import push
from backend.fieldwork.push_models import PushAssessment
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.push import NewPushSchema, PushQuerySchema, PushSchema

blp = Blueprint("push", __name__, description="Whether the trade recommends the brand first")


@blp.route("/push-assessments")
class PushAssessments(MethodView):
    """The collection."""

    @blp.guarded(Permission.PUSH_READ)
    @blp.arguments(PushQuerySchema, location="query")
    @blp.response(200, PushSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[PushAssessment]:
        """List push assessments, newest first

        `latest=true` leaves the last one of each store.
        """
        return push.list_assessments(actor, **filters)


@blp.route("/push-assessments/<uuid:assessment_id>")
class PushAssessmentById(MethodView):
    """One assessment."""

    @blp.guarded(Permission.PUSH_READ)
    @blp.response(200, PushSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, assessment_id: UUID) -> dict[str, Any]:
        """Get a push assessment"""
        return push.get(actor, assessment_id)

    @blp.guarded(Permission.PUSH_WRITE)
    @blp.arguments(NewPushSchema)
    @blp.response(201, PushSchema)
    @blp.alt_response(200, schema=PushSchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(
        self, actor: Actor, body: dict[str, Any], assessment_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Assess how a store pushes the brand

        The id is the client's; the visit may arrive later. A clerk at level 0, hostile, opens a
        violation. Sending the same again is safe and answers 200.
        """
        factors = body.pop("factors").values()
        is_new = push.put(
            actor,
            assessment_id,
            **body,
            evidence={name: value for factor in factors for name, value in factor.items()},
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return push.get(actor, assessment_id), 201 if is_new else 200
