"""Assortment rules: which products stores of a kind must list."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError
from backend.standards import revision, scopes, skus, validity
from backend.standards.codes import SkuRole
from backend.standards.models import AssortmentRule


def list_rules(
    *,
    scope_kind: str | None = None,
    scope_value: str | None = None,
    day: date | None = None,
) -> ModelSelect[AssortmentRule]:
    """Return the rules, of a scope or in force on a day if asked."""
    rules = AssortmentRule.select().order_by(AssortmentRule.id)
    if scope_kind is not None:
        rules = rules.where(AssortmentRule.scope_kind == scope_kind)
    if scope_value is not None:
        rules = rules.where(AssortmentRule.scope_value == scope_value)
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
) -> AssortmentRule:
    """Add a rule; `musts` says what kinds and values mean.

    Raises BadScopeError, EndsBeforeStartError, UnknownDivisionError, or NotFoundError for a
    store or product.
    """
    validity.check(valid_from, valid_to)
    scope_value = scopes.checked(actor, scope_kind, scope_value)
    _check_selection(select_kind, select_value)
    with transaction():
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
        )
        revision.bump()
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


def _check_selection(kind: str, value: str) -> None:
    fits = {"sku": scopes.is_id(value), "role": value in set(SkuRole), "tag": value != ""}
    if not fits[kind]:
        raise scopes.BadScopeError(kind=kind, value=value)
    if kind == "sku":
        skus.require([int(value)])
