"""Visit rules: on which weekdays, in which weeks of the cycle, and how often a store is visited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from backend.fieldwork.journey_models import VisitRule
from backend.network import stores
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import RuleError, StaleError
from backend.standards import frequencies

WEEKDAYS, WEEKS = range(1, 8), range(1, 5)


class RuleTooNarrowError(RuleError):
    """A rule that leaves fewer days than visits contradicts itself."""

    code = "rule-too-narrow"
    title = "The rule leaves too few days"
    title_zh = "规则允许的天数不足"
    detail = "The rule leaves {days} days in a cycle for {visits} visits."
    detail_zh = "规则在一个周期内只允许 {days} 天，少于应拜访的 {visits} 次。"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a store may be visited; `visits` is null where tier and grade decide.

    The version is 0 until somebody sets a rule; every day is allowed then.
    """

    store_id: int
    weekdays: Sequence[int]
    weeks: Sequence[int]
    visits: int | None
    version: int


def get(actor: Actor, store_id: int) -> Rule:
    """Return the rule of a store. Raises NotFoundError."""
    store = stores.get(actor, store_id)
    return _of(store.id, VisitRule.get_or_none(VisitRule.store == store.id))


def edit(
    actor: Actor,
    store_id: int,
    *,
    weekdays: Sequence[int],
    weeks: Sequence[int],
    visits: int | None,
    version: int,
    at: datetime,
) -> Rule:
    """Set one version of a store's rule. Raises NotFoundError, RuleTooNarrowError or StaleError.

    What is planned already stays; the next generation follows the new rule.
    """
    rule = Rule(store_id, sorted(set(weekdays)), sorted(set(weeks)), visits, version + 1)
    columns = asdict(rule)
    del columns["store_id"]
    with transaction():
        known, store = get(actor, store_id), stores.get(actor, store_id)
        due = frequencies.required()[store.tier, store.grade] if visits is None else visits
        left = len(rule.weekdays) * len(rule.weeks)
        if left < due:
            raise RuleTooNarrowError(days=left, visits=due)
        changed = (
            VisitRule.update(columns)
            .where(VisitRule.store == store_id, VisitRule.version == version)
            .execute()
            if version
            else insert_rows(VisitRule, [{"store": store_id} | columns], ignore=True)
        )
        if not changed:
            raise StaleError(version=known.version)
        ledger.append(actor, "visit_rule.edited", store_id, at=at, region=store.region_id)
    return rule


def of_stores(store_ids: Sequence[int]) -> dict[int, Rule]:
    """Return the rule of each store."""
    set_ = {row.store_id: row for row in VisitRule.select().where(VisitRule.store.in_(store_ids))}
    return {store_id: _of(store_id, set_.get(store_id)) for store_id in store_ids}


def _of(store_id: int, row: VisitRule | None) -> Rule:
    if row is None:
        return Rule(store_id, list(WEEKDAYS), list(WEEKS), None, 0)
    return Rule(store_id, row.weekdays, row.weeks, row.visits, row.version)
