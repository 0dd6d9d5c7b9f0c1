"""Routes for dealers."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.network import codes, dealers
from backend.network.models import CodeAlias, Dealer
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.dealers import AmendDealerSchema, DealerQuerySchema, DealerSchema, NewDealerSchema
from schemas.stores import FormerCodeSchema

blp = Blueprint("dealers", __name__, description="Who sells to the stores")


@blp.route("/dealers")
class Dealers(MethodView):
    """The collection."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.arguments(DealerQuerySchema, location="query")
    @blp.response(200, DealerSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Dealer]:
        """List dealers by code

        `code` finds a dealer by its present code or by one it used to have.
        """
        return dealers.list_dealers(actor, **filters)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(NewDealerSchema)
    @blp.response(201, DealerSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> tuple[Dealer, int, dict[str, str]]:
        """Add a dealer

        Its code has one to three levels (`43`, `43-01`, `43-01-001`); a code that was ever
        issued is refused.
        """
        dealer = dealers.create(actor, **body, at=clock.now())
        return dealer, 201, etag(dealer.version)


@blp.route("/dealers/<int:dealer_id>")
class DealerById(MethodView):
    """One dealer."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, DealerSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, dealer_id: int) -> tuple[Dealer, int, dict[str, str]]:
        """Get a dealer"""
        dealer = dealers.get(actor, dealer_id)
        return dealer, 200, etag(dealer.version)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(AmendDealerSchema)
    @blp.response(200, DealerSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(
        self, actor: Actor, body: dict[str, Any], dealer_id: int
    ) -> tuple[Dealer, int, dict[str, str]]:
        """Amend a dealer"""
        dealer = dealers.amend(actor, dealer_id, version=expected_version(), at=clock.now(), **body)
        return dealer, 200, etag(dealer.version)


@blp.route("/dealers/<int:dealer_id>/former-codes")
class DealerFormerCodes(MethodView):
    """What the dealer was called."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, FormerCodeSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, dealer_id: int) -> ModelSelect[CodeAlias]:
        """List the former codes that still lead to a dealer"""
        return codes.former(dealers.get(actor, dealer_id))
