"""Routes for handsets: sightings, and those out of their dealer's area."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import imei
from backend.fieldwork.arrivals import Result
from backend.fieldwork.trade_models import CrossAreaSale, ImeiSighting
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.sales import (
    CrossAreaSaleQuerySchema,
    CrossAreaSaleSchema,
    ImeiSightingQuerySchema,
    ImeiSightingSchema,
    NewImeiSightingSchema,
)

blp = Blueprint("handsets", __name__, description="Single handsets and where they were seen")


@blp.route("/imei-sightings")
class ImeiSightings(MethodView):
    """The collection."""

    @blp.guarded(Permission.HANDSET_READ)
    @blp.arguments(ImeiSightingQuerySchema, location="query")
    @blp.response(200, ImeiSightingSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ImeiSighting]:
        """List the handsets that were seen in stores, newest first"""
        return imei.list_sightings(actor, **filters)


@blp.route("/imei-sightings/<uuid:sighting_id>")
class ImeiSightingById(MethodView):
    """One sighting."""

    @blp.guarded(Permission.HANDSET_WRITE)
    @blp.arguments(NewImeiSightingSchema)
    @blp.response(201, ImeiSightingSchema)
    @blp.alt_response(200, schema=ImeiSightingSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(
        self, actor: Actor, body: dict[str, Any], sighting_id: UUID
    ) -> tuple[ImeiSighting, int]:
        """Tell that a handset was seen in a store

        The id is the phone's. A handset that had been sold in to another dealer opens a
        violation, or joins the one that its former sightings opened.
        """
        sighting, result = imei.sight(
            actor,
            sighting_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return sighting, 201 if result is Result.CREATED else 200


@blp.route("/cross-area-sales")
class CrossAreaSales(MethodView):
    """Handsets out of their area."""

    @blp.guarded(Permission.HANDSET_READ)
    @blp.arguments(CrossAreaSaleQuerySchema, location="query")
    @blp.response(200, CrossAreaSaleSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[CrossAreaSale]:
        """List handsets seen at another dealer than they were sold in to, with both facts"""
        return imei.list_crossings(actor, **filters)
