"""Routes for products."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import skus
from backend.standards.models import Sku
from schemas.skus import AmendSkuSchema, NewSkuSchema, SkuQuerySchema, SkuSchema

blp = Blueprint("skus", __name__, description="The models the brand sells")


@blp.route("/skus")
class Skus(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(SkuQuerySchema, location="query")
    @blp.response(200, SkuSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[Sku]:
        """List products by code"""
        return skus.list_skus(**filters)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewSkuSchema)
    @blp.response(201, SkuSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Sku:
        """Add a product"""
        return skus.create(actor, **body, at=clock.now())


@blp.route("/skus/<int:sku_id>")
class SkuById(MethodView):
    """One product."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, SkuSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, sku_id: int) -> tuple[Sku, int, dict[str, str]]:
        """Get a product"""
        sku = skus.get(sku_id)
        return sku, 200, etag(sku.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(AmendSkuSchema)
    @blp.response(200, SkuSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def patch(
        self, actor: Actor, body: dict[str, Any], sku_id: int
    ) -> tuple[Sku, int, dict[str, str]]:
        """Amend a product"""
        sku = skus.amend(actor, sku_id, version=expected_version(), at=clock.now(), **body)
        return sku, 200, etag(sku.version)
