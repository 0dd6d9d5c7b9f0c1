"""Custom fields on the wire."""

from typing import Any

import marshmallow as ma

from backend.network.words import FieldKind, Subject
from schemas.base import Instant, QuerySchema, Schema, Text
from schemas.fields import one_of


class CustomFieldQuerySchema(QuerySchema):
    """Filters of the list."""

    subject = one_of(Subject)
    retired = ma.fields.Boolean(
        load_default=False, metadata={"description": "Also those that were retired"}
    )


def _options(**kwargs: Any) -> ma.fields.List[str]:
    return ma.fields.List(
        Text(shortest=1, longest=80),
        validate=ma.validate.Length(max=50),
        metadata={"description": "Of a choice only", "example": ["街边", "商场"]},
        **kwargs,
    )


class NewCustomFieldSchema(Schema):
    """A field to be added to the archive of dealers or of stores."""

    subject = one_of(Subject, required=True, metadata={"example": "store"})
    code = Text(
        required=True,
        longest=40,
        also=[ma.validate.Regexp(r"^[a-z][a-z0-9_]*$", error="Lower case, digits and _ only.")],
        metadata={"example": "place"},
    )
    label_zh = Text(required=True, shortest=1, longest=80, metadata={"example": "店址类型"})
    label_en = Text(required=True, shortest=1, longest=80, metadata={"example": "kind of place"})
    kind = one_of(FieldKind, required=True, metadata={"example": "choice"})
    options = _options(load_default=list)
    is_required = ma.fields.Boolean(load_default=False, metadata={"example": True})


class AmendCustomFieldSchema(Schema):
    """What may change of a field; what is left out stays."""

    label_zh = Text(shortest=1, longest=80, metadata={"example": "店址类型"})
    label_en = Text(shortest=1, longest=80, metadata={"example": "kind of place"})
    options = _options()
    is_required = ma.fields.Boolean(metadata={"example": False})
    is_retired = ma.fields.Boolean(
        validate=ma.validate.Equal(True),
        metadata={"description": "For good: nothing is entered any more", "example": True},
    )


class CustomFieldSchema(NewCustomFieldSchema):
    """A field of the archive that the brand defined."""

    id = ma.fields.Integer(required=True, metadata={"example": 3})
    retired_at = Instant(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})
