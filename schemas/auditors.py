"""How auditors agree and work, on the wire."""

import marshmallow as ma

from backend.evidence.agreement import NoKappa
from backend.evidence.standing import Reason, Word
from schemas.base import Day, Schema
from schemas.fields import asked_id, one_of
from schemas.summaries import DaysQuerySchema


class AuditorsQuerySchema(DaysQuerySchema):
    """Which days of verdicts, and photos of which regions."""

    region_id = asked_id("Photos of this region and below")


class AccordSchema(Schema):
    """How far two readers of the same photos said the same."""

    photos = ma.fields.Integer(required=True, metadata={"example": 120})
    agreed = ma.fields.Integer(required=True, metadata={"example": 111})
    rate = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.925})
    kappa = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Cohen's", "example": 0.71}
    )
    null_reason = one_of(
        NoKappa, required=True, allow_none=True, metadata={"description": "Why there is no kappa"}
    )


class ReasonAgreementSchema(Schema):
    """How far they agreed on naming a reason."""

    reason = one_of(Reason, required=True)
    overall = ma.fields.Nested(AccordSchema, required=True)


class AuditorSchema(Schema):
    """An auditor."""

    id = ma.fields.Integer(required=True, metadata={"example": 9})
    name = ma.fields.String(required=True, metadata={"example": "王芳"})


class SaidSchema(Schema):
    """How many photos one auditor of a pair said this of, and the other that."""

    one = one_of(Word, required=True)
    other = one_of(Word, required=True)
    photos = ma.fields.Integer(required=True, metadata={"example": 98})


class AuditorPairSchema(Schema):
    """Two auditors who read the same photos."""

    auditors = ma.fields.List(ma.fields.Nested(AuditorSchema), required=True)
    overall = ma.fields.Nested(AccordSchema, required=True)
    said = ma.fields.List(ma.fields.Nested(SaidSchema), required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonAgreementSchema), required=True)


class AgreementReportSchema(Schema):
    """How far auditors agree, in all, by reason and by pair."""

    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-30"})
    overall = ma.fields.Nested(AccordSchema, required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonAgreementSchema), required=True)
    pairs = ma.fields.List(ma.fields.Nested(AuditorPairSchema), required=True)


class ThroughputSchema(Schema):
    """What an auditor did on a day; `undone` were taken back and count nowhere else."""

    day = Day(required=True, metadata={"example": "2026-03-03"})
    auditor_id = ma.fields.Integer(required=True, metadata={"example": 9})
    auditor_name = ma.fields.String(required=True, metadata={"example": "王芳"})
    judged = ma.fields.Integer(required=True, metadata={"example": 240})
    rejected = ma.fields.Integer(required=True, metadata={"example": 19})
    rejected_share = ma.fields.Float(required=True, allow_none=True, metadata={"example": 0.079})
    unsure = ma.fields.Integer(required=True, metadata={"example": 4})
    undone = ma.fields.Integer(required=True, metadata={"example": 2})
    median_s = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Seconds from claim to verdict", "example": 14.0},
    )
