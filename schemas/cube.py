"""The cube on the wire."""

from typing import Any

import marshmallow as ma
from webargs.fields import DelimitedList

from backend.insight.cube_words import (
    USUAL,
    Axis,
    Basis,
    BehaviourBy,
    CustomerBy,
    Kind,
    Measure,
    ProductBy,
    Reason,
)
from backend.network.divisions import Tier
from schemas.base import Instant, Schema, Text
from schemas.fields import FileFields, asked_id, one_of, window_day
from schemas.summaries import DaysQuerySchema


def _axis(kinds: Any, what: str) -> ma.fields.List[str]:
    once = ma.validate.Length(max=1, error="An axis can be asked for once.")
    about = {"description": what, "example": [str(next(iter(kinds)))]}
    return ma.fields.List(one_of(kinds), validate=once, load_default=list, metadata=about)


class CubeQuerySchema(DaysQuerySchema):
    """Which axes, what is measured, and of what."""

    customer = _axis(CustomerBy, "What customers are told apart by")
    product = _axis(ProductBy, "What products are told apart by")
    behaviour = _axis(
        BehaviourBy, "What the behaviour of customers towards products is told apart by"
    )
    measures = DelimitedList(
        one_of(Measure),
        validate=ma.validate.Length(min=1, max=len(Measure)),
        load_default=lambda: list(map(str, USUAL)),
        metadata={"description": "What is measured", "example": ["sell_out_units", "stores"]},
    )
    basis = one_of(
        Basis,
        load_default=str(Basis.SELL_OUT),
        metadata={"description": "The feed that behaviour is read from"},
    )
    region_id = asked_id("Only what was sold in this region and below")
    dealer_id = asked_id("Only this dealer, by the day of the fact")
    tier = one_of(Tier, metadata={"description": "Only stores that are of this tier today"})
    sku_id = asked_id("Only this product")
    category = Text(longest=20, metadata={"description": "Only products of this category"})

    @ma.validates("measures")
    def _named_once(self, measures: list[str], **_: Any) -> None:
        if len(set(measures)) < len(measures):
            raise ma.ValidationError("A measure can be asked for once.")

    @ma.post_load
    def _one_each(self, asked: dict[str, Any], **_: Any) -> dict[str, Any]:
        for axis in Axis:
            asked[str(axis)] = next(iter(asked[str(axis)]), None)
        return asked


class CubeFileQuerySchema(FileFields, CubeQuerySchema):
    """The same, and how the file is to be."""


class CubeMemberSchema(Schema):
    """A member of an axis."""

    code = ma.fields.String(required=True, metadata={"example": "city"})
    zh = ma.fields.String(required=True, metadata={"example": "城市"})
    en = ma.fields.String(required=True, metadata={"example": "city"})


class CubeAxisSchema(Schema):
    """An axis as answered."""

    axis = one_of(Axis, required=True)
    by = ma.fields.String(required=True, metadata={"example": "tier"})
    zh = ma.fields.String(required=True, attribute="by.zh", metadata={"example": "门店层级"})
    en = ma.fields.String(required=True, attribute="by.en", metadata={"example": "store tier"})
    members = ma.fields.List(
        ma.fields.Nested(CubeMemberSchema),
        required=True,
        metadata={"description": "Those that have cells, in order"},
    )
    reason = one_of(
        Reason,
        required=True,
        allow_none=True,
        metadata={"description": "Why everything is in `none`", "example": None},
    )


class CubeMeasureSchema(Schema):
    """A measure, and how its cells go together."""

    code = one_of(Measure, required=True, attribute="value")
    zh = ma.fields.String(required=True, metadata={"example": "进货台数"})
    en = ma.fields.String(required=True, metadata={"example": "sell-in units"})
    kind = one_of(
        Kind, required=True, metadata={"description": "`additive`, `distinct` or `state`"}
    )
    sums_over = ma.fields.List(
        one_of(Axis),
        required=True,
        metadata={
            "description": "Axes over which numerators and denominators of cells may be summed",
            "example": ["customer", "product", "behaviour"],
        },
    )


class CubeFigureSchema(Schema):
    """A number with its parts."""

    value = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "null when there is nothing to tell: see `reason`", "example": 37},
    )
    num = ma.fields.Float(required=True, metadata={"example": 37})
    den = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Stores that were scored, or products counted in stores; null otherwise",
            "example": None,
        },
    )
    reason = one_of(Reason, required=True, allow_none=True, metadata={"example": None})


_FIGURE = {"value": 37, "num": 37, "den": None, "reason": None}


def _figures() -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(CubeFigureSchema),
        required=True,
        metadata={
            "description": "By the codes of the measures",
            "example": {"sell_out_units": _FIGURE},
        },
    )


class CubeCellSchema(Schema):
    """A cell: one member of each axis, and what was measured."""

    members = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"example": {"customer": "city", "product": "handset"}},
    )
    values = _figures()


class CubeSchema(Schema):
    """An answered cube."""

    from_on = window_day("from", "2026-03-02")
    to_on = window_day("to", "2026-03-30")
    as_of = Instant(required=True, metadata={"example": "2026-03-30T02:00:00+00:00"})
    is_provisional = ma.fields.Boolean(
        required=True,
        metadata={"description": "What comes late may still change it: until 3 days after `to`"},
    )
    basis = one_of(Basis, required=True)
    axes = ma.fields.List(ma.fields.Nested(CubeAxisSchema), required=True)
    measures = ma.fields.List(ma.fields.Nested(CubeMeasureSchema), required=True)
    unpriced = ma.fields.Integer(
        required=True,
        metadata={"description": "Lines without an amount in the feeds measured", "example": 0},
    )
    reason = one_of(
        Reason,
        required=True,
        allow_none=True,
        metadata={"description": "Why there is no cell", "example": None},
    )
    total = _figures()
    cells = ma.fields.List(ma.fields.Nested(CubeCellSchema), required=True)
