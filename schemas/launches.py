"""Launches of new products, and how far stores have come, on the wire."""

from typing import Any

import marshmallow as ma

from backend.standards.promotion_codes import LaunchStage
from schemas.base import Instant, QuerySchema, Schema, Text
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_EVIDENCE = "a8f5f167-f44f-4964-a6f2-f0e9d2e0b1c4"


class LaunchQuerySchema(QuerySchema):
    """Filters of the list."""

    sku_id = asked_id("Product")


class AmendLaunchSchema(Schema):
    """What may change of a launch; what is left out stays."""

    name = Text(shortest=1, longest=120, metadata={"example": "曜石 X9 首销"})
    launched_on = a_day("2026-09-08")
    area = ma.fields.List(
        Text(shortest=2, longest=9),
        validate=ma.validate.Length(max=500),
        metadata={"description": "Division codes; none for the nation", "example": ["430000"]},
    )


class NewLaunchSchema(AmendLaunchSchema):
    """A launch to be added."""

    sku_id = row_id(required=True)
    name = Text(required=True, shortest=1, longest=120, metadata={"example": "曜石 X9 首销"})
    launched_on = a_day("2026-09-08", required=True)


class LaunchSchema(Schema):
    """A new product brought out in an area from a day on."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    name = ma.fields.String(required=True, metadata={"example": "曜石 X9 首销"})
    launched_on = a_day("2026-09-08", required=True)
    area = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["430000"]})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class ProgressQuerySchema(QuerySchema):
    """Filters of the progress."""

    store_id = asked_id("Store")
    skipping = ma.fields.Boolean(
        metadata={"description": "Only stores that skipped a stage, or only those that did not"}
    )


class StagesSchema(Schema):
    """The first day on which a store showed each stage."""

    launch_advertise = a_day("2026-09-08", required=True, allow_none=True)
    launch_inquiry = a_day("2026-09-08", required=True, allow_none=True)
    launch_demo_trial = a_day("2026-09-10", required=True, allow_none=True)
    launch_offer = a_day(required=True, allow_none=True, metadata={"example": None})
    launch_advocacy = a_day(required=True, allow_none=True, metadata={"example": None})


def _skipped() -> ma.fields.List[Any]:
    about = {"description": "Stages before it that nothing shows", "example": []}
    return ma.fields.List(ma.fields.String(), required=True, metadata=about)


class LaunchProgressSchema(Schema):
    """How far a store has come with a launch."""

    store_id = ma.fields.Integer(required=True, attribute="id", metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0001"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    stages = ma.fields.Nested(StagesSchema, required=True)
    reached = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The furthest stage shown", "example": "launch_demo_trial"},
    )
    skipped = _skipped()


class RecordEvidenceSchema(Schema):
    """What shows that a store reached a stage; at best a photo of a visit."""

    store_id = row_id(required=True)
    stage = one_of(LaunchStage, required=True)
    seen_at = Instant(required=True, metadata={"example": "2026-09-08T12:10:00+08:00"})
    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_PHOTO})
    note = Text(load_default="", longest=500, metadata={"example": "首发海报已上墙"})

    @ma.validates_schema
    def _photo_is_of_a_visit(self, body: dict[str, Any], **_: object) -> None:
        if body.get("photo_id") is not None and body.get("visit_id") is None:
            raise ma.ValidationError("A photo needs its visit.", "visit_id")


class EvidenceSchema(Schema):
    """What shows that a store reached a stage."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_EVIDENCE})
    launch_id = ma.fields.Integer(required=True, attribute="launch", metadata={"example": 3})
    store_id = ma.fields.Integer(required=True, attribute="store", metadata={"example": 17})
    stage = ma.fields.String(required=True, metadata={"example": "launch_advertise"})
    seen_at = Instant(required=True, metadata={"example": "2026-09-08T04:10:00+00:00"})
    seen_on = a_day("2026-09-08", required=True)
    visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": SOME_PHOTO})
    note = ma.fields.String(required=True, metadata={"example": "首发海报已上墙"})
    person_id = ma.fields.Integer(required=True, attribute="person", metadata={"example": 11})
    received_at = Instant(required=True, metadata={"example": "2026-09-08T04:11:00+00:00"})


class RecordedEvidenceSchema(EvidenceSchema):
    """What was recorded, and which stages the store skipped on the way."""

    skipped = _skipped()


class EvidenceQuerySchema(QuerySchema):
    """Filters of the evidence."""

    store_id = asked_id("Store")
    stage = one_of(LaunchStage)
