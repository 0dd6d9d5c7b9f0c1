"""The export of satisfaction: a row per dealer, with its complaints by category."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from backend.insight import satisfaction
from backend.insight.satisfaction import Satisfaction
from backend.insight.windows import Window
from backend.platform.actors import Actor
from backend.standards.service import ComplaintCategory

NAME, ZH = "satisfaction", "门店满意度与投诉"
CHUNK = 200  # dealers asked for, and held in memory, at once
_COLUMNS = (
    ("经销商编码", "Dealer code", "dealer_code"),
    ("经销商名称", "Dealer name", "dealer_name"),
    ("满意度", "Satisfaction", "feedback_score"),
    ("满意度: 分子", "Satisfaction: numerator", "num"),
    ("有卡门店数", "Stores with a card", "den"),
    ("反馈卡数", "Cards", "cards"),
    ("可反馈事项数", "Finished jobs", "jobs"),
    ("反馈率", "Response rate", "response_rate"),
    ("投诉数", "Complaints", "complaints"),
    ("活跃门店数", "Active stores", "active_stores"),
    ("投诉率（每百店）", "Complaints per 100 stores", "complaint_rate"),
    ("最高严重度", "Gravest severity", "severity"),
    ("颜色", "Colour", "colour"),
    ("条长", "Bar", "bar"),
)


def header(*, chinese: bool) -> list[str]:
    """Return the names of the columns."""
    names = [zh if chinese else en for zh, en, _ in _COLUMNS]
    for category in ComplaintCategory:
        title = f"投诉: {category.zh}" if chinese else f"complaints: {category.en}"
        names += [title, f"{title}: 条长" if chinese else f"{title}: bar"]
    return names


def rows(
    actor: Actor, *, window: Window, region_id: int | None, dealer_id: int | None
) -> Iterator[list[Any]]:
    """Yield the row of each dealer that the actor may see, by code."""
    among = satisfaction.dealers(actor, region_id=region_id, dealer_id=dealer_id)
    for chunk in count():
        shown = list(among.limit(CHUNK).offset(chunk * CHUNK))
        found = satisfaction.of_dealers(actor, shown, window, among=among)
        yield from map(_row, found)
        if len(shown) < CHUNK:
            return


def _row(one: Satisfaction) -> list[Any]:
    told = satisfaction.as_dict(one)
    points = {point.category: point for point in told["points"]}
    row = [told[name] for _, _, name in _COLUMNS]
    for category in ComplaintCategory:
        point = points.get(str(category))
        row += [point.count, point.bar] if point else [0, 0.0]
    return row
