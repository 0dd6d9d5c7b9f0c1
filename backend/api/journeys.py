"""Routes for cycles, weeks, visit rules, substitutions, suggested ways and unplanned visits."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import journeys, routes, substitutions, unplanned, visit_rules
from backend.fieldwork.journeys import Generation, Week
from backend.fieldwork.models import Visit
from backend.fieldwork.routes import Route
from backend.network.models import Substitution
from backend.network.positions import Datum, Position
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.journeys import (
    EditVisitRuleSchema,
    EndSubstitutionSchema,
    ExplainSchema,
    GenerateSchema,
    GenerationSchema,
    NewSubstitutionSchema,
    RouteQuerySchema,
    RouteSchema,
    SubstitutionQuerySchema,
    SubstitutionSchema,
    UnplannedQuerySchema,
    UnplannedVisitSchema,
    VisitRuleSchema,
    WeekQuerySchema,
    WeekSchema,
)

blp = Blueprint("journeys", __name__, description="A rep's visits of a cycle, a week and a day")


@blp.route("/journeys")
class Journeys(MethodView):
    """The plans of cycles."""

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.arguments(GenerateSchema)
    @blp.response(200, GenerationSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def post(self, actor: Actor, body: dict[str, Any]) -> Generation:
        """Plan a rep's cycle from frequencies, rules, calendar and capacity

        Only the days after today. What was planned by hand, moved, cancelled or made stays;
        what was generated before and is still untouched is replaced where the plan changed.
        """
        return journeys.generate(actor, **body, at=clock.now())


@blp.route("/journeys/week")
class JourneyWeek(MethodView):
    """A week of a person."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(WeekQuerySchema, location="query")
    @blp.response(200, WeekSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
        """Get a person's week: seven days with their visits, and how full they are"""
        return _week(journeys.week(actor, **asked))


@blp.route("/stores/<int:store_id>/visit-rule")
class StoreVisitRule(MethodView):
    """When a store may be visited."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.response(200, VisitRuleSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, store_id: int) -> Any:
        """Get when a store may be visited"""
        rule = visit_rules.get(actor, store_id)
        return rule, 200, etag(rule.version)

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.versioned
    @blp.arguments(EditVisitRuleSchema)
    @blp.response(200, VisitRuleSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def put(self, actor: Actor, body: dict[str, Any], store_id: int) -> Any:
        """Set when a store may be visited

        What is planned stays; the next generation follows the rule.
        """
        rule = visit_rules.edit(actor, store_id, **body, version=expected_version(), at=clock.now())
        return rule, 200, etag(rule.version)


@blp.route("/substitutions")
class Substitutions(MethodView):
    """The collection."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(SubstitutionQuerySchema, location="query")
    @blp.response(200, SubstitutionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Substitution]:
        """List who stands in for whom, newest first"""
        return substitutions.list_substitutions(actor, **filters)


@blp.route("/substitutions/<uuid:substitution_id>")
class SubstitutionById(MethodView):
    """Somebody going to another's stores."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.response(200, SubstitutionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, substitution_id: UUID) -> Any:
        """Get a substitution"""
        found = substitutions.get(actor, substitution_id)
        return found, 200, etag(found.version)

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.arguments(NewSubstitutionSchema)
    @blp.response(201, SubstitutionSchema)
    @blp.alt_response(200, schema=SubstitutionSchema, description="Known already", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], substitution_id: UUID) -> Any:
        """Let somebody stand in for another

        The open visits of these days go to the substitute, who sees the stores meanwhile. The
        id is the client's; sending the same again is safe and answers 200.
        """
        made, is_new = substitutions.put(
            actor, substitution_id, **body, content_sha256=fingerprint(body), at=clock.now()
        )
        return made, 201 if is_new else 200, etag(made.version)


@blp.route("/substitutions/<uuid:substitution_id>/end")
class SubstitutionEnd(MethodView):
    """An earlier return."""

    @blp.guarded(Permission.PLAN_WRITE)
    @blp.versioned
    @blp.arguments(EndSubstitutionSchema)
    @blp.response(200, SubstitutionSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def post(self, actor: Actor, body: dict[str, Any], substitution_id: UUID) -> Any:
        """End a substitution earlier

        Open visits from that day on return to whom they were asked of first.
        """
        ended = substitutions.end(
            actor, substitution_id, **body, version=expected_version(), at=clock.now()
        )
        return ended, 200, etag(ended.version)


@blp.route("/routes")
class Routes(MethodView):
    """A day's way."""

    @blp.guarded(Permission.PLAN_READ)
    @blp.arguments(RouteQuerySchema, location="query")
    @blp.response(200, RouteSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
        """Suggest the order of a person's planned visits of a day

        From a start or from the store that makes the way shortest, with estimated arrivals. For
        at most 30 stores; those whose place nobody knows are listed apart.
        """
        start = None
        if "lat" in asked:
            start = Position(asked["lat"], asked["lon"], Datum(asked["crs"]))
        starts: time = asked.get("starts", routes.STARTS)
        route = routes.suggest(
            actor, person_id=asked["person_id"], on=asked["on"], start=start, starts=starts
        )
        return _route(route)


@blp.route("/unplanned-visits")
class UnplannedVisits(MethodView):
    """Visits nobody had asked for."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.arguments(UnplannedQuerySchema, location="query")
    @blp.response(200, UnplannedVisitSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Visit]:
        """List visits that nobody had planned, newest first"""
        return unplanned.list_visits(actor, **filters)


@blp.route("/visits/<uuid:visit_id>/unplanned-reason")
class UnplannedReasonOfVisit(MethodView):
    """Why a visit was not planned."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(ExplainSchema)
    @blp.response(201, UnplannedVisitSchema)
    @blp.alt_response(200, schema=UnplannedVisitSchema, description="Known already", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], visit_id: UUID) -> tuple[dict[str, Any], int]:
        """Say afterwards why one's visit was not planned

        Sending the same again is safe and answers 200.
        """
        visit, is_new = unplanned.explain(
            actor, visit_id, **body, content_sha256=fingerprint(body), at=clock.now()
        )
        return visit, 201 if is_new else 200


def _week(week: Week) -> dict[str, Any]:
    days = []
    for each in week.days:
        names = ("day", "kind", "name", "source", "confirmed", "is_working", "share")
        plans = [
            stop.entry.__data__
            | {
                "person_id": stop.entry.person_id,
                "store_id": stop.store.id,
                "stands_in_for_id": stop.entry.stands_in_for_id,
                "store_code": stop.store.code,
                "store_name": stop.store.name,
                "tier": stop.store.tier,
                "grade": stop.store.grade,
            }
            for stop in each.stops
        ]
        shown = {name: getattr(each.day, name) for name in names}
        days.append(shown | {"fullness": each.fullness, "plans": plans})
    return {
        "person_id": week.person_id,
        "from_on": week.from_on,
        "number": week.number,
        "days": days,
    }


def _route(route: Route) -> dict[str, Any]:
    legs = [
        {
            "number": leg.number,
            "store_id": leg.store.id,
            "store_code": leg.store.code,
            "store_name": leg.store.name,
            "plan_id": leg.entry.id,
            "distance_m": round(leg.distance_m, 1),
            "travel_min": round(leg.travel_min, 1),
            "arrives_at": leg.arrives_at,
            "stay_min": leg.stay_min,
        }
        for leg in route.legs
    ]
    return {
        "person_id": route.person_id,
        "on": route.on,
        "starts_at": route.starts_at,
        "ends_at": route.ends_at,
        "distance_m": round(route.distance_m, 1),
        "planned_m": round(route.planned_m, 1),
        "travel_min": round(route.travel_min, 1),
        "stay_min": route.stay_min,
        "legs": legs,
        "unlocated": route.unlocated,
    }
