"""The pillars of a scorecard: which KPIs make each, and how they become points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.insight.catalogue import KPIS
from backend.insight.kpis import Figure
from backend.standards.codes import ViolationGroup
from backend.standards.scorecard_codes import Pillar

FULL = 100.0
VIOLATIONS = "violations_per_100_checks."
"""What the codes of rates of violations begin with, before their group."""
PRICE_VIOLATIONS = f"{VIOLATIONS}{ViolationGroup.PRICE}"


@dataclass(frozen=True, slots=True)
class Scale:
    """A KPI of a pillar: at `zero` it earns no points, at `full` all, between them its share.

    One that does not `stand_alone` counts only beside another: that nobody complained says
    nothing of a dealer of whom nothing else is known.
    """

    code: str
    zero: float = 0.0
    full: float = 1.0
    stands_alone: bool = True

    def points(self, value: float) -> float:
        """Return 0 to 100 points for a value."""
        return FULL * min(max((value - self.zero) / (self.full - self.zero), 0.0), 1.0)

    def worth(self, shortfall: float) -> float:
        """Return how many points it costs to fall short by so much of the KPI's value."""
        return FULL * shortfall / abs(self.full - self.zero)


# The scales of what is no share are ours. A KPI that the engine does not declare has no part.
PILLARS: dict[Pillar, tuple[Scale, ...]] = {
    Pillar.DISPLAY: (
        Scale("signage_compliance_score"),
        Scale("mandatory_item_pass_rate"),
        Scale("display_share", full=0.5),
        Scale("first_notice_rate"),
        Scale("photo_pass_rate"),
    ),
    Pillar.ASSORTMENT: (Scale("listing_rate"), Scale("on_shelf_availability")),
    Pillar.PRICE: (Scale("price_compliance_rate"), Scale(PRICE_VIOLATIONS, zero=20, full=0)),
    Pillar.PROMOTION: (Scale("promo_execution_rate"),),
    Pillar.SERVICE: (
        Scale("feedback_score", zero=1, full=5),
        Scale("complaint_rate", zero=10, full=0, stands_alone=False),
        Scale("mean_time_to_resolve_h", zero=168, full=24),
    ),
}
SCALES = {scale.code: scale for scales in PILLARS.values() for scale in scales}
PILLAR_OF = {scale.code: pillar for pillar, scales in PILLARS.items() for scale in scales}
NAMES: dict[str, tuple[str, str]] = {
    kpi.code: (kpi.zh, kpi.en) for kpi in KPIS if kpi.code in SCALES
} | {PRICE_VIOLATIONS: ("每百项价格违规数", "price violations per 100 checks")}
"""What the KPIs of the pillars that there are are called, in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class KpiScore:
    """A KPI with its points, and the `share` of the card's score that hangs on it.

    Without a value it has neither; `is_left_out` says that an upheld contest took it out.
    """

    code: str
    value: float | None
    num: float
    den: float | None
    n_stores: int
    low_n: bool
    suspect_share: float | None
    reason: str | None
    points: float | None
    share: float = 0.0
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class PillarScore:
    """A pillar: its percent, the `share` that is left to it, its points and what they are of.

    A pillar without points says why in `reason`; the others then have its share.
    """

    pillar: Pillar
    weight: float
    share: float
    points: float | None
    reason: str | None
    kpis: tuple[KpiScore, ...]


def scored(
    figures: Mapping[str, Figure], weights: Mapping[Pillar, float], left_out: set[str]
) -> list[PillarScore]:
    """Return the pillars of a card from its KPIs, none of them capped.

    The KPIs of a pillar that have a value share it evenly; a pillar without any gives its weight
    to the others, in the measure of theirs.
    """
    points = {
        code: SCALES[code].points(figure.value)
        for code, figure in figures.items()
        if figure.value is not None and code not in left_out
    }
    for scales in PILLARS.values():
        if not any(scale.stands_alone and scale.code in points for scale in scales):
            points = {code: each for code, each in points.items() if SCALES[code] not in scales}
    measured = {pillar: [s.code for s in PILLARS[pillar] if s.code in points] for pillar in Pillar}
    total = sum(weights[pillar] for pillar in Pillar if measured[pillar])
    scores = []
    for pillar, codes in measured.items():
        share = weights[pillar] / total if codes and total else 0.0
        kpis = tuple(
            KpiScore(
                code=scale.code,
                **_parts(figures[scale.code]),
                points=points.get(scale.code),
                share=share / len(codes) if scale.code in points else 0.0,
                is_left_out=scale.code in left_out,
            )
            for scale in PILLARS[pillar]
            if scale.code in figures
        )
        mean = sum(points[code] for code in codes) / len(codes) if codes else None
        reason = None if codes else "nothing_measured"
        scores.append(PillarScore(pillar, weights[pillar], share, mean, reason, kpis))
    return scores


def _parts(figure: Figure) -> dict[str, Any]:
    names = ("value", "num", "den", "n_stores", "low_n", "suspect_share", "reason")
    return {name: getattr(figure, name) for name in names}
