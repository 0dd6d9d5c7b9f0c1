"""What may stand in an address: ids that a column can hold, and days."""

from datetime import date
from typing import Any

from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

LARGEST_ID = 2**31 - 1


class RowIdConverter(IntegerConverter):
    """A row's id; a larger number is no address, so that no database has to refuse it."""

    def __init__(self, url_map: Map, **kwargs: Any) -> None:
        super().__init__(url_map, max=LARGEST_ID, **kwargs)


class DayConverter(BaseConverter):
    """A calendar day, `2026-03-02`."""

    regex = r"\d{4}-\d\d-\d\d"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None


def document_day(_: DayConverter) -> dict[str, str]:
    """Return the schema of a day in an address."""
    return {"type": "string", "format": "date", "example": "2026-03-02"}


CONVERTERS = {"int": RowIdConverter, "day": DayConverter}
