"""Routes for what dealers say against their scorecards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version, fingerprint
from backend.insight import scorecard_contests
from backend.insight.scorecard_models import ScorecardContest
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.scorecard_contests import (
    ContestQuerySchema,
    ContestSchema,
    DecideContestSchema,
    MakeContestSchema,
)

blp = Blueprint("scorecard_contests", __name__, description="The dealers' right of reply")


@blp.route("/scorecard-contests")
class ScorecardContests(MethodView):
    """The collection."""

    @blp.guarded(Permission.SCORECARD_READ)
    @blp.arguments(ContestQuerySchema, location="query")
    @blp.response(200, ContestSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ScorecardContest]:
        """List contests of scorecards, oldest first; a dealer's login sees its own"""
        if filters.pop("overdue"):
            filters["overdue_on"] = clock.business_date(clock.now())
        return scorecard_contests.list_contests(actor, **filters)


@blp.route("/scorecard-contests/<uuid:contest_id>")
class ScorecardContestById(MethodView):
    """One contest."""

    @blp.guarded(Permission.SCORECARD_READ)
    @blp.response(200, ContestSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, contest_id: UUID) -> Any:
        """Get a contest with its decision"""
        contest = scorecard_contests.get(actor, contest_id)
        return contest, 200, etag(contest.version)

    @blp.guarded(Permission.SCORECARD_CONTEST)
    @blp.arguments(MakeContestSchema)
    @blp.response(201, ContestSchema)
    @blp.alt_response(200, schema=ContestSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], contest_id: UUID) -> Any:
        """Contest a line of a scorecard

        By the dealer's login, or a manager for the dealer; in one store, or in all. The line is
        one that the card of these days has. A line of a card is contested once.
        """
        window = Window(body.pop("from_on"), body.pop("to_on"))
        contest, is_new = scorecard_contests.put(
            actor,
            contest_id,
            **body,
            window=window,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return contest, 201 if is_new else 200, etag(contest.version)


@blp.route("/scorecard-contests/<uuid:contest_id>/decision")
class ScorecardContestDecision(MethodView):
    """What is decided."""

    @blp.guarded(Permission.SCORECARD_DECIDE)
    @blp.versioned
    @blp.arguments(DecideContestSchema)
    @blp.response(200, ContestSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], contest_id: UUID) -> Any:
        """Decide a contest, for good

        Upheld, what the line counts on the days of the contested card is left out of every card
        worked out from now on, and a frozen card that it changes gets a new version. Nobody
        decides what they recorded themselves.
        """
        contest = scorecard_contests.decide(
            actor, contest_id, **body, version=expected_version(), at=clock.now()
        )
        return contest, 200, etag(contest.version)
