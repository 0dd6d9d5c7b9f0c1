"""Scorecards of dealers on the wire."""

from typing import Any

import marshmallow as ma

from backend.insight.windows import Against
from backend.standards.scorecard_codes import ContestState, Pillar
from schemas.base import Day, Instant, QuerySchema, Schema
from schemas.fields import LARGEST_ID, asked_id, one_of
from schemas.summaries import REASON, DaysQuerySchema

SOME_LINE = "display/letter:C"
SOME_CONTEST = "5f0b8f0e-9c58-4c35-9d4b-8f1f2f8f6a10"
_TITLE = {"zh": "C 专柜、背景墙（2 米）", "en": "C Branded counter; Back wall, 2 m wide"}


def number(example: float, about: str = "", **kwargs: Any) -> ma.fields.Float:
    """Return a field for a number of a card that may be lacking."""
    metadata = {"example": example} | ({"description": about} if about else {})
    return ma.fields.Float(required=True, allow_none=True, metadata=metadata, **kwargs)


def text(example: str, about: str = "") -> ma.fields.String:
    """Return a field for a text of a card."""
    metadata = {"example": example} | ({"description": about} if about else {})
    return ma.fields.String(required=True, metadata=metadata)


def count(example: int, about: str = "") -> ma.fields.Integer:
    """Return a field for a whole number of a card."""
    metadata: dict[str, Any] = {"example": example} | ({"description": about} if about else {})
    return ma.fields.Integer(required=True, metadata=metadata)


class ScorecardQuerySchema(DaysQuerySchema):
    """Which days, and which days to compare them with."""

    against = one_of(
        Against,
        load_default="previous",
        metadata={
            "description": "`previous`: as many days just before; `last_year`: the same days of "
            "last year"
        },
    )


class FrozenQuerySchema(QuerySchema):
    """Which version of a month's card."""

    version = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, LARGEST_ID),
        metadata={"description": "The latest unless said", "example": 1},
    )


class ScorecardsQuerySchema(QuerySchema):
    """Filters of the table."""

    month = Day(
        metadata={"description": "Any day of the month; the last closed", "example": "2026-02-01"}
    )
    region_id = asked_id("Dealers of this region and below")


class LineStoreSchema(Schema):
    """A store behind a line."""

    store_id = count(7)
    code = text("43-01-001-0001")
    name = text("五一广场店")
    points = number(1.5, "Points of the card; null for a cap")


class CardKpiSchema(Schema):
    """A KPI of a pillar."""

    code = text("signage_compliance_score")
    zh = text("形象得分")
    en = text("signage compliance score")
    value = number(0.7)
    num = number(7)
    den = number(10)
    n_stores = count(10, "Stores that had a part in it")
    low_n = ma.fields.Boolean(required=True, metadata={"example": False})
    suspect_share = number(0.04, "Of the scored visits behind it, how many are doubtful")
    reason = REASON
    points = number(70, "0 to 100; null when it was not measured or is left out")
    share = number(0.15, "Of the card's score")
    is_left_out = ma.fields.Boolean(
        required=True,
        metadata={"description": "An upheld contest took it out of this card", "example": False},
    )


class CardPillarSchema(Schema):
    """A pillar."""

    pillar = one_of(Pillar, required=True)
    zh = text("陈列")
    en = text("display")
    weight = number(30, "Percent, by the tiers of the dealer's stores")
    share = number(0.3, "Of the score; pillars that were not measured give theirs to the others")
    points = number(60, "0 to 100 after caps; null when nothing was measured")
    uncapped = number(70)
    reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it has no points", "example": None},
    )
    kpis = ma.fields.List(ma.fields.Nested(CardKpiSchema), required=True)


class CapSchema(Schema):
    """Something critical that limits a pillar or the card."""

    line = text(SOME_LINE)
    zh = text(_TITLE["zh"])
    en = text(_TITLE["en"])
    pillar = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null: the whole card", "example": "display"},
    )
    limit = count(60)
    n_stores = count(1)
    stores = ma.fields.List(ma.fields.Nested(LineStoreSchema), required=True)


class CardLineSchema(Schema):
    """Something that cost the card points."""

    line = text(SOME_LINE, "The same on every card")
    zh = text(_TITLE["zh"])
    en = text(_TITLE["en"])
    pillar = one_of(Pillar, required=True)
    points = number(4.5, "Points of the card that it cost, before caps")
    kpis = ma.fields.List(
        ma.fields.String(), required=True, metadata={"example": ["signage_compliance_score"]}
    )
    n_stores = count(3, "Stores behind it; 0 when no store can be named")
    stores = ma.fields.List(
        ma.fields.Nested(LineStoreSchema),
        required=True,
        metadata={"description": "At most 20, those it cost most first"},
    )


class KpiMoveSchema(Schema):
    """A KPI that moved the card."""

    kpi = text("signage_compliance_score")
    zh = text("形象得分")
    en = text("signage compliance score")
    pillar = one_of(Pillar, required=True)
    points = number(-3.0, "Points of the card")
    before = number(80, "Its points then; null: not measured")
    after = number(70)


class LineMoveSchema(Schema):
    """A line that moved a KPI."""

    line = text(SOME_LINE)
    zh = text(_TITLE["zh"])
    en = text(_TITLE["en"])
    pillar = one_of(Pillar, required=True)
    kpi = text("signage_compliance_score")
    points = number(-2.5, "Points of the card; below 0 it fell")
    n_stores = count(2)
    stores = ma.fields.List(ma.fields.Nested(LineStoreSchema), required=True)


class MovementSchema(Schema):
    """How the score came about since the days it is compared with."""

    against = one_of(Against, required=True)
    from_on = Day(required=True, data_key="from", metadata={"example": "2026-02-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-02"})
    before = number(78.5, "The score then")
    points = number(-4.0, "Of which: the KPIs', `mix` and `caps`")
    mix = number(0.5, "By other weights, or because other KPIs could be measured")
    caps = number(0.0, "By caps that came or went")
    pillars = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"example": {"display": -4.5}},
    )
    kpis = ma.fields.List(ma.fields.Nested(KpiMoveSchema), required=True)
    lines = ma.fields.List(
        ma.fields.Nested(LineMoveSchema),
        required=True,
        metadata={"description": "What moved most first"},
    )


class CardContestSchema(Schema):
    """A contest of a line, as the card shows it."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CONTEST})
    line = text(SOME_LINE)
    store_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="store",
        metadata={"description": "null: every store", "example": 7},
    )
    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-30"})
    text = text("专柜 3 月 2 日已装，照片见店内")
    state = one_of(ContestState, required=True)
    reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    left_out = count(0, "How many failures this card leaves out because of it")


class ScorecardSchema(Schema):
    """A dealer's card over a window of days."""

    dealer_id = count(1)
    dealer_code = text("43-01-001")
    dealer_name = text("长沙恒信通讯")
    region_id = count(1)
    from_on = Day(required=True, data_key="from", metadata={"example": "2026-03-02"})
    to_on = Day(required=True, data_key="to", metadata={"example": "2026-03-30"})
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    is_provisional = ma.fields.Boolean(required=True, metadata={"example": True})
    stores_by_tier = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "On the last day", "example": {"city": 8, "town": 4}},
    )
    score = number(74.5, "0 to 100; null when nothing was measured")
    uncapped = number(74.5, "What it would be without caps")
    reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    pillars = ma.fields.List(ma.fields.Nested(CardPillarSchema), required=True)
    caps = ma.fields.List(ma.fields.Nested(CapSchema), required=True)
    lines = ma.fields.List(
        ma.fields.Nested(CardLineSchema),
        required=True,
        metadata={"description": "What cost most first"},
    )
    movement = ma.fields.Nested(MovementSchema, required=True)
    contests = ma.fields.List(
        ma.fields.Nested(CardContestSchema),
        required=True,
        metadata={"description": "Of cards that have a day in common with this one"},
    )


class FrozenScorecardSchema(ScorecardSchema):
    """A version of a month's card, as it was frozen; its contests are those of today."""

    version = count(1)
    is_latest = ma.fields.Boolean(required=True, metadata={"example": True})
    frozen_at = Instant(required=True, metadata={"example": "2026-04-03T16:00:10+00:00"})


class ScorecardRowSchema(Schema):
    """A frozen card in a list."""

    dealer_id = count(1)
    dealer_code = ma.fields.String(
        required=True, attribute="code", metadata={"example": "43-01-001"}
    )
    dealer_name = ma.fields.String(
        required=True, attribute="name", metadata={"example": "长沙恒信通讯"}
    )
    month_on = Day(required=True, data_key="month", metadata={"example": "2026-02-01"})
    version = count(1)
    score = number(74.5)
    pillars = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(allow_none=True),
        required=True,
        metadata={"description": "Points after caps", "example": {"display": 60.0}},
    )
    frozen_at = Instant(required=True, metadata={"example": "2026-03-03T16:00:10+00:00"})
