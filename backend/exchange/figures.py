"""The export of figures: a row per member of a grain, a rate as its value and both its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from backend.insight import populations, tables
from backend.insight.kpis import Kpi
from backend.insight.populations import NUMBERED, Grain
from backend.insight.windows import Window
from backend.platform.actors import Actor

NAME, ZH = "figures", "指标"
CHUNK = 1000  # members asked for, and held in memory, at once
_FIRST = (
    ("起始日（含）", "From (included)"),
    ("截止日（不含）", "To (excluded)"),
    ("可能变动", "Provisional"),
    ("拜访门店数", "Stores visited"),
)


def header(grain: Grain, kpis: Sequence[Kpi], *, chinese: bool) -> list[str]:
    """Return the names of the columns."""
    names = [f"{grain.zh}编码", f"{grain.zh}名称"]
    if not chinese:
        names = [f"{grain.en} code".capitalize(), f"{grain.en} name".capitalize()]
    names += [name[not chinese] for name in _FIRST]
    parts = ("分子", "分母") if chinese else ("numerator", "denominator")
    for kpi in kpis:
        title = kpi.zh if chinese else kpi.en
        names += [title, *(f"{title}: {part}" for part in parts)] if kpi.is_rate else [title]
    return names


def rows(
    actor: Actor,
    *,
    grain: Grain,
    kpis: Sequence[Kpi],
    window: Window,
    chinese: bool,
    at: datetime,
    **narrowed: Any,
) -> Iterator[list[Any]]:
    """Yield the row of each member that the actor may see, by code.

    Raises NotFoundError for a region out of sight.
    """
    population = populations.of(actor, grain=str(grain), **narrowed)
    yes_no = ("是", "否") if chinese else ("yes", "no")
    size = CHUNK if grain in NUMBERED else None
    for chunk in count():
        found = tables.table(
            population, window=window, at=at, kpis=kpis, limit=size, offset=chunk * CHUNK
        )
        days = [window.from_on, window.to_on, yes_no[not found.is_provisional]]
        for one in found.members:
            name = Grain.ALL.en if grain is Grain.ALL and not chinese else one.name
            row: list[Any] = [one.code, name, *days, one.n_stores]
            for kpi in kpis:
                figure = one.kpis[kpi.code]
                row += [figure.value, figure.num, figure.den] if kpi.is_rate else [figure.value]
            yield row
        if size is None or len(found.members) < size:
            return
