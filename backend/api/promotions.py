"""Routes for promotions and the stores that take part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version, named_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import enrolments, promotions
from backend.standards.models import Promotion, PromotionStore
from schemas.promotions import (
    AmendPromotionSchema,
    EnrolmentSchema,
    NewPromotionSchema,
    PromotionQuerySchema,
    PromotionSchema,
    PromotionStoreSchema,
    StopSchema,
    WholePromotionSchema,
)

blp = Blueprint("promotions", __name__, description="What is offered, when, where")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/promotions")
class Promotions(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(PromotionQuerySchema, location="query")
    @blp.response(200, PromotionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Promotion]:
        """List promotions, newest first"""
        today = clock.business_date(clock.now())
        return promotions.list_promotions(actor, today=today, **filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewPromotionSchema)
    @blp.response(201, WholePromotionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Add a promotion

        Stores take part once they are enrolled, one by one. `warnings` names what is allowed
        but seldom meant, such as another advertising area than the promotion's.
        """
        at = clock.now()
        promotion = promotions.create(actor, **_priced(body), at=at)
        return _answer(promotion.id, at, 201)


@blp.route("/promotions/<int:promotion_id>")
class PromotionById(MethodView):
    """One promotion."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, WholePromotionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, promotion_id: int) -> Answer:
        """Get a promotion with its products, budgets and people"""
        return _answer(promotion_id, clock.now(), 200)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(AmendPromotionSchema)
    @blp.response(200, WholePromotionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], promotion_id: int) -> Answer:
        """Amend a promotion that is not over

        Lists are replaced whole. What began keeps its first day, and ends today at the earliest.
        """
        at = clock.now()
        promotions.amend(actor, promotion_id, version=expected_version(), at=at, **_priced(body))
        return _answer(promotion_id, at, 200)


@blp.route("/promotions/<int:promotion_id>/stop")
class PromotionStop(MethodView):
    """The early end of a promotion."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(StopSchema)
    @blp.response(200, WholePromotionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], promotion_id: int) -> Answer:
        """Stop a promotion; today is its last day"""
        at = clock.now()
        promotions.stop(actor, promotion_id, **body, version=expected_version(), at=at)
        return _answer(promotion_id, at, 200)


@blp.route("/promotions/<int:promotion_id>/stores")
class PromotionStores(MethodView):
    """The stores that take part."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, PromotionStoreSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, promotion_id: int) -> ModelSelect[PromotionStore]:
        """List the stores of a promotion by code; a rep's are those assigned"""
        return enrolments.list_stores(actor, promotion_id)


@blp.route("/promotions/<int:promotion_id>/stores/<int:store_id>")
class PromotionStoreById(MethodView):
    """A store in a promotion."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.replacing
    @blp.arguments(EnrolmentSchema, required=False)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], promotion_id: int, store_id: int) -> Any:
        """Enrol a store in a promotion

        The store must lie in the promotion's area, and the promotion must not be over. Saying
        the same again is safe; another target replaces that of the version in If-Match.
        """
        version = enrolments.enrol(
            actor, promotion_id, store_id, **body, version=named_version(), at=clock.now()
        )
        return None, 204, etag(version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def delete(self, actor: Actor, promotion_id: int, store_id: int) -> None:
        """Withdraw a store from a promotion that has not begun

        Saying the same again is safe.
        """
        enrolments.withdraw(actor, promotion_id, store_id, at=clock.now())


def _priced(body: dict[str, Any]) -> dict[str, Any]:
    if "skus" in body:
        offers = body.pop("skus")
        body["prices"] = {offer["sku_id"]: offer["promo_price_fen"] for offer in offers}
    return body


def _answer(promotion_id: int, at: datetime, status: int) -> Answer:
    promotion = promotions.show(promotion_id, today=clock.business_date(at))
    return promotion, status, etag(promotion["version"])
