"""A dealer's scorecard: pillars from KPIs, caps, and the lines that cost it points."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import fn

from backend.insight import pillars, scorecard_parts, summaries
from backend.insight.kpis import LOW, Figure
from backend.insight.pillars import FULL, PILLAR_OF, SCALES, KpiScore, PillarScore
from backend.insight.reasons import NullReason
from backend.insight.scorecard_models import ScorecardContest, of_dealer
from backend.insight.scorecard_parts import Critical, Evidence, Part, Titles
from backend.insight.summaries import DealerSummary
from backend.insight.windows import Window
from backend.network import dealers
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform.actors import SYSTEM, Actor, Role
from backend.platform.settings import settings
from backend.standards import scorecard_weights
from backend.standards.scorecard_codes import ContestState, Pillar

CRITICAL = "critical"
"""What the ids of lines begin with that cap the whole card."""
_STORE_MEAN = "signage_compliance_score"


@dataclass(frozen=True, slots=True)
class Cap:
    """Why a pillar, or the whole card (None), has no more than `limit` points."""

    line: str
    pillar: Pillar | None
    limit: int
    stores: tuple[int, ...]


@dataclass(slots=True)
class Line:
    """Something that cost points of the card, before caps: by KPI, and `of_kpi` by store too.

    Its id names the same thing on every card: `display/letter:C`, `assortment/sku:12`. What no row
    explains of a KPI has no stores.
    """

    id: str
    by_kpi: dict[str, float] = field(default_factory=dict)
    of_kpi: dict[str, dict[int, float]] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The points that it cost."""
        return sum(self.by_kpi.values())

    @property
    def stores(self) -> dict[int, float]:
        """The points that it cost by store, the most first."""
        total: defaultdict[int, float] = defaultdict(float)
        for stores in self.of_kpi.values():
            for store_id, points in stores.items():
                total[store_id] += points
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))

    def add(self, code: str, store_id: int, points: float) -> None:
        """Add what it cost of a KPI in a store."""
        self.by_kpi[code] = self.by_kpi.get(code, 0) + points
        self.of_kpi.setdefault(code, {})[store_id] = points


@dataclass(frozen=True, slots=True)
class Card:
    """A dealer's card over a window.

    `score` is None when nothing was measured; `uncapped` is what it would be without caps.
    `lines` are by id; `left_out` counts by contest what an upheld one took out.
    """

    dealer: DealerSummary
    window: Window
    tiers: dict[str, int]
    pillars: list[PillarScore]
    capped: dict[Pillar, float]
    uncapped: float | None
    score: float | None
    caps: list[Cap]
    lines: dict[str, Line]
    titles: Titles
    left_out: Counter[UUID]

    @property
    def kpis(self) -> dict[str, KpiScore]:
        """The KPIs of all pillars by code."""
        return {kpi.code: kpi for pillar in self.pillars for kpi in pillar.kpis}


def get(actor: Actor, dealer_id: int, *, window: Window, at: datetime) -> Card:
    """Work out a dealer's card. Raises NotFoundError."""
    get_dealer(actor, dealer_id)
    [dealer] = summaries.summaries(SYSTEM, window=window, at=at, dealer_ids=[dealer_id])
    return _card(dealer, window)


def get_dealer(actor: Actor, dealer_id: int) -> Dealer:
    """Return a dealer whose card the actor may see: one in sight, or one's own.

    Raises NotFoundError.
    """
    if actor.role is Role.DEALER:
        return dealers.get(SYSTEM, dealer_id if dealer_id == actor.dealer_id else 0)
    return dealers.get(actor, dealer_id)


def titled(card_titles: Titles, subject: str) -> tuple[str, str]:
    """Return what a subject of a line is called, in Chinese and in English."""
    return card_titles.get(subject) or pillars.NAMES.get(subject) or (subject, subject)


def store_names(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return code and name of stores by id."""
    rows: Any = Store.select(Store.id, Store.code, Store.name).where(Store.id.in_(set(ids)))
    return {store_id: (code, name) for store_id, code, name in rows.tuples()}


def _card(dealer: DealerSummary, window: Window) -> Card:
    upheld = _Upheld(dealer.dealer_id, window)
    evidence = scorecard_parts.evidence_of(dealer.dealer_id, window)
    kept, excluded = upheld.split(evidence.parts)
    figures = {
        code: _without(figure, [p for p in excluded if p.code == code], evidence.parts)
        for code, figure in _figures(dealer).items()
    }
    tiers = _tiers(dealer.dealer_id, window.last_on)
    weights = scorecard_weights.blend(window.last_on, tiers)
    scores = pillars.scored(figures, weights, upheld.kpis(figures))
    caps = _caps(evidence, upheld)
    capped = {
        one.pillar: min([one.points, *(c.limit for c in caps if c.pillar is one.pillar)])
        for one in scores
        if one.points is not None
    }
    shares = {one.pillar: one.share for one in scores}
    has_score = any(shares.values())
    uncapped = sum(one.share * (one.points or 0) for one in scores) if has_score else None
    score = None
    if has_score:
        whole = sum(shares[pillar] * points for pillar, points in capped.items())
        score = min([whole, *(cap.limit for cap in caps if cap.pillar is None)])
    return Card(
        dealer=dealer,
        window=window,
        tiers=tiers,
        pillars=scores,
        capped=capped,
        uncapped=uncapped,
        score=score,
        caps=caps,
        lines=_lines(scores, kept),
        titles=evidence.titles,
        left_out=upheld.left_out,
    )


class _Upheld:
    """What upheld contests take out of a card: facts of the days of their window."""

    def __init__(self, dealer_id: int, window: Window) -> None:
        self.window = window
        self.contests = of_dealer(dealer_id, ScorecardContest.state == str(ContestState.UPHELD))
        self.left_out: Counter[UUID] = Counter()

    def split(self, parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
        """Return the parts that stand and those that are left out."""
        kept: list[Part] = []
        excluded: list[Part] = []
        for part in parts:
            line = line_of(PILLAR_OF[part.code], part.subject)
            excluded_by = self._first(line, part.store_id, part.day)
            (kept if excluded_by is None else excluded).append(part)
        return kept, excluded

    def kpis(self, codes: Iterable[str]) -> set[str]:
        """Return the KPIs that a contest took out as a whole, of a card of its very window."""
        found = set()
        for code in codes:
            for contest in self.contests:
                same = (contest.from_on, contest.to_on) == (self.window.from_on, self.window.to_on)
                if same and contest.is_about(line_of(PILLAR_OF[code], code)):
                    found.add(code)
                    self.left_out[contest.id] += 1
        return found

    def stand(self, line: str, causes: Iterable[Critical]) -> list[Critical]:
        """Return the causes of a cap that no contest took out."""
        return [one for one in causes if self._first(line, one.store_id, one.day) is None]

    def is_open_left_out(self, line: str, one: Critical) -> bool:
        """Return whether a violation was contested while it was open: it began before the end."""
        for contest in self.contests:
            if contest.is_about(line, one.store_id) and one.day < contest.to_on:
                self.left_out[contest.id] += 1
                return True
        return False

    def _first(self, line: str, store_id: int, day: date) -> ScorecardContest | None:
        for contest in self.contests:
            if contest.is_about(line, store_id) and contest.from_on <= day < contest.to_on:
                self.left_out[contest.id] += 1
                return contest
        return None


def line_of(pillar: str, subject: str) -> str:
    """Return the id of a line."""
    return f"{pillar}/{subject}"


def _figures(dealer: DealerSummary) -> dict[str, Figure]:
    """Return the KPIs of the pillars that the engine declares."""
    found: dict[str, Figure] = {}
    for code in SCALES:
        if code.startswith(pillars.VIOLATIONS):
            rate = dealer.violations_per_100_checks[code.removeprefix(pillars.VIOLATIONS)]
            found[code] = Figure(
                rate.value,
                rate.num,
                rate.den,
                rate.n_stores,
                rate.low_n,
                suspect_share=rate.suspect_share,
                reason=rate.reason,
            )
        elif code in dealer.kpis:
            found[code] = dealer.kpis[code]
    return found


def _without(figure: Figure, excluded: list[Part], parts: list[Part]) -> Figure:
    """Return a figure without what is left out, on both sides of its fraction."""
    if not excluded or figure.value is None or figure.den is None:
        return figure
    code = excluded[0].code
    if code == _STORE_MEAN:
        num, den = _means_without(figure, excluded, parts)
    else:
        num = figure.num - sum(part.num for part in excluded)
        den = figure.den - sum(part.den for part in excluded)
    hundred = 100 if code.startswith(pillars.VIOLATIONS) else 1
    value = hundred * num / den if den > 0 else None
    reason = NullReason.ALL_LEFT_OUT if value is None else None
    return replace(figure, value=value, num=num, den=den, low_n=den < LOW, reason=reason)


def _means_without(figure: Figure, excluded: list[Part], parts: list[Part]) -> tuple[float, float]:
    """Return the sum and the number of the stores' scores, of some without their letters."""
    out, num, den = set(excluded), figure.num, figure.den or 0
    of_store = defaultdict(list)
    for part in parts:
        if part.code == _STORE_MEAN:
            of_store[part.store_id].append(part)
    for store_id in {part.store_id for part in excluded}:
        mine = of_store[store_id]
        kept = [part for part in mine if part not in out]
        num -= _ratio(mine)
        num += _ratio(kept) if kept else 0
        den -= 0 if kept else 1
    return num, den


def _ratio(parts: list[Part]) -> float:
    return sum(part.num for part in parts) / sum(part.den for part in parts)


def _caps(evidence: Evidence, upheld: _Upheld) -> list[Cap]:
    limits, caps = settings(), []
    for subject in sorted({one.subject for one in evidence.failed_lines}):
        line = line_of(Pillar.DISPLAY, subject)
        causes = (one for one in evidence.failed_lines if one.subject == subject)
        if left := upheld.stand(line, causes):
            caps.append(Cap(line, Pillar.DISPLAY, limits.scorecard_line_cap, _stores(left)))
    for kind in sorted({one.subject for one in evidence.open_violations}):
        line = line_of(CRITICAL, kind)
        left = [
            one
            for one in evidence.open_violations
            if one.subject == kind and not upheld.is_open_left_out(line, one)
        ]
        if left:
            caps.append(Cap(line, None, limits.scorecard_violation_cap, _stores(left)))
    return caps


def _stores(causes: list[Critical]) -> tuple[int, ...]:
    return tuple(sorted({one.store_id for one in causes}))


def _tiers(dealer_id: int, day: date) -> dict[str, int]:
    """Count the dealer's stores of a day by their tier of today."""
    rows: Any = (
        StoreDealer.select(Store.tier, fn.COUNT(Store.id))
        .join(Store)
        .where(
            StoreDealer.dealer == dealer_id,
            StoreDealer.on(day),
            Store.opened_on <= day,
            Store.closed_on.is_null() | (Store.closed_on > day),
        )
        .group_by(Store.tier)
        .tuples()
    )
    return dict(rows)


def _lines(scores: list[PillarScore], parts: list[Part]) -> dict[str, Line]:
    """Share the points that each KPI lacks among what it lacks them for.

    What no row explains is the line of the KPI itself.
    """
    by_code = defaultdict(list)
    for part in parts:
        by_code[part.code].append(part)
    lines: dict[str, Line] = {}
    for pillar in scores:
        for kpi in pillar.kpis:
            if kpi.points is None:
                continue
            lacks = kpi.share * (FULL - kpi.points)
            explained = _explained(kpi, by_code[kpi.code], lacks)
            rest = lacks - sum(explained.values())
            if rest > 1e-9:
                _line(lines, pillar.pillar, kpi.code).by_kpi[kpi.code] = rest
            for (subject, store_id), points in explained.items():
                _line(lines, pillar.pillar, subject).add(kpi.code, store_id, points)
    return lines


def _line(lines: dict[str, Line], pillar: Pillar, subject: str) -> Line:
    name = line_of(pillar, subject)
    return lines.setdefault(name, Line(name))


def _explained(kpi: KpiScore, parts: list[Part], lacks: float) -> Mapping[tuple[str, int], float]:
    """Return the points that subjects cost in stores; never more than the KPI lacks."""
    if not kpi.den or not parts:
        return {}
    scale = SCALES[kpi.code]
    weight: defaultdict[int, float] = defaultdict(float)
    for part in parts:
        weight[part.store_id] += part.den
    cost: defaultdict[tuple[str, int], float] = defaultdict(float)
    for part in parts:
        if kpi.code == _STORE_MEAN:
            short = (part.den - part.num) / weight[part.store_id] / kpi.den
        elif kpi.code.startswith(pillars.VIOLATIONS):
            short = 100 * part.num / kpi.den
        else:
            short = (part.den - part.num) / kpi.den
        if short:
            cost[part.subject, part.store_id] += kpi.share * scale.worth(short)
    total = sum(cost.values())
    shrink = min(1.0, lacks / total) if total else 0.0
    return {key: points * shrink for key, points in cost.items() if points * shrink > 0}
