"""Points of people: exact for some weeks, then to about a kilometre; what they proved stays.

The outcome at the fence and the distance were judged before, and are kept.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from backend.evidence import placed
from backend.evidence.models import PhotoReading
from backend.fieldwork import coarse
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation

_DOCUMENTED = b'"position":{'


def coarsen(visits: Collection[Visit], *, at: datetime) -> None:
    """Round every position of visits, in the caller's transaction; doing it again changes nothing.

    Those of check-in, cancellation and leaving, and what cameras wrote into photos.
    """
    by_id = {visit.id: visit for visit in visits}
    if not by_id:
        return
    for report in Report.select().where(Report.visit_id.in_(list(by_id))):
        if _DOCUMENTED in report.document.encode():
            left = placed.left(by_id[report.visit_id])
            text = _coarse(report.document, left)
            Report.update(document=text).where(Report.visit_id == report.visit_id).execute()
    for row in ReportRevision.select().where(ReportRevision.visit_id.in_(list(by_id))):
        if _DOCUMENTED in row.document.encode():
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


def _coarse(document: str, left: dict[str, Any] | None = None) -> str:
    """Return a report's text with a coarse position of leaving, and what was made of it."""
    report = orjson.loads(document)
    position = left or report["check_out"].get("position")
    if position is not None:
        rounded = position | coarse.point(position)
        rounded.pop("samples", None)  # fixes around it
        report["check_out"]["position"] = rounded
    return orjson.dumps(report).decode()
