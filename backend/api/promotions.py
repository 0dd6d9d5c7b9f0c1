"""Routes for promotions and the stores that take part."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import promotions
from backend.standards.models import Promotion
from schemas.promotions import (
    NewPromotionSchema,
    PromotionQuerySchema,
    PromotionSchema,
    PromotionWithSkusSchema,
)

blp = Blueprint("promotions", __name__, description="What is offered, when, where")


@blp.route("/promotions")
class Promotions(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(PromotionQuerySchema, location="query")
    @blp.response(200, PromotionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Promotion]:
        """List promotions, newest first"""
        return promotions.list_promotions(actor, **filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewPromotionSchema)
    @blp.response(201, PromotionWithSkusSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """Add a promotion

        Stores take part once they are enrolled, one by one.
        """
        offers = body.pop("skus")
        prices = {offer["sku_id"]: offer["promo_price_fen"] for offer in offers}
        return _with_skus(promotions.create(actor, **body, prices=prices, at=clock.now()))


@blp.route("/promotions/<int:promotion_id>")
class PromotionById(MethodView):
    """One promotion."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, PromotionWithSkusSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, promotion_id: int) -> dict[str, Any]:
        """Get a promotion with its products"""
        return _with_skus(promotions.get(promotion_id))


@blp.route("/promotions/<int:promotion_id>/stores/<int:store_id>")
class PromotionStoreById(MethodView):
    """A store in a promotion."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, promotion_id: int, store_id: int) -> None:
        """Enrol a store in a promotion

        The store must lie in the promotion's area. Saying the same again is safe.
        """
        promotions.enrol(actor, promotion_id, store_id, at=clock.now())

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    def delete(self, actor: Actor, promotion_id: int, store_id: int) -> None:
        """Withdraw a store from a promotion

        Saying the same again is safe.
        """
        promotions.withdraw(actor, promotion_id, store_id, at=clock.now())


def _with_skus(promotion: Promotion) -> dict[str, Any]:
    return promotion.__data__ | {"skus": list(promotions.offers(promotion.id))}
