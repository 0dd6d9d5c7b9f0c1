"""The route for the standard of a store on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.network import stores
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import counters, effective
from backend.standards.codes import LEGAL_NOTICE
from schemas.standard import StandardQuerySchema, StandardSchema

blp = Blueprint("standard", __name__, description="What a store is held to")


@blp.route("/stores/<int:store_id>/standard")
class StoreStandard(MethodView):
    """One store on one day."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(StandardQuerySchema, location="query")
    @blp.response(200, StandardSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any], store_id: int) -> dict[str, Any]:
        """Say what a store must show, stock, charge and promote on a day

        What a phone pulls before it goes offline; a visit of that day is judged by it.
        """
        day: date = asked["on"] or clock.business_date(clock.now())
        standard = effective.standard_of(stores.get(actor, store_id), day)
        template = standard.template
        return {
            "store_id": store_id,
            "day": day,
            "template": template and _shown(template),
            "musts": [
                {
                    "sku_id": sku_id,
                    "min_facings": must.min_facings,
                    "stock_cover_days": must.rule.stock_cover_days,
                    "rule": must.rule,
                }
                for sku_id, must in sorted(standard.musts.items())
            ],
            "counter": counters.seen_on(store_id, day),
            "references": [
                {
                    "sku_id": sku_id,
                    "amount_fen": price.amount_fen,
                    "price_type": price.price_type,
                    "area": price.area,
                    "legal_notice": LEGAL_NOTICE if standard.is_floor(sku_id) else None,
                    "promo_price_fen": standard.promo_price_fen(sku_id),
                    "allowed_gift_fen": standard.allowed_gift_fen(sku_id),
                }
                for sku_id, price in sorted(standard.prices.items())
            ],
            "promotions": [
                {
                    "id": promotion.id,
                    "code": promotion.code,
                    "name": promotion.name,
                    "starts_on": promotion.starts_on,
                    "ends_on": promotion.ends_on,
                    "sku_ids": sorted(promotion.prices),
                }
                for promotion in standard.promotions
            ],
        }


def _shown(template: effective.Template) -> dict[str, Any]:
    """Return a checklist as the phone is told to show it."""
    return template.as_dict() | {
        "scope_kind": template.scope_kind,
        "scope_value": template.scope_value,
        "tier": template.scope_value if template.scope_kind == "tier" else None,
        "required_photos": [
            line["photos"] | {"line": line["code"], "required": line["required"]}
            for line in template.lines
            if line.get("photos")
        ],
    }
