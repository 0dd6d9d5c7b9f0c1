"""Routes for violations."""

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
from backend.fieldwork import violations
from backend.fieldwork.arrivals import Result
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards.codes import ViolationKind
from schemas.violations import (
    ReportViolationSchema,
    ResolutionSchema,
    ViolationQuerySchema,
    ViolationSchema,
)

blp = Blueprint("violations", __name__, description="Breaches of the standard, until proven ended")


@blp.route("/violations")
class Violations(MethodView):
    """The collection."""

    @blp.guarded(Permission.VIOLATION_READ)
    @blp.arguments(ViolationQuerySchema, location="query")
    @blp.response(200, ViolationSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Violation]:
        """List violations, newest first"""
        return violations.list_violations(actor, **filters)


@blp.route("/violations/<uuid:violation_id>")
class ViolationById(MethodView):
    """One case."""

    @blp.guarded(Permission.VIOLATION_READ)
    @blp.response(200, ViolationSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, violation_id: UUID) -> Any:
        """Get a violation"""
        case = violations.get(actor, violation_id)
        return case, 200, etag(case.version)

    @blp.guarded(Permission.VIOLATION_WRITE)
    @blp.arguments(ReportViolationSchema)
    @blp.response(201, ViolationSchema)
    @blp.alt_response(200, schema=ViolationSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], violation_id: UUID) -> Any:
        """Report a violation by hand

        Where the same kind and subject is already open in the store, the sighting joins that
        case, and the answer is that case.
        """
        kind = ViolationKind(body.pop("kind"))  # type: ignore[call-arg]  # looks the code up
        case, result = violations.report_by_hand(
            actor,
            violation_id,
            kind=kind,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return case, 201 if result is Result.CREATED else 200, etag(case.version)


@blp.route("/violations/<uuid:violation_id>/resolution")
class ViolationResolution(MethodView):
    """The end of a case."""

    @blp.guarded(Permission.VIOLATION_RESOLVE)
    @blp.versioned
    @blp.arguments(ResolutionSchema)
    @blp.response(200, ViolationSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], violation_id: UUID) -> Any:
        """Resolve a violation with a photo that proves it ended"""
        case = violations.resolve(
            actor, violation_id, **body, version=expected_version(), at=clock.now()
        )
        return case, 200, etag(case.version)
