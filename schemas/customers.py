"""Dealers and stores alike, on the wire."""

from typing import Any

import marshmallow as ma

from schemas.base import Schema
from schemas.fields import asked_id, row_id


class OfCustomerSchema(Schema):
    """Something that is about one dealer or one store."""

    dealer_id = row_id(load_default=None, allow_none=True)
    store_id = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"description": "Either this or dealer_id", "example": None},
    )

    @ma.validates_schema
    def check_whose(self, sent: dict[str, Any], **_: Any) -> None:
        """Require one of the two."""
        if (sent["dealer_id"] is None) == (sent["store_id"] is None):
            raise ma.ValidationError("Name a dealer or a store, not both.", "dealer_id")


class CustomerQuerySchema(Schema):
    """Filters by whom something is about."""

    class Meta:
        unknown = ma.EXCLUDE

    dealer_id = asked_id("About this dealer")
    store_id = asked_id("About this store")


def percent(**kwargs: Any) -> ma.fields.Integer:
    """Return a field for a whole percentage."""
    return ma.fields.Integer(
        strict=True,
        validate=ma.validate.Range(0, 100),
        **{"metadata": {"example": 40, "description": "Percent"}} | kwargs,
    )


def scale(least: int, most: int, example: int = 3, **kwargs: Any) -> ma.fields.Integer:
    """Return a field for a grade on a scale, or null."""
    return ma.fields.Integer(
        strict=True,
        allow_none=True,
        validate=ma.validate.Range(least, most),
        metadata={"example": example},
        **kwargs,
    )
