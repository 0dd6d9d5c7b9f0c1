"""Routes for planned visits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import plans
from backend.fieldwork.journey_models import PlanEntry
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.plans import (
    NewPlanSchema,
    PlanQuerySchema,
    PlanReasonSchema,
    PlanSchema,
    RescheduleSchema,
)

blp = Blueprint("plans", __name__, description="Visits that somebody is asked to make")


@blp.route("/plans")
class Plans(MethodView):
    """The collection."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(PlanQuerySchema, location="query")
    @blp.response(200, PlanSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[PlanEntry]:
        """List planned visits by day; a rep's are one's own, and those of a substitute"""
        return plans.list_entries(actor, **filters)


@blp.route("/plans/<uuid:plan_id>")
class PlanById(MethodView):
    """One planned visit."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.response(200, PlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, plan_id: UUID) -> PlanEntry:
        """Get a planned visit"""
        return plans.get(actor, plan_id)

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
    @blp.arguments(PlanReasonSchema)
    @blp.response(200, PlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], plan_id: UUID) -> PlanEntry:
        """Cancel a planned visit that is still to come

        It then counts nowhere as missed. Saying the same again is safe.
        """
        return plans.cancel(actor, plan_id, **body, at=clock.now())


@blp.route("/plans/<uuid:plan_id>/miss")
class PlanMiss(MethodView):
    """Why a planned visit was not made."""

    @blp.guarded(Permission.PLAN_ANSWER)
    @blp.arguments(PlanReasonSchema)
    @blp.response(200, PlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], plan_id: UUID) -> PlanEntry:
        """Say why a planned visit is not made

        From the planned day on. Sending the same again is safe.
        """
        return plans.miss(actor, plan_id, **body, at=clock.now())


@blp.route("/plans/<uuid:plan_id>/excuse")
class PlanExcuse(MethodView):
    """The supervisor's word on a visit that was not made."""

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.arguments(PlanReasonSchema)
    @blp.response(200, PlanSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], plan_id: UUID) -> PlanEntry:
        """Excuse a planned visit that is not made

        It stays in the adherence figures. Saying the same again is safe.
        """
        return plans.excuse(actor, plan_id, **body, at=clock.now())


@blp.route("/plans/<uuid:plan_id>/successors/<uuid:successor_id>")
class PlanSuccessor(MethodView):
    """The entry that takes the place of another."""

    @blp.guarded(Permission.PLAN_ANSWER)
    @blp.arguments(RescheduleSchema)
    @blp.response(201, PlanSchema)
    @blp.alt_response(200, schema=PlanSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, body: dict[str, Any], plan_id: UUID, successor_id: UUID
    ) -> tuple[PlanEntry, int]:
        """Reschedule a planned visit to another day

        The id of the new entry is the client's; the old entry stays as it was and names it.
        Sending the same again is safe and answers 200.
        """
        entry, is_new = plans.reschedule(
            actor,
            plan_id,
            successor_id,
            **body,
            content_sha256=fingerprint(body),
            at=clock.now(),
        )
        return entry, 201 if is_new else 200
