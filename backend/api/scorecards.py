"""Routes for the scorecards of dealers."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.api.windows import window_of
from backend.insight import (
    scorecard_contests,
    scorecard_documents,
    scorecard_versions,
    scorecards,
)
from backend.insight.scorecard_models import Scorecard
from backend.insight.windows import Against
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.scorecards import (
    FrozenQuerySchema,
    FrozenScorecardSchema,
    ScorecardQuerySchema,
    ScorecardRowSchema,
    ScorecardSchema,
    ScorecardsQuerySchema,
)

blp = Blueprint("scorecards", __name__, description="How dealers do, by pillar, and what moved it")


@blp.route("/dealers/<int:dealer_id>/scorecard")
class ScorecardOfDealer(MethodView):
    """A dealer's card of today."""

    @blp.guarded(Permission.SCORECARD_READ)
    @blp.arguments(ScorecardQuerySchema, location="query")
    @blp.response(200, ScorecardSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any], dealer_id: int) -> dict[str, Any]:
        """Score a dealer

        Five pillars, each from its KPIs, weighed by the tiers of the dealer's stores; what is
        critical caps. With the lines that cost points and what moved the score. A dealer's login
        gets its own card.
        """
        against, window = Against(query.pop("against")), window_of(query)
        card = scorecard_documents.get(
            actor, dealer_id, window=window, against=against, at=clock.now()
        )
        return _with_contests(card)


@blp.route("/dealers/<int:dealer_id>/scorecards")
class ScorecardsOfDealer(MethodView):
    """A dealer's frozen cards."""

    @blp.guarded(Permission.SCORECARD_READ)
    @blp.response(200, ScorecardRowSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, dealer_id: int) -> ModelSelect[Scorecard]:
        """List every version of a dealer's monthly cards, the latest first"""
        scorecards.get_dealer(actor, dealer_id)
        return scorecard_versions.list_of_dealer(actor, dealer_id)


@blp.route("/dealers/<int:dealer_id>/scorecards/<day:month_on>")
class FrozenScorecard(MethodView):
    """A frozen card."""

    @blp.guarded(Permission.SCORECARD_READ)
    @blp.arguments(FrozenQuerySchema, location="query")
    @blp.response(200, FrozenScorecardSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(
        self, actor: Actor, query: dict[str, Any], dealer_id: int, month_on: date
    ) -> dict[str, Any]:
        """Get a dealer's card of a month as it was frozen

        The month is named by its first day. Cards are frozen three days after the month; later
        corrections and upheld contests make further versions.
        """
        card = scorecard_versions.get(actor, dealer_id, month_on, query["version"])
        return _with_contests(scorecard_documents.thawed(card.document)) | {
            "version": card.version,
            "is_latest": card.is_latest,
            "frozen_at": card.frozen_at,
        }


@blp.route("/scorecards")
class Scorecards(MethodView):
    """The table of a month."""

    @blp.guarded(Permission.INSIGHT_READ)
    @blp.arguments(ScorecardsQuerySchema, location="query")
    @blp.response(200, ScorecardRowSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Scorecard]:
        """List the frozen cards of a month, the lowest score first

        Dealers at whom nothing could be measured come before all others.
        """
        today = clock.business_date(clock.now())
        return scorecard_versions.list_latest(actor, today=today, **filters)


def _with_contests(card: dict[str, Any]) -> dict[str, Any]:
    contests = scorecard_contests.of_card(card["dealer_id"], card["from_on"], card["to_on"])
    left_out = card.pop("left_out")
    shown = [one.__data__ | {"left_out": left_out.get(str(one.id), 0)} for one in contests]
    return card | {"contests": shown}
