"""Holds: why a photo is kept although its time is over, until somebody has decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from backend.evidence.models import PhotoAudit
from backend.evidence.signal_models import Appeal
from backend.fieldwork.case_models import PointCorrection, Task
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import Claim, ClaimProof
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.standards.promotion_codes import ClaimState

UNDECIDED = ("pending", "disputed")
PAID_OR_NOT = (str(ClaimState.REJECTED), str(ClaimState.SETTLED))
Held = set[UUID]


def on(photos: Sequence[Photo]) -> dict[UUID, str]:
    """Return why photos are held, by their ids: the first reason that is found."""
    why: dict[UUID, str] = {}
    for reason, held_by in HOLDS.items():
        for photo_id in held_by(photos):
            why.setdefault(photo_id, reason)
    return why


def _in_quarantine(photos: Sequence[Photo]) -> Held:
    ids = list({photo.visit_id for photo in photos})
    believed = Visit.select(Visit.id).where(Visit.id.in_(ids), Visit.quarantine_reason.is_null())
    good = {visit.id for visit in believed}
    return {p.id for p in photos if p.quarantine_reason is not None or p.visit_id not in good}


def _awaiting_verdict(photos: Sequence[Photo]) -> Held:
    return _named(photos, PhotoAudit.photo_id, PhotoAudit.status.in_(UNDECIDED))


def _open_violation(photos: Sequence[Photo]) -> Held:
    open_ = Violation.resolved_at.is_null() & Violation.retracted_at.is_null()
    return _seen_by(photos, open_)


def _open_price_case(photos: Sequence[Photo]) -> Held:
    running = PriceCase.closed_at.is_null()
    cases = PriceCase.select(PriceCase.violation_id).where(running)
    return _seen_by(photos, Violation.id.in_(cases)) | _named(
        photos, PriceCase.reply_photo_id, running
    )


def _open_claim(photos: Sequence[Photo]) -> Held:
    open_ = Claim.select(Claim.id).where(Claim.state.not_in(PAID_OR_NOT))
    here = ClaimProof.visit_id.in_(list({photo.visit_id for photo in photos}))
    return _named(photos, ClaimProof.photo_id, here & ClaimProof.claim.in_(open_))


def _open_task(photos: Sequence[Photo]) -> Held:
    return _named(photos, Task.proof_photo_id, Task.ended_at.is_null())


def _open_correction(photos: Sequence[Photo]) -> Held:
    return _named(photos, PointCorrection.proof_photo_id, PointCorrection.decided_at.is_null())


def _open_appeal(photos: Sequence[Photo]) -> Held:
    ids = list({photo.visit_id for photo in photos})
    waiting: Any = (
        Appeal.select(Appeal.visit_id)
        .where(Appeal.visit_id.in_(ids), Appeal.answered_at.is_null())
        .tuples()
    )
    visits = {visit_id for (visit_id,) in waiting}
    return {photo.id for photo in photos if photo.visit_id in visits}


def _named(photos: Sequence[Photo], column: Any, condition: Any) -> Held:
    rows = column.model.select(column).where(column.in_([photo.id for photo in photos]), condition)
    return {photo_id for (photo_id,) in rows.tuples()}


def _seen_by(photos: Sequence[Photo], condition: Any) -> Held:
    """Return the photos of visits that saw one of some violations."""
    sightings: Any = (
        ViolationSighting.select(ViolationSighting.visit_id)
        .join(Violation, on=ViolationSighting.violation_id == Violation.id)
        .where(ViolationSighting.visit_id.in_(list({p.visit_id for p in photos})), condition)
        .tuples()
    )
    visits: set[UUID] = {visit_id for (visit_id,) in sightings}
    return {photo.id for photo in photos if photo.visit_id in visits}


HOLDS: dict[str, Callable[[Sequence[Photo]], Held]] = {
    "quarantine": _in_quarantine,
    "awaiting_verdict": _awaiting_verdict,
    "open_appeal": _open_appeal,
    "open_violation": _open_violation,
    "open_price_case": _open_price_case,
    "open_claim": _open_claim,
    "open_task": _open_task,
    "open_point_correction": _open_correction,
}
