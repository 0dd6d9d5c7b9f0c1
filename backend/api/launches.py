"""Routes for launches of new products."""

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
from backend.fieldwork import launches
from backend.fieldwork.promotion_models import Launch, LaunchEvidence
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.launches import (
    AmendLaunchSchema,
    EvidenceQuerySchema,
    EvidenceSchema,
    LaunchProgressSchema,
    LaunchQuerySchema,
    LaunchSchema,
    NewLaunchSchema,
    ProgressQuerySchema,
    RecordedEvidenceSchema,
    RecordEvidenceSchema,
)

blp = Blueprint("launches", __name__, description="New products, and how stores take them up")
Answer = tuple[Launch, int, dict[str, str]]


@blp.route("/launches")
class Launches(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(LaunchQuerySchema, location="query")
    @blp.response(200, LaunchSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[Launch]:
        """List launches, newest first"""
        return launches.list_launches(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewLaunchSchema)
    @blp.response(201, LaunchSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Add a launch"""
        launch = launches.create(actor, **body, at=clock.now())
        return launch, 201, etag(launch.version)


@blp.route("/launches/<int:launch_id>")
class LaunchById(MethodView):
    """One launch."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, LaunchSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, launch_id: int) -> Answer:
        """Get a launch"""
        launch = launches.get(launch_id)
        return launch, 200, etag(launch.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(AmendLaunchSchema)
    @blp.response(200, LaunchSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def patch(self, actor: Actor, body: dict[str, Any], launch_id: int) -> Answer:
        """Amend a launch

        Evidence of stores that are outside the area now is kept.
        """
        launch = launches.amend(
            actor, launch_id, version=expected_version(), at=clock.now(), **body
        )
        return launch, 200, etag(launch.version)


@blp.route("/launches/<int:launch_id>/stores")
class LaunchProgress(MethodView):
    """How far the stores have come."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ProgressQuerySchema, location="query")
    @blp.response(200, LaunchProgressSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any], launch_id: int) -> ModelSelect[Store]:
        """List how far each store of a launch has come, by code

        Every store of the area that is not closed and that one may see is listed, also one that
        shows nothing yet.
        """
        return launches.progress(actor, launch_id, **filters)


@blp.route("/launches/<int:launch_id>/evidence")
class LaunchEvidences(MethodView):
    """What shows it."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(EvidenceQuerySchema, location="query")
    @blp.response(200, EvidenceSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(
        self, actor: Actor, filters: dict[str, Any], launch_id: int
    ) -> ModelSelect[LaunchEvidence]:
        """List the evidence of a launch, newest first"""
        return launches.list_evidence(actor, launch_id, **filters)


@blp.route("/launches/<int:launch_id>/evidence/<uuid:evidence_id>")
class LaunchEvidenceById(MethodView):
    """One piece of evidence."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(RecordEvidenceSchema)
    @blp.response(201, RecordedEvidenceSchema)
    @blp.alt_response(
        200, schema=RecordedEvidenceSchema, description="Already recorded", success=True
    )
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(
        self, actor: Actor, body: dict[str, Any], launch_id: int, evidence_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Record that a store reached a stage of a launch

        The id is the phone's; sending the same again is safe and answers 200. A later stage may
        come without an earlier one: `skipped` then names it. Visit and photo may arrive later.
        """
        evidence, is_new = launches.record(
            actor,
            launch_id,
            evidence_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return evidence, 201 if is_new else 200
