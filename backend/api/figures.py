"""Routes for the figures of every part of the network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters

from backend.api.blueprint import Blueprint
from backend.api.windows import window_of
from backend.insight import leagues, populations, series, tables
from backend.insight.catalogue import KPIS
from backend.insight.kpis import Kpi
from backend.insight.leagues import League
from backend.insight.periods import By
from backend.insight.series import Series
from backend.insight.tables import Table
from backend.insight.windows import Against
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.figures import FiguresQuerySchema, FiguresSchema, KpiSchema
from schemas.leagues import LeagueQuerySchema, LeagueSchema
from schemas.series import SeriesQuerySchema, SeriesSchema

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
    @blp.arguments(FiguresQuerySchema, location="query")
    @blp.response(200, FiguresSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> Table:
        """Compare dealers, stores, reps, areas, divisions, tiers, grades or chains

        Numbers are pooled over the stores of a member. Facts that know who made them count for
        that rep, all others for the rep who answers for the store today; a supervisor's area is
        the stores of their reps.
        """
        window, codes = window_of(query), query.pop("kpis", None)
        sku_id, compare = query.pop("sku_id", None), query.pop("compare", None)
        fresh = query.pop("fresh")
        kpis = tables.chosen(codes, sku_id=sku_id)
        population = populations.of(actor, **query)
        found = tables.table(
            population,
            window=window,
            at=clock.now(),
            kpis=kpis,
            sku_id=sku_id,
            fresh=fresh,
            limit=pagination_parameters.page_size,
            offset=pagination_parameters.first_item,
        )
        pagination_parameters.item_count = found.total
        if compare:
            against = Against(compare)
            found = series.compare(population, found, against=against, kpis=kpis, sku_id=sku_id)
        return found


@blp.route("/insight/series")
class SeriesOfFigures(MethodView):
    """Figures over time."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(SeriesQuerySchema, location="query")
    @blp.response(200, SeriesSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=10, max_page_size=50)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> Series:
        """Follow KPIs by day, week or month

        Each point is worked out from the facts of its days, like any figure. `previous` puts the
        day, week or month before beside it (of a part of one the same part), `last_year` the
        same days of the year before, of a week that of 52 weeks before.
        """
        window, by = window_of(query), By(query.pop("by"))
        sku_id, codes = query.pop("sku_id", None), query.pop("kpis")
        versus = [Against(each) for each in dict.fromkeys(query.pop("versus"))]
        found = series.series(
            populations.of(actor, **query),
            by=by,
            window=window,
            at=clock.now(),
            kpis=tables.chosen(codes, sku_id=sku_id),
            versus=versus,
            sku_id=sku_id,
            limit=pagination_parameters.page_size,
            offset=pagination_parameters.first_item,
        )
        pagination_parameters.item_count = found.total
        return found


@blp.route("/insight/league")
class LeagueTable(MethodView):
    """How reps compare."""

    @blp.guarded(Permission.LEAGUE_READ)
    @blp.arguments(LeagueQuerySchema, location="query")
    @blp.response(200, LeagueSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> League:
        """Rank the reps of a region by a KPI

        A rep sees the table of the own region: the own place in full, and of all others rank and
        value without a name, unless fewer than five have a value. The office sees everyone.
        """
        window, sku_id = window_of(query), query.get("sku_id")
        (kpi,) = tables.chosen([query.pop("kpi")], sku_id=sku_id)
        found = leagues.league(actor, kpi=kpi, window=window, at=clock.now(), **query)
        first, size = pagination_parameters.first_item, pagination_parameters.page_size
        pagination_parameters.item_count = len(found.places)
        return replace(found, places=found.places[first : first + size])
