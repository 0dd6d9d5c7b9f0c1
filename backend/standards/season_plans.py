"""Season plans: the range and push strategy of a season, which assortment rules carry out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, NotFoundError, StaleError
from backend.standards import revision
from backend.standards.mix_models import SeasonPlan
from backend.standards.validity import EndsBeforeStartError


class SeasonBegunError(ConflictError):
    """Rules of a season that has begun have been judged by."""

    code = "season-begun"
    title = "The season has begun"
    title_zh = "该季已开始"
    detail = "It began on {starts_on}; a plan is amended before its season."
    detail_zh = "该季已于 {starts_on} 开始，只能在开始前修改。"


def list_plans(*, day: date | None = None) -> ModelSelect[SeasonPlan]:
    """Return the plans, the latest season first, or those of a day."""
    plans = SeasonPlan.select().order_by(SeasonPlan.starts_on.desc(), SeasonPlan.id)
    if day is None:
        return plans
    return plans.where(SeasonPlan.starts_on <= day, SeasonPlan.ends_on >= day)


def get(plan_id: int) -> SeasonPlan:
    """Return one plan. Raises NotFoundError."""
    plan = SeasonPlan.get_or_none(SeasonPlan.id == plan_id)
    if plan is None:
        raise NotFoundError(what="season plan")
    return plan


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    starts_on: date,
    ends_on: date,
    at: datetime,
    strategy: str = "",
) -> SeasonPlan:
    """Add a plan; both days belong to the season. Raises CodeTakenError or EndsBeforeStartError."""
    if ends_on < starts_on:
        raise EndsBeforeStartError(starts_on=starts_on, ends_on=ends_on)
    with codes.unique(code):
        plan = SeasonPlan.create(
            code=code, name=name, strategy=strategy, starts_on=starts_on, ends_on=ends_on
        )
        revision.bump()
        ledger.append(actor, "season_plan.created", plan.id, at=at)
    return plan


def amend(actor: Actor, plan_id: int, *, version: int, at: datetime, **changes: Any) -> SeasonPlan:
    """Change name, strategy or days of one version of a plan whose season has not begun.

    Raises NotFoundError, StaleError, SeasonBegunError or EndsBeforeStartError.
    """
    with transaction():
        revision.bump()  # first, so that two who amend it take turns
        plan = get(plan_id)
        if plan.version != version:
            raise StaleError(version=plan.version)
        if plan.starts_on <= clock.business_date(at):
            raise SeasonBegunError(starts_on=plan.starts_on)
        days = {name: changes.get(name, getattr(plan, name)) for name in ("starts_on", "ends_on")}
        if days["ends_on"] < days["starts_on"]:
            raise EndsBeforeStartError(**days)
        SeasonPlan.update(**changes, version=version + 1).where(SeasonPlan.id == plan_id).execute()
        ledger.append(actor, "season_plan.amended", plan_id, at=at, fields=sorted(changes))
    return get(plan_id)
