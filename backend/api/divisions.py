"""The route to the administrative divisions of China."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.network import divisions
from backend.network.divisions import Level
from backend.platform.actors import Actor, Permission
from schemas.divisions import DivisionQuerySchema, DivisionSchema

blp = Blueprint("divisions", __name__, description="Provinces, prefectures, counties, townships")


@blp.route("/divisions")
class Divisions(MethodView):
    """The divisions below one division."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.arguments(DivisionQuerySchema, location="query")
    @blp.response(200, DivisionSchema(many=True))
    def get(self, _actor: Actor, filters: dict[str, Any]) -> list[dict[str, Any]]:
        """List the divisions directly below one, or the provinces

        A township also tells the tier that its code suggests for the stores in it.
        """
        return [
            {
                "code": division.code,
                "name": division.name,
                "level": division.level,
                "full_name": divisions.full_name(division.code),
                "tier": divisions.derive_tier(division.code)
                if division.level is Level.TOWNSHIP
                else None,
            }
            for division in divisions.children(filters.get("parent") or None)
        ]
