"""Visits together with what was made of their place, and whether a reason is missing."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from peewee import JOIN, ModelSelect

from backend.evidence.models import LocationReading
from backend.fieldwork import cancellations, coarse, fence, fixes, pauses, unplanned
from backend.fieldwork.models import Report, Visit
from backend.network.models import Store
from backend.network.positions import Datum, Point, to_datum

MISSING = "unplanned_reason_missing"


def with_place(visits: ModelSelect[Visit], crs: str = Datum.WGS84) -> ModelSelect[Visit]:
    """Return the same visits as mappings that also say `place` and `distance_m`.

    `lat` and `lon` are in the datum `crs`. `unplanned_reason_missing` says that nobody had planned
    it and nobody said why it was made.
    """
    return (
        visits.select_extend(
            LocationReading.outcome.alias("place"),
            LocationReading.distance_m,
            unplanned.lacks_reason().alias(MISSING),
        )
        .join(LocationReading, JOIN.LEFT_OUTER, on=LocationReading.visit_id == Visit.id)
        .objects(partial(_row, Datum(crs)))
    )


def placed(visit: Visit, crs: str = Datum.WGS84) -> dict[str, Any]:
    """Return one visit as such a mapping."""
    reading = LocationReading.get_or_none(LocationReading.visit_id == visit.id)
    lacking = Visit.select(Visit.id).where(Visit.id == visit.id, unplanned.lacks_reason())
    made_of_it = {
        "place": reading and reading.outcome,
        "distance_m": reading and reading.distance_m,
        MISSING: lacking.exists(),
    }
    return _row(Datum(crs), **visit.__data__, **made_of_it)


def whole(visit: Visit, crs: str = Datum.WGS84) -> dict[str, Any]:
    """Return one visit as such a mapping, with its pauses, cancellation and place of leaving."""
    return placed(visit, crs) | {
        "left": left(visit),
        "pauses": pauses.of_visit(visit.id),
        "cancellation": _broken_off(visit),
    }


def _broken_off(visit: Visit) -> dict[str, Any] | None:
    found = cancellations.of_visit(visit.id)
    if found is None:
        return None
    row: dict[str, Any] = found.__data__
    return row | coarse.point(row) if visit.is_off_hours else row


def _row(crs: Datum, **row: Any) -> dict[str, Any]:
    """Return a visit's columns with its point in a datum and its references named as ids.

    A check-in outside work hours is shown coarsely.
    """
    if row["is_off_hours"]:
        row |= coarse.point(row)
    if row["lat"] is not None:
        point = to_datum(Point(row["lat"], row["lon"]), crs)
        row |= {"lat": point.lat, "lon": point.lon}
    ids = {f"{name}_id": row[name] for name in ("person", "store", "dealer", "region")}
    return row | ids | {"crs": str(crs), MISSING: bool(row[MISSING])}


def left(visit: Visit) -> dict[str, Any] | None:
    """Weigh where the report says the phone was on leaving, by the store's point of now."""
    report = Report.get_or_none(Report.visit_id == visit.id)
    said = orjson.loads(report.document)["check_out"].get("position") if report else None
    if said is None or "place" in said:  # weighed before it was coarsened
        return said
    store = Store.get_or_none(Store.id == visit.store_id)
    sheet = fixes.columns_of(said)
    seen = Point(sheet["lat"], sheet["lon"]) if "lat" in sheet else None
    verdict = fence.judge_at(store, seen, said.get("accuracy_m"), tier=visit.tier)
    if visit.is_off_hours:
        said |= coarse.point(said)
    return said | {"place": str(verdict.outcome), "distance_m": verdict.distance_m}
