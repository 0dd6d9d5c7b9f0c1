"""Routes for agreements with dealers."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.network import agreements
from backend.network.archive_models import Agreement
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.agreements import (
    AgreementQuerySchema,
    AgreementSchema,
    AmendAgreementSchema,
    NewAgreementSchema,
)

blp = Blueprint("agreements", __name__, description="What dealers signed")
Answer = tuple[Agreement, int, dict[str, str]]


@blp.route("/agreements")
class Agreements(MethodView):
    """The collection."""

    @blp.guarded(Permission.AGREEMENT_READ)
    @blp.arguments(AgreementQuerySchema, location="query")
    @blp.response(200, AgreementSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Agreement]:
        """List agreements, the latest first"""
        return agreements.list_agreements(actor, **filters)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(NewAgreementSchema)
    @blp.response(201, AgreementSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Record an agreement that was signed

        A dealer has one agreement per product, place and day.
        """
        agreement = agreements.sign(actor, **body, at=clock.now())
        return agreement, 201, etag(agreement.version)


@blp.route("/agreements/<int:agreement_id>")
class AgreementById(MethodView):
    """One agreement."""

    @blp.guarded(Permission.AGREEMENT_READ)
    @blp.response(200, AgreementSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, agreement_id: int) -> Answer:
        """Get an agreement"""
        agreement = agreements.get(actor, agreement_id)
        return agreement, 200, etag(agreement.version)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(AmendAgreementSchema)
    @blp.response(200, AgreementSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], agreement_id: int) -> Answer:
        """Amend an agreement, or end it early

        To end it, send `valid_to`, the first day on which it no longer holds, and `end_reason`.
        """
        agreement = agreements.amend(
            actor, agreement_id, version=expected_version(), at=clock.now(), **body
        )
        return agreement, 200, etag(agreement.version)
