"""Audits of photos on the wire."""

from typing import Any

import marshmallow as ma

from backend.evidence.signals import Band
from backend.evidence.standing import Reason, Status, Word
from backend.fieldwork.fence import Outcome
from backend.network.words import Grade
from backend.standards.codes import PhotoSubject, VisitType
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.fields import LARGEST_ID, a_day, list_of, one_of
from schemas.quality import Flagged

SOME_VISIT = "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"
SOME_PHOTO = "0b8fd8c2-95f1-4f5a-8a54-5c1b6f0f2d11"
MOST_AT_ONCE = 200
TIERS = ["city", "county", "town"]
STATUSES = [str(status) for status in Status]
SOME_VERDICT = {
    "visit_id": SOME_VISIT,
    "photo_id": SOME_PHOTO,
    "verdict": "rejected",
    "reasons": ["blurred"],
    "note": "门头文字看不清",
    "version": 1,
}


def _filters(*, strict: bool) -> dict[str, Any]:
    """Return the fields that choose photos; numbers in a query are texts, in a body not."""
    may: dict[str, Any] = {"load_default": None, "allow_none": True}

    def row(what: str) -> ma.fields.Integer:
        limits = ma.validate.Range(1, LARGEST_ID)
        metadata = {"description": what, "example": 7}
        return ma.fields.Integer(strict=strict, validate=limits, metadata=metadata, **may)

    def text(longest: int, what: str, example: str) -> Text:
        return Text(longest=longest, metadata={"description": what, "example": example}, **may)

    return {
        "region_id": row("A region and everything below it"),
        "dealer_id": row("Whose store it was on that day"),
        "store_id": row("The store"),
        "chain": text(80, "Of stores of a chain", "联讯"),
        "tier": one_of(TIERS, **may),
        "grade": one_of(Grade, **may),
        "person_id": row("Who visited"),
        "kind": one_of(VisitType, **may),
        "from_on": a_day(data_key="from", metadata={"description": "The first day"}, **may),
        "to_on": a_day(
            "2026-03-30", data_key="to", metadata={"description": "The day after the last"}, **may
        ),
        "place": one_of(Outcome, metadata={"description": "Of the check-in"}, **may),
        "subject": one_of(PhotoSubject, **may),
        "item": text(60, "What of the checklist it shows", "city_a_fascia_or_lightbox"),
        "is_repeat": ma.fields.Boolean(metadata={"description": "Repeats earlier photos"}, **may),
        "quality_flag": ma.fields.String(
            validate=ma.validate.Regexp("^[a-z_]{1,20}$"),
            metadata={"description": "A doubt about its quality", "example": "dark"},
            **may,
        ),
        "band": one_of(Band, metadata={"description": "Of the visit's evidence score"}, **may),
        "plan_id": row("The audit plan that drew it"),
    }


_AskedSchema: Any = QuerySchema.from_dict(_filters(strict=False), name="AskedAudits")
_ChosenSchema: Any = Schema.from_dict(_filters(strict=True), name="ChosenAudits")


class DisputeQuerySchema(_AskedSchema):
    """Which photos to list."""


class AuditQuerySchema(DisputeQuerySchema):
    """Which audits to list."""

    status = one_of(STATUSES)


class ClaimSchema(_ChosenSchema):
    """Which photos an auditor would like to judge next."""

    limit = whole(
        1,
        50,
        load_default=20,
        metadata={"description": "Most photos to hold, those held already included", "example": 20},
    )


class ArbitrationSchema(Schema):
    """What an arbiter decided."""

    verdict = one_of(
        [Word.APPROVED, Word.REJECTED], required=True, metadata={"example": "rejected"}
    )
    reasons = list_of(
        Reason,
        len(Reason),
        metadata={"description": "At least one for a rejection", "example": ["blurred"]},
    )
    note = Text(load_default="", longest=1000, metadata={"example": "门头文字看不清"})


class VerdictSchema(ArbitrationSchema):
    """What an auditor says."""

    verdict = one_of(Word, required=True, metadata={"example": "rejected"})


class VerdictItemSchema(VerdictSchema):
    """What an auditor says of one photo among many."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    version = whole(1, required=True, metadata={"description": "As read", "example": 1})


class VerdictsSchema(Schema):
    """Many verdicts; each is taken or refused for itself."""

    verdicts = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        validate=ma.validate.Length(1, MOST_AT_ONCE),
        metadata={"example": [SOME_VERDICT]},
    )


class AuditSchema(Schema):
    """A photo in the auditors' queue."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    status = one_of(STATUSES, required=True)
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 2})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    store_code = ma.fields.String(required=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(required=True, metadata={"example": "曜石手机五一店"})
    person_name = ma.fields.String(
        required=True, metadata={"description": "Who took it", "example": "李雷"}
    )
    subject = ma.fields.String(allow_none=True, metadata={"example": "storefront"})
    item = ma.fields.String(allow_none=True, metadata={"example": "city_a_fascia_or_lightbox"})
    matches = ma.fields.Integer(
        required=True, metadata={"description": "Earlier photos that it repeats", "example": 0}
    )
    advice = Flagged(
        required=True, attribute="quality", metadata={"description": "What may be wrong with it"}
    )
    claimed_by = ma.fields.String(
        allow_none=True,
        metadata={"example": "王芳", "description": "Who holds it, or last held it"},
    )
    claimed_until = Instant(allow_none=True, metadata={"example": "2026-03-03T02:15:00+00:00"})
    judged_by = ma.fields.String(allow_none=True, metadata={"example": None})
    judged_at = Instant(allow_none=True, metadata={"example": None})
    reasons = ma.fields.List(ma.fields.String(), required=True, metadata={"example": []})
    note = ma.fields.String(required=True, metadata={"example": ""})
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 1}
    )


class VerdictResultSchema(Schema):
    """What became of one of many verdicts: `audit` if it was taken, or else `problem`."""

    visit_id = ma.fields.String(allow_none=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.String(allow_none=True, metadata={"example": SOME_PHOTO})
    audit = ma.fields.Nested(AuditSchema, allow_none=True)
    problem = ma.fields.Dict(allow_none=True, metadata={"example": None})


class VerdictResultsSchema(Schema):
    """The results, in the order of the verdicts."""

    results = ma.fields.List(ma.fields.Nested(VerdictResultSchema), required=True)


class DisputeSchema(Schema):
    """A photo that waits for an arbiter, with what each auditor said; the second may be none."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})
    status = one_of([Status.DISPUTED], required=True)
    business_on = Day(required=True, metadata={"example": "2026-03-02"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 2})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    store_code = ma.fields.String(required=True, metadata={"example": "43-01-007-0017"})
    store_name = ma.fields.String(required=True, metadata={"example": "曜石手机五一店"})
    person_name = ma.fields.String(
        required=True, metadata={"description": "Who took it", "example": "李雷"}
    )
    subject = ma.fields.String(allow_none=True, metadata={"example": "storefront"})
    item = ma.fields.String(allow_none=True, metadata={"example": "city_a_fascia_or_lightbox"})
    first_by = ma.fields.String(required=True, metadata={"example": "王芳"})
    first_verdict = one_of(Word, required=True)
    first_reasons = ma.fields.List(ma.fields.String(), required=True, metadata={"example": []})
    first_note = ma.fields.String(required=True, metadata={"example": ""})
    second_by = ma.fields.String(allow_none=True, metadata={"example": "赵敏"})
    second_verdict = one_of(Word, allow_none=True, metadata={"example": "rejected"})
    second_reasons = ma.fields.List(
        ma.fields.String(), allow_none=True, metadata={"example": ["too_far"]}
    )
    second_note = ma.fields.String(allow_none=True, metadata={"example": "看不到门头"})
    version = ma.fields.Integer(
        required=True, metadata={"description": "To be sent as If-Match", "example": 3}
    )
