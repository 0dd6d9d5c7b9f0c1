"""Notices, consents, own data and retention on the wire."""

from typing import Any

import marshmallow as ma

from backend.network.privacy_words import NoticeAnswer, NoticeKind
from schemas.base import SHA256, Day, Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_SHA256
from schemas.fields import asked_id, one_of, row_id

SOME_RUN = "2f1d1a52-4a0a-5a5e-9b33-6c4a3f0e7d21"


class NewNoticeSchema(Schema):
    """The text of a notice, in both languages."""

    kind = one_of(NoticeKind, required=True)
    text_zh = Text(
        required=True, shortest=1, longest=50_000, metadata={"example": "公司仅在拜访时收集位置……"}
    )
    text_en = Text(
        required=True,
        shortest=1,
        longest=50_000,
        metadata={"example": "Positions are collected at visits only ..."},
    )


class NoticeSchema(Schema):
    """One version of a notice."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    kind = one_of(NoticeKind, required=True)
    version = ma.fields.Integer(required=True, metadata={"example": 2})
    text_zh = ma.fields.String(required=True, metadata={"example": "公司仅在拜访时收集位置……"})
    text_en = ma.fields.String(
        required=True, metadata={"example": "Positions are collected at visits only ..."}
    )
    text_sha256 = ma.fields.String(
        required=True,
        metadata={"description": "Of both texts with a line feed between, in UTF-8"}
        | {"example": SOME_SHA256},
    )
    published_at = Instant(required=True, metadata={"example": "2026-03-01T01:00:00+00:00"})


class NoticeForMeSchema(NoticeSchema):
    """A notice in force, and where the caller stands."""

    is_required = ma.fields.Boolean(required=True, metadata={"example": True})
    is_outstanding = ma.fields.Boolean(
        required=True, metadata={"description": "To be shown and answered", "example": True}
    )
    answer = one_of(NoticeAnswer, required=True, allow_none=True)


class NewPrivacyAnswerSchema(Schema):
    """What the person said, to which text, when."""

    notice_id = row_id(required=True)
    text_sha256 = ma.fields.String(
        required=True, validate=ma.validate.Regexp(SHA256), metadata={"example": SOME_SHA256}
    )
    answer = one_of(NoticeAnswer, required=True)
    answered_at = Instant(required=True, metadata={"example": "2026-03-02T08:00:00+08:00"})


class PrivacyAnswerSchema(Schema):
    """A stored answer."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_RUN})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    notice_id = ma.fields.Integer(required=True, metadata={"example": 3})
    text_sha256 = ma.fields.String(required=True, metadata={"example": SOME_SHA256})
    answer = one_of(NoticeAnswer, required=True)
    answered_at = Instant(required=True, metadata={"example": "2026-03-02T00:00:00+00:00"})
    received_at = Instant(required=True, metadata={"example": "2026-03-02T00:00:01+00:00"})
    device_id = ma.fields.String(required=True, metadata={"example": "9f0c2b"})


class PrivacyAnswerQuerySchema(QuerySchema):
    """Filters of the answers."""

    person_id = asked_id("Who answered")


class OutstandingSchema(Schema):
    """A person who has still to answer, or does not consent."""

    id = ma.fields.Integer(required=True, metadata={"example": 11})
    name = ma.fields.String(required=True, metadata={"example": "李雷"})
    role = ma.fields.String(required=True, metadata={"example": "rep"})


class RetentionQuerySchema(QuerySchema):
    """How to run."""

    dry_run = ma.fields.Boolean(
        load_default=False, metadata={"description": "Only count", "example": True}
    )


class RetentionStepSchema(Schema):
    """What a run made of one class of data."""

    kind = one_of(["points", "originals", "copies", "contacts"], required=True)
    done = ma.fields.Integer(
        required=True, metadata={"description": "Rounded or erased, or due if dry", "example": 120}
    )
    held = ma.fields.Dict(
        required=True,
        metadata={"description": "Held back, by reason", "example": {"open_violation": 3}},
    )
    oldest_kept_at = Instant(
        required=True, allow_none=True, metadata={"example": "2025-12-03T01:00:00+00:00"}
    )
    finished_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T19:00:09+00:00"}
    )


class RetentionRunSchema(Schema):
    """A run of the retention clocks."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_RUN})
    run_on = Day(required=True, metadata={"example": "2026-03-02"})
    is_dry_run = ma.fields.Boolean(required=True, metadata={"example": True})
    asked_by_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null: the calendar", "example": None},
    )
    days = ma.fields.Dict(
        required=True,
        metadata={"description": "How long each class is kept", "example": {"points": 90}},
    )
    started_at = Instant(required=True, metadata={"example": "2026-03-02T19:00:00+00:00"})
    finished_at = Instant(required=True, allow_none=True, metadata={"example": None})


class WholeRetentionRunSchema(RetentionRunSchema):
    """A run with its report."""

    steps = ma.fields.List(ma.fields.Nested(RetentionStepSchema), required=True)


class DataExportSchema(Schema):
    """A person's copy of the own data."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_RUN})
    state = ma.fields.Method("_state", metadata={"example": "ready", "type": "string"})
    asked_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    made_at = Instant(required=True, allow_none=True, metadata={"example": None})
    sha256 = ma.fields.String(required=True, allow_none=True, metadata={"example": SOME_SHA256})
    size_bytes = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 48211})
    expires_at = Instant(required=True, allow_none=True, metadata={"example": None})

    def _state(self, export: Any) -> str:
        if export.erased_at is not None:
            return "expired"
        return "waiting" if export.made_at is None else "ready"
