"""Agreements with dealers on the wire."""

from typing import Any

import marshmallow as ma

from backend.network.words import CustomerType, PaymentMode
from schemas.base import QuerySchema, Schema, Text, whole
from schemas.fields import a_day, asked_id, one_of, row_id

FEN = 10**12


class AgreementQuerySchema(QuerySchema):
    """Filters of the list."""

    dealer_id = asked_id("Whose agreements")
    on = a_day(metadata={"description": "In force on this day"})


class AgreedProductSchema(Schema):
    """A product, or a category of products, of an agreement."""

    product = Text(
        required=True,
        shortest=1,
        longest=40,
        metadata={"description": "Code of a product or category", "example": "handset"},
    )
    spec = Text(load_default="", longest=80, metadata={"example": "8+256"})
    quantity = whole(1, load_default=None, allow_none=True, metadata={"example": 500})


class TargetSchema(Schema):
    """What is to be sold from a day until (not including) another, in fen, in units, or both."""

    from_on = a_day("2026-01-01", required=True)
    to_on = a_day("2026-04-01", required=True)
    amount_fen = whole(1, FEN, load_default=None, allow_none=True, metadata={"example": 50_000_000})
    units = whole(1, load_default=None, allow_none=True, metadata={"example": 300})


def _terms(*, new: bool) -> dict[str, Any]:
    """Return the fields of the terms: all that matters is required of a new agreement."""
    must: dict[str, Any] = {"required": True} if new else {}

    def may(default: object) -> dict[str, Any]:
        return {"load_default": default} if new else {}

    def days(what: str) -> dict[str, Any]:
        return {"allow_none": True, "metadata": {"description": what, "example": None}} | may(None)

    return {
        "channel": one_of(CustomerType, allow_none=True, **may(None)),
        "products": ma.fields.List(
            ma.fields.Nested(AgreedProductSchema),
            validate=ma.validate.Length(max=200),
            metadata={"description": "None for all products"},
            **may(list),
        ),
        "territory": ma.fields.List(
            Text(shortest=2, longest=9),
            validate=ma.validate.Length(max=200),
            metadata={"description": "Division codes; none for anywhere", "example": ["430100"]},
            **may(list),
        ),
        "targets": ma.fields.List(
            ma.fields.Nested(TargetSchema), validate=ma.validate.Length(max=60), **may(list)
        ),
        "payment_mode": one_of(PaymentMode, **must),
        "payment_day": whole(1, 31, **days("Day of the month, when paid monthly")),
        "credit_days": whole(1, 365, **days("Days, when paid within a term")),
        "rebate_basis_points": whole(
            0, 10_000, allow_none=True, metadata={"example": 150}, **may(None)
        ),
        "rebate_terms": Text(longest=1000, metadata={"example": "季度达标返 1.5%"}, **may("")),
        "legal_representative": Text(
            shortest=1, longest=40, metadata={"example": "陈建国"}, **must
        ),
        "signed_on": a_day("2025-12-20", **must),
        "valid_from": a_day("2026-01-01", **must),
        "valid_to": a_day(
            "2027-01-01",
            allow_none=True,
            metadata={"description": "First day on which it no longer holds"},
            **may(None),
        ),
    }


NewTermsSchema: Any = Schema.from_dict(_terms(new=True), name="NewTerms")
TermsSchema: Any = Schema.from_dict(_terms(new=False), name="Terms")


class NewAgreementSchema(NewTermsSchema):
    """An agreement that was signed."""

    dealer_id = row_id(required=True)
    code = Text(required=True, shortest=1, longest=40, metadata={"example": "XY-2026-0001"})


class AmendAgreementSchema(TermsSchema):
    """What may change of an agreement; what is left out stays."""

    end_reason = Text(
        shortest=1,
        longest=500,
        metadata={"description": "Why it ends early", "example": "区域调整"},
    )


class ShownTargetSchema(Schema):
    """A target of an agreement."""

    amount_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 50_000_000})
    units = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 300})

    from_on = ma.fields.String(required=True, metadata={"example": "2026-01-01"})
    to_on = ma.fields.String(required=True, metadata={"example": "2026-04-01"})


class AgreementSchema(NewTermsSchema):
    """An agreement."""

    targets = ma.fields.List(ma.fields.Nested(ShownTargetSchema), required=True)

    id = ma.fields.Integer(required=True, metadata={"example": 5})
    dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    code = ma.fields.String(required=True, metadata={"example": "XY-2026-0001"})
    end_reason = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
