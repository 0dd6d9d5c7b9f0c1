"""Push assessments on the wire."""

from typing import Any

import marshmallow as ma

from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.customers import percent, scale
from schemas.examples import SOME_VISIT
from schemas.fields import a_day, asked_id, row_id

SOME_ASSESSMENT = "6a1d2c3e-7b54-4d63-9f0a-5c8e2b1f4a44"


class PushQuerySchema(QuerySchema):
    """Filters of the list."""

    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    from_on = a_day(data_key="from")
    to_on = a_day(data_key="to", metadata={"description": "Not included"})
    latest = ma.fields.Boolean(
        load_default=False, metadata={"description": "Only the last one of each store"}
    )


def _level(what: str) -> ma.fields.Integer:
    return whole(
        0, 5, load_default=None, allow_none=True, metadata={"description": what, "example": 3}
    )


class PushLevelsSchema(Schema):
    """How far each level pushes.

    0 hostile, 1 only when asked, 2 among others, 3 sometimes first, 4 always first, 5 and shows it.
    """

    dealer_push = _level("The dealer sells our brand first to stores")
    store_push = _level("The store gives us its best place")
    counter_push = _level("The counter group asks it of its clerks")
    clerk_push = _level("The clerk recommends us first")


def _rank() -> ma.fields.Integer:
    return scale(1, 50, example=2, load_default=None)


class BenefitSchema(Schema):
    """Rank of our margin and spiff among the brands there; 1 is the best."""

    margin_rank = _rank()
    spiff_rank = _rank()


class BrandSchema(Schema):
    """How many shoppers ask for us by name."""

    asked_by_name_percent = percent(load_default=None, allow_none=True)


class SupportSchema(Schema):
    """How soon we repair, and how well we advertise there."""

    after_sales_days = scale(0, 365, load_default=None)
    advertising_support = scale(1, 5, load_default=None)


class ProductInformationSchema(Schema):
    """What the clerks know."""

    is_clerk_trained = ma.fields.Boolean(
        load_default=None, allow_none=True, metadata={"example": True}
    )
    quiz_percent = percent(load_default=None, allow_none=True)


class RelationshipSchema(Schema):
    """How they stand to us."""

    relation_grade = scale(1, 5, load_default=None)
    trust_incidents = scale(0, 100, example=0, load_default=None)


class PushEvidenceSchema(Schema):
    """What speaks for five of the six factors; the sixth, the decision maker, is derived."""

    benefit = ma.fields.Nested(BenefitSchema)
    brand = ma.fields.Nested(BrandSchema)
    support_and_service = ma.fields.Nested(SupportSchema)
    product_information = ma.fields.Nested(ProductInformationSchema)
    relationship = ma.fields.Nested(RelationshipSchema)


class NewPushSchema(Schema):
    """How a store pushes, as somebody found it."""

    store_id = row_id(required=True)
    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_VISIT})
    assessed_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})
    levels = ma.fields.Nested(PushLevelsSchema, required=True)
    factors = ma.fields.Nested(PushEvidenceSchema, load_default=dict)
    is_mystery_shop = ma.fields.Boolean(
        load_default=False,
        metadata={
            "example": False,
            "description": "Asked as a shopper whom nobody there knows; its answers count twice",
        },
    )
    note = Text(load_default="", longest=1000, metadata={"example": "首推竞品，提成高 20 元"})

    @ma.validates("levels")
    def check_levels(self, levels: dict[str, Any], **_: Any) -> None:
        """Require one level at least."""
        if all(level is None for level in levels.values()):
            raise ma.ValidationError("Judge one level at least.")


class DecisionMakerSchema(Schema):
    """Whether a decider of the store was met lately, by the log of contacts."""

    last_met_on = Day(required=True, allow_none=True, metadata={"example": "2026-02-20"})
    is_in_touch = ma.fields.Boolean(required=True, metadata={"example": True})


class PushFactorsSchema(PushEvidenceSchema):
    """All six factors."""

    decision_maker = ma.fields.Nested(DecisionMakerSchema, required=True)


class PushSchema(Schema):
    """A push assessment."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_ASSESSMENT})
    store_id = ma.fields.Integer(required=True, attribute="store", metadata={"example": 17})
    dealer_id = ma.fields.Integer(
        required=True, allow_none=True, attribute="dealer", metadata={"example": 7}
    )
    visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": SOME_VISIT})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    assessed_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    assessed_on = Day(required=True, metadata={"example": "2026-03-02"})
    levels = ma.fields.Nested(PushLevelsSchema, required=True)
    factors = ma.fields.Nested(PushFactorsSchema, required=True)
    is_mystery_shop = ma.fields.Boolean(required=True, metadata={"example": False})
    note = ma.fields.String(required=True, metadata={"example": ""})
