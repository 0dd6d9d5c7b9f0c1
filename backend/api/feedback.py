"""Routes for feedback cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import feedback
from backend.fieldwork.case_models import FeedbackCard
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.feedback import (
    FeedbackCardSchema,
    FeedbackQuerySchema,
    NewFeedbackCardSchema,
    SatisfactionQuerySchema,
    SatisfactionSchema,
)

blp = Blueprint("feedback", __name__, description="What partners think of finished jobs")


class CardPage(QueryPage):
    """A page of cards with their scores."""

    @property
    def items(self) -> list[Any]:
        """Fetch the page, and its scores in one more query."""
        return feedback.with_scores(super().items)  # type: ignore[arg-type]  # cards


@blp.route("/feedback-cards")
class FeedbackCards(MethodView):
    """The collection."""

    @blp.guarded(Permission.FEEDBACK_READ)
    @blp.arguments(FeedbackQuerySchema, location="query")
    @blp.response(200, FeedbackCardSchema(many=True))
    @blp.paginate(CardPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[FeedbackCard]:
        """List feedback cards, newest first"""
        return feedback.list_cards(actor, **filters)


@blp.route("/feedback-cards/<uuid:card_id>")
class FeedbackCardById(MethodView):
    """One card."""

    @blp.guarded(Permission.FEEDBACK_READ)
    @blp.response(200, FeedbackCardSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, card_id: UUID) -> FeedbackCard:
        """Get a feedback card"""
        return feedback.get(actor, card_id)

    @blp.guarded(Permission.FEEDBACK_WRITE)
    @blp.arguments(NewFeedbackCardSchema)
    @blp.response(201, FeedbackCardSchema)
    @blp.alt_response(200, schema=FeedbackCardSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], card_id: UUID) -> tuple[FeedbackCard, int]:
        """Record a feedback card about a finished job

        One card per resolved violation, closed complaint, or store and month of visits.
        """
        card, is_new = feedback.put(
            actor,
            card_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return card, 201 if is_new else 200


@blp.route("/feedback-cards/satisfaction")
class Satisfaction(MethodView):
    """How satisfied stores or dealers are."""

    @blp.guarded(Permission.FEEDBACK_READ)
    @blp.arguments(SatisfactionQuerySchema, location="query")
    @blp.response(200, SatisfactionSchema(many=True))
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, asked: dict[str, Any]) -> ModelSelect[FeedbackCard]:
        """List the satisfaction of stores or dealers over a window

        A store's is the mean of its cards, a dealer's the mean of its stores.
        """
        by = feedback.Grouping(asked.pop("by"))
        if "from_on" in asked and "to_on" in asked:
            Window(asked["from_on"], asked["to_on"])
        today = clock.business_date(clock.now())
        return feedback.satisfaction(actor, by=by, today=today, **asked)
