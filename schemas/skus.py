"""Products on the wire."""

from typing import Any

import marshmallow as ma

from backend.standards.codes import SkuRole
from schemas.base import QuerySchema, Schema, Text
from schemas.fields import a_day, one_of


class SkuQuerySchema(QuerySchema):
    """Filters of the list."""

    role = one_of(SkuRole)
    category = Text(longest=20)
    price_band = Text(longest=20)
    code = Text(longest=40)


def _tags(**kwargs: Any) -> ma.fields.List[str]:
    return ma.fields.List(
        Text(shortest=1, longest=80),
        validate=ma.validate.Length(max=20),
        metadata={
            "description": "`local:<division>`: a local model; `fighter:<competitor>`: a fighter",
            "example": ["fighter:C1", "local:430000"],
        },
        **kwargs,
    )


def _price_band(**kwargs: Any) -> Text:
    about = {"description": "The brand's own code", "example": "1000-1999"}
    return Text(shortest=1, longest=20, allow_none=True, metadata=about, **kwargs)


class NewSkuSchema(Schema):
    """A product to be added."""

    code = Text(required=True, shortest=1, longest=40, metadata={"example": "YS-X1-128"})
    name = Text(required=True, shortest=1, longest=80, metadata={"example": "曜石 X1 128G"})
    category = Text(required=True, shortest=1, longest=20, metadata={"example": "handset"})
    role = one_of(SkuRole, required=True)
    tags = _tags(load_default=list)
    price_band = _price_band(load_default=None)
    launched_on = a_day("2025-09-01", required=True)
    ended_on = a_day("2026-12-01", load_default=None, allow_none=True)


class AmendSkuSchema(Schema):
    """What may change of a product; what is left out stays."""

    name = Text(shortest=1, longest=80, metadata={"example": "曜石 X1 128G"})
    category = Text(shortest=1, longest=20, metadata={"example": "handset"})
    role = one_of(SkuRole)
    tags = _tags()
    price_band = _price_band()
    ended_on = a_day("2026-12-01", allow_none=True)


class SkuSchema(Schema):
    """A product."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    code = ma.fields.String(required=True, metadata={"example": "YS-X1-128"})
    name = ma.fields.String(required=True, metadata={"example": "曜石 X1 128G"})
    category = ma.fields.String(required=True, metadata={"example": "handset"})
    role = ma.fields.String(required=True, metadata={"example": "hero"})
    tags = ma.fields.List(ma.fields.String(), required=True, metadata={"example": ["local:430000"]})
    price_band = ma.fields.String(required=True, allow_none=True, metadata={"example": "1000-1999"})
    launched_on = a_day("2025-09-01", required=True)
    ended_on = a_day(required=True, allow_none=True)
    version = ma.fields.Integer(required=True, metadata={"example": 1})
