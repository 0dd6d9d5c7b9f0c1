"""What moved a scorecard between two windows: pillars, KPIs and lines, in points that add up."""

from __future__ import annotations

from dataclasses import dataclass

from backend.insight.scorecards import Card, Line, line_of
from backend.insight.windows import Against, Window
from backend.standards.scorecard_codes import Pillar

SMALLEST = 1e-9  # points; what is less is the noise of fractions


@dataclass(frozen=True, slots=True)
class LineMove:
    """A line that moved a KPI: by how many points of the card, and in which stores."""

    line: str
    pillar: Pillar
    kpi: str
    points: float
    stores: dict[int, float]


@dataclass(frozen=True, slots=True)
class KpiMove:
    """A KPI that moved the card; None stands for no points in that window."""

    kpi: str
    pillar: Pillar
    points: float
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Movement:
    """How a card came from one score to another.

    `points` = the KPIs' + `mix` (weights, and which KPIs could be measured) + `caps`; it is None
    where a score is. The lines of a KPI add up to its points, but for what no line explains.
    """

    against: Against
    window: Window
    before: float | None
    points: float | None
    mix: float | None
    caps: float | None
    pillars: dict[Pillar, float]
    kpis: list[KpiMove]
    lines: list[LineMove]


def movement(after: Card, before: Card, against: Against) -> Movement:
    """Compare two cards of a dealer, what moved most first."""
    kpis, lines = [], []
    for code, now in after.kpis.items():
        then = before.kpis.get(code)
        was = then.points if then else None
        if now.points is None or was is None or then is None:
            if (now.points is None) != (was is None):
                kpis.append(KpiMove(code, _pillar_of(after, code), 0.0, was, now.points))
            continue
        share = (now.share + then.share) / 2
        pillar = _pillar_of(after, code)
        kpis.append(KpiMove(code, pillar, share * (now.points - was), was, now.points))
        moved = {line: _cost(after, line, code, share) for line in _of_kpi(after, code, pillar)}
        fallen = {line: _cost(before, line, code, share) for line in _of_kpi(before, code, pillar)}
        for line in sorted(moved.keys() | fallen.keys()):
            stores = _change(fallen.get(line, {}), moved.get(line, {}))
            points = sum(stores.values())
            if abs(points) > SMALLEST:
                lines.append(LineMove(line, pillar, code, points, _sorted(stores)))
    by_pillar = {
        pillar: sum(one.points for one in kpis if one.pillar is pillar) for pillar in Pillar
    }
    whole = None
    mix = caps = None
    if after.score is not None and before.score is not None:
        whole = after.score - before.score
        caps = _capped(after) - _capped(before)
        mix = whole - caps - sum(by_pillar.values())
    return Movement(
        against=against,
        window=before.window,
        before=before.score,
        points=whole,
        mix=mix,
        caps=caps,
        pillars=by_pillar,
        kpis=sorted(kpis, key=lambda one: (-abs(one.points), one.kpi)),
        lines=sorted(lines, key=lambda one: (-abs(one.points), one.line, one.kpi)),
    )


def _pillar_of(card: Card, code: str) -> Pillar:
    return next(one.pillar for one in card.pillars for kpi in one.kpis if kpi.code == code)


def _of_kpi(card: Card, code: str, pillar: Pillar) -> list[str]:
    own = line_of(pillar, code)
    return [line.id for line in card.lines.values() if code in line.by_kpi and line.id != own]


def _cost(card: Card, name: str, code: str, share: float) -> dict[int, float]:
    """Return what a line cost by store on a scale that both cards share."""
    line: Line = card.lines[name]
    own = card.kpis[code].share
    return {store: points * share / own for store, points in line.of_kpi[code].items()}


def _change(before: dict[int, float], after: dict[int, float]) -> dict[int, float]:
    stores = before.keys() | after.keys()
    return {store: before.get(store, 0) - after.get(store, 0) for store in stores}


def _sorted(stores: dict[int, float]) -> dict[int, float]:
    ordered = sorted(stores.items(), key=lambda item: (-abs(item[1]), item[0]))
    return {store: points for store, points in ordered if abs(points) > SMALLEST}


def _capped(card: Card) -> float:
    return (card.score or 0) - (card.uncapped or 0)
