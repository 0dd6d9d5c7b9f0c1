"""Reasons: why a figure has no value, which is never 0 instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.platform.labels import Labelled


class NullReason(Labelled):
    """Why there is nothing to divide by, or nothing known."""

    NO_ACTIVE_STORE = "no_active_store", "无活跃门店", "no active store"
    NOTHING_PLANNED = "nothing_planned", "无拜访计划", "nothing was planned"
    NO_FREQUENCY = "no_frequency", "未规定拜访频次", "no visits are asked of any store"
    NO_VISIT = "no_visit", "无有效拜访", "no visit"
    NO_CHECKOUT = "no_checkout", "均无签退", "no visit was checked out of"
    NO_OUTCOME = "no_outcome", "未填写拜访成果", "no report says what came of the visit"
    NOTHING_CHECKED = "nothing_checked", "未检查", "nothing was checked"
    INCOMPLETE_STORES = "incomplete_stores", "必备项未查全", "no store had every item checked"
    NOTHING_OFFERED = "nothing_offered", "无检查项", "the checklists offered nothing"
    NOT_ANSWERED = "not_answered", "未作答", "nobody answered"
    NOT_COUNTED = "not_counted", "未清点", "not both sides were counted"
    NO_PRICE = "no_price", "无价格观察", "no price was observed"
    NO_REFERENCE = "no_reference", "当日无参考价", "no price had a reference on its day"
    NO_CHECK = "no_check", "无检查", "no check could have found any"
    INCONSISTENT = "inconsistent", "有违规但无检查", "violations without a single check"
    NONE_CLOSED = "none_closed", "本期无关闭", "nothing was closed"
    NO_ACTION = "no_action", "无首次处理", "no case had its first action"
    NO_SLOT = "no_slot", "无应拍照片", "no photo was asked for"
    NONE_AUDITED = "none_audited", "无已审照片", "no photo was audited"
    NONE_READABLE = "none_readable", "无可读照片", "no photo could be read"
    NO_POSITION = "no_position", "无可用定位", "no usable position"
    NO_SCORE = "no_score", "无可信度评分", "no visit has a score"
    NO_FEED = "no_feed", "无实销数据", "no store sends its sales"
    NO_OPENING_STOCK = "no_opening_stock", "期初库存未知", "stock at the beginning is unknown"
    NO_COUNT = "no_count", "无库存盘点", "no stock was counted"
    NO_SALES = "no_sales", "无销量", "nothing was sold"
    NO_ORDER_BEFORE = "no_order_before", "上期无进货", "nobody was sold to in the window before"
    NO_CARD = "no_card", "无评价卡", "no card"
    NO_SELL_OUT = "no_sell_out", "无品类销量", "no store sold of the category"
    ALL_LEFT_OUT = "all_left_out", "全部被排除", "all of it is left out"
    NOT_KEPT = "not_kept", "当时未保存", "what it was then was not kept"


_WHERE_TOLD: Mapping[str, NullReason] = {
    "no_checkout": NullReason.NO_CHECKOUT,
    "incomplete_stores": NullReason.INCOMPLETE_STORES,
    "unreferenced": NullReason.NO_REFERENCE,
    "unweighted_stores": NullReason.NO_SELL_OUT,
    "no_sales": NullReason.NO_SALES,
    "inconsistent": NullReason.INCONSISTENT,
    "not_kept": NullReason.NOT_KEPT,
}
"""What a figure tells beside itself that explains why it has no value."""


def told(also: Mapping[str, Any] | None) -> NullReason | None:
    """Return why there is no value, if what is told beside a figure explains it."""
    return next((reason for name, reason in _WHERE_TOLD.items() if also and also.get(name)), None)
