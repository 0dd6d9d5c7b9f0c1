"""Report documents: what none may say, whether handed in first or as an amendment."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import Any

from backend.platform.errors import RuleError

_NAMED = (
    ("answers", "line", "line"),
    ("products", "sku_id", "product"),
    ("promotions", "promotion_id", "promotion"),
    ("photos", "id", "photo"),
)


class ContradictoryReportError(RuleError):
    """A report says two things about one thing."""

    code = "contradictory-report"
    title = "The report contradicts itself"
    title_zh = "报告内容自相矛盾"
    detail = "Answered more than once: {twice}."
    detail_zh = "重复回答：{twice}。"


def refuse_contradictions(document: dict[str, Any]) -> None:
    """Raise ContradictoryReportError when a document answers one question twice."""
    twice = [
        f"{what} {name}"
        for part, key, what in _NAMED
        if document[part]
        for name in _repeated([*map(itemgetter(key), document[part])])
    ]
    if twice:
        raise ContradictoryReportError(twice=", ".join(twice[:10]), reason="twice")


def _repeated(names: list[Any]) -> list[Any]:
    if len(set(names)) == len(names):
        return []
    return [name for name, times in Counter(names).items() if times > 1]
