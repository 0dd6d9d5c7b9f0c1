"""Routes for season plans."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import season_plans
from backend.standards.mix_models import SeasonPlan
from schemas.season_plans import (
    EditSeasonPlanSchema,
    NewSeasonPlanSchema,
    SeasonPlanQuerySchema,
    SeasonPlanSchema,
)

blp = Blueprint("season-plans", __name__, description="Range and push strategy of a season")


@blp.route("/season-plans")
class SeasonPlans(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(SeasonPlanQuerySchema, location="query")
    @blp.response(200, SeasonPlanSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[SeasonPlan]:
        """List season plans, the latest first"""
        return season_plans.list_plans(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewSeasonPlanSchema)
    @blp.response(201, SeasonPlanSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Any:
        """Add a season plan

        Assortment rules name the plan that they carry out.
        """
        plan = season_plans.create(actor, **body, at=clock.now())
        return plan, 201, etag(plan.version)


@blp.route("/season-plans/<int:plan_id>")
class SeasonPlanById(MethodView):
    """One plan."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, SeasonPlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, plan_id: int) -> Any:
        """Get a season plan"""
        plan = season_plans.get(plan_id)
        return plan, 200, etag(plan.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(EditSeasonPlanSchema)
    @blp.response(200, SeasonPlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], plan_id: int) -> Any:
        """Amend a season plan before its season begins"""
        version = expected_version()
        plan = season_plans.amend(actor, plan_id, **body, version=version, at=clock.now())
        return plan, 200, etag(plan.version)
