"""From which day until (not including) which day a standard holds."""

from datetime import date
from typing import Any

from peewee import Expression

from backend.platform.errors import ConflictError, RuleError


class EndsBeforeStartError(RuleError):
    """What ends before it begins never holds."""

    code = "ends-before-start"
    title = "Ends before it begins"
    title_zh = "结束早于开始"
    detail = "It begins on {starts_on} and cannot end on {ends_on}."
    detail_zh = "开始日期为 {starts_on}，结束日期不能是 {ends_on}。"


class AlreadyEndedError(ConflictError):
    """The end is set, to another day."""

    code = "already-ended"
    title = "The end is set already"
    title_zh = "结束日期已定"
    detail = "It ends on {ends_on} already."
    detail_zh = "结束日期已定为 {ends_on}。"


def check(valid_from: date, valid_to: date | None) -> None:
    """Require at least one day. Raises EndsBeforeStartError."""
    if valid_to is not None and valid_to <= valid_from:
        raise EndsBeforeStartError(starts_on=valid_from, ends_on=valid_to)


def is_new_end(valid_from: date, current: date | None, wanted: date) -> bool:
    """Tell whether setting this end changes anything.

    Raises EndsBeforeStartError, or AlreadyEndedError when the end is set to another day.
    """
    if current is not None and current != wanted:
        raise AlreadyEndedError(ends_on=current)
    check(valid_from, wanted)
    return current is None


def overlapping(model: Any, valid_from: date, valid_to: date | None) -> Expression:
    """Return the condition for rows of a model that share a day with a validity."""
    shared = model.valid_to.is_null() | (model.valid_to > valid_from)
    return shared if valid_to is None else shared & (model.valid_from < valid_to)
