"""Routes for fixtures: the register, their life, and inspections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
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
from backend.fieldwork import fixture_inspections, fixture_loans, fixtures
from backend.fieldwork.arrivals import Result
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.fixtures import Happening, Party
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.fixtures import (
    AmendFixtureSchema,
    AskBackSchema,
    FixtureEventSchema,
    FixtureQuerySchema,
    FixtureSchema,
    HandOverSchema,
    InspectionQuerySchema,
    InspectionSchema,
    MoveSchema,
    NewFixtureSchema,
    NewInspectionSchema,
    RecallQuerySchema,
    RecallSchema,
    ReturnSchema,
    WriteOffSchema,
)

blp = Blueprint("fixtures", __name__, description="Counters and signs that are lent to dealers")
HAPPENING = [field.name for field in fields(Happening)]


@blp.route("/fixtures")
class Fixtures(MethodView):
    """The register."""

    @blp.guarded(Permission.FIXTURE_READ)
    @blp.arguments(FixtureQuerySchema, location="query")
    @blp.response(200, FixtureSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Fixture]:
        """List fixtures by code; a rep's are those in one's own stores"""
        return fixtures.list_fixtures(actor, **filters)

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.arguments(NewFixtureSchema)
    @blp.response(201, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Any:
        """Enter a fixture that nobody has yet"""
        fixture = fixtures.register(actor, **body, at=clock.now())
        return fixture, 201, etag(fixture.version)


@blp.route("/fixtures/recalls")
class Recalls(MethodView):
    """What is to come back."""

    @blp.guarded(Permission.FIXTURE_READ)
    @blp.arguments(RecallQuerySchema, location="query")
    @blp.response(200, RecallSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Fixture]:
        """List fixtures that are to come back, the longest due first

        Those that were recalled, those past their day, and those whose dealer has no agreement
        in force on the day.
        """
        day = filters.pop("day", None) or clock.business_date(clock.now())
        return fixtures.list_recalls(actor, day=day, **filters)


@blp.route("/fixtures/<int:fixture_id>")
class FixtureById(MethodView):
    """One fixture."""

    @blp.guarded(Permission.FIXTURE_READ)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, fixture_id: int) -> Any:
        """Get a fixture"""
        fixture = fixtures.get(actor, fixture_id)
        return fixture, 200, etag(fixture.version)

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(AmendFixtureSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def patch(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """Correct what a fixture is"""
        fixture = fixtures.amend(
            actor, fixture_id, **body, version=expected_version(), at=clock.now()
        )
        return fixture, 200, etag(fixture.version)


@blp.route("/fixtures/<int:fixture_id>/events")
class FixtureEvents(MethodView):
    """The life of a fixture."""

    @blp.guarded(Permission.FIXTURE_READ)
    @blp.response(200, FixtureEventSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, fixture_id: int) -> ModelSelect[FixtureEvent]:
        """List what happened to a fixture, first to last"""
        return fixtures.history(actor, fixture_id)


@blp.route("/fixtures/<int:fixture_id>/handover")
class FixtureHandOver(MethodView):
    """The handover."""

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(HandOverSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """Lend a fixture to a dealer

        Only what nobody has can be lent. A store must be the dealer's on that day.
        """
        return _answer(fixture_loans.hand_over, actor, fixture_id, body)


@blp.route("/fixtures/<int:fixture_id>/move")
class FixtureMove(MethodView):
    """A move."""

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(MoveSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """Let a lent fixture stand somewhere else

        Another store of its dealer, or another place.
        """
        return _answer(fixture_loans.move, actor, fixture_id, body)


@blp.route("/fixtures/<int:fixture_id>/recall")
class FixtureRecall(MethodView):
    """The recall."""

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(AskBackSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """Ask a lent fixture back"""
        return _answer(fixture_loans.recall, actor, fixture_id, body)


@blp.route("/fixtures/<int:fixture_id>/return")
class FixtureReturn(MethodView):
    """The return."""

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(ReturnSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """Take a fixture back from its dealer"""
        return _answer(fixture_loans.take_back, actor, fixture_id, body)


@blp.route("/fixtures/<int:fixture_id>/write-off")
class FixtureWriteOff(MethodView):
    """The end."""

    @blp.guarded(Permission.FIXTURE_WRITE)
    @blp.versioned
    @blp.arguments(WriteOffSchema)
    @blp.response(200, FixtureSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], fixture_id: int) -> Any:
        """End the life of a fixture"""
        return _answer(fixture_loans.write_off, actor, fixture_id, body)


@blp.route("/fixture-inspections")
class FixtureInspections(MethodView):
    """The collection."""

    @blp.guarded(Permission.FIXTURE_READ)
    @blp.arguments(InspectionQuerySchema, location="query")
    @blp.response(200, InspectionSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[FixtureInspection]:
        """List inspections of fixtures, newest first"""
        return fixture_inspections.list_inspections(actor, **filters)


@blp.route("/fixture-inspections/<uuid:inspection_id>")
class FixtureInspectionById(MethodView):
    """One inspection."""

    @blp.guarded(Permission.FIXTURE_INSPECT)
    @blp.arguments(NewInspectionSchema)
    @blp.response(201, InspectionSchema)
    @blp.alt_response(200, schema=InspectionSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(
        self, actor: Actor, body: dict[str, Any], inspection_id: UUID
    ) -> tuple[FixtureInspection, int]:
        """Tell what was found of a fixture in a store

        The id is the phone's. A fixture that is missing, or shows other goods, opens a violation
        in the store or joins the open one.
        """
        inspection, result = fixture_inspections.put(
            actor,
            inspection_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return inspection, 201 if result is Result.CREATED else 200


def _answer(
    step: Callable[..., Fixture], actor: Actor, fixture_id: int, body: dict[str, Any]
) -> Any:
    """Take a step on the version that the caller read."""
    told: dict[str, Any] = {name: body.pop(name) for name in HAPPENING if name in body}
    told |= {name: Party(**told[name]) for name in ("giver", "receiver") if name in told}
    fixture = step(
        actor,
        fixture_id,
        Happening(**told),
        **body,
        version=expected_version(),
        at=clock.now(),
    )
    return fixture, 200, etag(fixture.version)
