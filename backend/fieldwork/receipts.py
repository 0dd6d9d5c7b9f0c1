"""Receipts: what the server holds of a visit, so that a phone knows what it may delete."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fieldwork import placing
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.photos import state_of
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation, VisitPause
from backend.platform.actors import Actor
from backend.platform.prepared import Prepared
from backend.standards.codes import VisitStatus

SCORES = (
    "mandatory_pass",
    "mandatory_checked",
    "is_all_mandatory_pass",
    "missing_required",
    "is_incomplete",
    "missing",
    "failed_critical",
    "must_listed",
    "must_answered",
    "must_available",
    "must_stock_answered",
    "prices_compliant",
    "prices_checked",
    "promos_executed",
    "promos_checked",
)
_VISIT = (
    Visit.id,
    Visit.status,
    Visit.quarantine_reason,
    Visit.demand,
    Visit.content_sha256,
)
SCORED = (
    Report.visit_id,
    Report.state,
    Report.signage_num,
    Report.signage_den,
    *(getattr(Report, name) for name in SCORES),
)
"""The columns of a report that `score_of` reads."""
_REPORT = (*SCORED, Report.content_sha256)
_OWN_VISIT = Prepared(
    Visit,
    lambda visit_id, person_id: Visit.select(*_VISIT).where(
        Visit.id == visit_id, Visit.person == person_id
    ),
    visit_id=Visit.id,
    person_id=Visit.person,
)
_OWN_REPORT = Prepared(
    Report,
    lambda visit_id, person_id: Report.select(*_REPORT).where(
        Report.visit_id == visit_id, Report.person == person_id
    ),
    visit_id=Report.visit_id,
    person_id=Report.person,
)
_OWN_PHOTOS = Prepared(
    Photo,
    lambda visit_id, person_id: (
        Photo.select()
        .where(Photo.visit_id == visit_id, Photo.person == person_id)
        .order_by(Photo.id)
    ),
    visit_id=Photo.visit_id,
    person_id=Photo.person,
)
ASKED_DAYS = 30
MOST_ASKED = 5
_UNREPORTED = Prepared(
    Visit,
    lambda person_id, visit_id, since, before: (
        Visit.select(Visit.id, Visit.claimed_store_id, Visit.business_on, Visit.checked_in_at)
        .where(
            Visit.person == person_id,
            Visit.id != visit_id,
            Visit.checked_in_at >= since,
            Visit.checked_in_at <= before,
            Visit.status.in_([str(VisitStatus.OPEN), str(VisitStatus.UNREPORTED)]),
        )
        .order_by(Visit.checked_in_at.desc(), Visit.id)
        .limit(MOST_ASKED)
    ),
    person_id=Visit.person,
    visit_id=Visit.id,
    since=Visit.checked_in_at,
    before=Visit.checked_in_at,
)
NOTHING: dict[str, Any] = {"received": False, "content_sha256": None}


def receipts(actor: Actor, visit_ids: list[UUID]) -> list[dict[str, Any]]:
    """Return one receipt per id, in the order asked; what is not the actor's is `unknown`.

    A phone may ask before its check-in arrived: what it handed in itself counts as well. These
    receipts also name pauses, amendments and the cancellation.
    """
    seen = Visit.select(*_VISIT).where(Visit.id.in_(visit_ids), Visit.visible_to(actor))
    visits = {visit.id: visit for visit in seen}
    ours = (Report.visit_id.in_(list(visits))) | (Report.person == actor.id)
    found = Report.select(*_REPORT).where(Report.visit_id.in_(visit_ids), ours)
    reports = {report.visit_id: report for report in found}
    ours = (Photo.visit_id.in_(list(visits))) | (Photo.person == actor.id)
    photos: dict[UUID, list[Photo]] = {visit_id: [] for visit_id in visit_ids}
    for photo in Photo.select().where(Photo.visit_id.in_(visit_ids), ours).order_by(Photo.id):
        photos[photo.visit_id].append(photo)
    others = _others(actor, visit_ids, list(visits))
    return [
        receipt(visit_id, visits.get(visit_id), reports.get(visit_id), photos[visit_id])
        | others[visit_id]
        for visit_id in visit_ids
    ]


def _others(actor: Actor, visit_ids: list[UUID], seen: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what else is held of visits: pauses, amendments and the cancellation."""
    held: dict[UUID, dict[str, Any]] = {
        visit_id: {"pauses": [], "amendments": [], "cancellation": NOTHING}
        for visit_id in visit_ids
    }
    lists: tuple[tuple[str, type[VisitPause | ReportRevision]], ...] = (
        ("pauses", VisitPause),
        ("amendments", ReportRevision),
    )
    for name, model in lists:
        ours = model.visit_id.in_(seen) | (model.person == actor.id)
        rows = model.select(model.visit_id, model.id, model.content_sha256)
        for row in rows.where(model.visit_id.in_(visit_ids), ours).order_by(model.id):
            if row.id != row.visit_id:  # that is the original report
                held[row.visit_id][name].append(row)
    ours = VisitCancellation.visit_id.in_(seen) | (VisitCancellation.person == actor.id)
    for one in VisitCancellation.select().where(VisitCancellation.visit_id.in_(visit_ids), ours):
        held[one.visit_id]["cancellation"] = _document(one)
    return held


def own(actor: Actor, visit_id: UUID) -> dict[str, Any]:
    """Return the receipt of a visit the actor has just handed something in for."""
    key = {"visit_id": visit_id, "person_id": actor.id}
    return receipt(
        visit_id, _OWN_VISIT.first(**key), _OWN_REPORT.first(**key), _OWN_PHOTOS.models(**key)
    )


def of_check_in(actor: Actor, visit_id: UUID, *, at: datetime) -> dict[str, Any]:
    """Return the receipt of a check-in, which asks for what was not reported before it.

    `unreported` are the person's last visits of the last 30 days without a report, five at most.
    """
    since = at - timedelta(days=ASKED_DAYS)
    key = {"person_id": actor.id, "visit_id": visit_id, "since": since, "before": at}
    return own(actor, visit_id) | {"unreported": _UNREPORTED.models(**key)}


def receipt(
    visit_id: UUID, visit: Visit | None, report: Report | None, photos: list[Photo]
) -> dict[str, Any]:
    """Return the receipt of a visit, of which any part may not have arrived; photos by id."""
    return {
        "visit_id": visit_id,
        "status": visit.status if visit else "unknown",
        "is_complete": visit is not None and visit.status == "complete",
        "quarantine_reason": visit.quarantine_reason if visit else None,
        "demands": [visit.demand] if visit and placing.owes_storefront(visit, photos) else [],
        "check_in": _document(visit),
        "report": _document(report),
        "photos": [
            {
                "id": photo.id,
                "state": state_of(photo),
                "sha256": photo.sha256,
                "reason": photo.quarantine_reason,
            }
            for photo in photos
        ],
        "score": score_of(report) if report is not None and report.state == "judged" else None,
    }


def _document(row: Visit | Report | VisitCancellation | None) -> dict[str, Any]:
    return {"received": True, "content_sha256": row.content_sha256} if row else NOTHING


def score_of(report: Report) -> dict[str, Any]:
    """Return what the rules made of a judged report."""
    columns = report.__data__
    num, den = columns["signage_num"], columns["signage_den"]
    share = num / den if num is not None and den else None
    return {"signage_score": share} | {name: columns[name] for name in SCORES}
