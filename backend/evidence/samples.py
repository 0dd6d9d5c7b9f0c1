"""Samples: what a plan drew, how it can be drawn again, and what that says about all photos."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import Case, Expression, fn

from backend.evidence import audit_plans
from backend.evidence.audit_filters import counts, in_scope
from backend.evidence.audit_models import AuditPlan
from backend.evidence.estimates import Sums, rejection_rate
from backend.evidence.models import PhotoAudit
from backend.evidence.sampling import PURPOSES, number_of
from backend.evidence.standing import Status
from backend.platform.actors import Actor

_JUDGED = PhotoAudit.status.in_([Status.APPROVED, Status.REJECTED])
_REJECTED = PhotoAudit.status == Status.REJECTED
_CONTROL = PhotoAudit.is_control == True  # noqa: E712  # SQL


def explain(
    actor: Actor, plan_id: int, *, from_on: date | None = None, to_on: date | None = None
) -> dict[str, Any]:
    """Return a plan, how many photos it met and drew, and what its verdicts say about all.

    `frame` are the photos that count by now. `weighted` gives each judged photo the weight
    1/probability; `control` are only those that the control share drew, unweighted. Raises
    NotFoundError.
    """
    plan = audit_plans.get(actor, plan_id)
    found: Any = (
        PhotoAudit.select(
            fn.COUNT(PhotoAudit.photo_id),
            _count(PhotoAudit.status != Status.LEFT_OUT),
            fn.SUM(PhotoAudit.probability),
            _count(_CONTROL),
            _count(PhotoAudit.wants_second == True),  # noqa: E712  # SQL
            *_sums(_JUDGED),
            *_sums(_JUDGED & _CONTROL, weighted=False),
        )
        .where(_of(actor, plan, from_on, to_on))
        .tuples()
        .get()
    )
    frame, drawn, expected, control, second, *sums = [each or 0 for each in found]
    return {
        "plan": plan,
        "frame": frame,
        "drawn": drawn,
        "expected": float(expected),
        "drawn_for_control": control,
        "drawn_for_second": second,
        "weighted": _told(sums[:6]),
        "control": _told(sums[6:]),
    }


def page_of_photos(
    actor: Actor,
    plan_id: int,
    *,
    limit: int,
    offset: int,
    from_on: date | None = None,
    to_on: date | None = None,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many photos a plan met, and some of them with the numbers that decided.

    Raises NotFoundError.
    """
    plan = audit_plans.get(actor, plan_id)
    query = PhotoAudit.select().where(_of(actor, plan, from_on, to_on))
    page = query.order_by(PhotoAudit.business_on, PhotoAudit.visit_id, PhotoAudit.photo_id)
    photos = [
        {
            "visit_id": audit.visit_id,
            "photo_id": audit.photo_id,
            "business_on": audit.business_on,
            "is_drawn": audit.status != Status.LEFT_OUT,
            "is_control": audit.is_control,
            "probability": audit.probability,
            "risks": audit.risks,
            "numbers": {each: number_of(plan.seed, each, audit.photo_id) for each in PURPOSES},
        }
        for audit in page.limit(limit).offset(offset)
    ]
    return query.count(), photos


def _of(actor: Actor, plan: AuditPlan, from_on: date | None, to_on: date | None) -> Expression:
    condition = (PhotoAudit.plan == plan.id) & in_scope(actor) & counts()
    if from_on is not None:
        condition &= PhotoAudit.business_on >= from_on
    if to_on is not None:
        condition &= PhotoAudit.business_on < to_on
    return condition


def _count(condition: Any) -> Any:
    return fn.SUM(Case(None, [(condition, 1)], 0))


def _sums(among: Any, *, weighted: bool = True) -> list[Any]:
    """Return the columns of Sums over some photos; unweighted, each stands for itself."""
    p: Any = PhotoAudit.probability if weighted else 1.0
    weight, spread = (1.0 / p, (1.0 - p) / (p * p)) if weighted else (1.0, 1.0)
    return [
        _count(among),
        _count(among & _REJECTED),
        fn.SUM(Case(None, [(among, weight)], 0.0)),
        fn.SUM(Case(None, [(among & _REJECTED, weight)], 0.0)),
        fn.SUM(Case(None, [(among, spread)], 0.0)),
        fn.SUM(Case(None, [(among & _REJECTED, spread)], 0.0)),
    ]


def _told(sums: list[Any]) -> dict[str, Any]:
    photos, rejected, *rest = sums
    weights, weights_rejected, spread, spread_rejected = map(float, rest)
    estimate = rejection_rate(
        Sums(
            photos=photos,
            rejected=rejected,
            weights=weights,
            weights_rejected=weights_rejected,
            spread=spread,
            spread_rejected=spread_rejected,
        )
    )
    return {
        "judged": photos,
        "rejected": rejected,
        "rejection_rate": estimate.rate,
        "standard_error": estimate.standard_error,
    }
