"""Routes for the fields a brand adds to the archive."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.network import custom_fields
from backend.network.archive_models import CustomField
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.custom_fields import (
    AmendCustomFieldSchema,
    CustomFieldQuerySchema,
    CustomFieldSchema,
    NewCustomFieldSchema,
)

blp = Blueprint("custom fields", __name__, description="What a brand asks besides")
Answer = tuple[CustomField, int, dict[str, str]]


@blp.route("/custom-fields")
class CustomFields(MethodView):
    """The collection."""

    @blp.guarded(Permission.ARCHIVE_READ)
    @blp.arguments(CustomFieldQuerySchema, location="query")
    @blp.response(200, CustomFieldSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[CustomField]:
        """List custom fields of dealers and stores"""
        return custom_fields.list_fields(**filters)

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(NewCustomFieldSchema)
    @blp.response(201, CustomFieldSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Answer:
        """Define a custom field"""
        field = custom_fields.define(actor, **body, at=clock.now())
        return field, 201, etag(field.version)


@blp.route("/custom-fields/<int:field_id>")
class CustomFieldById(MethodView):
    """One field."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(AmendCustomFieldSchema)
    @blp.response(200, CustomFieldSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def patch(self, actor: Actor, body: dict[str, Any], field_id: int) -> Answer:
        """Amend or retire a custom field

        Code, subject and kind stay what they are. Values that were entered are kept.
        """
        field = custom_fields.amend(
            actor, field_id, version=expected_version(), at=clock.now(), **body
        )
        return field, 200, etag(field.version)
