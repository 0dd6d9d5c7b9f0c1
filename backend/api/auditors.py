"""Routes for how auditors agree and work."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint, QueryPage
from backend.api.windows import window_of
from backend.evidence import auditors
from backend.platform.actors import Actor, Permission
from schemas.auditors import AgreementReportSchema, AuditorsQuerySchema, ThroughputSchema

blp = Blueprint("auditors", __name__, description="How auditors agree and work")


@blp.route("/audits/agreement")
class Agreement(MethodView):
    """How far auditors agree."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(AuditorsQuerySchema, location="query")
    @blp.response(200, AgreementReportSchema)
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Say how far auditors agree on photos that two of them read

        Share of the same verdicts and Cohen's kappa, in all, by reason and by pair; the days are
        those of the second reading. Kappa is null, with a reason, where it means nothing.
        """
        window = window_of(query)
        days: dict[str, Any] = {"from_on": window.from_on, "to_on": window.to_on}
        return days | auditors.agree(actor, **days, **query)


@blp.route("/audits/throughput")
class Throughput(MethodView):
    """What auditors do."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(AuditorsQuerySchema, location="query")
    @blp.response(200, ThroughputSchema(many=True))
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, query: dict[str, Any]) -> Any:
        """List what each auditor did on each day, the latest first"""
        window = window_of(query)
        return auditors.throughput(actor, from_on=window.from_on, to_on=window.to_on, **query)
