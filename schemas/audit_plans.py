"""Audit plans and their samples on the wire."""

from typing import Any

import marshmallow as ma

from backend.evidence.sampling import Risk
from schemas.audits import SOME_PHOTO, SOME_VISIT
from schemas.base import Day, Instant, QuerySchema, Schema, Text
from schemas.fields import a_day, asked_id, one_of, row_id

WEIGHTS = {
    "description": "By risk: how many times more likely than without it a photo is drawn",
    "example": {"repeat": 9.0, "outside": 4.0},
}
SEED = {
    "description": "Decides the draws; not to be told to those whose photos are drawn",
    "example": "9f86d081884c7d659a2feaa0c55ad015",
}
END = {"description": "First day without the plan", "example": None}


def a_share(what: str, example: float, **kwargs: Any) -> ma.fields.Float:
    """Return a field for a share from 0 to 1."""
    metadata = {"description": what, "example": example}
    return ma.fields.Float(validate=ma.validate.Range(0, 1), metadata=metadata, **kwargs)


class AuditPlanQuerySchema(QuerySchema):
    """Which plans to list."""

    region_id = asked_id("The region itself")
    on = a_day(metadata={"description": "In force on this day"})


class NewAuditPlanSchema(Schema):
    """A plan to be laid down."""

    region_id = row_id(required=True)
    valid_from = a_day(required=True, metadata={"description": "First day of visits it draws from"})
    valid_to = Day(load_default=None, allow_none=True, metadata=END)
    share = a_share("Of photos without any risk that is drawn", 0.1, required=True)
    control_share = a_share("Of photos that is drawn whatever their risk", 0.02, load_default=0.0)
    second_share = a_share("Of drawn photos that two auditors read", 0.05, load_default=0.0)
    weights = ma.fields.Dict(
        keys=one_of(Risk),
        values=ma.fields.Float(validate=ma.validate.Range(0, 1000)),
        load_default=None,
        allow_none=True,
        metadata=WEIGHTS,
    )
    seed = Text(load_default=None, allow_none=True, shortest=16, longest=64, metadata=SEED)


class AuditPlanEndSchema(Schema):
    """When a plan ends."""

    valid_to = Day(required=True, allow_none=True, metadata=END | {"example": "2026-06-01"})


class AuditPlanSchema(Schema):
    """A plan."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    region_id = ma.fields.Integer(required=True, metadata={"example": 2})
    valid_from = Day(required=True, metadata={"example": "2026-03-02"})
    valid_to = Day(required=True, allow_none=True, metadata=END)
    share = ma.fields.Float(required=True, metadata={"example": 0.1})
    control_share = ma.fields.Float(required=True, metadata={"example": 0.02})
    second_share = ma.fields.Float(required=True, metadata={"example": 0.05})
    weights = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Float(), required=True, metadata=WEIGHTS
    )
    seed = ma.fields.String(required=True, metadata=SEED)
    created_by_id = ma.fields.Integer(required=True, metadata={"example": 4})
    created_at = Instant(required=True, metadata={"example": "2026-03-01T02:00:00+00:00"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class SampleQuerySchema(QuerySchema):
    """Which days of a sample."""

    from_on = a_day(data_key="from", metadata={"description": "The first day"})
    to_on = a_day("2026-03-30", data_key="to", metadata={"description": "The day after the last"})


class RejectionSchema(Schema):
    """The share rejected among all photos, as the judged ones say."""

    judged = ma.fields.Integer(required=True, metadata={"example": 180})
    rejected = ma.fields.Integer(required=True, metadata={"example": 21})
    rejection_rate = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 0.083, "description": "None judged: null"},
    )
    standard_error = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.017})


class SampleSchema(Schema):
    """What a plan drew."""

    plan = ma.fields.Nested(AuditPlanSchema, required=True)
    frame = ma.fields.Integer(
        required=True, metadata={"description": "Photos it met that count by now", "example": 1200}
    )
    drawn = ma.fields.Integer(required=True, metadata={"example": 196})
    expected = ma.fields.Float(
        required=True, metadata={"description": "Sum of the probabilities", "example": 201.4}
    )
    drawn_for_control = ma.fields.Integer(required=True, metadata={"example": 25})
    drawn_for_second = ma.fields.Integer(required=True, metadata={"example": 9})
    weighted = ma.fields.Nested(
        RejectionSchema,
        required=True,
        metadata={"description": "Each judged photo weighed by 1/probability"},
    )
    control = ma.fields.Nested(
        RejectionSchema, required=True, metadata={"description": "The control share alone"}
    )


class SampledPhotoSchema(Schema):
    """A photo that a plan met, and why it was drawn or not.

    It is drawn if `numbers.control` is below the control share, or `numbers.risk` below share x
    (1 + sum of weight x risk).
    """

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    is_drawn = ma.fields.Boolean(required=True)
    is_control = ma.fields.Boolean(required=True)
    probability = ma.fields.Float(required=True, metadata={"example": 0.216})
    risks = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"example": {"new_person": 1.0}},
    )
    numbers = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"example": {"control": 0.71, "risk": 0.18, "second": 0.44}},
    )
