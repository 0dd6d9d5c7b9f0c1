"""Dealers' claims on the wire; money is in fen."""

from typing import Any

import marshmallow as ma

from backend.standards.promotion_codes import COST_BASIS, ClaimState
from schemas.base import Instant, QuerySchema, Schema, Text, whole
from schemas.examples import SOME_PHOTO, SOME_VISIT
from schemas.fields import a_day, asked_id, each_once, one_of, row_id

SOME_CLAIM = "c1f0a9d2-5f0b-4e1a-8d35-6b7a40c0e933"
MOST_FEN = 10**12


class PhotoProofSchema(Schema):
    """A photo of a visit to one of the dealer's stores."""

    visit_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    photo_id = ma.fields.UUID(required=True, metadata={"example": SOME_PHOTO})


class ResultProofSchema(Schema):
    """The promotion's results of one of the dealer's stores on a day."""

    store_id = row_id(required=True)
    day = a_day(required=True)


class ClaimLineSchema(Schema):
    """What is claimed for one kind, and what proves it."""

    kind = one_of(COST_BASIS, required=True, metadata={"example": "sales_spiff"})
    amount_fen = whole(1, MOST_FEN, required=True, metadata={"example": 12000})
    quantity = whole(
        1,
        required=True,
        metadata={
            "description": "Units, gifts, stores, pieces or sessions, by the kind's cost basis",
            "example": 6,
        },
    )
    sell_in_fen = whole(
        1,
        MOST_FEN,
        load_default=None,
        allow_none=True,
        metadata={"description": "What a share of the sell-in is of", "example": None},
    )
    photos = ma.fields.List(
        ma.fields.Nested(PhotoProofSchema), load_default=list, validate=ma.validate.Length(max=500)
    )
    results = ma.fields.List(
        ma.fields.Nested(ResultProofSchema),
        load_default=list,
        validate=ma.validate.Length(max=2_000),
    )


class SubmitClaimSchema(Schema):
    """A claim of a dealer on a promotion, one line for each kind."""

    promotion_id = row_id(required=True)
    dealer_id = row_id(required=True)
    lines = ma.fields.List(
        ma.fields.Nested(ClaimLineSchema), required=True, validate=ma.validate.Length(1, 20)
    )
    note = Text(load_default="", longest=1000, metadata={"example": "三月促销核销"})

    @ma.validates("lines")
    def _each_kind_once(self, lines: list[dict[str, Any]], **_: object) -> None:
        each_once(lines, "kind", "A kind is named twice.")


class GrantSchema(Schema):
    """What a line is granted."""

    number = whole(1, 20, required=True, metadata={"example": 1})
    accepted_fen = whole(0, MOST_FEN, required=True, metadata={"example": 10000})


class DecisionSchema(Schema):
    """What each line is granted; nothing at all is a rejection."""

    lines = ma.fields.List(
        ma.fields.Nested(GrantSchema), required=True, validate=ma.validate.Length(1, 20)
    )
    note = Text(load_default="", longest=1000, metadata={"example": "一家门店无照片"})

    @ma.validates("lines")
    def _each_line_once(self, lines: list[dict[str, Any]], **_: object) -> None:
        each_once(lines, "number", "A line is named twice.")


class SettlementSchema(Schema):
    """By what the claim was paid or credited."""

    settlement = Text(required=True, shortest=1, longest=200, metadata={"example": "红字发票 0317"})


class DealerClaimSchema(Schema):
    """A claim of a dealer on a promotion."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CLAIM})
    promotion_id = ma.fields.Integer(required=True, attribute="promotion", metadata={"example": 2})
    dealer_id = ma.fields.Integer(required=True, attribute="dealer", metadata={"example": 7})
    state = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf([str(state) for state in ClaimState]),
        metadata={"example": "submitted"},
    )
    note = ma.fields.String(required=True, metadata={"example": "三月促销核销"})
    claimed_fen = ma.fields.Integer(required=True, metadata={"example": 12000})
    accepted_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    submitted_by_id = ma.fields.Integer(required=True, metadata={"example": 11})
    submitted_at = Instant(required=True, metadata={"example": "2026-04-02T04:00:00+00:00"})
    reviewed_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    reviewed_at = Instant(required=True, allow_none=True, metadata={"example": None})
    decided_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    decided_at = Instant(required=True, allow_none=True, metadata={"example": None})
    decision_note = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    settled_by_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})
    settled_at = Instant(required=True, allow_none=True, metadata={"example": None})
    settlement = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class WeighedLineSchema(ClaimLineSchema):
    """A line and what it is worth: as of now, or as it was when it was decided."""

    number = ma.fields.Integer(required=True, metadata={"example": 1})
    cost_basis = ma.fields.String(required=True, metadata={"example": "per_unit"})
    proven_quantity = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null where nothing here can prove it", "example": 5},
    )
    maximum_fen = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null where neither rate nor budget bounds it", "example": 10000},
    )
    flags = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "no_proof, exceeds_proof, exceeds_rate, exceeds_budget, "
            "proof_used_before",
            "example": ["exceeds_proof"],
        },
    )
    accepted_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": None})


class WholeClaimSchema(DealerClaimSchema):
    """A claim with its lines, their proofs and what they are worth."""

    lines = ma.fields.List(ma.fields.Nested(WeighedLineSchema), required=True)
    maximum_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 10000})
    is_flagged = ma.fields.Boolean(required=True)


class ClaimQuerySchema(QuerySchema):
    """Filters of the list."""

    promotion_id = asked_id("Promotion")
    dealer_id = asked_id("Dealer")
    state = one_of(ClaimState)
