"""Checklists on the wire."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.network.divisions import Tier
from backend.standards.checklists import STATUSES
from backend.standards.codes import LineKind, PhotoSubject
from backend.standards.scopes import SCOPE_KINDS
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, one_of

MOST_LINES, MOST_OPTIONS, MOST_PHOTOS, MOST_WORDS, MOST = 300, 50, 20, 200, 1e9
CODE = ma.validate.Regexp(r"^[a-z0-9][a-z0-9_-]*$")


class ChecklistQuerySchema(QuerySchema):
    """Filters of the list."""

    code = Text(longest=40)
    status = one_of(STATUSES)
    tier = one_of(Tier)
    scope_kind = one_of(SCOPE_KINDS)
    scope_value = Text(longest=80)
    day = a_day(metadata={"description": "In force on this day"})


class LineConditionSchema(Schema):
    """When a line is shown: another line's answer is, or is not, a value."""

    line = Text(required=True, longest=60, metadata={"example": "counter_here"})
    operator = one_of(("is", "is_not"), required=True)
    value = ma.fields.Raw(
        required=True,
        metadata={
            "description": "true or false, a number, the code of an option, or words",
            "example": True,
        },
    )

    @ma.validates("value")
    def _is_plain(self, value: object, **_: object) -> None:
        if isinstance(value, str) and len(value) <= MOST_WORDS:
            return
        if not isinstance(value, int | float) or abs(value) > MOST:
            raise ma.ValidationError("Not true or false, a number or a few words.")


class LinePhotosSchema(Schema):
    """The photos a line asks for, which name its code as their `item`."""

    min_count = whole(1, MOST_PHOTOS, load_default=1, metadata={"example": 1})
    album_allowed = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "false: only by the camera of the app", "example": False},
    )
    subject = one_of(PhotoSubject, load_default=None, allow_none=True)


class LineOptionSchema(Schema):
    """Something that can be chosen."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "torn"})
    zh = Text(required=True, longest=80, metadata={"example": "破损"})
    en = Text(required=True, longest=80, metadata={"example": "torn"})


class ChecklistLineSchema(Schema):
    """A line: what is asked, and how the answer is judged. What a kind does not know is refused."""

    code = Text(required=True, longest=60, also=[CODE], metadata={"example": "poster_state"})
    letter = Text(
        required=True,
        shortest=1,
        longest=10,
        metadata={"description": "Lines of one letter are one item", "example": "D"},
    )
    kind = one_of(LineKind, required=True, metadata={"example": "choice"})
    required = ma.fields.Boolean(required=True, metadata={"example": True})
    zh = Text(required=True, longest=200, metadata={"example": "海报状态"})
    en = Text(required=True, longest=200, metadata={"example": "State of the posters"})
    rule_zh = Text(load_default="", longest=500, metadata={"example": "须完好"})
    rule_en = Text(load_default="", longest=500, metadata={"example": "They must be whole"})
    items = ma.fields.List(
        Text(longest=40),
        load_default=list,
        validate=ma.validate.Length(max=10),
        metadata={"description": "Signage it is about", "example": ["poster_strip"]},
    )
    weight = ma.fields.Float(
        allow_none=True,
        validate=ma.validate.Range(0, 100),
        metadata={
            "description": "2 if required, else 1, unless said; 0 keeps it out of every sum",
            "example": None,
        },
    )
    critical = ma.fields.Boolean(
        metadata={"description": "If it fails, the visit fails", "example": False}
    )
    allows_na = ma.fields.Boolean(
        metadata={
            "description": "Whether it may be not applicable; yes unless said",
            "example": True,
        }
    )
    condition = ma.fields.Nested(LineConditionSchema, allow_none=True)
    photos = ma.fields.Nested(LinePhotosSchema, allow_none=True)
    min_qty = whole(1, 100_000, metadata={"description": "The pass limit"})
    best_qty = whole(1, 100_000, allow_none=True)
    contiguous = ma.fields.Boolean(metadata={"description": "The pieces must be joined"})
    parts = ma.fields.List(Text(longest=40), validate=ma.validate.Length(max=10))
    min_width_m = ma.fields.Float(validate=ma.validate.Range(0, 1000))
    widths_m = ma.fields.List(
        ma.fields.Float(validate=ma.validate.Range(0, 1000)), validate=ma.validate.Length(max=10)
    )
    passes = ma.fields.Boolean(
        metadata={"description": "The answer to a yes/no line that passes; yes unless said"}
    )
    unit = Text(longest=20)
    min_value = ma.fields.Float(allow_none=True, validate=ma.validate.Range(-MOST, MOST))
    max_value = ma.fields.Float(allow_none=True, validate=ma.validate.Range(-MOST, MOST))
    options = ma.fields.List(
        ma.fields.Nested(LineOptionSchema), validate=ma.validate.Length(max=MOST_OPTIONS)
    )
    multiple = ma.fields.Boolean(metadata={"description": "Several may be chosen"})
    passing = ma.fields.List(
        Text(longest=40),
        allow_none=True,
        validate=ma.validate.Length(max=MOST_OPTIONS),
        metadata={"description": "Options that pass; every one unless said"},
    )
    dimension = Text(longest=40, allow_none=True)
    logic = Text(longest=40, allow_none=True)


class Lines(ma.fields.List[Any]):
    """The lines of a checklist; what is stored goes out as it is."""

    def __init__(self, **kwargs: Any) -> None:
        limits = ma.validate.Length(1, MOST_LINES)
        super().__init__(ma.fields.Nested(ChecklistLineSchema), validate=limits, **kwargs)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


LINES = [
    {
        "code": "posters_up",
        "letter": "D",
        "kind": "count",
        "required": True,
        "zh": "海报连贴",
        "en": "Poster strip",
        "rule_zh": "3 张以上，连贴成排",
        "rule_en": "At least 3 sheets, joined in one strip",
        "items": ["poster_strip"],
        "min_qty": 3,
        "contiguous": True,
        "photos": {"min_count": 1, "album_allowed": False, "subject": "checklist_item"},
    },
    {
        "code": "poster_state",
        "letter": "E",
        "kind": "choice",
        "required": True,
        "critical": True,
        "zh": "海报状态",
        "en": "State of the posters",
        "rule_zh": "须完好",
        "rule_en": "They must be whole",
        "items": ["poster_strip"],
        "condition": {"line": "posters_up", "operator": "is_not", "value": 0},
        "options": [
            {"code": "whole", "zh": "完好", "en": "whole"},
            {"code": "torn", "zh": "破损", "en": "torn"},
        ],
        "passing": ["whole"],
    },
]


class ChecklistDraftSchema(Schema):
    """What a draft says."""

    name_zh = Text(required=True, shortest=1, longest=80, metadata={"example": "市区售点形象"})
    name_en = Text(
        required=True, shortest=1, longest=80, metadata={"example": "Signage of a city store"}
    )
    scope_kind = one_of(SCOPE_KINDS, required=True, metadata={"example": "tier"})
    scope_value = Text(
        load_default="",
        longest=80,
        metadata={
            "description": "Empty for all; tier, grade, chain, division code or store id",
            "example": "city",
        },
    )
    lines = Lines(required=True, metadata={"example": LINES})
    any_of_letters = ma.fields.List(
        Text(longest=10),
        load_default=list,
        validate=ma.validate.Length(max=MOST_LINES),
        metadata={
            "description": "Letters of which one line that passes is enough",
            "example": ["D"],
        },
    )
    valid_from = a_day("2026-01-01", required=True)
    retired_on = a_day(
        "2026-07-01",
        load_default=None,
        allow_none=True,
        metadata={"description": "The first day without it"},
    )


class NewChecklistSchema(ChecklistDraftSchema):
    """The first draft of a checklist."""

    code = Text(required=True, longest=40, also=[CODE], metadata={"example": "signage_city"})


class ChecklistSchema(ChecklistDraftSchema):
    """One version of a checklist; `lines` is what the phone shows and how it is judged."""

    id = ma.fields.Integer(required=True, metadata={"example": 1})
    code = ma.fields.String(required=True, metadata={"example": "signage_city"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
    status = one_of(STATUSES, required=True, metadata={"description": "Today"})
    tier = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "If it is for one", "example": "city"},
    )


class PublicationSchema(Schema):
    """From when a draft is in force."""

    valid_from = a_day(
        load_default=None,
        allow_none=True,
        metadata={"description": "The day the draft says, if left out"},
    )


class RetirementSchema(Schema):
    """The first day without the checklist."""

    retired_on = a_day("2026-07-01", required=True)
