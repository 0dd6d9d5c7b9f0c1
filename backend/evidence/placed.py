"""Visits together with what was made of their place."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, ModelSelect

from backend.evidence.models import LocationReading
from backend.fieldwork.models import Visit


def with_place(visits: ModelSelect[Visit]) -> ModelSelect[Visit]:
    """Return the same visits as mappings that also say `place` and `distance_m`."""
    return (
        visits.select_extend(LocationReading.outcome.alias("place"), LocationReading.distance_m)
        .join(LocationReading, JOIN.LEFT_OUTER, on=LocationReading.visit_id == Visit.id)
        .dicts()
    )


def placed(visit: Visit) -> dict[str, Any]:
    """Return one visit as such a mapping."""
    reading = LocationReading.get_or_none(LocationReading.visit_id == visit.id)
    return shown(visit.__data__) | {
        "place": reading and reading.outcome,
        "distance_m": reading and reading.distance_m,
    }


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a visit's columns with its references named as ids."""
    return row | {f"{name}_id": row[name] for name in ("person", "store", "dealer", "region")}
