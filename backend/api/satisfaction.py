"""Routes for what dealers' stores think of us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters

from backend.api.blueprint import Blueprint
from backend.api.windows import window_of
from backend.insight import satisfaction
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.satisfaction import DealerSatisfactionSchema, SatisfactionsQuerySchema

blp = Blueprint("satisfaction", __name__, description="What stores think, and complain about")
USUAL = timedelta(days=90)


@blp.route("/insight/satisfaction")
class Satisfactions(MethodView):
    """The table by dealer."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(SatisfactionsQuerySchema, location="query")
    @blp.response(200, DealerSatisfactionSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> list[Mapping[str, Any]]:
        """Tell by dealer how satisfied stores are and what they complain about

        Scores of feedback cards with their response rate, and complaints per 100 active stores
        with the colour of the gravest and a bar of proportional length.
        """
        window = _window(query)
        among = satisfaction.dealers(actor, **query)
        page = pagination_parameters
        page.item_count = among.order_by().count()
        shown = list(among.limit(page.page_size).offset(page.first_item))
        found = satisfaction.of_dealers(actor, shown, window, among=among)
        at = clock.now()
        return [{**satisfaction.as_dict(one), "as_of": at} for one in found]


def _window(query: dict[str, Any]) -> Window:
    """Return the window asked for; the last 90 days, today included, if none is."""
    if any(query[name] is not None for name in ("window", "from_on", "to_on")):
        return window_of(query)
    for name in ("window", "from_on", "to_on"):
        del query[name]
    tomorrow = clock.business_date(clock.now()) + timedelta(days=1)
    return Window(tomorrow - USUAL, tomorrow)
