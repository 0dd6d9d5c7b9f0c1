"""Merging stores, with the visits that are still planned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.fieldwork import plans
from backend.fieldwork.models import PlanEntry
from backend.network import merges, stores
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.standards.journey_codes import PlanReason


def merge_store(
    actor: Actor, store_id: int, *, into_id: int, at: datetime, **choices: Any
) -> Store:
    """Merge a store into another as `network.merges` does; visits planned there go along.

    Where the same person is to visit both on one day, the entry of the store that goes is
    cancelled. Plans of the past stay as they are.
    """
    with transaction():
        for store in (store_id, into_id):
            stores.get(actor, store)
        moving = _cancel_twins(actor, store_id, into_id, at)
        former_dealers = [stores.dealer_on(store_id, entry.planned_on) for entry in moving]
        kept = merges.merge_store(actor, store_id, into_id=into_id, at=at, **choices)
        for entry, former_dealer in zip(moving, former_dealers, strict=True):
            before = plans.facts_of(entry, kept.region_id, former_dealer)
            entry.store_id = into_id
            PlanEntry.update(store=into_id).where(PlanEntry.id == entry.id).execute()
            dealer_id = stores.dealer_on(into_id, entry.planned_on)
            for facts in (before, plans.facts_of(entry, kept.region_id, dealer_id)):
                ledger.append(actor, "plan.merged", entry.id, at=at, **facts)
    return kept


def _cancel_twins(actor: Actor, store_id: int, into_id: int, at: datetime) -> list[PlanEntry]:
    """Cancel what is planned for both stores; return the entries that go along."""
    to_come = PlanEntry.planned_on >= clock.business_date(at)
    standing = PlanEntry.status.not_in(plans.GONE)
    there = PlanEntry.select().where(PlanEntry.store == into_id, to_come, standing)
    taken = {(entry.person_id, entry.planned_on) for entry in there}
    here = (
        PlanEntry.select()
        .where(PlanEntry.store == store_id, to_come, PlanEntry.status == plans.PLANNED)
        .order_by(PlanEntry.planned_on, PlanEntry.id)
    )
    moving = []
    for entry in here:
        if (entry.person_id, entry.planned_on) in taken:
            plans.cancel(actor, entry.id, reason=str(PlanReason.PLANNING_MISTAKE), at=at)
        else:
            moving.append(entry)
    return moving
