"""What some figures of a few dealers must be, counted from what was drawn and not from rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from backend.demo.bulk.findings import OVER
from backend.demo.bulk.pages import Array
from backend.demo.bulk.schedule import CALLED_OFF
from backend.demo.bulk.stages import Stage
from backend.demo.bulk.trade_rows import Books
from backend.evidence.signals import SUSPICIOUS_FROM
from backend.insight.facts import LONGEST_S, SHORT_S

WINDOW, SETTLED = 28, 3
"""Days of the window, and days after it, so that it is final."""
_LEAST_ACTIVE_DAYS = 7


def expected(stage: Stage, dealer: int, twins: int, sold: Books, total_days: int) -> dict[str, Any]:
    """Return numerator and denominator (null: a count) of a dealer's figures in the window."""
    until = total_days - SETTLED
    since = until - WINDOW
    team, visits, plans, found = stage.team, stage.visits, stage.plans, stage.found
    mine = visits.counts & (visits.day >= since) & (visits.day < until)
    mine &= team.dealer_on(visits.store, visits.day) == dealer
    asked = (plans.day >= since) & (plans.day < until) & (plans.fate != CALLED_OFF)
    asked &= team.dealer_on(plans.store, plans.day) == dealer
    on_day = asked & (plans.visit >= 0)
    on_day[on_day] = visits.day[plans.visit[on_day]] == plans.day[on_day]
    active = _active(stage, dealer, since, until)
    visited = np.unique(visits.store[mine])
    signage = _latest(stage, mine & (np.nan_to_num(stage.signage[:, 1]) > 0))
    goods = _latest(stage, mine & (found.goods > 0))
    stocked = _latest(stage, mine & (found.stock >= 0).any(axis=1))
    priced = found.priced[mine] >= 0
    fine = priced & ((found.breach[mine] == 0) | (found.breach[mine] == OVER))
    sales = (sold.day >= since) & (sold.day < until)
    sales &= team.dealer_on(sold.store, sold.day) == dealer
    score = stage.signage[signage]
    stayed = (visits.left - visits.came)[mine]
    asked_of = stage.achieved[mine]
    scored = stage.scores[mine]
    return {
        "from": (stage.start + timedelta(days=since)).isoformat(),
        "to": (stage.start + timedelta(days=until)).isoformat(),
        "visits": [int(mine.sum()), None],
        "store_coverage_rate": [int(np.isin(active, visited).sum()), len(active) + twins],
        "visit_adherence_rate": [int(on_day.sum()), int(asked.sum())],
        "unplanned_visit_share": [int((visits.plan[mine] < 0).sum()), int(mine.sum())],
        "avg_time_in_store_min": [float(np.clip(stayed, 0, LONGEST_S).sum() / 60), int(mine.sum())],
        "short_visit_share": [int((stayed < SHORT_S).sum()), int(mine.sum())],
        "strike_rate": [int((asked_of > 0).sum()), int((asked_of >= 0).sum())],
        "suspicious_visit_rate": [int((scored >= SUSPICIOUS_FROM).sum()), int(mine.sum())],
        "signage_compliance_score": [float((score[:, 0] / score[:, 1]).sum()), len(signage)],
        "mandatory_item_pass_rate": [int(score[:, 2].sum()), int(score[:, 3].sum())],
        "listing_rate": [
            int((found.listed[goods] == 1).sum()),
            int((found.listed[goods] >= 0).sum()),
        ],
        "on_shelf_availability": [
            int((found.stock[stocked] > 0).sum()),
            int((found.stock[stocked] >= 0).sum()),
        ],
        "price_compliance_rate": [int(fine.sum()), int(priced.sum())],
        "sell_out_units": [int(sold.units[sales].sum()), None],
    }


def _active(stage: Stage, dealer: int, since: int, until: int) -> Array:
    """Return the dealer's stores that traded on enough days of the window while they were its."""
    team = stage.team
    begins = np.where(team.heir == dealer, team.moved, team.opened)
    ends = np.where((team.dealer == dealer), np.minimum(team.moved, team.closed), team.closed)
    mine = (team.dealer == dealer) | (team.heir == dealer)
    lasts = np.minimum(ends, until) - np.maximum(np.maximum(begins, team.opened), since)
    found: Array = np.flatnonzero(mine & (lasts >= _LEAST_ACTIVE_DAYS))
    return found


def _latest(stage: Stage, among: Array) -> Array:
    """Return of each store the last of some visits."""
    chosen = np.flatnonzero(among)
    order = chosen[np.lexsort((stage.visits.came[chosen], stage.visits.store[chosen]))]
    store = stage.visits.store[order]
    found: Array = order[np.append(store[1:] != store[:-1], True)] if len(order) else order
    return found
