"""The route for capture tokens fetched ahead."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.evidence import capture_tokens
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.capture_tokens import CaptureTokensRequestSchema, CaptureTokensSchema

blp = Blueprint("capture_tokens", __name__, description="Proof that photos are fresh")


@blp.route("/capture-tokens")
class CaptureTokens(MethodView):
    """Tokens for visits to come."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(CaptureTokensRequestSchema)
    @blp.response(200, CaptureTokensSchema)
    def post(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """Fetch capture tokens ahead, for visits without a network

        Each serves the photos of one visit, of the caller and on this device. The answer to a
        check-in brings a better one.
        """
        tokens, expires_at = capture_tokens.ahead(actor, body["count"], at=clock.now())
        return {"tokens": tokens, "expires_at": expires_at}
