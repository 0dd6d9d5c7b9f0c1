"""Appeals on the wire."""

from typing import Any

import marshmallow as ma

from backend.evidence.signals import AppealState, Signal
from schemas.base import Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_VISIT
from schemas.fields import asked_id, list_of, one_of

SOME_APPEAL = "1d2b7c9a-5f0e-4c37-8a64-2b9a7a5d0c11"
SOME_CODES = ["short_visit"]


class AppealSchema(Schema):
    """What somebody says against a score, and the answer."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_APPEAL})
    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    state = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf([str(state) for state in AppealState]),
        metadata={"example": "accepted"},
    )
    text = ma.fields.String(required=True, metadata={"example": "店里只有一个专柜，三分钟足够"})
    codes = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "What it is about; empty: all signals", "example": SOME_CODES},
    )
    score = ma.fields.Integer(
        required=True, metadata={"description": "The score it was made against", "example": 65}
    )
    made_at = Instant(required=True, metadata={"example": "2026-03-03T01:00:00+00:00"})
    answer = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "已核实，撤销该信号"}
    )
    waived = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Signals the answer took out of the score", "example": SOME_CODES},
    )
    answered_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    answered_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-03T06:30:00+00:00"}
    )
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 2}
    )


class MakeAppealSchema(Schema):
    """What a person says against the score of an own visit."""

    text = Text(
        required=True,
        shortest=1,
        longest=2000,
        metadata={"example": "店里只有一个专柜，三分钟足够"},
    )
    codes = list_of(
        Signal,
        data_key="signals",
        metadata={"description": "What it is about; empty: all", "example": SOME_CODES},
    )


class AppealAnswerSchema(Schema):
    """What a reviewer answers."""

    is_accepted = ma.fields.Boolean(required=True, data_key="accepted", metadata={"example": True})
    reason = Text(
        required=True, shortest=1, longest=2000, metadata={"example": "已核实，撤销该信号"}
    )
    codes = list_of(
        Signal,
        data_key="signals",
        metadata={
            "description": "What is waived if it is accepted; empty: what the appeal is about",
            "example": SOME_CODES,
        },
    )

    @ma.validates_schema
    def _waive_only_on_acceptance(self, document: dict[str, Any], **_: Any) -> None:
        if document.get("is_accepted") is False and document.get("codes"):
            raise ma.ValidationError("A declined appeal waives nothing.", "signals")


class AppealQuerySchema(QuerySchema):
    """Filters of the list of appeals."""

    state = one_of(AppealState, metadata={"example": "open"})
    region_id = asked_id("A region and everything below it")
    person_id = asked_id("Who appealed")
