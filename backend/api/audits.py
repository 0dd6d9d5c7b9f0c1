"""Routes for the auditors' queue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.evidence import audits
from backend.evidence.models import PhotoAudit
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.audits import AuditQuerySchema, AuditSchema, ClaimSchema, VerdictSchema

blp = Blueprint("audits", __name__, description="Photos that auditors claim and judge")


@blp.route("/audits")
class Audits(MethodView):
    """The queue."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.arguments(AuditQuerySchema, location="query")
    @blp.response(200, AuditSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, query: dict[str, Any]) -> ModelSelect[PhotoAudit]:
        """List the photos of one's regions with their verdicts, oldest first"""
        return audits.list_audits(actor, **query)


@blp.route("/audits/claims")
class Claims(MethodView):
    """What auditors hold."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.arguments(ClaimSchema)
    @blp.response(200, AuditSchema(many=True))
    def post(self, actor: Actor, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Claim the oldest photos that nobody holds

        Answers all photos one now holds, those of an earlier claim first included and held anew.
        No other auditor gets them until the claim lapses.
        """
        return audits.claim(actor, **body, at=clock.now())


@blp.route("/audits/claims/<uuid:visit_id>/<uuid:photo_id>")
class ClaimById(MethodView):
    """One held photo."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def delete(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> None:
        """Give a claimed photo back"""
        audits.release(actor, visit_id, photo_id, at=clock.now())


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/verdict")
class Verdict(MethodView):
    """What was decided about a photo."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.versioned
    @blp.arguments(VerdictSchema)
    @blp.response(200, AuditSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID, photo_id: UUID) -> Any:
        """Approve or reject a photo

        Needs no claim, but respects another auditor's. Whoever judged, or an admin, may change
        the verdict. A rejection needs at least one reason.
        """
        audit = audits.judge(
            actor, visit_id, photo_id, **body, version=expected_version(), at=clock.now()
        )
        return audit, 200, etag(audit["version"])
