"""Evaluations of promotions on the wire: each method has inputs of its own."""

from typing import Any

import marshmallow as ma

from backend.standards.promotion_codes import EvaluationMethod, EvaluationPhase
from schemas.base import Instant, QuerySchema, Schema, Text, whole
from schemas.fields import a_day, one_of

SOME_EVALUATION = "3f6c2a88-7f0e-4d0b-9a3c-2f6a1f0d4b21"
SOME_INPUTS = {
    "plans": [
        {"plan": "送耳机", "asked": 40, "accepted": 29},
        {"plan": "直降", "asked": 40, "accepted": 22},
    ]
}


def _mark() -> ma.fields.Integer:
    return whole(1, 5, load_default=None, allow_none=True)


def _said(longest: int = 80) -> Text:
    return Text(load_default=None, allow_none=True, longest=longest)


class OpinionSchema(Schema):
    """How many of those who were asked accept a plan."""

    plan = Text(required=True, shortest=1, longest=80)
    asked = whole(1, 1_000_000, required=True)
    accepted = whole(0, 1_000_000, required=True)


class OpinionTestSchema(Schema):
    """Plans and opinions of sampled consumers."""

    plans = ma.fields.List(
        ma.fields.Nested(OpinionSchema), required=True, validate=ma.validate.Length(2, 20)
    )


class PilotSchema(Schema):
    """What a plan sold where it was tried; `units_before` is over as many days before."""

    plan = Text(required=True, shortest=1, longest=80)
    division_code = Text(required=True, shortest=2, longest=9)
    starts_on = a_day(required=True)
    ends_on = a_day(required=True)
    stores = whole(1, 1_000_000, required=True)
    units = whole(required=True)
    units_before = whole(load_default=None, allow_none=True)


class PilotTestSchema(Schema):
    """Plans, each tried in a small area for a short time."""

    plans = ma.fields.List(
        ma.fields.Nested(PilotSchema), required=True, validate=ma.validate.Length(2, 20)
    )


class DynamicsSchema(Schema):
    """What was seen on site on a day."""

    day = a_day(required=True)
    participants = whole(most=1_000_000, required=True)
    units = whole(most=1_000_000, required=True)


class ConsumerDynamicsSchema(Schema):
    """The record of the site, day by day, and what a day used to sell."""

    days = ma.fields.List(
        ma.fields.Nested(DynamicsSchema), required=True, validate=ma.validate.Length(1, 366)
    )
    daily_units_before = ma.fields.Float(
        load_default=None, allow_none=True, validate=ma.validate.Range(0, 1_000_000)
    )


class OpinionAnswerSchema(Schema):
    """What a consumer said; whatever is left out was not said."""

    motive = _said()
    attitude = _said()
    demand = _said()
    advice = _said(500)
    rating = _mark()


class ConsumerOpinionSchema(Schema):
    """The answers of a survey among consumers."""

    answers = ma.fields.List(
        ma.fields.Nested(OpinionAnswerSchema), required=True, validate=ma.validate.Length(1, 2_000)
    )


class SpanSchema(Schema):
    """What was sold in so many days."""

    units = whole(required=True)
    days = whole(1, 366, required=True)


class AfterSchema(SpanSchema):
    """What was sold after the end, in no more days than it ran and at most 28."""

    days = whole(1, 28, required=True)


class ControlSchema(Schema):
    """What similar stores without the promotion sold, over equal spans."""

    units_before = whole(required=True)
    units_during = whole(required=True)


class BeforeAfterSchema(Schema):
    """Sales before, during and after, and what the promotion cost, in fen."""

    before = ma.fields.Nested(SpanSchema, required=True)
    during = ma.fields.Nested(SpanSchema, required=True)
    after = ma.fields.Nested(AfterSchema, load_default=None, allow_none=True)
    control = ma.fields.Nested(ControlSchema, load_default=None, allow_none=True)
    unit_margin_fen = whole(most=10_000_000, load_default=None, allow_none=True)
    cost_fen = whole(most=10**12, required=True)


class SurveyAnswerSchema(Schema):
    """What somebody who took part said; marks are 1 to 5."""

    opinion = _mark()
    influence = _mark()
    benefit = _said()


class ParticipantSurveySchema(Schema):
    """The answers of those who took part."""

    answers = ma.fields.List(
        ma.fields.Nested(SurveyAnswerSchema), required=True, validate=ma.validate.Length(1, 2_000)
    )


INPUTS: dict[str, type[Schema]] = {
    EvaluationMethod.OPINION_TEST: OpinionTestSchema,
    EvaluationMethod.PILOT_TEST: PilotTestSchema,
    EvaluationMethod.CONSUMER_DYNAMICS: ConsumerDynamicsSchema,
    EvaluationMethod.CONSUMER_OPINION: ConsumerOpinionSchema,
    EvaluationMethod.BEFORE_AFTER_COMPARISON: BeforeAfterSchema,
    EvaluationMethod.PARTICIPANT_SURVEY: ParticipantSurveySchema,
}


class Inputs(ma.fields.Dict):
    """What a method asks for: in OpenAPI the shapes of all methods, each under its name."""

    shapes = INPUTS

    def __init__(self) -> None:
        named = "; ".join(f"{method}: {shape.__name__[:-6]}" for method, shape in INPUTS.items())
        super().__init__(
            required=True,
            metadata={"description": f"By method. {named}", "example": SOME_INPUTS},
        )


class RecordEvaluationSchema(Schema):
    """One use of a method on a promotion."""

    method = one_of(EvaluationMethod, required=True)
    evaluated_on = a_day(required=True)
    inputs = Inputs()
    note = Text(load_default="", longest=1000, metadata={"example": ""})

    @ma.post_load
    def _load_inputs(self, body: dict[str, Any], **_: object) -> dict[str, Any]:
        try:
            return body | {"inputs": INPUTS[body["method"]]().load(body["inputs"])}
        except ma.ValidationError as error:
            raise ma.ValidationError({"inputs": error.messages}) from None


class EvaluationSchema(Schema):
    """A use of a method, and what it came to."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_EVALUATION})
    promotion_id = ma.fields.Integer(required=True, metadata={"example": 2})
    method = ma.fields.String(required=True, metadata={"example": "opinion_test"})
    phase = ma.fields.String(
        required=True, metadata={"description": "pre, during or post", "example": "pre"}
    )
    evaluated_on = a_day(required=True)
    inputs = Inputs()
    output = ma.fields.Dict(
        required=True,
        metadata={
            "example": {
                "acceptance": {"直降": 0.55, "送耳机": 0.725},
                "most_accepted": ["送耳机"],
            }
        },
    )
    note = ma.fields.String(required=True, metadata={"example": ""})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    recorded_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})


class EvaluationQuerySchema(QuerySchema):
    """Filters of the list."""

    phase = one_of(EvaluationPhase)
    method = one_of(EvaluationMethod)
