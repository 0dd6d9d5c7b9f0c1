"""Audit plans: which share of a region's photos auditors look at, and how it is drawn."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.evidence.audit_models import AuditPlan
from backend.evidence.sampling import DEFAULT_WEIGHTS
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError


class PlanOverlapsError(ConflictError):
    """A region has one plan at a time."""

    code = "audit-plan-overlaps"
    title = "The region has a plan for these days"
    title_zh = "该区域此期间已有审核计划"
    detail = "Plan {plan_id} of the region is in force on some of these days; end it first."
    detail_zh = "该区域的审核计划 {plan_id} 与此期间重叠，请先结束该计划。"


class PlanDaysError(RuleError):
    """A plan ends after it begins."""

    code = "audit-plan-days"
    title = "The plan would end before it begins"
    title_zh = "结束日期早于开始日期"
    detail = "valid_to is the first day without the plan, and later than valid_from."
    detail_zh = "valid_to 为计划失效首日，须晚于 valid_from。"


def list_plans(
    actor: Actor, *, region_id: int | None = None, on: date | None = None
) -> ModelSelect[AuditPlan]:
    """Return the plans of the actor's regions, the latest first."""
    conditions = [AuditPlan.visible_to(actor)]
    if region_id is not None:
        conditions.append(AuditPlan.region == region_id)
    if on is not None:
        conditions.append(_on(on))
    return AuditPlan.select().where(*conditions).order_by(AuditPlan.valid_from.desc(), AuditPlan.id)


def get(actor: Actor, plan_id: int) -> AuditPlan:
    """Return a plan. Raises NotFoundError."""
    plan = AuditPlan.get_or_none(AuditPlan.visible_to(actor), AuditPlan.id == plan_id)
    if plan is None:
        raise NotFoundError(what="audit plan")
    return plan


def make(
    actor: Actor,
    *,
    region_id: int,
    valid_from: date,
    valid_to: date | None,
    share: float,
    control_share: float,
    second_share: float,
    weights: Mapping[str, float] | None,
    seed: str | None,
    at: datetime,
) -> AuditPlan:
    """Lay down a plan; without weights or seed it gets the default ones or a new one.

    Raises NotFoundError, PlanDaysError or PlanOverlapsError.
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PlanDaysError
    with transaction():
        if not Region.select().where(Region.visible_to(actor), Region.id == region_id).exists():
            raise NotFoundError(what="region")
        take_turns(f"audit plans of {region_id}")
        _refuse_overlap(region_id, valid_from, valid_to)
        plan = AuditPlan.create(
            region=region_id,
            valid_from=valid_from,
            valid_to=valid_to,
            share=share,
            control_share=control_share,
            second_share=second_share,
            weights=DEFAULT_WEIGHTS if weights is None else dict(weights),
            seed=seed or secrets.token_hex(16),
            created_by_id=actor.id,
            created_at=at,
        )
        facts: dict[str, Any] = {"region": region_id, "seed": plan.seed, "share": share}
        facts |= {"control_share": control_share, "second_share": second_share}
        ledger.append(actor, "audit_plan.made", plan.id, at=at, weights=plan.weights, **facts)
    return plan


def end(
    actor: Actor, plan_id: int, *, valid_to: date | None, version: int, at: datetime
) -> AuditPlan:
    """Set the first day without the plan, or none.

    Raises NotFoundError, PlanDaysError, PlanOverlapsError or StaleError.
    """
    with transaction():
        plan = get(actor, plan_id)
        if valid_to is not None and valid_to <= plan.valid_from:
            raise PlanDaysError
        take_turns(f"audit plans of {plan.region_id}")
        _refuse_overlap(plan.region_id, plan.valid_from, valid_to, but=plan.id)
        changed = (
            AuditPlan.update(valid_to=valid_to, version=version + 1)
            .where(AuditPlan.id == plan_id, AuditPlan.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=plan.version)
        until = valid_to and valid_to.isoformat()
        ledger.append(actor, "audit_plan.ended", plan_id, at=at, valid_to=until)
    return get(actor, plan_id)


def in_force(region_id: int, day: date) -> AuditPlan | None:
    """Return the plan for a visit in a region: the region's own, or the nearest above's."""
    path: str = Region.get_by_id(region_id).path
    return (
        AuditPlan.select(AuditPlan)
        .join(Region)
        .where(Region.id.in_([int(part) for part in path.strip("/").split("/")]), _on(day))
        # A region's path begins with its parent's, so of these the longest sorts last.
        .order_by(Region.path.desc())
        .first()
    )


def _on(day: date) -> Any:
    return (AuditPlan.valid_from <= day) & (
        AuditPlan.valid_to.is_null() | (AuditPlan.valid_to > day)
    )


def _refuse_overlap(
    region_id: int, valid_from: date, valid_to: date | None, but: int | None = None
) -> None:
    ends_later = AuditPlan.valid_to.is_null() | (AuditPlan.valid_to > valid_from)
    others = AuditPlan.select().where(AuditPlan.region == region_id, ends_later)
    if valid_to is not None:
        others = others.where(AuditPlan.valid_from < valid_to)
    if but is not None:
        others = others.where(AuditPlan.id != but)
    other = others.order_by(AuditPlan.valid_from).first()
    if other is not None:
        raise PlanOverlapsError(plan_id=other.id)
