"""Risks: what speaks for looking at the photos of a visit, as far as it is known by now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import Case, fn

from backend.evidence import repeats
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.sampling import Risk
from backend.evidence.signal_models import VisitScore
from backend.evidence.standing import Status
from backend.fieldwork.fence import Outcome
from backend.fieldwork.models import Visit
from backend.platform.settings import settings


def of_visit(visit: Visit, photo_ids: list[UUID]) -> dict[UUID, dict[str, float]]:
    """Return by photo how much of each risk there is; what is not there is left out."""
    of_all = _of_place(visit) | _of_person(visit) | {str(Risk.SCORE): _score_of(visit) / 100}
    repeated = {
        row.photo_id
        for row in PhotoMatch.select(PhotoMatch.photo_id)
        .where(PhotoMatch.visit_id == visit.id, repeats.stands())
        .distinct()
    }
    flagged = {
        reading.photo_id
        for reading in PhotoReading.select(PhotoReading.photo_id, PhotoReading.quality).where(
            PhotoReading.visit_id == visit.id
        )
        if any(measure["is_flagged"] for measure in reading.quality or ())
    }
    found = {
        photo_id: of_all
        | {
            str(Risk.REPEAT): float(photo_id in repeated),
            str(Risk.QUALITY): float(photo_id in flagged),
        }
        for photo_id in photo_ids
    }
    return {
        photo_id: {risk: there for risk, there in risks.items() if there}
        for photo_id, risks in found.items()
    }


def _score_of(visit: Visit) -> int:
    """Return the score of a visit, 0 to 100; one that is not weighed yet has none."""
    found = VisitScore.get_or_none(VisitScore.visit_id == visit.id)
    return found.score if found else 0


def _of_place(visit: Visit) -> dict[str, float]:
    reading = LocationReading.get_or_none(LocationReading.visit_id == visit.id)
    if reading is None or reading.outcome == Outcome.INSIDE:
        return {}
    is_outside = reading.outcome == Outcome.OUTSIDE
    return {str(Risk.OUTSIDE if is_outside else Risk.UNCERTAIN): 1.0}


def _of_person(visit: Visit) -> dict[str, float]:
    first: Any = (
        Visit.select(Visit.business_on)
        .where(Visit.person == visit.person_id)
        .order_by(Visit.checked_in_at)
        .limit(1)
        .scalar()
    )
    newcomer = timedelta(days=settings().audit_new_person_days)
    return {
        str(Risk.NEW_PERSON): float(visit.business_on < first + newcomer),
        str(Risk.REJECTIONS): _rejected_before(visit),
    }


def _rejected_before(visit: Visit) -> float:
    """Return the share rejected of the person's judged photos of earlier days.

    None of this visit's: a photo's own verdict must not change how likely it was to be drawn.
    """
    since = visit.business_on - timedelta(days=settings().audit_past_days)
    before: Any = Visit.select(Visit.id).where(
        Visit.person == visit.person_id,
        Visit.business_on >= since,
        Visit.business_on < visit.business_on,
    )
    found: Any = (
        PhotoAudit.select(
            fn.COUNT(PhotoAudit.photo_id),
            fn.SUM(Case(None, [(PhotoAudit.status == Status.REJECTED, 1)], 0)),
        )
        .where(
            PhotoAudit.visit_id.in_(before),
            PhotoAudit.status.in_([Status.APPROVED, Status.REJECTED]),
        )
        .tuples()
        .get()
    )
    judged, rejected = found
    return rejected / judged if judged else 0.0
