"""Routes for the auditors' queue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from marshmallow import ValidationError
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.api.problems import members_of, refusal, status_of
from backend.evidence import arbitration, audits, verdicts
from backend.evidence.models import PhotoAudit
from backend.evidence.verdicts import Item
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.platform.errors import XundianError
from schemas.audits import (
    ArbitrationSchema,
    AuditQuerySchema,
    AuditSchema,
    ClaimSchema,
    DisputeQuerySchema,
    DisputeSchema,
    VerdictItemSchema,
    VerdictResultsSchema,
    VerdictSchema,
    VerdictsSchema,
)

blp = Blueprint("audits", __name__, description="Photos that auditors claim and judge")
VERDICT_ITEM = VerdictItemSchema()


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


@blp.route("/audits/verdicts")
class Verdicts(MethodView):
    """Many verdicts at once."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.arguments(VerdictsSchema)
    @blp.response(200, VerdictResultsSchema)
    def post(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """Judge many photos that one holds

        Each is taken or refused for itself, with the problem it would have had alone. The results
        are in the order of the verdicts.
        """
        read = [_read(sent) for sent in body["verdicts"]]
        items = [each for each in read if isinstance(each, Item)]
        judged = iter(verdicts.judge_many(actor, items, at=clock.now()))
        results = [_result(next(judged)) if isinstance(each, Item) else each for each in read]
        named = [_named(sent) for sent in body["verdicts"]]
        return {"results": [one | other for one, other in zip(named, results, strict=True)]}


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/verdict")
class Verdict(MethodView):
    """What an auditor says of a photo."""

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.versioned
    @blp.arguments(VerdictSchema)
    @blp.response(200, AuditSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID, photo_id: UUID) -> Any:
        """Approve or reject a photo that one holds, or say that one is unsure

        A rejection needs at least one reason. What one is unsure of goes to an arbiter.
        """
        audit = verdicts.judge(
            actor, visit_id, photo_id, **body, version=expected_version(), at=clock.now()
        )
        return _tagged(audit)

    @blp.guarded(Permission.PHOTO_AUDIT)
    @blp.response(200, AuditSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def delete(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> Any:
        """Take one's own verdict back, some minutes long

        One then holds the photo again.
        """
        return _tagged(verdicts.withdraw(actor, visit_id, photo_id, at=clock.now()))


@blp.route("/audits/disputes")
class Disputes(MethodView):
    """What auditors cannot decide."""

    @blp.guarded(Permission.AUDIT_ARBITRATE)
    @blp.arguments(DisputeQuerySchema, location="query")
    @blp.response(200, DisputeSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, query: dict[str, Any]) -> ModelSelect[PhotoAudit]:
        """List photos that wait for an arbiter with what auditors said, oldest first"""
        return arbitration.list_disputes(actor, **query)


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/arbitration")
class Arbitration(MethodView):
    """What an arbiter decides about a photo."""

    @blp.guarded(Permission.AUDIT_ARBITRATE)
    @blp.versioned
    @blp.arguments(ArbitrationSchema)
    @blp.response(200, AuditSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID, photo_id: UUID) -> Any:
        """Decide between auditors, or against a verdict that stands

        The arbiter neither took nor judged the photo; what is decided stands.
        """
        audit = arbitration.arbitrate(
            actor, visit_id, photo_id, **body, version=expected_version(), at=clock.now()
        )
        return _tagged(audit)

    @blp.guarded(Permission.AUDIT_ARBITRATE)
    @blp.response(200, AuditSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def delete(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> Any:
        """Take one's own decision between auditors back, some minutes long"""
        return _tagged(arbitration.withdraw(actor, visit_id, photo_id, at=clock.now()))


def _tagged(audit: dict[str, Any]) -> Any:
    return audit, 200, etag(audit["version"])


def _named(sent: dict[str, Any]) -> dict[str, str | None]:
    """Return the ids of one of many verdicts, as they were sent if they are texts."""
    named = {name: sent.get(name) for name in ("visit_id", "photo_id")}
    return {name: value if isinstance(value, str) else None for name, value in named.items()}


def _read(sent: dict[str, Any]) -> Item | dict[str, Any]:
    """Return one of many verdicts, or the result of one that is not valid."""
    try:
        return Item(**VERDICT_ITEM.load(sent))
    except ValidationError as error:
        return {"audit": None, "problem": refusal(422, errors={"json": error.messages})}


def _result(judged: dict[str, Any] | XundianError) -> dict[str, Any]:
    if not isinstance(judged, XundianError):
        return {"audit": judged, "problem": None}
    return {"audit": None, "problem": members_of(judged) | {"status": status_of(type(judged))}}
