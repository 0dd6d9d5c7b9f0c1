"""Routes for complaints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import Model, ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import complaint_table, complaints
from backend.fieldwork.case_models import Complaint, ComplaintEntry
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.complaints import (
    ComplaintCellSchema,
    ComplaintEntrySchema,
    ComplaintPauseSchema,
    ComplaintQuerySchema,
    ComplaintSchema,
    ComplaintStepSchema,
    ComplaintTableQuerySchema,
    NewComplaintSchema,
)

blp = Blueprint("complaints", __name__, description="Complaints, handled step by step")
Answer = tuple[Complaint, int, dict[str, str]]


class ComplaintPage(QueryPage):
    """A page of complaints with what they waited."""

    @property
    def items(self) -> list[Model]:
        """Fetch the page asked for, and reckon up to now."""
        found = super().items
        return complaints.with_waited(found, at=clock.now())  # type: ignore[arg-type,return-value]


@blp.route("/complaints")
class Complaints(MethodView):
    """The collection."""

    @blp.guarded(Permission.COMPLAINT_READ)
    @blp.arguments(ComplaintQuerySchema, location="query")
    @blp.response(200, ComplaintSchema(many=True))
    @blp.paginate(ComplaintPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Complaint]:
        """List complaints, the first due first"""
        return complaints.list_complaints(actor, at=clock.now(), **filters)


@blp.route("/complaints/table")
class ComplaintTable(MethodView):
    """The complaints of a window, counted."""

    @blp.guarded(Permission.COMPLAINT_READ)
    @blp.arguments(ComplaintTableQuerySchema, location="query")
    @blp.response(200, ComplaintCellSchema(many=True))
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, window: dict[str, Any]) -> list[complaint_table.Cell]:
        """Count complaints by category and department, the most frequent first"""
        Window(window["from_on"], window["to_on"])
        return complaint_table.table(actor, **window)


@blp.route("/complaints/<uuid:complaint_id>")
class ComplaintById(MethodView):
    """One complaint."""

    @blp.guarded(Permission.COMPLAINT_READ)
    @blp.response(200, ComplaintSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, complaint_id: UUID) -> Answer:
        """Get a complaint"""
        return _answer(complaints.get(actor, complaint_id, at=clock.now()))

    @blp.guarded(Permission.COMPLAINT_WRITE)
    @blp.arguments(NewComplaintSchema)
    @blp.response(201, ComplaintSchema)
    @blp.alt_response(200, schema=ComplaintSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], complaint_id: UUID) -> Answer:
        """Record a complaint

        The id is the client's. Sending the same again is safe and answers 200.
        """
        complaint, is_new = complaints.record(
            actor,
            complaint_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return _answer(complaint, 201 if is_new else 200)


@blp.route("/complaints/<uuid:complaint_id>/steps")
class ComplaintSteps(MethodView):
    """How a complaint was handled."""

    @blp.guarded(Permission.COMPLAINT_READ)
    @blp.response(200, ComplaintEntrySchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, complaint_id: UUID) -> ModelSelect[ComplaintEntry]:
        """List the steps that were taken and the pauses between them, first to last"""
        return complaints.entries(actor, complaint_id, at=clock.now())


@blp.route("/complaints/<uuid:complaint_id>/steps/<step>")
class ComplaintStepByName(MethodView):
    """One step of handling a complaint."""

    @blp.guarded(Permission.COMPLAINT_HANDLE)
    @blp.versioned
    @blp.arguments(ComplaintStepSchema)
    @blp.response(200, ComplaintSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], complaint_id: UUID, step: str) -> Answer:
        """Take the next step of a complaint

        Feelings first, then the matter: acknowledged, restated, expectation_recorded,
        action_agreed, committed, closed. Sending the same again is safe. A complaint that
        waited for the customer goes on.
        """
        complaint = complaints.take_step(
            actor,
            complaint_id,
            step,
            **body,
            version=expected_version(),
            at=clock.now(),
        )
        return _answer(complaint)


@blp.route("/complaints/<uuid:complaint_id>/waiting")
class ComplaintWaiting(MethodView):
    """The beginning of a pause."""

    @blp.guarded(Permission.COMPLAINT_HANDLE)
    @blp.versioned
    @blp.arguments(ComplaintPauseSchema)
    @blp.response(200, ComplaintSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], complaint_id: UUID) -> Answer:
        """Say that a complaint waits for the customer

        Its hours stand still until it goes on, by `/resumption` or by its next step.
        """
        return _paused(complaints.wait, actor, complaint_id, body)


@blp.route("/complaints/<uuid:complaint_id>/resumption")
class ComplaintResumption(MethodView):
    """The end of a pause."""

    @blp.guarded(Permission.COMPLAINT_HANDLE)
    @blp.versioned
    @blp.arguments(ComplaintPauseSchema)
    @blp.response(200, ComplaintSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], complaint_id: UUID) -> Answer:
        """Say that a complaint no longer waits for the customer

        It is due later by what it waited.
        """
        return _paused(complaints.resume, actor, complaint_id, body)


def _paused(
    pause: Callable[..., Complaint], actor: Actor, complaint_id: UUID, body: dict[str, Any]
) -> Answer:
    return _answer(pause(actor, complaint_id, **body, version=expected_version(), at=clock.now()))


def _answer(complaint: Complaint, status: int = 200) -> Answer:
    return complaint, status, etag(complaint.version)
