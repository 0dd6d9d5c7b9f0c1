"""Routes for stores and the dealers they belong to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.network import codes, ownership, pipeline, stores
from backend.network.archive_models import PipelineMove
from backend.network.models import CodeAlias, Store, StoreDealer
from backend.network.positions import Datum, Position
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.fields import DatumQuerySchema
from schemas.stores import (
    AmendStoreSchema,
    FormerCodeSchema,
    NewStoreSchema,
    PipelineMoveSchema,
    PipelineSchema,
    StoreDealerSchema,
    StoreMoveSchema,
    StoreQuerySchema,
    StoreSchema,
)

blp = Blueprint("stores", __name__, description="Points of sale")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/stores")
class Stores(MethodView):
    """The collection."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.arguments(StoreQuerySchema, location="query")
    @blp.response(200, StoreSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Store]:
        """List stores by code; a rep's are those assigned

        `code` finds a store by its present code or by one it used to have.
        """
        return stores.list_stores(actor, day=clock.business_date(clock.now()), **filters)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(NewStoreSchema)
    @blp.response(201, StoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Add a store

        Its code has all four levels (`43-01-001-0001`). It is its dealer's since it opened.
        Without a tier, the tier follows from the division code. Points outside 3-54 N,
        73-136 E are refused.
        """
        at = clock.now()
        store = stores.create(actor, **_placed(body), at=at)
        return _answer(actor, store.id, at, 201)


@blp.route("/stores/<int:store_id>")
class StoreById(MethodView):
    """One store."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.arguments(DatumQuerySchema, location="query")
    @blp.response(200, StoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, wanted: dict[str, Any], store_id: int) -> Answer:
        """Get a store"""
        return _answer(actor, store_id, clock.now(), 200, wanted["crs"])

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(AmendStoreSchema)
    @blp.response(200, StoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], store_id: int) -> Answer:
        """Amend a store

        A tier overrides the derived one, and null returns to it. A closed store without a
        closing day closed today.
        """
        at = clock.now()
        stores.amend(actor, store_id, version=expected_version(), at=at, **_placed(body))
        return _answer(actor, store_id, at, 200)


@blp.route("/stores/<int:store_id>/pipeline")
class StorePipeline(MethodView):
    """How far a store was won."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, PipelineMoveSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, store_id: int) -> ModelSelect[PipelineMove]:
        """List the moves of a store from prospect to closed, first to last"""
        return pipeline.moves(stores.get(actor, store_id))

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(PipelineSchema)
    @blp.response(200, StoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], store_id: int) -> Answer:
        """Move a store along its pipeline

        Forward by any number of steps; back only from at_risk to active, and out of closed.
        """
        at = clock.now()
        stores.amend(actor, store_id, version=expected_version(), at=at, **body)
        return _answer(actor, store_id, at, 200)


@blp.route("/stores/<int:store_id>/former-codes")
class StoreFormerCodes(MethodView):
    """What the store was called."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, FormerCodeSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, store_id: int) -> ModelSelect[CodeAlias]:
        """List the former codes that still lead to a store"""
        return codes.former(stores.get(actor, store_id))


@blp.route("/stores/<int:store_id>/dealers")
class StoreDealers(MethodView):
    """Whose the store was."""

    @blp.guarded(Permission.NETWORK_READ)
    @blp.response(200, StoreDealerSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, store_id: int) -> ModelSelect[StoreDealer]:
        """List the dealers of a store, first to last"""
        return ownership.history(actor, store_id)


@blp.route("/stores/<int:store_id>/dealers/<day:from_on>")
class StoreDealerFrom(MethodView):
    """Whose the store is from a day on."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(StoreMoveSchema)
    @blp.response(201, StoreDealerSchema)
    @blp.alt_response(200, schema=StoreDealerSchema, description="Already so", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, body: dict[str, Any], store_id: int, from_on: date
    ) -> tuple[StoreDealer, int]:
        """Give a store to a dealer from a day on

        What is past stays: the day must follow the last change. Saying the same again is safe
        and answers 200. With a code the store gets it, and the former one still resolves.
        """
        link, is_new = ownership.assign(actor, store_id, from_on, **body, at=clock.now())
        return link, 201 if is_new else 200


def _placed(body: dict[str, Any]) -> dict[str, Any]:
    if (sent := body.get("position")) is None:
        return body
    return body | {"position": Position(sent["lat"], sent["lon"], Datum(sent["crs"]))}


def _answer(
    actor: Actor, store_id: int, at: datetime, status: int, crs: str = Datum.WGS84
) -> Answer:
    store = stores.show(actor, store_id, day=clock.business_date(at), crs=crs)
    return store, status, etag(store["version"])
