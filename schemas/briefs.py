"""Briefs on the wire."""

import marshmallow as ma

from schemas.base import Day, Instant, QuerySchema, Schema
from schemas.fields import a_day, asked_id
from schemas.plans import SOME_PLAN
from schemas.receipts import ScoreSchema
from schemas.tasks import SOME_TASK
from schemas.violations import SOME_VIOLATION

SOME_CONTACT = "4a1d2f6b-0c53-4f0e-9d0c-2a6b8d1f5e11"


class BriefQuerySchema(QuerySchema):
    """For which day."""

    on = a_day(metadata={"description": "Today when left out"})


class DayBriefQuerySchema(BriefQuerySchema):
    """For which day, and whose stores."""

    person_id = asked_id("Whose planned visits; one's own when left out")


class StoreOfBriefSchema(Schema):
    """The store."""

    id = ma.fields.Integer(required=True, metadata={"example": 17})
    code = ma.fields.String(required=True, metadata={"example": "43-01-001-0017"})
    name = ma.fields.String(required=True, metadata={"example": "五一广场店"})
    tier = ma.fields.String(required=True, metadata={"example": "city"})
    grade = ma.fields.String(required=True, metadata={"example": "B"})


class PlanOfBriefSchema(Schema):
    """The planned visit."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_PLAN})
    status = ma.fields.String(required=True, metadata={"example": "planned"})


class LastVisitSchema(Schema):
    """The last visit that counted."""

    visited_on = Day(required=True, metadata={"example": "2026-02-23"})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    kind = ma.fields.String(required=True, metadata={"example": "routine"})
    outcome = ma.fields.String(required=True, allow_none=True, metadata={"example": "done"})
    score = ma.fields.Nested(ScoreSchema, required=True, allow_none=True)


class OpenViolationSchema(Schema):
    """A violation to look at."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_VIOLATION})
    kind = ma.fields.String(required=True, metadata={"example": "out_of_stock"})
    subject = ma.fields.String(required=True, metadata={"example": "sku:3"})
    severity = ma.fields.Integer(required=True, metadata={"example": 2})
    colour = ma.fields.String(required=True, metadata={"example": "#F9A825"})
    opened_on = Day(required=True, metadata={"example": "2026-02-23"})
    last_seen_at = Instant(required=True, metadata={"example": "2026-02-23T03:20:00+00:00"})
    sightings = ma.fields.Integer(required=True, metadata={"example": 2})


class OpenTaskSchema(Schema):
    """A task to do."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_TASK})
    violation_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"example": SOME_VIOLATION}
    )
    note = ma.fields.String(required=True, metadata={"example": "补贴海报"})
    state = ma.fields.String(required=True, metadata={"example": "assigned"})
    severity = ma.fields.Integer(required=True, metadata={"example": 2})
    owner_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    due_on = Day(required=True, metadata={"example": "2026-03-05"})


class PromotionOfBriefSchema(Schema):
    """A promotion the store takes part in."""

    id = ma.fields.Integer(required=True, metadata={"example": 2})
    code = ma.fields.String(required=True, metadata={"example": "P2026-05"})
    name = ma.fields.String(required=True, metadata={"example": "五一促销"})
    starts_on = Day(required=True, metadata={"example": "2026-03-01"})
    ends_on = Day(required=True, metadata={"example": "2026-03-15"})
    allowed_gift_fen = ma.fields.Integer(required=True, metadata={"example": 5000})


class MissingMustSchema(Schema):
    """A must-list product that was missing last time."""

    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    sku_code = ma.fields.String(required=True, metadata={"example": "X3"})
    sku_name = ma.fields.String(required=True, metadata={"example": "YAOSHI X3"})
    is_listed = ma.fields.Boolean(
        required=True, metadata={"description": "Listed, but out of stock", "example": False}
    )


class FlaggedStockSchema(Schema):
    """A product whose stock calls for something."""

    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    sku_code = ma.fields.String(required=True, metadata={"example": "X3"})
    sku_name = ma.fields.String(required=True, metadata={"example": "YAOSHI X3"})
    stock = ma.fields.Integer(required=True, metadata={"example": 1})
    flag = ma.fields.String(required=True, metadata={"example": "understock"})


class ChecklistOfBriefSchema(Schema):
    """The checklist to use."""

    code = ma.fields.String(required=True, metadata={"example": "signage_city"})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class WantedPhotosSchema(Schema):
    """Photos that a line of the checklist asks for."""

    line = ma.fields.String(required=True, attribute="code", metadata={"example": "first_notice"})
    letter = ma.fields.String(required=True, metadata={"example": "P1"})
    zh = ma.fields.String(required=True, metadata={"example": "门头照片"})
    en = ma.fields.String(required=True, metadata={"example": "Storefront photo"})
    required = ma.fields.Boolean(required=True, metadata={"example": True})
    min_count = ma.fields.Integer(required=True, metadata={"example": 1})


class DeciderSchema(Schema):
    """Somebody to meet."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CONTACT})
    name = ma.fields.String(required=True, metadata={"example": "王敏"})
    job_role = ma.fields.String(required=True, metadata={"example": "owner"})
    buying_role = ma.fields.String(required=True, metadata={"example": "decider"})
    last_met_on = Day(required=True, allow_none=True, metadata={"example": "2026-02-23"})


class BriefSchema(Schema):
    """What to know before a visit."""

    store = ma.fields.Nested(StoreOfBriefSchema, required=True)
    on = Day(required=True, metadata={"example": "2026-03-02"})
    plan = ma.fields.Nested(PlanOfBriefSchema, required=True, allow_none=True)
    last_visit = ma.fields.Nested(LastVisitSchema, required=True, allow_none=True)
    violations = ma.fields.List(ma.fields.Nested(OpenViolationSchema), required=True)
    tasks = ma.fields.List(ma.fields.Nested(OpenTaskSchema), required=True)
    promotions = ma.fields.List(ma.fields.Nested(PromotionOfBriefSchema), required=True)
    missing = ma.fields.List(ma.fields.Nested(MissingMustSchema), required=True)
    stock_flags = ma.fields.List(ma.fields.Nested(FlaggedStockSchema), required=True)
    checklist = ma.fields.Nested(ChecklistOfBriefSchema, required=True, allow_none=True)
    photos = ma.fields.List(ma.fields.Nested(WantedPhotosSchema), required=True)
    deciders = ma.fields.List(
        ma.fields.Nested(DeciderSchema),
        required=True,
        allow_none=True,
        metadata={"description": "null for those who may not read contacts"},
    )
