"""Places: was a check-in at its store."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import JOIN

from backend.evidence import fence
from backend.evidence.models import LocationReading
from backend.fieldwork.models import Visit
from backend.fieldwork.placing import facts_of
from backend.network.models import Store
from backend.platform import ledger
from backend.platform.database import transaction
from backend.platform.settings import settings


def judge_place(visit_id: UUID, *, at: datetime) -> LocationReading | None:
    """Weigh a check-in's position against the store's fence as both are now, and keep the reading.

    The same judgement again writes nothing. Returns None when there is no such visit.
    """
    with transaction():
        visit = (
            Visit.select(Visit, Store)
            .join(Store, JOIN.LEFT_OUTER)
            .where(Visit.id == visit_id)
            .first()
        )
        if visit is None:
            return None
        found = _judged(visit, visit.store if visit.store_id else None)
        before = LocationReading.get_or_none(LocationReading.visit_id == visit_id)
        if before and found == {name: getattr(before, name) for name in found}:
            return before
        row = found | {"judged_at": at}
        if before:
            LocationReading.update(**row).where(LocationReading.visit_id == visit_id).execute()
        else:
            LocationReading.insert(visit_id=visit_id, **row).execute()
        ledger.append(
            None, "visit.located", visit_id, at=at, outcome=found["outcome"], **facts_of(visit)
        )
    return LocationReading(visit_id=visit_id, **row)


def _judged(visit: Visit, store: Store | None) -> dict[str, Any]:
    door, seen = store.point if store else None, visit.point
    verdict = fence.judge(
        door,
        seen,
        visit.accuracy_m,
        _base_radius_m(visit, store) if store else 0,
        settings().usable_accuracy_m,
    )
    flags = {
        "no_position": seen is None,
        "no_store_point": door is None,
        "unusable_accuracy": bool(door and seen) and verdict.radius_m is None,
        "mock_location": bool(visit.is_mock),
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


def _base_radius_m(visit: Visit, store: Store) -> int:
    by_tier = {
        "city": settings().fence_city_m,
        "county": settings().fence_county_m,
        "town": settings().fence_town_m,
    }
    return store.fence_radius_m or by_tier[visit.tier or store.tier]
