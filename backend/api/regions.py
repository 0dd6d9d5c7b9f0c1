"""Routes for the regions of the sales organisation."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.network import regions
from backend.network.models import Region
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.regions import NewRegionSchema, RegionSchema

blp = Blueprint("regions", __name__, description="The tree that decides who sees what")


@blp.route("/regions")
class Regions(MethodView):
    """The collection."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, RegionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[Region]:
        """List one's region and those below it

        The tree is flat: `path` is the ids from the root, and each parent comes before its
        children.
        """
        return regions.list_regions(actor)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(NewRegionSchema)
    @blp.response(201, RegionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Region:
        """Add a region below another"""
        return regions.create(actor, **body, at=clock.now())
