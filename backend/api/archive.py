"""Routes for the archive of dealers and stores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import customer_notes, deals
from backend.network import archive, archive_scores, competitors
from backend.network.archive_models import CompetitorNote
from backend.network.positions import Datum, Position
from backend.network.words import Subject
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.archive import (
    AmendDealerArchiveSchema,
    AmendStoreArchiveSchema,
    CompetitorNoteSchema,
    CompetitorQuerySchema,
    DealerArchiveSchema,
    IncompleteQuerySchema,
    IncompleteSchema,
    NewCompetitorNoteSchema,
    StoreArchiveSchema,
)
from schemas.fields import DatumQuerySchema

blp = Blueprint("archive", __name__, description="What is known about dealers and stores")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/stores/<int:store_id>/archive")
class StoreArchive(MethodView):
    """The archive of a store."""

    @blp.guarded(Permission.ARCHIVE_READ)
    @blp.response(200, StoreArchiveSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, store_id: int) -> Answer:
        """Get the archive of a store"""
        return _answer(actor, Subject.STORE, store_id)

    @blp.guarded(Permission.ARCHIVE_WRITE)
    @blp.versioned
    @blp.arguments(AmendStoreArchiveSchema)
    @blp.response(200, StoreArchiveSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def patch(self, actor: Actor, body: dict[str, Any], store_id: int) -> Answer:
        """Amend the archive of a store

        What is derived is never accepted. The first to enter anything sends `If-Match: "0"`.
        """
        return _amend(actor, Subject.STORE, store_id, body)


@blp.route("/dealers/<int:dealer_id>/archive")
class DealerArchive(MethodView):
    """The archive of a dealer."""

    @blp.guarded(Permission.ARCHIVE_READ)
    @blp.arguments(DatumQuerySchema, location="query")
    @blp.response(200, DealerArchiveSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, wanted: dict[str, Any], dealer_id: int) -> Answer:
        """Get the archive of a dealer"""
        return _answer(actor, Subject.DEALER, dealer_id, wanted["crs"])

    @blp.guarded(Permission.ARCHIVE_WRITE)
    @blp.versioned
    @blp.arguments(AmendDealerArchiveSchema)
    @blp.response(200, DealerArchiveSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def patch(self, actor: Actor, body: dict[str, Any], dealer_id: int) -> Answer:
        """Amend the archive of a dealer

        What is derived is never accepted; grades are given by who may write the network. The first
        to enter anything sends `If-Match: "0"`.
        """
        if (sent := body.get("position")) is not None:
            body["position"] = Position(sent["lat"], sent["lon"], Datum(sent["crs"]))
        return _amend(actor, Subject.DEALER, dealer_id, body)


@blp.route("/archive/incomplete")
class IncompleteArchives(MethodView):
    """Whose archive is to be filled."""

    @blp.guarded(Permission.ARCHIVE_READ)
    @blp.arguments(IncompleteQuerySchema, location="query")
    @blp.response(200, IncompleteSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Any]:
        """List archives that lack something, worst first; a rep's are of the own stores"""
        subject = Subject(filters.pop("subject"))
        return archive_scores.incomplete(actor, subject=subject, **filters)


@blp.route("/competitor-notes")
class CompetitorNotes(MethodView):
    """The collection."""

    @blp.guarded(Permission.ARCHIVE_READ)
    @blp.arguments(CompetitorQuerySchema, location="query")
    @blp.response(200, CompetitorNoteSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[CompetitorNote]:
        """List competing brands as they were found, newest first"""
        return competitors.list_notes(actor, **filters)


@blp.route("/competitor-notes/<uuid:note_id>")
class CompetitorNoteById(MethodView):
    """One note."""

    @blp.guarded(Permission.ARCHIVE_WRITE)
    @blp.arguments(NewCompetitorNoteSchema)
    @blp.response(201, CompetitorNoteSchema)
    @blp.alt_response(200, schema=CompetitorNoteSchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], note_id: UUID) -> tuple[CompetitorNote, int]:
        """Note a competing brand at a dealer or store

        The id is the client's. Sending the same again is safe and answers 200.
        """
        sha256 = fingerprint(request.get_json())
        note, is_new = customer_notes.note_competitor(
            actor, note_id, **body, content_sha256=sha256, at=clock.now()
        )
        return note, 201 if is_new else 200


def _amend(actor: Actor, subject: Subject, customer_id: int, body: dict[str, Any]) -> Answer:
    archive.amend(actor, subject, customer_id, version=expected_version(), at=clock.now(), **body)
    return _answer(actor, subject, customer_id)


def _answer(actor: Actor, subject: Subject, customer_id: int, crs: str = Datum.WGS84) -> Answer:
    day = clock.business_date(clock.now())
    shown = deals.archive_of(actor, subject, customer_id, day=day, crs=crs)
    return shown, 200, etag(shown["version"])
