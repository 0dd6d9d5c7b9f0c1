"""Routes for the cube."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.exports import CSV, HEADERS, send
from backend.api.windows import window_of
from backend.exchange import cube as files
from backend.insight import cube
from backend.insight.cube import MOST_CELLS, Cube, Wanted
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.cube import CubeFileQuerySchema, CubeQuerySchema, CubeSchema

blp = Blueprint("cube", __name__, description="Customers by products by behaviour")


@blp.route("/insight/cube")
class Cubes(MethodView):
    """The cube."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(CubeQuerySchema, location="query")
    @blp.response(200, CubeSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> Cube:
        """Measure customers by products by behaviour

        By any one, two or three axes. Each measure says what kind it is: `additive` cells add up
        to the total, `distinct` ones (stores, order days) do not, and of a `state` only
        numerators and denominators add up, over the axes it names. The total is measured by
        itself. Traits of stores are those of today, the dealer is that of the day.
        """
        wanted = Wanted(window=window_of(query), **query)
        return cube.ask(actor, wanted, at=clock.now(), most=MOST_CELLS)


@blp.route("/insight/cube.csv")
class CubeFile(MethodView):
    """The cube as a file."""

    @blp.guarded(Permission.EXPORT_READ)
    @blp.arguments(CubeFileQuerySchema, location="query")
    @blp.response(200, CSV, content_type="text/csv", headers=HEADERS)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.alt_response(507, "INSUFFICIENT_STORAGE")
    def get(self, actor: Actor, query: dict[str, Any]) -> Response:
        """Download the cube, however many cells it has

        A row per cell, the total last. A state has its numerator and denominator beside it.
        """
        how = {name: query.pop(name) for name in ("lang", "bom")}
        wanted = Wanted(window=window_of(query), **query)
        return send(files.make(actor, wanted, at=clock.now(), **how))
