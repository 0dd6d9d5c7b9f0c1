"""Routes for dealers' claims."""

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
from backend.fieldwork import claims
from backend.fieldwork.promotion_models import Claim
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.claims import (
    ClaimQuerySchema,
    DealerClaimSchema,
    DecisionSchema,
    SettlementSchema,
    SubmitClaimSchema,
    WholeClaimSchema,
)

blp = Blueprint("claims", __name__, description="What dealers ask back for promotions")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/claims")
class Claims(MethodView):
    """The collection."""

    @blp.guarded(Permission.CLAIM_READ)
    @blp.arguments(ClaimQuerySchema, location="query")
    @blp.response(200, DealerClaimSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Claim]:
        """List claims, newest first"""
        return claims.list_claims(actor, **filters)


@blp.route("/claims/<uuid:claim_id>")
class ClaimById(MethodView):
    """One claim."""

    @blp.guarded(Permission.CLAIM_READ)
    @blp.response(200, WholeClaimSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, claim_id: UUID) -> Answer:
        """Get a claim with its proofs and what they are worth"""
        return _answer(actor, claim_id, 200)

    @blp.guarded(Permission.CLAIM_WRITE)
    @blp.arguments(SubmitClaimSchema)
    @blp.response(201, WholeClaimSchema)
    @blp.alt_response(200, schema=WholeClaimSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], claim_id: UUID) -> Answer:
        """Submit a claim for a dealer

        The id is the client's; sending the same again is safe and answers 200. The answer says
        of every line how much is proven and what it may pay at most. Photos that are still to
        arrive count once they are there.
        """
        is_new = claims.submit(
            actor,
            claim_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return _answer(actor, claim_id, 201 if is_new else 200)


@blp.route("/claims/<uuid:claim_id>/review")
class ClaimReview(MethodView):
    """The beginning of an examination."""

    @blp.guarded(Permission.CLAIM_DECIDE)
    @blp.versioned
    @blp.response(200, WholeClaimSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, claim_id: UUID) -> Answer:
        """Take a claim under review"""
        claims.review(actor, claim_id, version=expected_version(), at=clock.now())
        return _answer(actor, claim_id, 200)


@blp.route("/claims/<uuid:claim_id>/decision")
class ClaimDecision(MethodView):
    """What is granted."""

    @blp.guarded(Permission.CLAIM_DECIDE)
    @blp.versioned
    @blp.arguments(DecisionSchema)
    @blp.response(200, WholeClaimSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], claim_id: UUID) -> Answer:
        """Decide a claim line by line

        Everything granted is accepted, nothing rejected, anything between partly accepted. More
        than the maximum of a line needs a note. Nobody decides a claim they submitted.
        """
        accepted = {line["number"]: line["accepted_fen"] for line in body["lines"]}
        claims.decide(
            actor,
            claim_id,
            accepted=accepted,
            note=body["note"],
            version=expected_version(),
            at=clock.now(),
        )
        return _answer(actor, claim_id, 200)


@blp.route("/claims/<uuid:claim_id>/settlement")
class ClaimSettlement(MethodView):
    """The payment."""

    @blp.guarded(Permission.CLAIM_DECIDE)
    @blp.versioned
    @blp.arguments(SettlementSchema)
    @blp.response(200, WholeClaimSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], claim_id: UUID) -> Answer:
        """Record that a claim was paid or credited"""
        claims.settle(actor, claim_id, **body, version=expected_version(), at=clock.now())
        return _answer(actor, claim_id, 200)


def _answer(actor: Actor, claim_id: UUID, status: int) -> Answer:
    claim = claims.show(actor, claim_id)
    return claim, status, etag(claim["version"])
