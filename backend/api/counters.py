"""Routes for surveys of counters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import counters
from backend.standards.mix_models import CounterSurvey
from schemas.counters import CounterQuerySchema, CounterSurveySchema, NewCounterSurveySchema

blp = Blueprint("counters", __name__, description="Where and how large the brand's counters are")


@blp.route("/counter-surveys")
class CounterSurveys(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(CounterQuerySchema, location="query")
    @blp.response(200, CounterSurveySchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[CounterSurvey]:
        """List surveys of counters, the latest first"""
        return counters.list_surveys(actor, **filters)


@blp.route("/counter-surveys/<uuid:survey_id>")
class CounterSurveyById(MethodView):
    """One survey."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, CounterSurveySchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, survey_id: UUID) -> CounterSurvey:
        """Get a survey"""
        return counters.get(actor, survey_id)

    @blp.guarded(Permission.COUNTER_WRITE)
    @blp.arguments(NewCounterSurveySchema)
    @blp.response(201, CounterSurveySchema)
    @blp.alt_response(200, schema=CounterSurveySchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], survey_id: UUID) -> tuple[CounterSurvey, int]:
        """Hand in a survey of a store's counter

        Position and area are settled together with what is listed. The latest survey by a day
        decides which rules about sections and fighter models hold for the store on that day.
        """
        survey, is_new = counters.record(
            actor,
            survey_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return survey, 201 if is_new else 200
