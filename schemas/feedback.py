"""Feedback cards on the wire."""

import marshmallow as ma

from backend.standards.service import Department, FeedbackTopic, FinishedJob
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.fields import asked_id, one_of
from schemas.violations import SOME_VIOLATION

SOME_CARD = "e9b0c6d4-0f4e-4a53-8d0e-6b1f2a3c4d55"


class FeedbackScoreSchema(Schema):
    """The score of a topic, 1 (bad) to 5, and the department it is assigned to."""

    topic = one_of(FeedbackTopic, required=True)
    score = whole(1, 5, required=True, metadata={"example": 4})
    department = one_of(
        Department,
        load_default=None,
        allow_none=True,
        metadata={"description": "Left out or null: that of the topic"},
    )


class GivenScoreSchema(Schema):
    """A score as recorded."""

    topic = one_of(FeedbackTopic, required=True)
    score = ma.fields.Integer(required=True, metadata={"example": 4})
    department = one_of(Department, required=True)


class FeedbackCardSchema(Schema):
    """What a partner thinks of a finished job; `score` is the mean of the topics."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CARD})
    about = one_of(FinishedJob, required=True)
    about_id = ma.fields.UUID(required=True, metadata={"example": SOME_VIOLATION})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    given_on = Day(required=True, metadata={"example": "2026-03-02"})
    score = ma.fields.Float(required=True, metadata={"example": 4.5})
    scores = ma.fields.Nested(GivenScoreSchema, many=True, required=True)
    comment = ma.fields.String(required=True, metadata={"example": "处理及时"})
    recorded_by_id = ma.fields.Integer(required=True, metadata={"example": 11})
    recorded_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})


class NewFeedbackCardSchema(Schema):
    """A card about a resolved violation, a closed complaint or a complete visit."""

    about = one_of(FinishedJob, required=True)
    about_id = ma.fields.UUID(required=True, metadata={"example": SOME_VIOLATION})
    scores = ma.fields.Nested(
        FeedbackScoreSchema,
        many=True,
        required=True,
        validate=ma.validate.Length(1, len(FeedbackTopic)),
    )
    comment = Text(load_default="", longest=2000, metadata={"example": "处理及时"})


class FeedbackQuerySchema(QuerySchema):
    """Filters of the card list."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of the job")
    about = one_of(FinishedJob)
    department = one_of(Department, metadata={"description": "Has a score of theirs"})


class SatisfactionQuerySchema(QuerySchema):
    """Whose satisfaction, and when."""

    by = one_of(("store", "dealer"), required=True)
    from_on = Day(
        data_key="from",
        metadata={"description": "Left out: 90 days before the end", "example": "2026-03-01"},
    )
    to_on = Day(
        data_key="to",
        metadata={"description": "Not included; left out: tomorrow", "example": "2026-04-01"},
    )


class SatisfactionSchema(Schema):
    """The satisfaction of a store (mean of its cards) or a dealer (mean of its stores)."""

    partner_id = ma.fields.Integer(
        required=True, metadata={"description": "Store or dealer", "example": 17}
    )
    value = ma.fields.Float(required=True, metadata={"example": 4.5})
    num = ma.fields.Float(required=True, metadata={"example": 9.0})
    den = ma.fields.Integer(required=True, metadata={"example": 2})
