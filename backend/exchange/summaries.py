"""The export of dealer summaries: a row per dealer, a rate as its value and both its parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from backend.exchange.figures import cells, titles, when, yes_no
from backend.insight import summaries
from backend.insight.catalogue import SUMMARISED
from backend.insight.kpis import CHECKED_GROUPS
from backend.insight.summaries import DealerSummary
from backend.insight.targets import targeted
from backend.insight.windows import Window
from backend.network.models import Region
from backend.platform.actors import Actor
from backend.standards.codes import ViolationKind

NAME, ZH = "dealer_summaries", "经销商汇总"
CHUNK = 200  # dealers summarised, and held in memory, at once
_FIRST = (
    ("经销商编码", "Dealer code"),
    ("经销商名称", "Dealer name"),
    ("区域编码", "Region code"),
    ("区域名称", "Region name"),
    ("起始日（含）", "From (included)"),
    ("截止日（不含）", "To (excluded)"),
    ("可能变动", "Provisional"),
    ("计算时间", "As of"),
    ("版本", "Version"),
    ("拜访门店数", "Stores visited"),
    ("可疑拜访占比", "Doubtful share of visits"),
)
_GROUPS = (*((str(one), one.zh, one.en) for one in CHECKED_GROUPS), ("all", "合计", "all kinds"))


def header(*, window: Window, chinese: bool) -> list[str]:
    """Return the names of the columns; the last ones are of KPIs with a target in the window."""
    lang = 0 if chinese else 1
    names = [name[lang] for name in _FIRST]
    parts = ("分子", "分母") if chinese else ("numerator", "denominator")
    for kpi in SUMMARISED:
        names += titles(kpi, chinese=chinese)
    for _, zh, en in _GROUPS:
        title = f"每百项违规: {zh}" if chinese else f"violations per 100 checks: {en}"
        names += [title, *(f"{title}: {part}" for part in parts)]
    names += [f"违规: {kind.zh}" if chinese else f"violations: {kind.en}" for kind in ViolationKind]
    wanted = ("目标", "达成率") if chinese else ("target", "attainment")
    with_target = [kpi.zh if chinese else kpi.en for kpi in targeted(SUMMARISED, window)]
    return names + [f"{title}: {part}" for title in with_target for part in wanted]


def rows(
    actor: Actor,
    *,
    window: Window,
    region_id: int | None,
    dealer_id: int | None,
    tier: str | None,
    chinese: bool,
    at: datetime,
) -> Iterator[list[Any]]:
    """Yield the row of each dealer that the actor may see, by code."""
    named: Any = Region.select(Region.id, Region.code, Region.name).tuples()
    regions = {region: (code, name) for region, code, name in named}
    dealer_ids = None if dealer_id is None else [dealer_id]
    with_target = targeted(SUMMARISED, window)
    for chunk in count():
        found = summaries.summaries(
            actor,
            window=window,
            at=at,
            region_id=region_id,
            tier=tier,
            dealer_ids=dealer_ids,
            fresh=False,
            limit=CHUNK,
            offset=chunk * CHUNK,
        )
        for one in found:
            row = _row(one, regions[one.region_id], chinese=chinese)
            figures = [one.kpis[kpi.code] for kpi in with_target]
            yield row + [part for each in figures for part in (each.target, each.attainment)]
        if len(found) < CHUNK:
            return


def _row(one: DealerSummary, region: tuple[str, str], *, chinese: bool) -> list[Any]:
    doubtful = one.kpis[SUMMARISED[0].code].suspect_share
    row: list[Any] = [one.dealer_code, one.dealer_name, *region, one.from_on, one.to_on]
    row += [yes_no(one.is_provisional, chinese=chinese), when(one.as_of), one.version]
    row += [one.n_stores, doubtful]
    for kpi in SUMMARISED:
        row += cells(kpi, one.kpis[kpi.code], chinese=chinese)
    for group, _, _ in _GROUPS:
        rate = one.violations_per_100_checks[group]
        row += [rate.value, rate.num, rate.den]
    return row + [one.violations_by_kind.get(str(kind), 0) for kind in ViolationKind]
