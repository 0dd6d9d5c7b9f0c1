"""The KPIs: what each is called and which two numbers of a store it pools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backend.standards.codes import ViolationGroup, ViolationKind

Number = int | float
Stamp = tuple[Any, int]  # a day as the engine gives it, and the dealer it was for
LOW = 5  # a rate over fewer than this says little

CHECKED_GROUPS = (
    ViolationGroup.SIGNAGE,
    ViolationGroup.FIXTURE,
    ViolationGroup.ASSORTMENT,
    ViolationGroup.STOCK,
    ViolationGroup.PRICE,
    ViolationGroup.PROMOTION,
    ViolationGroup.INTEGRITY,
)
"""The groups of violations that a kind of check can find."""
_GROUP_OF = {str(kind): str(kind.group) for kind in ViolationKind}


@dataclass(slots=True)
class StoreTotal:
    """What one store adds to a summary: flows added up, states of the latest day that has them."""

    visits: int = 0
    planned: int = 0
    planned_done: int = 0
    signage: tuple[Number, ...] | None = None  # num, den, mandatory pass, mandatory checked
    listing: tuple[Number, ...] | None = None
    availability: tuple[Number, ...] | None = None
    prices_compliant: int = 0
    prices_checked: int = 0
    promo_units: int = 0
    promos: dict[str, bool] = field(default_factory=dict)
    photos_hashed: int = 0
    photos_reused: int = 0
    photos_approved: int = 0
    photos_rejected: int = 0
    active_days: int = 0
    latest: dict[str, Stamp] = field(default_factory=dict)

    def is_newer(self, section: str, stamp: Stamp) -> bool:
        """Return whether a day is the latest so far with a section, and remember it if so."""
        if section in self.latest and stamp < self.latest[section]:
            return False
        self.latest[section] = stamp
        return True


@dataclass(frozen=True, slots=True)
class Figure:
    """A pooled number: of a rate its parts, of a count just the count (`den` is None).

    `value` is None when the denominator is 0; `n_stores` is how many stores had a part in it.
    """

    value: Number | None
    num: Number
    den: Number | None
    n_stores: int
    low_n: bool


@dataclass(frozen=True, slots=True)
class Kpi:
    """A number of a dealer. `of` gives a store's numerator and denominator.

    A rate pools both over the stores; a count has no denominator and its numerators add up.
    """

    code: str
    zh: str
    en: str
    of: Callable[[StoreTotal], tuple[Number, Number]]
    is_rate: bool = True

    def pooled(self, stores: list[StoreTotal]) -> Figure:
        """Return the figure over stores."""
        parts = [part for part in map(self.of, stores) if part[1]]
        num = sum(part[0] for part in parts)
        if not self.is_rate:
            return Figure(num, num, None, len(parts), low_n=False)
        den = sum(part[1] for part in parts)
        return Figure(num / den if den else None, num, den, len(parts), low_n=den < LOW)


@dataclass(frozen=True, slots=True)
class ViolationRate:
    """Violations first seen in the window per 100 checks that could have found them.

    `inconsistent` says that there were violations without a single check.
    """

    value: float | None
    num: int
    den: int
    low_n: bool
    inconsistent: bool


MIN_ACTIVE_DAYS = 7  # a store active for less of the window is on neither side of coverage
_NONE = (0, 0)

KPIS: tuple[Kpi, ...] = (
    Kpi("visits", "拜访次数", "visits", lambda s: (s.visits, s.visits), is_rate=False),
    Kpi(
        "store_coverage_rate",
        "覆盖率",
        "store coverage",
        lambda s: (int(s.visits > 0), 1) if s.active_days >= MIN_ACTIVE_DAYS else _NONE,
    ),
    Kpi(
        "visit_adherence_rate",
        "拜访计划达成率",
        "visit (journey-plan) adherence",
        lambda s: (s.planned_done, s.planned),
    ),
    Kpi(  # the mean of the stores' scores, where all others pool lines
        "signage_compliance_score",
        "形象得分",
        "signage compliance score",
        lambda s: (s.signage[0] / s.signage[1], 1) if s.signage else _NONE,
    ),
    Kpi(
        "mandatory_item_pass_rate",
        "必备项合格率",
        "mandatory-item pass rate",
        lambda s: (s.signage[2], s.signage[3]) if s.signage else _NONE,
    ),
    Kpi(
        "listing_rate",
        "上柜率",
        "assortment / listing rate",
        lambda s: (s.listing[0], s.listing[1]) if s.listing else _NONE,
    ),
    Kpi(
        "on_shelf_availability",
        "有货率",
        "on-shelf availability",
        lambda s: (s.availability[0], s.availability[1]) if s.availability else _NONE,
    ),
    Kpi(
        "price_compliance_rate",
        "价格合规率",
        "price compliance",
        lambda s: (s.prices_compliant, s.prices_checked),
    ),
    Kpi(
        "promo_execution_rate",
        "促销执行率",
        "promotion execution",
        lambda s: (sum(s.promos.values()), len(s.promos)),
    ),
    Kpi(
        "promo_units",
        "促销销量",
        "promotion units",
        lambda s: (s.promo_units, s.promo_units),
        is_rate=False,
    ),
    Kpi(
        "photo_pass_rate",
        "照片合格率",
        "photo pass rate",
        lambda s: (s.photos_approved, s.photos_approved + s.photos_rejected),
    ),
    Kpi(
        "reused_photo_rate",
        "重复照片率",
        "reused-photo rate",
        lambda s: (s.photos_reused, s.photos_hashed),
    ),
)


def violation_rates(violations: dict[str, int], checks: dict[str, int]) -> dict[str, ViolationRate]:
    """Return the rate of each checked group and of `all`, from counts by kind and by group."""
    by_group: Counter[str] = Counter()
    for kind, count in violations.items():
        by_group[_GROUP_OF[kind]] += count
    rates = {
        str(group): _rate(by_group[str(group)], checks.get(str(group), 0))
        for group in CHECKED_GROUPS
    }
    return rates | {"all": _rate(sum(violations.values()), sum(checks.values()))}


def _rate(num: int, den: int) -> ViolationRate:
    return ViolationRate(
        value=100 * num / den if den else None,
        num=num,
        den=den,
        low_n=den < LOW,
        inconsistent=num > 0 and den == 0,
    )
