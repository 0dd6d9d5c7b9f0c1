"""Report documents: what none may say, whether handed in first or as an amendment."""

from __future__ import annotations

from collections import Counter
from typing import Any

from backend.platform.errors import RuleError


class ContradictoryReportError(RuleError):
    """A report says two things about one thing."""

    code = "contradictory-report"
    title = "The report contradicts itself"
    title_zh = "报告内容自相矛盾"
    detail = "Answered more than once: {twice}."
    detail_zh = "重复回答：{twice}。"


def refuse_contradictions(document: dict[str, Any]) -> None:
    """Raise ContradictoryReportError when a document answers one question twice."""
    named = [
        *(f"line {answer['line']}" for answer in document["answers"]),
        *(f"product {line['sku_id']}" for line in document["products"]),
        *(f"promotion {line['promotion_id']}" for line in document["promotions"]),
        *(f"photo {photo['id']}" for photo in document["photos"]),
    ]
    twice = [name for name, times in Counter(named).items() if times > 1]
    if twice:
        raise ContradictoryReportError(twice=", ".join(twice[:10]), reason="twice")
