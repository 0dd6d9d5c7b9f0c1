"""Routes for the targets of KPIs."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version, named_version
from backend.insight import targets
from backend.insight.target_models import KpiTarget
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.targets import KpiTargetQuerySchema, KpiTargetSchema, KpiTargetValueSchema
from schemas.validity import EndSchema

blp = Blueprint("targets", __name__, description="What KPIs should come to, by tier")


@blp.route("/kpi-targets")
class Targets(MethodView):
    """The collection."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(KpiTargetQuerySchema, location="query")
    @blp.response(200, KpiTargetSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[KpiTarget]:
        """List targets by KPI and tier, the latest first"""
        return targets.list_targets(actor, **filters)


@blp.route("/kpi-targets/<string:kpi>/<string:tier>/<day:valid_from>")
class TargetFrom(MethodView):
    """The target of a KPI and tier since a day."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.response(200, KpiTargetSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, kpi: str, tier: str, valid_from: date) -> Any:
        """Get the target that begins on a day"""
        row = targets.get(actor, kpi, tier, valid_from)
        return row, 200, etag(row.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.replacing
    @blp.arguments(KpiTargetValueSchema)
    @blp.response(200, KpiTargetSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], kpi: str, tier: str, valid_from: date) -> Any:
        """Set what a KPI should come to from a day on

        For the stores of a tier, or with `all` for tiers without a target of their own. It holds
        until the next one of its tier begins. Another value for the same day replaces the version
        that If-Match names; months that are over keep theirs.
        """
        row = targets.put(
            actor, kpi, tier, valid_from, **body, version=named_version(), at=clock.now()
        )
        return row, 200, etag(row.version)


@blp.route("/kpi-targets/<string:kpi>/<string:tier>/<day:valid_from>/end")
class EndOfTarget(MethodView):
    """The end of a target."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(EndSchema)
    @blp.response(200, KpiTargetSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(
        self, actor: Actor, body: dict[str, Any], kpi: str, tier: str, valid_from: date
    ) -> Any:
        """End a target without another one"""
        row = targets.end(
            actor, kpi, tier, valid_from, **body, version=expected_version(), at=clock.now()
        )
        return row, 200, etag(row.version)
