"""The export of figures: a row per member of a grain, a rate as its value and both its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, TypeVar

from backend.insight import populations, tables
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import NUMBERED, Grain
from backend.insight.series import Series
from backend.insight.tables import Table
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.actors import Actor

NAME, ZH = "figures", "指标"
Found = TypeVar("Found", Table, Series)
CHUNK = 1000  # members asked for, and held in memory, at once
_FIRST = (
    ("起始日（含）", "From (included)"),
    ("截止日（不含）", "To (excluded)"),
    ("可能变动", "Provisional"),
    ("计算时间", "As of"),
    ("版本", "Version"),
    ("拜访门店数", "Stores visited"),
    ("可疑拜访占比", "Doubtful share of visits"),
)
_PARTS = (("分子", "numerator"), ("分母", "denominator"))
_BESIDE = (("门店数", "stores"), ("样本不足", "few"), ("为空原因", "why empty"))


def header(grain: Grain, kpis: Sequence[Kpi], *, chinese: bool) -> list[str]:
    """Return the names of the columns."""
    names = member_names(grain, chinese=chinese)
    names += [name[not chinese] for name in _FIRST]
    return names + [name for kpi in kpis for name in titles(kpi, chinese=chinese)]


def titles(kpi: Kpi, *, chinese: bool) -> list[str]:
    """Return the names of the columns of a KPI, which `cells` fills."""
    title = kpi.zh if chinese else kpi.en
    parts = (*_PARTS, *_BESIDE) if kpi.is_rate else (_BESIDE[0], _BESIDE[2])
    return [title, *(f"{title}: {part[not chinese]}" for part in parts)]


def member_names(grain: Grain, *, chinese: bool) -> list[str]:
    """Return the names of the columns of a member."""
    if chinese:
        return [f"{grain.zh}编码", f"{grain.zh}名称"]
    return [f"{grain.en} code".capitalize(), f"{grain.en} name".capitalize()]


def rows(
    actor: Actor,
    *,
    grain: Grain,
    kpis: Sequence[Kpi],
    window: Window,
    chinese: bool,
    at: datetime,
    sku_id: int | None = None,
    **narrowed: Any,
) -> Iterator[list[Any]]:
    """Yield the row of each member that the actor may see, by code.

    Dealers' figures of closed months and quarters are the frozen ones. Raises NotFoundError for
    a region out of sight.
    """
    population = populations.of(actor, grain=str(grain), **narrowed)
    ask = partial(
        tables.table, population, window=window, at=at, kpis=kpis, sku_id=sku_id, fresh=False
    )
    for found in in_chunks(grain, CHUNK, ask):
        for one in found.members:
            like = one.kpis[kpis[0].code]
            row: list[Any] = [one.code, name_of(grain, one.name, chinese=chinese)]
            row += [window.from_on, window.to_on, yes_no(found.is_provisional, chinese=chinese)]
            row += [when(like.as_of or at), one.version, one.n_stores, like.suspect_share]
            for kpi in kpis:
                row += cells(kpi, one.kpis[kpi.code], chinese=chinese)
            yield row


def in_chunks(grain: Grain, size: int, ask: Callable[..., Found]) -> Iterator[Found]:
    """Yield what is asked, `size` members at a time where a grain may have many."""
    limit = size if grain in NUMBERED else None
    for chunk in count():
        found = ask(limit=limit, offset=chunk * size)
        yield found
        if limit is None or len(found.members) < limit:
            return


def name_of(grain: Grain, name: str, *, chinese: bool) -> str:
    """Return what a member is called in the language of the file."""
    return Grain.ALL.en if grain is Grain.ALL and not chinese else name


def yes_no(said: bool, *, chinese: bool) -> str:  # noqa: FBT001  # the cell itself
    """Return yes or no in the language of the file."""
    return (("否", "是") if chinese else ("no", "yes"))[said]


def when(at: datetime) -> str:
    """Return an instant on the clock of the business."""
    return f"{at.astimezone(clock.zone()):%Y-%m-%d %H:%M:%S}"


def why(figure: Figure, *, chinese: bool) -> str | None:
    """Return why a figure has no value in the language of the file."""
    return figure.reason and (figure.reason.zh if chinese else figure.reason.en)


def cells(kpi: Kpi, figure: Figure, *, chinese: bool) -> list[Any]:
    """Return the value, its parts, the stores, whether they are few, and why there is no value."""
    reason = why(figure, chinese=chinese)
    if not kpi.is_rate:
        return [figure.value, figure.n_stores, reason]
    few = yes_no(figure.low_n, chinese=chinese)
    return [figure.value, figure.num, figure.den, figure.n_stores, few, reason]
