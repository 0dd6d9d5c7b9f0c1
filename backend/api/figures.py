"""Routes for the figures of every part of the network."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters

from backend.api.blueprint import Blueprint
from backend.api.windows import window_of
from backend.insight import populations, tables
from backend.insight.catalogue import KPIS
from backend.insight.kpis import Kpi
from backend.insight.populations import NUMBERED
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.figures import FiguresSchema, KpiSchema, PopulationQuerySchema

blp = Blueprint("figures", __name__, description="KPIs of every part of the network")


@blp.route("/insight/kpis")
class Kpis(MethodView):
    """What is measured."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.response(200, KpiSchema(many=True))
    def get(self, actor: Actor) -> list[Kpi]:  # noqa: ARG002
        """List the KPIs with their names and rules"""
        return list(KPIS)


@blp.route("/insight/figures")
class Figures(MethodView):
    """A table of figures."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(PopulationQuerySchema, location="query")
    @blp.response(200, FiguresSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> dict[str, Any]:
        """Compare dealers, stores, reps, areas, divisions, tiers, grades or chains

        Numbers are pooled over the stores of a member. Facts that know who made them count for
        that rep, all others for the rep who answers for the store today; a supervisor's area is
        the stores of their reps.
        """
        window, codes, sku_id = window_of(query), query.pop("kpis", None), query.get("sku_id")
        kpis = tables.chosen(codes, sku_id=query.pop("sku_id", None))
        found = tables.table(
            populations.of(actor, **query),
            window=window,
            at=clock.now(),
            kpis=kpis,
            sku_id=sku_id,
            limit=pagination_parameters.page_size,
            offset=pagination_parameters.first_item,
        )
        pagination_parameters.item_count = found.total
        has_id = query["grain"] in NUMBERED
        return {
            "from_on": window.from_on,
            "to_on": window.to_on,
            "as_of": found.as_of,
            "is_provisional": found.is_provisional,
            "members": [
                {
                    "id": row.member if has_id else None,
                    "code": row.code,
                    "name": row.name,
                    "n_stores": row.n_stores,
                    "kpis": row.kpis,
                }
                for row in found.members
            ],
        }
