"""What a KPI is, and what a figure of one is; catalogue.py gathers those that are declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.insight.reasons import NullReason, told
from backend.standards.codes import ViolationGroup, ViolationKind

Number = int | float
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


@dataclass(frozen=True, slots=True)
class Figure:
    """A pooled number: of a rate its parts, of a count just the count (`den` is None).

    `value` is None when the denominator is 0, or when nothing is known; `n_stores` is how many
    stores had a part in it, `suspect_share` the share of doubtful ones among the scored visits
    behind it. `also` is what belongs to it: medians, what was left out. Without a value it says
    why in `reason`. See targets.py for `target` and `attainment`.
    """

    value: Number | None
    num: Number
    den: Number | None
    n_stores: int
    low_n: bool
    as_of: datetime | None = None
    suspect_share: float | None = None
    also: Mapping[str, Any] | None = None
    reason: NullReason | None = None
    target: float | None = None
    attainment: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A number of any part of the network.

    `num` and `den` are SQL over what `source` gives of each store (see sources.py); a store whose
    denominator is null or 0 has no part in it. A count has no denominator and adds up. `scale`
    multiplies the quotient. A `state` is read at the latest visit, or at the end of the window.
    `empty` is what a count is when nobody had a part in it; `reason` why a KPI usually has no
    value, unless what is told beside it explains more.
    """

    code: str
    zh: str
    en: str
    source: str
    num: str
    den: str | None
    numerator: str
    denominator: str
    null_rule: str
    reason: NullReason | None = None
    window: str = "d28"
    scale: int = 1
    empty: Number | None = None
    is_state: bool = False
    is_higher_better: bool | None = None

    @property
    def is_rate(self) -> bool:
        """Whether it is divided by something."""
        return self.den is not None

    def figure(self, num: Number | None, den: Number | None, n_stores: int, **more: Any) -> Figure:
        """Return the figure of pooled parts."""
        if self.den is None:
            value = self.empty if num is None else num
            reason = self.why(value, more.get("also"))
            return Figure(value, num or 0, None, n_stores, low_n=False, reason=reason, **more)
        value = None if not den else self.scale * (num or 0) / den
        is_low, reason = (den or 0) < LOW, self.why(value, more.get("also"))
        return Figure(value, num or 0, den or 0, n_stores, low_n=is_low, reason=reason, **more)

    def why(self, value: Number | None, also: Mapping[str, Any] | None) -> NullReason | None:
        """Return why there is no value, from what is told beside it; None where there is one."""
        return told(also) or self.reason if value is None else None


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
    n_stores: int
    as_of: datetime | None
    suspect_share: float | None
    reason: NullReason | None


def violation_rates(
    violations: dict[str, int], checks: dict[str, int], overall: Figure
) -> dict[str, ViolationRate]:
    """Return the rate of each checked group and of `all`, from counts by kind and by group.

    Of `overall`, the figure of all groups, they have the stores, the instant and the doubts.
    """
    by_group: Counter[str] = Counter()
    for kind, count in violations.items():
        by_group[_GROUP_OF[kind]] += count
    rates = {
        str(group): _rate(by_group[str(group)], checks.get(str(group), 0), overall)
        for group in CHECKED_GROUPS
    }
    return rates | {"all": _rate(sum(violations.values()), sum(checks.values()), overall)}


def _rate(num: int, den: int, overall: Figure) -> ViolationRate:
    is_inconsistent = num > 0 and den == 0
    reason = NullReason.INCONSISTENT if is_inconsistent else NullReason.NO_CHECK
    return ViolationRate(
        value=100 * num / den if den else None,
        num=num,
        den=den,
        low_n=den < LOW,
        inconsistent=is_inconsistent,
        n_stores=overall.n_stores,
        as_of=overall.as_of,
        suspect_share=overall.suspect_share,
        reason=None if den else reason,
    )
