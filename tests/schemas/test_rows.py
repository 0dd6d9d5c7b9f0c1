"""The short-cut for long lists does exactly what marshmallow would do."""

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Schema
from schemas.reports import AnswerSchema, PriceAnswerSchema, ProductAnswerSchema
from schemas.rows import Rows

SCHEMAS = [AnswerSchema, ProductAnswerSchema, PriceAnswerSchema]


def lists_of(schema: type[Schema]) -> tuple[ma.Schema, ma.Schema]:
    """Return one schema with the short-cut and one without."""
    plain = ma.fields.List(
        ma.fields.Nested(schema), load_default=list, validate=ma.validate.Length(max=3)
    )
    return (
        Schema.from_dict({"rows": Rows(schema, most=3)})(),
        Schema.from_dict({"rows": plain})(),
    )


def outcome(schema: ma.Schema, document: object) -> object:
    """Return what loading gives, or how it fails."""
    try:
        return schema.load(document)
    except ma.ValidationError as error:
        return error.messages


values = st.one_of(
    st.lists(st.text(max_size=45), max_size=51),
    st.none(),
    st.booleans(),
    st.integers(-2, 12_000),
    st.integers(2**31, 2**65),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(
        ["true", "1", "x" * 600, "2026-02-28", "2026-02-29", "line\nbreak", "nul\0", "　全角"]
    ),
    st.dictionaries(st.text(max_size=3), st.booleans(), max_size=2),
    st.lists(st.booleans(), max_size=1),
)


@pytest.mark.thorough
@pytest.mark.parametrize("schema", SCHEMAS)
@given(data=st.data())
def test_loads_or_refuses_alike(schema, data):
    names = st.sampled_from([*schema().load_fields, "typo"])
    items = st.dictionaries(names, values, max_size=5) | values
    document = {"rows": data.draw(st.lists(items, max_size=4) | values)}
    quick, plain = lists_of(schema)

    assert outcome(plain, document) == outcome(quick, document)


def test_names_the_place_in_the_list():
    quick, _ = lists_of(ProductAnswerSchema)
    rows = [{"sku_id": 1}, {"sku_id": "2"}]

    assert {"rows": {1: {"sku_id": ["Not a valid integer."]}}} == outcome(quick, {"rows": rows})
