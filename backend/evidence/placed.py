"""Visits together with what was made of their place, and whether a reason is missing."""

from __future__ import annotations

from typing import Any

import orjson
from peewee import JOIN, ModelSelect

from backend.evidence import fence
from backend.evidence.models import LocationReading
from backend.evidence.places import base_radius_m
from backend.fieldwork import cancellations, fixes, pauses, unplanned
from backend.fieldwork.models import Report, Visit
from backend.network.models import Store
from backend.network.positions import Point
from backend.platform.settings import settings

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


def whole(visit: Visit) -> dict[str, Any]:
    """Return one visit as such a mapping, with its pauses, cancellation and place of leaving."""
    return placed(visit) | {
        "left": _left(visit),
        "pauses": pauses.of_visit(visit.id),
        "cancellation": cancellations.of_visit(visit.id),
    }


def _left(visit: Visit) -> dict[str, Any] | None:
    """Weigh where the report says the phone was on leaving, by the store's point of now."""
    report = Report.get_or_none(Report.visit_id == visit.id)
    said = orjson.loads(report.document)["check_out"].get("position") if report else None
    if said is None:
        return None
    store = Store.get_or_none(Store.id == visit.store_id)
    sheet = fixes.columns_of(said)
    seen = Point(sheet["lat"], sheet["lon"]) if "lat" in sheet else None
    verdict = fence.judge(
        store.point if store else None,
        seen,
        said.get("accuracy_m"),
        base_radius_m(visit, store) if store else 0,
        settings().usable_accuracy_m,
    )
    return said | {"place": str(verdict.outcome), "distance_m": verdict.distance_m}
