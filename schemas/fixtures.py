"""Fixtures on the wire."""

from typing import Any

import marshmallow as ma

from backend.standards.trade_codes import (
    FixtureCondition,
    FixtureKind,
    FixtureState,
    FixtureStep,
)
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_INSPECTION = "c2c6c1de-7f0e-4b4c-8d55-3f1f9a7b6e42"


def _place(**kwargs: Any) -> Text:
    return Text(
        longest=200,
        metadata={"example": "五一路店左侧柜台", "description": "Where exactly, or where else"},
        **kwargs,
    )


class FixtureTermsSchema(Schema):
    """What a fixture is."""

    kind = one_of(FixtureKind, required=True)
    name = Text(required=True, shortest=1, longest=80, metadata={"example": "二代专柜 1.2 m"})
    value_fen = whole(required=True, metadata={"example": 680000})
    owner_company = Text(
        required=True, shortest=1, longest=120, metadata={"example": "曜石通信（湖南）有限公司"}
    )
    purchased_on = a_day("2025-06-01", required=True)


class NewFixtureSchema(FixtureTermsSchema):
    """A fixture to be entered."""

    code = Text(
        required=True,
        shortest=1,
        longest=40,
        metadata={"example": "ZG-2025-00017", "description": "Serial number or asset code"},
    )
    condition = one_of(FixtureCondition, load_default="new")
    region_id = row_id(required=True)
    place = Text(load_default="", longest=200, metadata={"example": "长沙仓库"})


class AmendFixtureSchema(Schema):
    """What is to be corrected."""

    kind = one_of(FixtureKind)
    name = Text(shortest=1, longest=80, metadata={"example": "二代专柜 1.2 m"})
    value_fen = whole(metadata={"example": 680000})
    owner_company = Text(shortest=1, longest=120, metadata={"example": "曜石通信（湖南）有限公司"})
    purchased_on = a_day("2025-06-01")


class FixtureSchema(FixtureTermsSchema):
    """A fixture, where it is, and what was found last."""

    id = ma.fields.Integer(required=True, metadata={"example": 21})
    code = ma.fields.String(required=True, metadata={"example": "ZG-2025-00017"})
    condition = one_of(FixtureCondition, required=True)
    state = one_of(FixtureState, required=True, metadata={"example": "on_loan"})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    place = _place(required=True)
    lent_on = Day(required=True, allow_none=True, metadata={"example": "2025-07-01"})
    due_back_on = Day(required=True, allow_none=True, metadata={"example": "2026-06-30"})
    recalled_on = Day(required=True, allow_none=True, metadata={"example": None})
    inspected_at = Instant(
        required=True, allow_none=True, metadata={"example": "2026-03-02T04:10:00+00:00"}
    )
    is_present = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether the last inspection found it; null before the first"},
    )
    version = ma.fields.Integer(required=True, metadata={"example": 3})


class RecallSchema(FixtureSchema):
    """A fixture that is to come back."""

    has_agreement = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether an agreement with its dealer is in force on the day"},
    )


class FixtureQuerySchema(QuerySchema):
    """Filters of the fixtures."""

    state = one_of(FixtureState)
    kind = one_of(FixtureKind)
    dealer_id = asked_id("Dealer who has it")
    store_id = asked_id("Store it stands in")
    region_id = asked_id("This region and those below")
    code = Text(longest=40, metadata={"example": "ZG-2025-00017"})


class RecallQuerySchema(QuerySchema):
    """Filters of what is to come back."""

    day = a_day(metadata={"description": "Today when left out"})
    dealer_id = asked_id("Dealer who has it")


class PartySchema(Schema):
    """Who gave or received."""

    name = Text(required=True, shortest=1, longest=80, metadata={"example": "韩梅梅"})
    person_id = ma.fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"example": None, "description": "When they sign in here"},
    )


class HappeningSchema(Schema):
    """When something happened to a fixture."""

    happened_at = Instant(required=True, metadata={"example": "2026-03-02T10:00:00+08:00"})
    note = Text(load_default="", longest=500, metadata={"example": "随柜两把钥匙"})
    photo_ids = ma.fields.List(
        ma.fields.UUID(),
        load_default=list,
        validate=ma.validate.Length(max=20),
        metadata={"example": [], "description": "Photos of visits"},
    )


class MoveSchema(HappeningSchema):
    """Where a fixture goes."""

    store_id = ma.fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"example": 17},
    )
    place = _place(load_default="")

    @ma.validates_schema
    def _somewhere(self, data: dict[str, Any], **_: object) -> None:
        if data["store_id"] is None and not data["place"]:
            raise ma.ValidationError("Name the store or the place.", "place")


class _ChangingHands:
    giver = ma.fields.Nested(PartySchema, required=True)
    receiver = ma.fields.Nested(PartySchema, required=True)
    condition = one_of(FixtureCondition, required=True, metadata={"example": "good"})


class HandOverSchema(_ChangingHands, MoveSchema):
    """A fixture is lent."""

    dealer_id = row_id(required=True)
    due_back_on = a_day("2026-06-30", load_default=None, allow_none=True)


class ReturnSchema(_ChangingHands, HappeningSchema):
    """A fixture comes back."""

    place = Text(load_default="", longest=200, metadata={"example": "长沙仓库"})


class AskBackSchema(HappeningSchema):
    """A fixture is asked back."""

    due_back_on = a_day("2026-03-31", load_default=None, allow_none=True)


class WriteOffSchema(HappeningSchema):
    """The end of a fixture."""

    note = Text(required=True, shortest=1, longest=500, metadata={"example": "水浸报废"})


class PhotoRefSchema(Schema):
    """A photo of a visit."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})


class FixtureEventSchema(Schema):
    """A step in the life of a fixture, and where it was afterwards."""

    number = ma.fields.Integer(required=True, metadata={"example": 2})
    kind = one_of(FixtureStep, required=True, metadata={"example": "handed_over"})
    happened_at = Instant(required=True, metadata={"example": "2026-03-02T02:00:00+00:00"})
    giver = ma.fields.String(required=True, allow_none=True, metadata={"example": "李雷"})
    giver_person_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 11})
    receiver = ma.fields.String(required=True, allow_none=True, metadata={"example": "韩梅梅"})
    receiver_person_id = ma.fields.Integer(
        required=True, allow_none=True, metadata={"example": None}
    )
    condition = one_of(FixtureCondition, required=True, allow_none=True)
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    place = _place(required=True)
    photos = ma.fields.List(ma.fields.Nested(PhotoRefSchema), required=True)
    note = ma.fields.String(required=True, metadata={"example": "随柜两把钥匙"})
    recorded_at = Instant(required=True, metadata={"example": "2026-03-02T02:05:00+00:00"})
    recorded_by_id = ma.fields.Integer(required=True, metadata={"example": 5})


class NewInspectionSchema(Schema):
    """What somebody found when they looked for a fixture in a store."""

    fixture_id = row_id(required=True)
    store_id = row_id(required=True)
    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_VISIT})
    inspected_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})
    is_present = ma.fields.Boolean(required=True)
    is_misused = ma.fields.Boolean(
        load_default=False, metadata={"description": "It shows other goods than the brand's"}
    )
    condition = one_of(FixtureCondition, load_default=None, allow_none=True)
    note = Text(load_default="", longest=500, metadata={"example": "柜内摆放竞品两台"})
    photo_ids = ma.fields.List(
        ma.fields.UUID(),
        load_default=list,
        validate=ma.validate.Length(max=20),
        metadata={"example": [SOME_PHOTO]},
    )

    @ma.validates_schema
    def _seen_only_when_there(self, data: dict[str, Any], **_: object) -> None:
        if not data["is_present"] and (data["is_misused"] or data["condition"]):
            raise ma.ValidationError("What is not there has no condition or use.", "is_present")


class InspectionSchema(Schema):
    """An inspection as recorded."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_INSPECTION})
    fixture_id = ma.fields.Integer(required=True, metadata={"example": 21})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": SOME_VISIT})
    inspected_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    is_present = ma.fields.Boolean(required=True)
    is_expected = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it should have stood there then"}
    )
    is_misused = ma.fields.Boolean(required=True)
    condition = one_of(FixtureCondition, required=True, allow_none=True)
    note = ma.fields.String(required=True, metadata={"example": "柜内摆放竞品两台"})
    photos = ma.fields.List(
        ma.fields.UUID(), required=True, data_key="photo_ids", metadata={"example": [SOME_PHOTO]}
    )
    violation_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": None})


class InspectionQuerySchema(QuerySchema):
    """Filters of the inspections."""

    fixture_id = asked_id("Fixture")
    store_id = asked_id("Where somebody looked")
