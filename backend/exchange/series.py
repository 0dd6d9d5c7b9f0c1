"""The export of series: a row per member, period and KPI, beside what was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from backend.exchange.figures import in_chunks, member_names, name_of, when, why, yes_no
from backend.insight import populations, series
from backend.insight.kpis import Figure, Kpi
from backend.insight.periods import By
from backend.insight.populations import Grain
from backend.insight.series import Compared, Line
from backend.insight.windows import Against, Window
from backend.platform.actors import Actor
from backend.platform.errors import RuleError

NAME, ZH = "series", "指标序列"
CHUNK = 200  # members asked for, and held in memory with all their points, at once
MOST_KPIS = 10
_COLUMNS = (
    ("起始日（含）", "From (included)"),
    ("截止日（不含）", "To (excluded)"),
    ("周期不完整", "Partial"),
    ("可能变动", "Provisional"),
    ("指标代码", "KPI code"),
    ("指标", "KPI"),
    ("数值", "Value"),
    ("分子", "Numerator"),
    ("分母", "Denominator"),
    ("门店数", "Stores"),
    ("样本不足", "Few"),
    ("可疑拜访占比", "Doubtful share of visits"),
    ("为空原因", "Why empty"),
    ("目标", "Target"),
    ("达成率", "Attainment"),
    ("计算时间", "As of"),
)
_BESIDE = (
    ("起始日（含）", "from (included)"),
    ("截止日（不含）", "to (excluded)"),
    ("数值", "value"),
    ("分子", "numerator"),
    ("分母", "denominator"),
    ("差值", "difference"),
)
_EARLIER = {
    Against.PREVIOUS: ("上一周期", "Previous"),
    Against.LAST_YEAR: ("去年同期", "Last year"),
}


class SeriesKpisError(RuleError):
    """No KPI is named, or more than fit in a series."""

    code = "series-kpis"
    title = "A series is of some KPIs"
    title_zh = "请指定序列的指标"
    detail = "Name 1 to {most} KPIs."
    detail_zh = "请指定 1 至 {most} 个指标。"


def header(grain: Grain, *, chinese: bool) -> list[str]:
    """Return the names of the columns."""
    names = [*member_names(grain, chinese=chinese), *(name[not chinese] for name in _COLUMNS)]
    for earlier in _EARLIER.values():
        names += [f"{earlier[not chinese]}: {part[not chinese]}" for part in _BESIDE]
    return names


def rows(
    actor: Actor,
    *,
    grain: Grain,
    by: By,
    kpis: Sequence[Kpi],
    window: Window,
    chinese: bool,
    at: datetime,
    sku_id: int | None = None,
    **narrowed: Any,
) -> Iterator[list[Any]]:
    """Yield the rows of each member that the actor may see, by code, period and KPI.

    Raises NotFoundError for a region out of sight, and TooManyPointsError.
    """
    population = populations.of(actor, grain=str(grain), **narrowed)
    ask = partial(
        series.series,
        population,
        by=by,
        window=window,
        at=at,
        kpis=kpis,
        versus=tuple(_EARLIER),
        sku_id=sku_id,
    )
    for found in in_chunks(grain, CHUNK, ask):
        for line in found.members:
            named = [line.code, name_of(grain, line.name, chinese=chinese)]
            yield from (named + each for each in _of_line(line, kpis, at, chinese=chinese))


def _of_line(
    line: Line, kpis: Sequence[Kpi], at: datetime, *, chinese: bool
) -> Iterator[list[Any]]:
    for point in line.points:
        told = [yes_no(each, chinese=chinese) for each in (point.is_partial, point.is_provisional)]
        for kpi in kpis:
            title = kpi.zh if chinese else kpi.en
            row: list[Any] = [point.from_on, point.to_on, *told, kpi.code, title]
            row += _now(point.kpis[kpi.code], at, chinese=chinese)
            for against in _EARLIER:
                row += _then(point.compared[str(against)], kpi)
            yield row


def _now(figure: Figure, at: datetime, *, chinese: bool) -> list[Any]:
    return [
        figure.value,
        figure.num,
        figure.den,
        figure.n_stores,
        yes_no(figure.low_n, chinese=chinese),
        figure.suspect_share,
        why(figure, chinese=chinese),
        figure.target,
        figure.attainment,
        when(figure.as_of or at),
    ]


def _then(beside: Compared, kpi: Kpi) -> list[Any]:
    figure = beside.kpis[kpi.code]
    difference = beside.differences[kpi.code]
    return [beside.from_on, beside.to_on, figure.value, figure.num, figure.den, difference]
