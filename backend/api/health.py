"""The route that load balancers and people ask whether the server works."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.platform import health
from schemas.health import HealthSchema

blp = Blueprint("health", __name__, description="Whether the server works")


@blp.route("/health")
class Health(MethodView):
    """The server's own state, open to all."""

    @blp.response(200, HealthSchema)
    @blp.alt_response(503, "SERVICE_UNAVAILABLE")
    def get(self) -> dict[str, Any]:
        """Say whether visits and photos can be taken now"""
        return health.check()
