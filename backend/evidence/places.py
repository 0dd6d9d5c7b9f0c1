"""Places: was a check-in at its store, judged then and again when the store's point moves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import JOIN

from backend.evidence.models import FormerLocationReading, LocationReading
from backend.fieldwork import fence, fence_policy, fixes
from backend.fieldwork.models import Visit
from backend.fieldwork.placing import facts_of
from backend.network.models import Store
from backend.platform import ledger
from backend.platform.database import insert_rows, take_turns, transaction
from backend.standards.service import JudgedFor


def judge_places(visit_ids: Collection[UUID], *, at: datetime, why: JudgedFor) -> int:
    """Weigh positions of check-ins against their stores' fences as both are now.

    Return how many came out new. The judgement that was in force is kept beside the new one;
    the same judgement again writes nothing. What was asked of a visit, or held against it, for
    its place is taken back where the place turns out better.
    """
    with transaction():
        take_turns("judging places")  # so that a judgement by an older point cannot win
        visits = list(
            Visit.select(Visit, Store)
            .join(Store, JOIN.LEFT_OUTER)
            # Of a point that is no longer exact nothing new can be said.
            .where(Visit.id.in_(list(visit_ids)), Visit.points_coarsened_at.is_null())
            .order_by(Visit.id)
        )
        in_force = LocationReading.select().where(LocationReading.visit_id.in_(list(visit_ids)))
        before = {reading.visit_id: reading for reading in in_force}
        changed = 0
        for visit in visits:
            store = visit.store if visit.store_id else None
            found = _judged(visit, store)
            former = before.get(visit.id)
            if former and found == {name: getattr(former, name) for name in found}:
                continue
            row = found | {
                "number": former.number + 1 if former else 1,
                "why": str(why),
                "store_version": store and store.version,
                "judged_at": at,
            }
            _keep(visit.id, row, former)
            ledger.append(
                None,
                "visit.located",
                visit.id,
                at=at,
                outcome=found["outcome"],
                why=str(why),
                **facts_of(visit),
            )
            fence_policy.reconsider(visit, found["outcome"], at=at)
            changed += 1
    return changed


def visits_to(store_id: int) -> list[UUID]:
    """Return the ids of every visit to a store whose point is still exact."""
    exact = (Visit.store == store_id) & Visit.points_coarsened_at.is_null()
    visits = Visit.select(Visit.id).where(exact).order_by(Visit.id)
    return [visit.id for visit in visits]


def readings(visit_id: UUID) -> list[LocationReading | FormerLocationReading]:
    """Return every judgement of a visit's place, the one in force first."""
    former = FormerLocationReading.select().where(FormerLocationReading.visit_id == visit_id)
    in_force = LocationReading.select().where(LocationReading.visit_id == visit_id)
    return [*in_force, *former.order_by(FormerLocationReading.number.desc())]


def _keep(visit_id: UUID, row: dict[str, Any], former: LocationReading | None) -> None:
    if former is None:
        insert_rows(LocationReading, [{"visit_id": visit_id, **row}])
        return
    insert_rows(FormerLocationReading, [former.__data__])
    LocationReading.update(**row).where(LocationReading.visit_id == visit_id).execute()


def _judged(visit: Visit, store: Store | None) -> dict[str, Any]:
    door, seen = store.point if store else None, visit.point
    verdict = fence.judge_at(store, seen, visit.accuracy_m, tier=visit.tier)
    flags = {
        "no_position": seen is None,
        "no_store_point": door is None,
        "unusable_accuracy": bool(door and seen) and verdict.radius_m is None,
        **fixes.warnings(visit),
        "datum_mismatch_suspected": verdict.datum_mismatch,
    }
    return {
        "outcome": str(verdict.outcome),
        "distance_m": verdict.distance_m,
        "radius_m": verdict.radius_m,
        "store_lat": door and door.lat,
        "store_lon": door and door.lon,
        "flags": sorted(flag for flag, is_set in flags.items() if is_set),
    }
