"""Routes for the numbers of dealers."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.api.windows import window_of
from backend.insight import frozen, summaries
from backend.insight.frozen_models import FrozenFigures
from backend.insight.summaries import DealerSummary
from backend.network import dealers, regions
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.summaries import (
    DaysQuerySchema,
    DealerSummarySchema,
    SummariesQuerySchema,
    SummaryVersionSchema,
    SummaryVersionsQuerySchema,
    WindowQuerySchema,
)

blp = Blueprint("summaries", __name__, description="A dealer's numbers over a window of days")


@blp.route("/dealers/summaries")
class Summaries(MethodView):
    """The dealers' summaries."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(SummariesQuerySchema, location="query")
    @blp.response(200, DealerSummarySchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> list[DealerSummary]:
        """Summarise the dealers one may see

        Rates are 0 to 1 with their numerator and denominator. State KPIs (signage, listing,
        availability) take each store's latest day in the window that has them; the others add
        up. A fact counts for the dealer that owned the store on its day. Stores active for less
        than 7 days of the window are not part of the coverage. A closed month or quarter is read
        as it was frozen, which `version` tells.
        """
        at = clock.now()
        window = window_of(query)
        asked = {name: query.pop(name, None) for name in ("region_id", "dealer_ids")}
        if asked["region_id"] is not None:
            regions.get(actor, asked["region_id"])
        pagination_parameters.item_count = summaries.dealers(actor, **asked).order_by().count()
        return summaries.summaries(
            actor,
            window=window,
            at=at,
            limit=pagination_parameters.page_size,
            offset=pagination_parameters.first_item,
            **asked,
            **query,
        )


@blp.route("/dealers/<int:dealer_id>/summary")
class SummaryOfDealer(MethodView):
    """One dealer's summary."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(WindowQuerySchema, location="query")
    @blp.response(200, DealerSummarySchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any], dealer_id: int) -> DealerSummary:
        """Summarise a dealer"""
        return summaries.summary(actor, dealer_id, window=window_of(query), at=clock.now(), **query)


@blp.route("/dealers/<int:dealer_id>/summary/versions")
class SummaryVersions(MethodView):
    """A dealer's frozen summaries."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(SummaryVersionsQuerySchema, location="query")
    @blp.response(200, SummaryVersionSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(
        self, actor: Actor, filters: dict[str, Any], dealer_id: int
    ) -> ModelSelect[FrozenFigures]:
        """List every version of a dealer's frozen summaries, the latest first

        Months and quarters are frozen three days after they end; what comes later makes another
        version if it changes anything.
        """
        dealers.get(actor, dealer_id)
        return frozen.list_versions(actor, dealer_id, **filters)


@blp.route("/dealers/<int:dealer_id>/summary/versions/<int:version>")
class SummaryVersion(MethodView):
    """A frozen summary."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(DaysQuerySchema, location="query")
    @blp.response(200, DealerSummarySchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(
        self, actor: Actor, query: dict[str, Any], dealer_id: int, version: int
    ) -> DealerSummary:
        """Get a dealer's summary of a month or quarter as it was frozen"""
        return summaries.of_version(
            actor, dealer_id, version, window=window_of(query), at=clock.now()
        )
