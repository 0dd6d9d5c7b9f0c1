"""The export of what promotions brought: a row per promotion of a window, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from backend.insight import promotion_uplift
from backend.insight.promotion_uplift import Effect, Given
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor
from backend.standards.promotion_codes import PromotionState

NAME, ZH = "promotion_uplift", "促销效果"
CHUNK = 50  # promotions compared, and held in memory, at once
_COLUMNS = (
    ("促销编码", "Promotion code", "code"),
    ("促销名称", "Promotion name", "name"),
    ("状态代码", "State code", "state"),
    ("状态", "State", "state_name"),
    ("开始日", "From", "starts_on"),
    ("结束日（含）", "To (included)", "last_on"),
    ("可能变动", "Provisional", "is_provisional"),
    ("参加门店数", "Stores", "stores"),
    ("对照门店数", "Controls", "controls"),
    ("促销前台数", "Units before", "before_units"),
    ("促销前有效天数", "Usable days before", "before_days"),
    ("促销中台数", "Units meanwhile", "during_units"),
    ("促销天数", "Days", "during_days"),
    ("促销后台数", "Units after", "after_units"),
    ("促销后天数", "Days after", "after_days"),
    ("季节系数", "Season ratio", "season_ratio"),
    ("基线台数", "Baseline", "baseline"),
    ("增量台数", "Incremental units", "incremental"),
    ("提升率", "Uplift", "uplift"),
    ("提升率为空原因", "Why no uplift", "reason"),
    ("促后回落台数", "Post-dip", "post_dip"),
    ("净增量台数", "Net incremental units", "net_incremental"),
    ("净提升率", "Net uplift", "net_uplift"),
    ("净提升率为空原因", "Why no net uplift", "net_reason"),
    ("双重差分提升率", "Uplift against controls", "did_uplift"),
    ("双重差分为空原因", "Why no uplift against controls", "did_reason"),
    ("单台毛利（元）", "Unit margin (CNY)", "unit_margin_fen"),
    ("费用（元）", "Cost (CNY)", "total_fen"),
    ("费用来源", "Cost source", "source"),
    ("核准报销（元）", "Claims granted (CNY)", "claims_fen"),
    ("门店费用（元）", "Reported costs (CNY)", "reported_fen"),
    ("赠品成本（元）", "Gifts (CNY)", "gifts_fen"),
    ("预算（元）", "Budget (CNY)", "budget_fen"),
    ("投资回报率", "Return", "roi_gross"),
    ("净投资回报率", "Net return", "roi_net"),
    ("回报率为空原因", "Why no return", "roi_reason"),
    ("目标台数", "Target units", "target_units"),
    ("目标达成率", "Target attainment", "target_attainment"),
    ("建议停止", "Stop suggested", "stop_suggested"),
)


def header(*, chinese: bool) -> list[str]:
    """Return the names of the columns."""
    return [zh if chinese else en for zh, en, _ in _COLUMNS]


def rows(
    actor: Actor, *, window: Window, dealer_id: int | None, chinese: bool, at: datetime
) -> Iterator[list[Any]]:
    """Yield the row of each promotion of a window in a store that the actor may see."""
    given, today = Given(dealer_id=dealer_id), clock.business_date(at)
    found = promotion_uplift.list_promotions(actor, window, given=given)
    for chunk in count():
        promoted = list(found.limit(CHUNK).offset(chunk * CHUNK))
        for effect in promotion_uplift.effects(actor, promoted, today=today, given=given):
            yield _row(effect, chinese=chinese)
        if len(promoted) < CHUNK:
            return


def _row(effect: Effect, *, chinese: bool) -> list[Any]:
    told = effect.as_dict()
    told |= told.pop("cost")
    state = PromotionState(told["state"])
    told["state_name"] = state.zh if chinese else state.en
    return [_cell(name, told[name], chinese=chinese) for _, _, name in _COLUMNS]


def _cell(name: str, value: Any, *, chinese: bool) -> Any:
    if isinstance(value, bool):
        return (("否", "是") if chinese else ("no", "yes"))[value]
    if name.endswith("_fen") and value is not None:
        return f"{value / 100:.2f}"
    return value
