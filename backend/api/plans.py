"""Routes for planned visits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import plans
from backend.fieldwork.models import PlanEntry
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.plans import NewPlanSchema, PlanQuerySchema, PlanSchema

blp = Blueprint("plans", __name__, description="Visits that somebody is asked to make")


@blp.route("/plans")
class Plans(MethodView):
    """The collection."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(PlanQuerySchema, location="query")
    @blp.response(200, PlanSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[PlanEntry]:
        """List planned visits by day; a rep's are one's own"""
        return plans.list_entries(actor, **filters)


@blp.route("/plans/<uuid:plan_id>")
class PlanById(MethodView):
    """One planned visit."""

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.arguments(NewPlanSchema)
    @blp.response(201, PlanSchema)
    @blp.alt_response(200, schema=PlanSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], plan_id: UUID) -> tuple[PlanEntry, int]:
        """Plan a visit

        The id is the client's. Sending the same again is safe and answers 200.
        """
        entry, is_new = plans.put(
            actor, plan_id, **body, content_sha256=fingerprint(body), at=clock.now()
        )
        return entry, 201 if is_new else 200


@blp.route("/plans/<uuid:plan_id>/cancellation")
class PlanCancellation(MethodView):
    """The end of a planned visit."""

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.response(200, PlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def post(self, actor: Actor, plan_id: UUID) -> PlanEntry:
        """Cancel a planned visit

        Saying the same again is safe.
        """
        return plans.cancel(actor, plan_id, at=clock.now())
