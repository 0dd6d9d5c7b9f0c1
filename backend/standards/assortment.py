"""Assortment rules: which products stores of a kind must list."""

from __future__ import annotations

from datetime import date, datetime

from peewee import Expression, ModelSelect

from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, NotFoundError
from backend.standards import revision, scopes, season_plans, skus, validity
from backend.standards.codes import ListingStandard, SkuRole
from backend.standards.models import AssortmentRule


class ContradictoryRulesError(ConflictError):
    """Two rules of one scope, selection and priority say the opposite on the same day."""

    code = "contradictory-rules"
    title = "Another rule says the opposite"
    title_zh = "规则相互矛盾"
    detail = (
        "Rule {rule_id} says the opposite of the same stores and products from {since} on; "
        "end it first, or give one of the two a higher priority."
    )
    detail_zh = (
        "规则 {rule_id} 自 {since} 起对同一范围、同一产品作出相反规定，请先终止该规则或调整优先级。"
    )


def list_rules(
    *,
    scope_kind: str | None = None,
    scope_value: str | None = None,
    season_plan_id: int | None = None,
    day: date | None = None,
) -> ModelSelect[AssortmentRule]:
    """Return the rules, of a scope or season or in force on a day if asked."""
    rules = AssortmentRule.select().order_by(AssortmentRule.id)
    if scope_kind is not None:
        rules = rules.where(AssortmentRule.scope_kind == scope_kind)
    if scope_value is not None:
        rules = rules.where(AssortmentRule.scope_value == scope_value)
    if season_plan_id is not None:
        rules = rules.where(AssortmentRule.season_plan == season_plan_id)
    return rules if day is None else rules.where(AssortmentRule.on(day))


def create(
    actor: Actor,
    *,
    scope_kind: str,
    select_kind: str,
    select_value: str,
    valid_from: date,
    at: datetime,
    scope_value: str = "",
    must_list: bool = True,
    min_facings: int = 1,
    priority: int = 0,
    valid_to: date | None = None,
    season_plan_id: int | None = None,
    min_sales_index: int | None = None,
    min_sections: int | None = None,
    stock_cover_days: int | None = None,
) -> AssortmentRule:
    """Add a rule; `musts` says what kinds and values mean.

    Raises BadScopeError, EndsBeforeStartError, UnknownDivisionError, ContradictoryRulesError, or
    NotFoundError for a store, product or season plan.
    """
    validity.check(valid_from, valid_to)
    scope_value = scopes.checked(actor, scope_kind, scope_value)
    select_value = _selection(select_kind, select_value)
    if season_plan_id is not None:
        season_plans.get(season_plan_id)
    with transaction():
        revision.bump()  # first, so that two contradictory rules take turns
        _refuse_opposite(
            AssortmentRule.scope_kind == scope_kind,
            AssortmentRule.scope_value == scope_value,
            AssortmentRule.select_kind == select_kind,
            AssortmentRule.select_value == select_value,
            AssortmentRule.priority == priority,
            AssortmentRule.must_list != must_list,
            validity.overlapping(AssortmentRule, valid_from, valid_to),
        )
        rule = AssortmentRule.create(
            scope_kind=scope_kind,
            scope_value=scope_value,
            select_kind=select_kind,
            select_value=select_value,
            must_list=must_list,
            min_facings=min_facings,
            priority=priority,
            valid_from=valid_from,
            valid_to=valid_to,
            season_plan=season_plan_id,
            min_sales_index=min_sales_index,
            min_sections=min_sections,
            stock_cover_days=stock_cover_days,
        )
        ledger.append(actor, "assortment_rule.created", rule.id, at=at)
    return rule


def end(actor: Actor, rule_id: int, *, valid_to: date, at: datetime) -> AssortmentRule:
    """End a rule: `valid_to` is the first day without it; saying so twice is fine.

    Raises NotFoundError, EndsBeforeStartError or AlreadyEndedError.
    """
    with transaction():
        revision.bump()  # first, so that two who end one rule take turns
        rule = AssortmentRule.get_or_none(AssortmentRule.id == rule_id)
        if rule is None:
            raise NotFoundError(what="assortment rule")
        if validity.is_new_end(rule.valid_from, rule.valid_to, valid_to):
            rule.valid_to = valid_to
            rule.save(only=[AssortmentRule.valid_to])
            ledger.append(actor, "assortment_rule.ended", rule_id, at=at, valid_to=valid_to)
    return rule


def _selection(kind: str, value: str) -> str:
    """Return the value as it is compared with products."""
    fits = {
        "sku": scopes.is_id(value),
        "role": value in set(SkuRole),
        "tag": value != "",
        "price_band": value != "",
        "standard": value in set(ListingStandard),
    }
    if not fits[kind]:
        raise scopes.BadScopeError(kind=kind, value=value)
    if kind == "sku":
        skus.require([int(value)])
    return skus.canonical_tag(value) if kind == "tag" else value


def _refuse_opposite(*conditions: Expression) -> None:
    other = AssortmentRule.select().where(*conditions).order_by(AssortmentRule.valid_from).first()
    if other is not None:
        raise ContradictoryRulesError(
            rule_id=other.id, since=other.valid_from, until=other.valid_to
        )
