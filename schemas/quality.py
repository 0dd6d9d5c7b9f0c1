"""What was measured of photos, on the wire."""

from typing import Any

import marshmallow as ma

from backend.evidence.quality import Advice
from schemas.base import Schema


class MeasureSchema(Schema):
    """One thing measured of a photo, and the words for it when it is flagged."""

    code = ma.fields.String(
        required=True,
        metadata={"description": ", ".join(Advice), "example": "blurred"},
    )
    value = ma.fields.Float(
        allow_none=True, metadata={"description": "null: does not apply", "example": 12.5}
    )
    threshold = ma.fields.Float(
        required=True, metadata={"description": "In force when it was judged", "example": 40.0}
    )
    is_flagged = ma.fields.Boolean(required=True, metadata={"example": True})
    zh = ma.fields.String(required=True, metadata={"example": "照片模糊，请拿稳后重拍"})
    en = ma.fields.String(
        required=True, metadata={"example": "Blurred: hold still and take it again"}
    )

    @ma.pre_dump
    def _with_words(self, measure: dict[str, Any], **_: Any) -> dict[str, Any]:
        advice = Advice(measure["code"])
        return measure | {"zh": advice.zh, "en": advice.en}


class Flagged(ma.fields.List[Any]):
    """Those of the measures that are flagged."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ma.fields.Nested(MeasureSchema), **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        flagged = [measure for measure in value or () if measure["is_flagged"]]
        return super()._serialize(flagged, attr, obj, **kwargs)


class PhotoAdviceSchema(Schema):
    """What may be wrong with a photo: advice, never a refusal."""

    is_looked_at = ma.fields.Boolean(
        required=True, metadata={"description": "false: no time now, ask again", "example": True}
    )
    unreadable_reason = ma.fields.String(allow_none=True, metadata={"example": None})
    advice = Flagged(required=True, metadata={"description": "What is flagged"})
    quality = ma.fields.List(
        ma.fields.Nested(MeasureSchema), required=True, metadata={"description": "All measures"}
    )
