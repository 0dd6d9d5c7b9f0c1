"""Routes for what promotions did."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import IF_MATCH, Blueprint, QueryPage, etag, expected_version
from backend.fieldwork import promotion_entries, promotion_results
from backend.fieldwork.promotion_models import PromotionDay
from backend.fieldwork.promotion_results import Progress
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards.models import PromotionStore
from schemas.promotion_results import (
    DayResultSchema,
    EnteredResultSchema,
    EnterResultSchema,
    ProgressSchema,
    ResultsQuerySchema,
    StoreResultSchema,
)

blp = Blueprint("promotion results", __name__, description="What promotions did")
Answer = tuple[PromotionDay, int, dict[str, str]]
TO_REPLACE = IF_MATCH | {
    "required": False,
    "description": "The ETag that was read, to replace what was entered before",
}


@blp.route("/promotions/<int:promotion_id>/results")
class PromotionProgress(MethodView):
    """How a promotion stands."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ResultsQuerySchema, location="query")
    @blp.response(200, ProgressSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, query: dict[str, Any], promotion_id: int) -> Progress:
        """Compare what a promotion did with its target

        Over the stores one may see. The target counts pro rata for the days gone by. Of a
        store's day a figure that was entered stands before what visits reported.
        """
        return promotion_results.progress(actor, promotion_id, on=_day(query))


@blp.route("/promotions/<int:promotion_id>/results/stores")
class PromotionResultsByStore(MethodView):
    """What a promotion did, store by store."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ResultsQuerySchema, location="query")
    @blp.response(200, StoreResultSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(
        self, actor: Actor, query: dict[str, Any], promotion_id: int
    ) -> ModelSelect[PromotionStore]:
        """List the results of a promotion by store

        Every enrolled store one may see is listed, also one without results.
        """
        return promotion_results.by_store(actor, promotion_id, on=_day(query))


@blp.route("/promotions/<int:promotion_id>/results/days")
class PromotionResultsByDay(MethodView):
    """What a promotion did, day by day."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ResultsQuerySchema, location="query")
    @blp.response(200, DayResultSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(
        self, actor: Actor, query: dict[str, Any], promotion_id: int
    ) -> ModelSelect[PromotionDay]:
        """List the results of a promotion by day

        Only days with results are listed.
        """
        return promotion_results.by_day(actor, promotion_id, on=_day(query))


@blp.route("/promotions/<int:promotion_id>/results/<int:store_id>/<day:day>")
class EnteredResult(MethodView):
    """A store's results of a day, as entered."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, EnteredResultSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, promotion_id: int, store_id: int, day: date) -> Answer:
        """Get what was entered of a store's day"""
        entry = promotion_entries.get_entry(actor, promotion_id, store_id, day)
        return entry, 200, etag(entry.version)

    @blp.guarded(Permission.PROMOTION_RECORD)
    @blp.doc(parameters=[TO_REPLACE])
    @blp.arguments(EnterResultSchema)
    @blp.response(201, EnteredResultSchema)
    @blp.alt_response(200, schema=EnteredResultSchema, description="Replaced, or so", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(412, "PRECONDITION_FAILED")
    @blp.alt_response(428, "PRECONDITION_REQUIRED")
    def put(
        self, actor: Actor, body: dict[str, Any], promotion_id: int, store_id: int, day: date
    ) -> Answer:
        """Enter a store's results of a day

        For the office and imports. Sending the same again is safe; other figures replace those
        entered before, and need the ETag of what they replace.
        """
        version = expected_version() if "If-Match" in request.headers else None
        entry, is_new = promotion_entries.enter(
            actor, promotion_id, store_id, day, **body, version=version, at=clock.now()
        )
        return entry, 201 if is_new else 200, etag(entry.version)


def _day(query: dict[str, Any]) -> date:
    return query["on"] or clock.business_date(clock.now())
