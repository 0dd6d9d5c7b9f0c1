"""What follows when a check-in is not at its store: by the tier's policy, and never for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.fieldwork import fence, placing
from backend.fieldwork.fence import Outcome
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.positions import Point
from backend.platform import ledger
from backend.platform.database import transaction
from backend.platform.settings import settings
from backend.standards.service import FencePolicy


def at_arrival(store: Store | None, fix: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return why a check-in is not believed, and what it owes, for its place; `fix` as stored.

    Nothing is judged where the policy allows: that is done in the background.
    """
    if store is None:
        return None, None
    policy = _policy_of(store.tier)
    if policy == FencePolicy.ALLOW:
        return None, None
    seen = Point(fix["lat"], fix["lon"]) if "lat" in fix else None
    outcome = fence.judge_at(store, seen, fix.get("accuracy_m")).outcome
    if policy == FencePolicy.REFUSE:
        return placing.OUTSIDE_FENCE if outcome is Outcome.OUTSIDE else None, None
    return None, placing.STOREFRONT_PHOTO if outcome is not Outcome.INSIDE else None


def reconsider(visit: Visit, outcome: str, *, at: datetime) -> None:
    """Take back what the policy made of a visit whose place turns out to be better.

    Runs in the transaction of the judgement. A place that turns out worse costs nothing.
    """
    is_refused = visit.quarantine_reason == placing.OUTSIDE_FENCE and outcome != Outcome.OUTSIDE
    is_asked = visit.demand is not None and outcome == Outcome.INSIDE
    if not (is_refused or is_asked):
        return
    with transaction(turn=placing.turn_of(visit.person_id)):
        of_day = placing.of_day(visit.person_id, visit.business_on)
        visit = of_day[visit.id]
        if is_refused and visit.quarantine_reason == placing.OUTSIDE_FENCE:
            placing.quarantine(visit, None, at=at)
        if is_asked and visit.demand is not None:
            visit.demand = None
            Visit.update(demand=None).where(Visit.id == visit.id).execute()
            facts = placing.facts_of(visit)
            ledger.append(None, "visit.demand_lifted", visit.id, at=at, **facts)
        placing.settle(visit, at=at)
        placing.keep_one_open(of_day.values(), at=at)


def _policy_of(tier: str) -> str:
    by_tier = {
        "city": settings().fence_policy_city,
        "county": settings().fence_policy_county,
        "town": settings().fence_policy_town,
    }
    return by_tier[tier]
