"""Routes for reference prices."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import prices
from backend.standards.models import ReferencePrice
from schemas.prices import NewPriceSchema, PriceQuerySchema, PriceSchema
from schemas.validity import EndSchema

blp = Blueprint("prices", __name__, description="What observed prices are compared with, in fen")


@blp.route("/prices")
class Prices(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(PriceQuerySchema, location="query")
    @blp.response(200, PriceSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[ReferencePrice]:
        """List reference prices, oldest first"""
        return prices.list_prices(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewPriceSchema)
    @blp.response(201, PriceSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> ReferencePrice:
        """Add a reference price

        Prices of one product, type and area must not overlap: end the old one first. Minimum
        retail prices are refused with the legal notice (`minimum-prices-off`) unless the operator
        enabled them; where one is shown the notice stands beside it.
        """
        return prices.create(actor, **body, at=clock.now())


@blp.route("/prices/<int:price_id>/end")
class PriceEnd(MethodView):
    """The end of a price."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(EndSchema)
    @blp.response(200, PriceSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, date], price_id: int) -> ReferencePrice:
        """End a reference price

        `valid_to` is the first day without it. Saying the same again is safe.
        """
        return prices.end(actor, price_id, **body, at=clock.now())
