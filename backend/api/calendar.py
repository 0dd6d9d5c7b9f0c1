"""Routes for the work calendar and call frequencies."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint, etag, expected_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import calendar, frequencies
from backend.standards.calendar import Day
from backend.standards.frequencies import Frequency
from schemas.calendar import (
    CalendarQuerySchema,
    DaySchema,
    DeclareDaySchema,
    EditFrequencySchema,
    FrequencySchema,
)

blp = Blueprint("calendar", __name__, description="Which days are worked, how often stores are due")


@blp.route("/calendar")
class Calendar(MethodView):
    """The days."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(CalendarQuerySchema, location="query")
    @blp.response(200, DaySchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any]) -> list[Day]:
        """List days as they are worked

        Legal holidays and make-up working days, with what the brand declared for the region or
        above it. Days of a year without an official notice are guessed and not `confirmed`.
        """
        return calendar.days(actor, **asked)


@blp.route("/calendar/<day:day>/regions/<int:region_id>")
class DeclaredDay(MethodView):
    """What the brand says of a day in a region."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(DeclareDaySchema)
    @blp.response(201, DaySchema)
    @blp.alt_response(200, schema=DaySchema, description="Already declared", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], day: date, region_id: int) -> tuple[Day, int]:
        """Declare a day working or free in a region and below

        Sending the same again is safe and answers 200; to say something else, take it back first.
        """
        declared, is_new = calendar.declare(actor, day, region_id, **body, at=clock.now())
        return declared, 201 if is_new else 200

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    def delete(self, actor: Actor, day: date, region_id: int) -> None:
        """Take back what was declared for a day"""
        calendar.take_back(actor, day, region_id, at=clock.now())


@blp.route("/call-frequencies")
class CallFrequencies(MethodView):
    """The table."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, FrequencySchema(many=True))
    def get(self, actor: Actor) -> list[Frequency]:  # noqa: ARG002  # the same for everybody
        """List how many visits stores are due in 28 days, by tier and grade"""
        return frequencies.table()


@blp.route("/call-frequencies/<tier>/<grade>")
class CallFrequencyCell(MethodView):
    """One cell of the table."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, FrequencySchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, tier: str, grade: str) -> Any:  # noqa: ARG002
        """Get how many visits a tier and grade is due"""
        cell = frequencies.get(tier, grade)
        return cell, 200, etag(cell.version)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(EditFrequencySchema)
    @blp.response(200, FrequencySchema)
    @blp.alt_response(404, "NOT_FOUND")
    def put(self, actor: Actor, body: dict[str, Any], tier: str, grade: str) -> Any:
        """Edit how many visits a tier and grade is due"""
        cell = frequencies.edit(
            actor, tier, grade, **body, version=expected_version(), at=clock.now()
        )
        return cell, 200, etag(cell.version)
