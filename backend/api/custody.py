"""Routes for the custody of photos."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.evidence import custody
from backend.platform.actors import Actor, Permission
from schemas.custody import CustodySchema

blp = Blueprint("custody", __name__, description="Who held and opened a photo")


@blp.route("/photos/<uuid:photo_id>/custody")
class Custody(MethodView):
    """The custody of one photo."""

    @blp.guarded(Permission.PHOTO_READ)
    @blp.response(200, CustodySchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, photo_id: UUID) -> dict[str, Any]:
        """Say who declared, sent, read, judged and opened a photo

        In the order of the ledger, each step with its number and hash; and whether the hash the
        phone declared, that of the bytes received, and that of the bytes stored now are the same.
        """
        return custody.chain(actor, photo_id)
