"""Routes for audit plans and what they drew."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.evidence import audit_plans, samples
from backend.evidence.audit_models import AuditPlan
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.audit_plans import (
    AuditPlanEndSchema,
    AuditPlanQuerySchema,
    AuditPlanSchema,
    NewAuditPlanSchema,
    SampledPhotoSchema,
    SampleQuerySchema,
    SampleSchema,
)

blp = Blueprint("audit-plans", __name__, description="Which share of photos auditors look at")
Answer = tuple[AuditPlan, int, dict[str, str]]


@blp.route("/audits/plans")
class AuditPlans(MethodView):
    """The collection."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(AuditPlanQuerySchema, location="query")
    @blp.response(200, AuditPlanSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, query: dict[str, Any]) -> ModelSelect[AuditPlan]:
        """List audit plans of one's regions, the latest first"""
        return audit_plans.list_plans(actor, **query)

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(NewAuditPlanSchema)
    @blp.response(201, AuditPlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Lay down which photos of a region's visits are audited

        Visits follow the plan of their region, or of the nearest region above that has one;
        without a plan every photo is audited, once.
        """
        plan = audit_plans.make(actor, **body, at=clock.now())
        return plan, 201, etag(plan.version)


@blp.route("/audits/plans/<int:plan_id>")
class AuditPlanById(MethodView):
    """One plan."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.response(200, AuditPlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, plan_id: int) -> Answer:
        """Get an audit plan"""
        plan = audit_plans.get(actor, plan_id)
        return plan, 200, etag(plan.version)

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.versioned
    @blp.arguments(AuditPlanEndSchema)
    @blp.response(200, AuditPlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], plan_id: int) -> Answer:
        """End an audit plan

        Nothing else of a plan changes, so that what it drew stays explained.
        """
        plan = audit_plans.end(actor, plan_id, **body, version=expected_version(), at=clock.now())
        return plan, 200, etag(plan.version)


@blp.route("/audits/samples/<int:plan_id>")
class Sample(MethodView):
    """What a plan drew."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(SampleQuerySchema, location="query")
    @blp.response(200, SampleSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, query: dict[str, Any], plan_id: int) -> dict[str, Any]:
        """Explain what an audit plan drew, and estimate the share rejected among all photos"""
        return samples.explain(actor, plan_id, **query)


@blp.route("/audits/samples/<int:plan_id>/photos")
class SamplePhotos(MethodView):
    """All photos that a plan met."""

    @blp.guarded(Permission.AUDIT_OVERSEE)
    @blp.arguments(SampleQuerySchema, location="query")
    @blp.response(200, SampledPhotoSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(page_size=50)
    def get(
        self,
        actor: Actor,
        query: dict[str, Any],
        pagination_parameters: PaginationParameters,
        plan_id: int,
    ) -> list[dict[str, Any]]:
        """List the photos that an audit plan met, with how likely each was to be drawn"""
        page = pagination_parameters
        page.item_count, photos = samples.page_of_photos(
            actor, plan_id, limit=page.page_size, offset=page.first_item, **query
        )
        return photos
