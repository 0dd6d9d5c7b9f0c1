"""Routes for scores and the decisions of reviewers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.evidence import doubts, reviews
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.evidence import (
    ScoreQuerySchema,
    ScoreRowSchema,
    VisitDecisionSchema,
    VisitEvidenceSchema,
)

blp = Blueprint("evidence", __name__, description="How doubtful visits are, and why")


@blp.route("/evidence")
class Evidence(MethodView):
    """The reviewers' list."""

    @blp.guarded(Permission.EVIDENCE_REVIEW)
    @blp.arguments(ScoreQuerySchema, location="query")
    @blp.response(200, ScoreRowSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Any:
        """List the scores of visits, the latest day and the worst first"""
        return doubts.list_scores(actor, **filters)


@blp.route("/visits/<uuid:visit_id>/evidence")
class VisitEvidence(MethodView):
    """What is doubtful about a visit."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.response(200, VisitEvidenceSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID) -> Any:
        """Get the score of a visit with its signals in words, its appeals and the decision"""
        shown = doubts.show(actor, visit_id)
        return shown, 200, etag(shown["version"])


@blp.route("/visits/<uuid:visit_id>/evidence/decision")
class VisitDecision(MethodView):
    """What a person makes of it."""

    @blp.guarded(Permission.EVIDENCE_REVIEW)
    @blp.versioned
    @blp.arguments(VisitDecisionSchema)
    @blp.response(200, VisitEvidenceSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID) -> Any:
        """Decide whether a visit is to be believed

        A rejected visit is kept in quarantine and counts nowhere; deciding that it is believed
        lets it in again. Nobody decides about an own visit.
        """
        reviews.decide(actor, visit_id, **body, version=expected_version(), at=clock.now())
        shown = doubts.show(actor, visit_id)
        return shown, 200, etag(shown["version"])
