"""Uplift: what a promotion sold beyond what would have been sold anyway, and whether it paid.

Units are pooled over the participating stores; money is in fen.
"""

from dataclasses import dataclass
from enum import StrEnum

BASELINE_DAYS = 28
FEWEST_DAYS = 14
LONGEST_DIP_DAYS = 28
FEWEST_CONTROLS = 10


class Silence(StrEnum):
    """Why a figure cannot be told."""

    NOT_STARTED = "not_started"
    NO_PARTICIPANTS = "no_participants"
    NO_PRODUCTS = "no_products"
    NO_FEED = "no_feed"
    TOO_FEW_DAYS = "too_few_days"
    NOTHING_SOLD_BEFORE = "nothing_sold_before"
    NOT_OVER = "not_over"
    TOO_FEW_CONTROLS = "too_few_controls"
    CONTROLS_SOLD_NOTHING = "controls_sold_nothing"
    NO_MARGIN = "no_margin"
    NO_COST = "no_cost"


@dataclass(frozen=True, slots=True)
class Sales:
    """Units sold on so many days."""

    units: float
    days: int

    @property
    def daily(self) -> float | None:
        """Units a day; None over no days."""
        return self.units / self.days if self.days else None


@dataclass(frozen=True, slots=True)
class Control:
    """What comparable stores outside sold before and meanwhile."""

    before: Sales
    during: Sales
    stores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """What came of a promotion; None where it cannot be told, and the first reason why.

    `baseline` is what its days would have sold without it; `post_dip`, never above 0, what was
    only bought earlier; `cannibalised`, never below 0, what was bought in place of similar
    products. The `net_` figures have both taken off.
    """

    baseline_daily: float | None = None
    baseline: float | None = None
    incremental: float | None = None
    uplift: float | None = None
    cannibalised: float | None = None
    post_dip: float | None = None
    net_incremental: float | None = None
    net_uplift: float | None = None
    did_uplift: float | None = None
    roi_gross: float | None = None
    roi_net: float | None = None
    reason: Silence | None = None
    net_reason: Silence | None = None
    did_reason: Silence | None = None
    roi_reason: Silence | None = None


def dip_days(promo_days: int) -> int:
    """Return for how many days after its end a promotion is answered for."""
    return min(promo_days, LONGEST_DIP_DAYS)


def silent(reason: Silence) -> Uplift:
    """Return the uplift of a promotion of which nothing can be told."""
    return Uplift(reason=reason, net_reason=reason, did_reason=reason, roi_reason=reason)


def uplift(
    before: Sales,
    during: Sales,
    after: Sales | None,
    *,
    unit_margin_fen: int | None = None,
    cost_fen: int | None = None,
    season_ratio: float = 1.0,
    control: Control | None = None,
    similar: tuple[Sales, Sales] | None = None,
) -> Uplift:
    """Compare a promotion with the usable days before it.

    `before` leaves out days of other promotions of the same products. `season_ratio` is the
    season index of the promotion's days over that of the days before, 1 where there is no
    history of 13 months. `after` are the `dip_days` behind it, as far as they have passed; None
    while it goes on. `similar` are the products it may have taken from, before and meanwhile.
    """
    if before.days < FEWEST_DAYS:
        return silent(Silence.TOO_FEW_DAYS)
    daily = before.units / before.days * season_ratio
    baseline = daily * during.days
    incremental = during.units - baseline
    cannibalised = _lost(similar, season_ratio)
    dip = min(0.0, after.units - daily * after.days) if after and after.days else None
    net = None if dip is None else incremental + dip - (cannibalised or 0.0)
    did, did_reason = _against(control, before, during)
    reason = None if baseline > 0 else Silence.NOTHING_SOLD_BEFORE
    return Uplift(
        baseline_daily=daily,
        baseline=baseline,
        incremental=incremental,
        uplift=incremental / baseline if baseline > 0 else None,
        cannibalised=cannibalised,
        post_dip=dip,
        net_incremental=net,
        net_uplift=net / baseline if net is not None and baseline > 0 else None,
        did_uplift=did,
        roi_gross=_return(incremental, unit_margin_fen, cost_fen),
        roi_net=_return(net, unit_margin_fen, cost_fen),
        reason=reason,
        net_reason=Silence.NOT_OVER if net is None else reason,
        did_reason=did_reason,
        roi_reason=_why_no_return(unit_margin_fen, cost_fen),
    )


def _lost(similar: tuple[Sales, Sales] | None, season_ratio: float) -> float | None:
    """Return what similar products sold less than their own baseline."""
    if similar is None:
        return None
    before, during = similar
    return max(0.0, (before.daily or 0.0) * season_ratio * during.days - during.units)


def _against(
    control: Control | None, before: Sales, during: Sales
) -> tuple[float | None, Silence | None]:
    """Return the growth beyond that of stores that took no part, days made equal, or why not."""
    if control is None or control.stores < FEWEST_CONTROLS:
        return None, Silence.TOO_FEW_CONTROLS
    tested, usual = _growth(before, during), _growth(control.before, control.during)
    if tested is None:
        return None, Silence.NOTHING_SOLD_BEFORE
    return (tested / usual - 1, None) if usual else (None, Silence.CONTROLS_SOLD_NOTHING)


def _growth(before: Sales, during: Sales) -> float | None:
    if before.units <= 0 or not before.daily or during.daily is None:
        return None
    return during.daily / before.daily


def _return(units: float | None, margin_fen: int | None, cost_fen: int | None) -> float | None:
    if units is None or margin_fen is None or cost_fen is None or cost_fen <= 0:
        return None
    return (units * margin_fen - cost_fen) / cost_fen


def _why_no_return(margin_fen: int | None, cost_fen: int | None) -> Silence | None:
    if margin_fen is None:
        return Silence.NO_MARGIN
    return Silence.NO_COST if cost_fen is None or cost_fen <= 0 else None
