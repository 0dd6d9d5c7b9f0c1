"""Routes for the sales levels of regions."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, named_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import sales_levels
from backend.standards.mix_models import RegionSalesIndex
from schemas.sales_levels import RegionSalesIndexSchema, SalesIndexSchema

blp = Blueprint("sales-levels", __name__, description="How well regions sell")


@blp.route("/regions/<int:region_id>/sales-indexes")
class SalesIndexes(MethodView):
    """The indexes of a region."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, RegionSalesIndexSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, region_id: int) -> ModelSelect[RegionSalesIndex]:
        """List a region's sales indexes, the latest first"""
        return sales_levels.list_levels(actor, region_id)


@blp.route("/regions/<int:region_id>/sales-indexes/<day:from_on>")
class SalesIndexFrom(MethodView):
    """The index of a region since a day."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.replacing
    @blp.arguments(SalesIndexSchema)
    @blp.response(200, RegionSalesIndexSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def put(self, actor: Actor, body: dict[str, int], region_id: int, from_on: date) -> Any:
        """Say how well a region sells from a day on

        100 is the average of all regions. It holds for the regions below too, except for those
        with an index of their own, and what is below these. Another index for the same day
        replaces the version that If-Match names.
        """
        level = sales_levels.record(
            actor, region_id, from_on, **body, version=named_version(), at=clock.now()
        )
        return level, 200, etag(level.version)
