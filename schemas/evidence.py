"""How doubtful visits are, on the wire: scores, signals in words, and decisions."""

from typing import Any

import marshmallow as ma

from backend.evidence.signals import Band, Signal, Verdict, worded
from schemas.appeals import AppealSchema
from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_VISIT
from schemas.fields import asked_id, one_of

DECISIONS = ["open", *map(str, Verdict)]


class SignalSchema(Schema):
    """One reason for doubt: what was measured, what it means, and what can be done."""

    code = ma.fields.String(required=True, metadata={"example": "short_visit"})
    zh = ma.fields.String(required=True, attribute="signal.zh", metadata={"example": "超短停留"})
    en = ma.fields.String(required=True, attribute="signal.en", metadata={"example": "too short"})
    value = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "null where it cannot be measured", "example": 95},
    )
    threshold = ma.fields.Float(
        required=True,
        metadata={"description": "What the value is held against", "example": 180},
    )
    points = ma.fields.Integer(required=True, metadata={"example": 20})
    is_waived = ma.fields.Boolean(
        required=True,
        metadata={"description": "An accepted appeal took it out of the score", "example": False},
    )
    evidence = ma.fields.Dict(
        required=True,
        metadata={
            "description": "What it rests on; `hidden` counts visits that are not yours to see",
            "example": {"visits": [SOME_VISIT], "hidden": 0},
        },
    )
    meaning_zh = ma.fields.Method(
        "_meaning_zh",
        metadata={"type": "string", "example": "扣除暂停后在店不足 180 秒，但检查表已全部作答"},
    )
    meaning_en = ma.fields.Method(
        "_meaning_en",
        metadata={"type": "string", "example": "less than 180 s in the store without pauses"},
    )
    advice_zh = ma.fields.String(
        required=True, attribute="signal.advice_zh", metadata={"example": "离店后再提交签退"}
    )
    advice_en = ma.fields.String(
        required=True, attribute="signal.advice_en", metadata={"example": "Check out on leaving"}
    )

    def _meaning_zh(self, row: dict[str, Any]) -> str:
        return worded(row["signal"].rule_zh, row["limits"])

    def _meaning_en(self, row: dict[str, Any]) -> str:
        return worded(row["signal"].rule_en, row["limits"])


class VisitReviewSchema(Schema):
    """What a person decided about a visit."""

    verdict = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf([str(verdict) for verdict in Verdict]),
        metadata={"example": "believed"},
    )
    reason = ma.fields.String(required=True, metadata={"example": "与店主电话核实"})
    decided_by_id = ma.fields.Integer(required=True, metadata={"example": 3})
    decided_by = ma.fields.String(
        required=True, attribute="decided_by.name", metadata={"example": "王芳"}
    )
    decided_at = Instant(required=True, metadata={"example": "2026-03-03T06:30:00+00:00"})


class VisitEvidenceSchema(Schema):
    """The score of a visit and all it rests on; null until it is complete and was weighed."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    score = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 20})
    band = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": f"{', '.join(map(str, Band))}; none changes a count by itself",
            "example": "clear",
        },
    )
    config_version = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Its weights", "example": 0},
    )
    scored_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:42:00+00:00"}
    )
    quarantine_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    signals = ma.fields.List(ma.fields.Nested(SignalSchema), required=True)
    appeals = ma.fields.List(ma.fields.Nested(AppealSchema), required=True)
    review = ma.fields.Nested(VisitReviewSchema, required=True, allow_none=True)
    version = ma.fields.Integer(
        required=True,
        metadata={"description": "Of the decision; to be sent as If-Match", "example": 0},
    )


class ScoreRowSchema(Schema):
    """A visit in the reviewers' list."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    score = ma.fields.Integer(required=True, metadata={"example": 65})
    band = ma.fields.String(required=True, metadata={"example": "suspicious"})
    signals = ma.fields.List(
        ma.fields.String(),
        required=True,
        attribute="codes",
        metadata={"example": ["photo_reuse", "short_visit"]},
    )
    config_version = ma.fields.Integer(required=True, metadata={"example": 0})
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    person_name = ma.fields.String(required=True, metadata={"example": "李雷"})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    store_code = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "43-01-007-0017"}
    )
    store_name = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "曜石手机五一店"}
    )
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 4})
    decision = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null until somebody decided", "example": None},
    )


class ScoreQuerySchema(QuerySchema):
    """Filters of the reviewers' list."""

    band = one_of(Band, metadata={"example": "suspicious"})
    signal = one_of(Signal, metadata={"example": "photo_reuse"})
    decision = one_of(DECISIONS, metadata={"example": "open"})
    region_id = asked_id("A region and everything below it")
    person_id = asked_id("Who visited")
    dealer_id = asked_id("Dealer of that day")
    store_id = asked_id("Store")
    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})


class VisitDecisionSchema(Schema):
    """Whether a visit is to be believed, and why."""

    verdict = one_of(Verdict, required=True, metadata={"example": "rejected"})
    reason = Text(required=True, shortest=1, longest=1000, metadata={"example": "店主称无人到访"})
