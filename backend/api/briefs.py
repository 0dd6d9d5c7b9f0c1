"""Routes for briefs: what to know before a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.fieldwork.journey_models import PlanEntry
from backend.insight import briefs
from backend.insight.briefs import Brief
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.briefs import BriefQuerySchema, BriefSchema, DayBriefQuerySchema

blp = Blueprint("briefs", __name__, description="What to know before a visit")


@dataclass(frozen=True, slots=True)
class Stops:
    """The planned visits of a day, and for whom they are briefed."""

    actor: Actor
    on: date
    entries: ModelSelect[PlanEntry]


class BriefPage(QueryPage):
    """Briefs the planned visits of a page together."""

    def __init__(self, stops: Stops, page_params: PaginationParameters) -> None:
        self.stops = stops
        super().__init__(stops.entries, page_params)

    @property
    def items(self) -> list[Any]:
        """Fetch and brief only the page asked for."""
        return briefs.of_stops(self.stops.actor, super().items, on=self.stops.on)


@blp.route("/stores/<int:store_id>/brief")
class StoreBrief(MethodView):
    """One store."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(BriefQuerySchema, location="query")
    @blp.response(200, BriefSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any], store_id: int) -> Brief:
        """Show what to know before a visit to a store

        Open violations and tasks, the last visit with its numbers and what was missing then,
        running promotions, stock that calls for something, photos to take, and who decides.
        """
        return briefs.of_store(actor, store_id, on=asked.get("on") or _today())


@blp.route("/brief")
class DayBrief(MethodView):
    """The stores of a day."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(DayBriefQuerySchema, location="query")
    @blp.response(200, BriefSchema(many=True))
    @blp.paginate(BriefPage, page_size=20, max_page_size=50)
    def get(self, actor: Actor, asked: dict[str, Any]) -> Stops:
        """List what to know before the planned visits of a day, by store code"""
        on = asked.get("on") or _today()
        return Stops(actor, on, briefs.stops(actor, on=on, person_id=asked.get("person_id")))


def _today() -> date:
    return clock.business_date(clock.now())
