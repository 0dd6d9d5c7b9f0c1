"""Routes for the price bands that suit a place."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import price_bands
from backend.standards.mix_models import PriceBandFit
from schemas.price_bands import (
    NewPriceBandFitSchema,
    PriceBandFitQuerySchema,
    PriceBandFitSchema,
)
from schemas.validity import EndSchema

blp = Blueprint("price-bands", __name__, description="Which price bands suit a place")


@blp.route("/price-band-fits")
class PriceBandFits(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(PriceBandFitQuerySchema, location="query")
    @blp.response(200, PriceBandFitSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[PriceBandFit]:
        """List which price bands suit which places, oldest first"""
        return price_bands.list_fits(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewPriceBandFitSchema)
    @blp.response(201, PriceBandFitSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> PriceBandFit:
        """Say which price bands suit an area and tier

        A rule that selects the standard `local_fit_models` obliges a store to list the products
        in the bands of the narrowest area around it, and there of its own tier before any tier.
        Statements about one area and tier must not overlap: end the old one first.
        """
        return price_bands.create(actor, **body, at=clock.now())


@blp.route("/price-band-fits/<int:fit_id>/end")
class PriceBandFitEnd(MethodView):
    """The end of a statement."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(EndSchema)
    @blp.response(200, PriceBandFitSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, date], fit_id: int) -> PriceBandFit:
        """End what was said of price bands

        `valid_to` is the first day without it. Saying the same again is safe.
        """
        return price_bands.end(actor, fit_id, **body, at=clock.now())
