"""The end of a standard, on the wire."""

from schemas.base import Schema
from schemas.fields import a_day


class EndSchema(Schema):
    """The first day on which it no longer holds."""

    valid_to = a_day("2026-07-01", required=True)
