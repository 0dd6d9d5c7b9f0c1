"""Routes for the rows behind a figure."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters

from backend.api.blueprint import Blueprint
from backend.api.exports import CSV, HEADERS, send
from backend.api.windows import window_of
from backend.exchange import figure_rows
from backend.insight import drill, populations, tables
from backend.insight.catalogue import KPIS
from backend.insight.drill import Cell, Level, Part
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.figure_rows import CellFileQuerySchema, CellQuerySchema, OpenedSchema

KPI = {
    "in": "path",
    "name": "kpi",
    "required": True,
    "schema": {"type": "string", "enum": [kpi.code for kpi in KPIS], "example": KPIS[1].code},
}
blp = Blueprint("figure-rows", __name__, description="The stores and records behind a figure")


@blp.route("/insight/figures/<string:kpi>/rows")
class FigureRows(MethodView):
    """What is behind a figure."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.doc(parameters=[KPI])
    @blp.arguments(CellQuerySchema, location="query")
    @blp.response(200, OpenedSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=50, max_page_size=200)
    def get(
        self,
        actor: Actor,
        query: dict[str, Any],
        pagination_parameters: PaginationParameters,
        kpi: str,
    ) -> dict[str, Any]:
        """Open a figure: the stores or the records behind it

        Each row says what it adds to the numerator and to the denominator. Stores always add up
        to the figure; records do where `is_sum` says so. Visits per rep-day are told by person.
        """
        cell = _cell(actor, query, kpi)
        found = drill.opened(cell, at=clock.now())
        pagination_parameters.item_count = found.total
        return {
            "opened": found,
            "rows": drill.rows(
                cell,
                limit=pagination_parameters.page_size,
                offset=pagination_parameters.first_item,
            ),
        }


@blp.route("/insight/figures/<string:kpi>/rows.csv")
class FigureFile(MethodView):
    """The same as a file."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.doc(parameters=[KPI])
    @blp.arguments(CellFileQuerySchema, location="query")
    @blp.response(200, CSV, content_type="text/csv", headers=HEADERS)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.alt_response(507, "INSUFFICIENT_STORAGE")
    def get(self, actor: Actor, query: dict[str, Any], kpi: str) -> Response:
        """Download all stores or records behind a figure"""
        how = {name: query.pop(name) for name in ("lang", "bom")}
        return send(figure_rows.make(actor, _cell(actor, query, kpi), at=clock.now(), **how))


def _cell(actor: Actor, query: dict[str, Any], code: str) -> Cell:
    """Take what is asked about out of a query. Raises what each part of it may."""
    window, sku_id = window_of(query), query.pop("sku_id", None)
    (kpi,) = tables.chosen([code], sku_id=sku_id)
    by, part, member = (query.pop(name, None) for name in ("by", "part", "member"))
    return Cell(
        population=populations.of(actor, members=[member], **query),
        kpi=kpi,
        window=window,
        by=Level[by.upper()],
        part=part and Part[part.upper()],
        sku_id=sku_id,
    )
