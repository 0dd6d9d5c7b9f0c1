"""Points of people: exact for some weeks, then to about a kilometre; what they proved stays.

The outcome at the fence and the distance were judged before, and are kept. What has no check-in
was never judged and proves nothing: its points are removed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from peewee import fn

from backend.evidence import placed
from backend.evidence.models import PhotoReading
from backend.fieldwork import coarse
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation

NONE = dict.fromkeys(("raw_lat", "raw_lon", "raw_crs", "lat", "lon", "crs_impl"))
_DOCUMENTED = '"position":{'


def coarsen(visits: Collection[Visit], *, at: datetime) -> None:
    """Round every position of visits, in the caller's transaction; doing it again changes nothing.

    Those of check-in, cancellation and leaving, and what cameras wrote into photos.
    """
    by_id = {visit.id: visit for visit in visits}
    if not by_id:
        return
    for report in Report.select().where(Report.visit_id.in_(list(by_id))):
        if _DOCUMENTED in report.document:
            left = placed.left(by_id[report.visit_id])
            text = _coarse(report.document, left)
            Report.update(document=text).where(Report.visit_id == report.visit_id).execute()
    for row in ReportRevision.select().where(ReportRevision.visit_id.in_(list(by_id))):
        if _DOCUMENTED in row.document:
            mine = (ReportRevision.visit_id == row.visit_id) & (ReportRevision.id == row.id)
            ReportRevision.update(document=_coarse(row.document)).where(mine).execute()
    for cancelled in VisitCancellation.select().where(VisitCancellation.visit_id.in_(list(by_id))):
        if rounded := coarse.point(cancelled.__data__):
            mine = VisitCancellation.visit_id == cancelled.visit_id
            VisitCancellation.update(**rounded).where(mine).execute()
    seen = PhotoReading.visit_id.in_(list(by_id)) & PhotoReading.lat.is_null(False)
    for reading in PhotoReading.select().where(seen):
        mine = (PhotoReading.visit_id == reading.visit_id) & (
            PhotoReading.photo_id == reading.photo_id
        )
        PhotoReading.update(**coarse.point(reading.__data__)).where(mine).execute()
    for visit in by_id.values():
        rounded = coarse.point(visit.__data__)
        Visit.update(**rounded, fix_samples=None, points_coarsened_at=at).where(
            Visit.id == visit.id
        ).execute()


def coarsen_late(visit_ids: list[UUID], *, at: datetime) -> None:
    """Round what arrived of visits whose other positions were rounded before."""
    late = Visit.select().where(Visit.id.in_(visit_ids), Visit.points_coarsened_at.is_null(False))
    coarsen(list(late), at=at)


def unplaced(
    *,
    person_id: int | None = None,
    before: datetime | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[UUID]:
    """Return, in order, the ids of visits that nobody checked in for, but something is held of.

    Of one person, or of what came `before` an instant and has a position.
    """
    read = PhotoReading.visit_id == Photo.visit_id
    seen = PhotoReading.select().where(read, PhotoReading.lat.is_null(False))
    kept: list[tuple[Any, Any, Any]] = [
        (Report, Report.state == "held", Report.document.contains(_DOCUMENTED)),
        (
            ReportRevision,
            ReportRevision.number.is_null(),
            ReportRevision.document.contains(_DOCUMENTED),
        ),
        (VisitCancellation, True, VisitCancellation.raw_lat.is_null(False)),
        (Photo, ~Photo.is_declared, fn.EXISTS(seen)),
        (Photo, Photo.visit_id.in_(_held()), fn.EXISTS(seen)),
    ]
    found: set[UUID] = set()
    for model, cheap, has_point in kept:
        mine = model.select(model.visit_id).where(
            cheap, ~fn.EXISTS(Visit.select().where(Visit.id == model.visit_id))
        )
        if person_id is not None:
            mine = mine.where(model.person == person_id)
        if before is not None:
            mine = mine.where(model.received_at < before, has_point)
        if after is not None:
            mine = mine.where(model.visit_id > after)
        # Not in order: the indexes of what is held, by time of arrival, have few rows.
        found.update(visit_id for (visit_id,) in mine.tuples())
    return sorted(found)[:limit]


def remove(visit_ids: Collection[UUID]) -> None:
    """Remove every position of visits that nobody checked in for, in the caller's transaction."""
    ids = list(visit_ids)
    for report in Report.select().where(Report.visit_id.in_(ids)):
        nowhere = _nowhere(report.document)
        Report.update(document=nowhere).where(Report.visit_id == report.visit_id).execute()
    for row in ReportRevision.select().where(ReportRevision.visit_id.in_(ids)):
        mine = (ReportRevision.visit_id == row.visit_id) & (ReportRevision.id == row.id)
        ReportRevision.update(document=_nowhere(row.document)).where(mine).execute()
    VisitCancellation.update(**NONE).where(VisitCancellation.visit_id.in_(ids)).execute()
    PhotoReading.update(lat=None, lon=None).where(PhotoReading.visit_id.in_(ids)).execute()


def _nowhere(document: str) -> str:
    """Return a report's text without a position of leaving."""
    report = orjson.loads(document)
    if "check_out" in report:
        report["check_out"]["position"] = None
    return orjson.dumps(report).decode()


def _held() -> Any:
    return Report.select(Report.visit_id).where(Report.state == "held")


def _coarse(document: str, left: dict[str, Any] | None = None) -> str:
    """Return a report's text with a coarse position of leaving, and what was made of it."""
    report = orjson.loads(document)
    position = left or report["check_out"].get("position")
    if position is not None:
        rounded = position | coarse.point(position)
        rounded.pop("samples", None)  # fixes around it
        report["check_out"]["position"] = rounded
    return orjson.dumps(report).decode()
