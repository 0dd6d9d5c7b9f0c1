"""Routes for stock: counts outside visits, the last count of a store, and flags."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import counts
from backend.fieldwork.arrivals import Result
from backend.insight import covers, stock
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.stock import (
    NewStockCountSchema,
    StockCountSchema,
    StockFlagQuerySchema,
    StockFlagSchema,
    StockSchema,
)

blp = Blueprint("stock", __name__, description="What stores have, and how long it lasts")


@blp.route("/stores/<int:store_id>/stock")
class StockOfStore(MethodView):
    """What a store has."""

    @blp.guarded(Permission.STOCK_READ)
    @blp.response(200, StockSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, store_id: int) -> list[dict[str, Any]]:
        """Show the last count of every product in a store

        From visits that count and from counts outside them, whichever is later, by product code.
        """
        return stock.of_store(actor, store_id)


@blp.route("/stock-counts/<uuid:count_id>")
class StockCountById(MethodView):
    """A count outside a visit."""

    @blp.guarded(Permission.STOCK_WRITE)
    @blp.arguments(NewStockCountSchema)
    @blp.response(201, StockCountSchema)
    @blp.alt_response(200, schema=StockCountSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], count_id: UUID) -> tuple[dict[str, Any], int]:
        """Hand in a stock count made outside a visit

        The id is the client's. Sending the same again is safe and answers 200. What is counted
        on a visit belongs into its report.
        """
        count, result = counts.put(
            actor,
            count_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        shown = count.__data__ | {"store_id": count.store_id, "person_id": count.person_id}
        shown["lines"] = counts.lines_of(count)
        return shown, 201 if result is Result.CREATED else 200


@blp.route("/stock/flags")
class StockFlags(MethodView):
    """What stock calls for."""

    @blp.guarded(Permission.STOCK_READ)
    @blp.arguments(StockFlagQuerySchema, location="query")
    @blp.response(200, StockFlagSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Any:
        """List the stock of stores with its cover and its flag

        Cover is the sellable stock over the average daily sell-out of the last 28 days. Where
        the numbers cannot tell, the flag is null and the reason says why.
        """
        return covers.flags(actor, day=clock.business_date(clock.now()), **filters)
