"""Season plans: the range and push strategy of a season, which assortment rules carry out."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.network import codes
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.errors import NotFoundError
from backend.standards import revision
from backend.standards.mix_models import SeasonPlan
from backend.standards.validity import EndsBeforeStartError


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
