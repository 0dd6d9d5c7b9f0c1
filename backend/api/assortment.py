"""Routes for assortment rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import assortment
from backend.standards.models import AssortmentRule
from schemas.assortment import (
    AssortmentQuerySchema,
    AssortmentRuleSchema,
    NewAssortmentRuleSchema,
)
from schemas.validity import EndSchema

blp = Blueprint("assortment-rules", __name__, description="What stores must list")


@blp.route("/assortment-rules")
class AssortmentRules(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(AssortmentQuerySchema, location="query")
    @blp.response(200, AssortmentRuleSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[AssortmentRule]:
        """List assortment rules, oldest first"""
        return assortment.list_rules(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewAssortmentRuleSchema)
    @blp.response(201, AssortmentRuleSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> AssortmentRule:
        """Add an assortment rule

        Where rules disagree the most specific scope wins: store, division, chain, grade, tier,
        all; then the higher priority. Two rules that say the opposite of the same scope and
        selection, at the same priority on the same day, are refused (`contradictory-rules`).
        Tags `local:<division>` and `fighter:<competitor>`, and the listing standards, oblige only
        stores in that division, or where that competitor was last seen.
        """
        return assortment.create(actor, **body, at=clock.now())


@blp.route("/assortment-rules/<int:rule_id>/end")
class AssortmentRuleEnd(MethodView):
    """The end of a rule."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(EndSchema)
    @blp.response(200, AssortmentRuleSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, date], rule_id: int) -> AssortmentRule:
        """End an assortment rule

        `valid_to` is the first day without it. Saying the same again is safe.
        """
        return assortment.end(actor, rule_id, **body, at=clock.now())
