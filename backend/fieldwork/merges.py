"""Merging dealers and stores with what fieldwork has of them, and undoing that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.fieldwork import merge_parts, plans
from backend.fieldwork.journey_models import PlanEntry
from backend.network import merges, stores, unmerges
from backend.network.merge_parts import Moved
from backend.network.models import Dealer, Store
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.standards.journey_codes import PlanReason


def merge_store(
    actor: Actor, store_id: int, *, into_id: int, at: datetime, **choices: Any
) -> Store:
    """Merge a store into another as `network.merges` does; what is current goes along.

    Where the same person is to visit both on one day, the entry of the store that goes is
    cancelled. Plans of the past stay as they are.
    """
    with transaction():
        for store in (store_id, into_id):
            stores.get(actor, store)
        moving = _cancel_twins(actor, store_id, into_id, at)
        former_dealers = [stores.dealer_on(store_id, entry.planned_on) for entry in moving]
        parts = (*merge_parts.OF_STORES, merge_parts.planned(moving, former_dealers))
        return merges.merge_store(actor, store_id, into_id=into_id, at=at, parts=parts, **choices)


def merge_dealer(
    actor: Actor, dealer_id: int, *, into_id: int, version: int, at: datetime
) -> Dealer:
    """Merge a dealer into another as `network.merges` does; what is current goes along."""
    parts = merge_parts.OF_DEALERS
    return merges.merge_dealer(
        actor, dealer_id, into_id=into_id, version=version, at=at, parts=parts
    )


def unmerge_store(
    actor: Actor, store_id: int, *, version: int, at: datetime
) -> tuple[Store, Moved]:
    """Undo the merge of a store as `network.unmerges` does."""
    parts = (*merge_parts.OF_STORES, merge_parts.PLANS)
    return unmerges.unmerge_store(actor, store_id, version=version, at=at, parts=parts)


def unmerge_dealer(
    actor: Actor, dealer_id: int, *, version: int, at: datetime
) -> tuple[Dealer, Moved]:
    """Undo the merge of a dealer as `network.unmerges` does."""
    parts = merge_parts.OF_DEALERS
    return unmerges.unmerge_dealer(actor, dealer_id, version=version, at=at, parts=parts)


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
