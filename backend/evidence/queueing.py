"""Queueing: photos that can be judged enter the auditors' queue as the plan draws them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.evidence import audit_plans, risks
from backend.evidence.audit_filters import only
from backend.evidence.audit_models import AuditPlan
from backend.evidence.models import PhotoAudit, PhotoReading
from backend.evidence.sampling import Draw, draw, worst
from backend.evidence.standing import Status
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.placing import facts_of
from backend.platform import ledger
from backend.platform.database import insert_rows, transaction

_EVERYTHING = Draw(is_drawn=True, is_control=False, wants_second=False, probability=1.0)


def queue(visit_id: UUID, *, at: datetime) -> int:
    """Draw a countable visit's readable photos for the queue; return how many are new there.

    Each is drawn by the plan it met first. Doing it again draws only those that are at greater
    risk by now, and none leaves.
    """
    with transaction():
        visit = Visit.get_or_none(Visit.id == visit_id, Visit.counts(), Visit.region.is_null(False))
        if visit is None:
            return 0
        known = {row.photo_id: row for row in PhotoAudit.select().where(_of(visit_id))}
        fresh = [photo_id for photo_id in _readable(visit_id) if photo_id not in known]
        new = _enter(visit, fresh) + _draw_again(visit, list(known.values()))
        if new:
            ledger.append(None, "audit.queued", visit_id, at=at, photos=new, **facts_of(visit))
    return new


def draw_again(visit_ids: Collection[UUID], *, at: datetime) -> None:
    """Draw the photos of those of the visits again that a plan met, as more is known of them."""
    planned = PhotoAudit.select(PhotoAudit.visit_id).where(
        PhotoAudit.visit_id.in_(list(visit_ids)), PhotoAudit.plan.is_null(False)
    )
    for visit_id in sorted({audit.visit_id for audit in planned}):
        queue(visit_id, at=at)


def _enter(visit: Visit, fresh: list[UUID]) -> int:
    if not fresh or visit.region_id is None:
        return 0
    plan = audit_plans.in_force(visit.region_id, visit.business_on)
    found = risks.of_visit(visit, fresh) if plan else {}
    rows = [_row(visit, photo_id, plan, found.get(photo_id)) for photo_id in fresh]
    drawn = [row for row in rows if row["status"] == Status.PENDING]
    insert_rows(PhotoAudit, [row for row in rows if row not in drawn], ignore=True)
    return insert_rows(PhotoAudit, drawn, ignore=True)


def _draw_again(visit: Visit, known: list[PhotoAudit]) -> int:
    planned = [row for row in known if row.plan_id is not None]
    if not planned:
        return 0
    plans = {row.id: row for row in AuditPlan.select().where(_any_id(planned))}
    found = risks.of_visit(visit, [row.photo_id for row in planned])
    new = 0
    for row in planned:
        now = worst(row.risks, found[row.photo_id])
        if row.plan_id is None or now == row.risks:
            continue
        drawn = draw(plans[row.plan_id].terms, row.photo_id, now)
        comes_in = drawn.is_drawn and row.status == Status.LEFT_OUT
        changes: dict[str, Any] = {"risks": now, "probability": drawn.probability}
        if comes_in:
            changes |= {"status": Status.PENDING, "wants_second": drawn.wants_second}
            new += 1
        PhotoAudit.update(**changes).where(only(row.visit_id, row.photo_id)).execute()
    return new


def _row(
    visit: Visit, photo_id: UUID, plan: AuditPlan | None, found: Mapping[str, float] | None
) -> dict[str, Any]:
    drawn = draw(plan.terms, photo_id, found or {}) if plan else _EVERYTHING
    return {
        "visit_id": visit.id,
        "photo_id": photo_id,
        "region_id": visit.region_id,
        "business_on": visit.business_on,
        "status": Status.PENDING if drawn.is_drawn else Status.LEFT_OUT,
        "plan": plan and plan.id,
        "probability": drawn.probability,
        "is_control": drawn.is_control,
        "wants_second": drawn.wants_second,
        "risks": found,
        "reasons": [],
        "note": "",
        "version": 1,
    }


def _readable(visit_id: UUID) -> list[UUID]:
    readable = PhotoReading.select(PhotoReading.photo_id).where(
        PhotoReading.visit_id == visit_id, PhotoReading.unreadable_reason.is_null()
    )
    photos = (
        Photo.select(Photo.id)
        .where(
            Photo.visit_id == visit_id, Photo.quarantine_reason.is_null(), Photo.id.in_(readable)
        )
        .order_by(Photo.id)
    )
    return [photo.id for photo in photos]


def _of(visit_id: UUID) -> Any:
    return PhotoAudit.visit_id == visit_id


def _any_id(planned: list[PhotoAudit]) -> Any:
    return AuditPlan.id.in_(sorted({row.plan_id for row in planned if row.plan_id is not None}))
