"""Visits together with what was made of their place, and whether a reason is missing."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, ModelSelect

from backend.evidence.models import LocationReading
from backend.fieldwork import unplanned
from backend.fieldwork.models import Visit

MISSING = "unplanned_reason_missing"


def with_place(visits: ModelSelect[Visit]) -> ModelSelect[Visit]:
    """Return the same visits as mappings that also say `place` and `distance_m`.

    `unplanned_reason_missing` says that nobody had planned it and nobody said why it was made.
    """
    return (
        visits.select_extend(
            LocationReading.outcome.alias("place"),
            LocationReading.distance_m,
            unplanned.lacks_reason().alias(MISSING),
        )
        .join(LocationReading, JOIN.LEFT_OUTER, on=LocationReading.visit_id == Visit.id)
        .dicts()
    )


def placed(visit: Visit) -> dict[str, Any]:
    """Return one visit as such a mapping."""
    reading = LocationReading.get_or_none(LocationReading.visit_id == visit.id)
    lacking = Visit.select(Visit.id).where(Visit.id == visit.id, unplanned.lacks_reason())
    return shown(visit.__data__) | {
        "place": reading and reading.outcome,
        "distance_m": reading and reading.distance_m,
        MISSING: lacking.exists(),
    }


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a visit's columns with its references named as ids."""
    return row | {f"{name}_id": row[name] for name in ("person", "store", "dealer", "region")}
