"""Routes for price cases and their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, send_file
from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.exchange import evidence_packs
from backend.fieldwork import price_cases
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.price_cases import (
    AskForReplySchema,
    CloseSchema,
    NewReplySchema,
    PriceCaseQuerySchema,
    PriceCaseSchema,
    ReopenSchema,
    WholePriceCaseSchema,
)

blp = Blueprint("price-cases", __name__, description="Price violations, replies and outcomes")
Edited = tuple[dict[str, Any], int, dict[str, str]]
ZIP = {"type": "string", "format": "binary"}
HEADERS = {
    "X-Content-SHA256": {"description": "SHA-256 in hex", "schema": {"type": "string"}},
    "Repr-Digest": {"description": "The same by RFC 9530", "schema": {"type": "string"}},
    "X-Ledger-Head": {
        "description": "Number and hash of the last ledger entry, after this pack's own",
        "schema": {"type": "string"},
    },
}


@dataclass(frozen=True, slots=True)
class Listed:
    """What is listed, and for whom it is described."""

    actor: Actor
    violations: ModelSelect[Violation]


class CasePage(QueryPage):
    """Describes the violations of a page as cases, together."""

    def __init__(self, listed: Listed, page_params: PaginationParameters) -> None:
        self.actor = listed.actor
        super().__init__(listed.violations, page_params)

    @property
    def items(self) -> list[Any]:
        """Fetch and describe only the page asked for."""
        violations: list[Any] = super().items
        today = clock.business_date(clock.now())
        return price_cases.describe(self.actor, violations, today=today)


@blp.route("/price-cases")
class PriceCases(MethodView):
    """The collection."""

    @blp.guarded(Permission.PRICE_CASE_READ)
    @blp.arguments(PriceCaseQuerySchema, location="query")
    @blp.response(200, PriceCaseSchema(many=True))
    @blp.paginate(CasePage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Listed:
        """List price cases, newest first

        Every price violation is a case, with the violation's id. A case informs and is analysed;
        nothing follows from it by itself.
        """
        today = clock.business_date(clock.now())
        return Listed(actor, price_cases.list_cases(actor, today=today, **filters))


@blp.route("/price-cases/<uuid:case_id>")
class PriceCaseById(MethodView):
    """One case."""

    @blp.guarded(Permission.PRICE_CASE_READ)
    @blp.response(200, WholePriceCaseSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, case_id: UUID) -> Edited:
        """Get a price case with its observations and proofs"""
        return _shown(price_cases.get(actor, case_id, today=clock.business_date(clock.now())))


@blp.route("/price-cases/<uuid:case_id>/reply-request")
class PriceCaseReplyRequest(MethodView):
    """That the dealer was asked."""

    @blp.guarded(Permission.PRICE_CASE_WRITE)
    @blp.versioned
    @blp.arguments(AskForReplySchema)
    @blp.response(200, WholePriceCaseSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], case_id: UUID) -> Edited:
        """Note that the dealer was asked to reply

        Asking again moves the deadline.
        """
        version = expected_version()
        return _shown(
            price_cases.ask_for_reply(actor, case_id, **body, version=version, at=clock.now())
        )


@blp.route("/price-cases/<uuid:case_id>/reply")
class PriceCaseReply(MethodView):
    """What the dealer said."""

    @blp.guarded(Permission.PRICE_CASE_WRITE)
    @blp.versioned
    @blp.arguments(NewReplySchema)
    @blp.response(200, WholePriceCaseSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], case_id: UUID) -> Edited:
        """Note the dealer's reply

        A reply after the deadline is taken too, and marked as late. The photo, if any, is one of
        a visit to the same store or dealer.
        """
        version = expected_version()
        return _shown(
            price_cases.record_reply(actor, case_id, **body, version=version, at=clock.now())
        )


@blp.route("/price-cases/<uuid:case_id>/closing")
class PriceCaseClosing(MethodView):
    """The end of a case."""

    @blp.guarded(Permission.PRICE_CASE_WRITE)
    @blp.versioned
    @blp.arguments(CloseSchema)
    @blp.response(200, WholePriceCaseSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, str], case_id: UUID) -> Edited:
        """Close a price case with what was decided

        Nothing follows by itself. A warning needs the dealer's reply, or a deadline that passed
        (`dealer-not-heard`). The violation ends on its own, by proof.
        """
        version = expected_version()
        return _shown(price_cases.close(actor, case_id, **body, version=version, at=clock.now()))


@blp.route("/price-cases/<uuid:case_id>/reopening")
class PriceCaseReopening(MethodView):
    """A second look."""

    @blp.guarded(Permission.PRICE_CASE_WRITE)
    @blp.versioned
    @blp.arguments(ReopenSchema)
    @blp.response(200, WholePriceCaseSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, str], case_id: UUID) -> Edited:
        """Open a closed price case again"""
        version = expected_version()
        return _shown(price_cases.reopen(actor, case_id, **body, version=version, at=clock.now()))


@blp.route("/price-cases/<uuid:case_id>/evidence.zip")
class PriceCaseEvidence(MethodView):
    """The evidence of a case, to be handed to others."""

    @blp.guarded(Permission.PRICE_CASE_READ)
    @blp.response(200, ZIP, content_type="application/zip", headers=HEADERS)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(507, "INSUFFICIENT_STORAGE")
    def get(self, actor: Actor, case_id: UUID) -> Response:
        """Download the evidence of a price case

        A ZIP with `manifest.json` (SHA-256 of every file), `case.json`, `ledger.json` (every
        entry about the case, its visits and photos, each with its hash and the one before) and
        the photos: originals for those who may see them, else copies without metadata. The same
        content gives the same bytes. It was complete before the answer began.
        """
        pack = evidence_packs.make(actor, case_id, at=clock.now())
        response = send_file(
            pack.file,
            mimetype="application/zip",
            as_attachment=True,
            download_name=f"price-case-{case_id}.zip",
            conditional=False,
        )
        response.content_length = pack.size
        response.headers.update(
            {
                "X-Content-SHA256": pack.sha256,
                "Repr-Digest": pack.digest,
                "X-Ledger-Head": f"{pack.head.seq}:{pack.head.hash}",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            }
        )
        return response


def _shown(case: dict[str, Any]) -> Edited:
    return case, 200, etag(case["version"])
