"""Routes for what promotions brought."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from flask_smorest.pagination import PaginationParameters

from backend.api.blueprint import Blueprint
from backend.api.windows import window_of
from backend.insight import promotion_uplift
from backend.insight.promotion_uplift import Given
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.promotion_uplift import (
    PromotionUpliftSchema,
    UpliftQuerySchema,
    UpliftsQuerySchema,
)

blp = Blueprint("promotion uplift", __name__, description="What promotions brought")


@blp.route("/promotions/<int:promotion_id>/uplift")
class PromotionUplift(MethodView):
    """What one promotion brought."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(UpliftQuerySchema, location="query")
    @blp.response(200, PromotionUpliftSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, query: dict[str, Any], promotion_id: int) -> dict[str, Any]:
        """Compare what a promotion sold with what would have been sold anyway

        Over the stores one may see. What cannot be told is null, and a reason says why.
        """
        given = Given(**query)
        return promotion_uplift.show(actor, promotion_id, today=_today(), given=given).as_dict()


@blp.route("/insight/promotions")
class PromotionUplifts(MethodView):
    """What the promotions of a window brought."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(UpliftsQuerySchema, location="query")
    @blp.response(200, PromotionUpliftSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(page_size=20, max_page_size=50)
    def get(
        self, actor: Actor, query: dict[str, Any], pagination_parameters: PaginationParameters
    ) -> list[dict[str, Any]]:
        """List what the promotions of a window brought, newest first

        Those that ran on a day of the window in a store one may see.
        """
        window = window_of(query)
        given = Given(**query)
        found = promotion_uplift.list_promotions(actor, window, given=given)
        page = pagination_parameters
        page.item_count = found.order_by().count()
        shown = list(found.limit(page.page_size).offset(page.first_item))
        effects = promotion_uplift.effects(actor, shown, today=_today(), given=given)
        return [effect.as_dict() for effect in effects]


def _today() -> date:
    return clock.business_date(clock.now())
