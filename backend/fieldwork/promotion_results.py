"""What a promotion did: by store, by day and in all, against its target.

Two sources tell of a store's day: visits that saw the promotion there, and an entry by the office
or an import. Nothing counts twice: a figure of the entry (units, gifts, cost, executed) stands
before what visits said of that figure; where the entry is silent, the day's countable visits add
up, and one that saw it executed is enough. Visits count where the store took part when they were
judged. A figure that nobody gave is null, not 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from peewee import JOIN, Case, ModelSelect, Select, Tuple, fn

from backend.fieldwork.models import PromotionResult, Visit
from backend.fieldwork.promotion_models import PromotionDay
from backend.network.models import Store
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards import enrolments, promotions
from backend.standards.models import Promotion, PromotionStore
from backend.standards.promotion_codes import PromotionState

FIGURES = ("units", "gifts", "cost_fen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the stores in sight sold, got and cost until the end of a day, against their target.

    `expected_units` is the target's share for the days gone by; `attainment` is what was sold
    over it, `target_attainment` what was sold over the whole target.
    """

    promotion_id: int
    on: date
    state: str
    days_total: int
    days_elapsed: int
    units: int | None
    gifts: int | None
    cost_fen: int | None
    stores_enrolled: int
    stores_checked: int
    stores_executed: int
    target_units: int | None
    expected_units: float | None
    attainment: float | None
    target_attainment: float | None
    stop_suggested: bool


def progress(actor: Actor, promotion_id: int, *, on: date) -> Progress:
    """Return how a promotion stands at the end of a day. Raises NotFoundError.

    The target is the promotion's own for whoever sees every store of it; otherwise the targets
    of the stores in sight add up. A stop is suggested while it runs, from `promo_stop_days` days
    on, when less than `promo_stop_share` of the expected units were sold.
    """
    return progress_of(actor, [promotions.get(promotion_id)], on=on)[promotion_id]


def progress_of(
    actor: Actor, promoted: Sequence[Promotion], *, on: date, dealer_id: int | None = None
) -> dict[int, Progress]:
    """Return how promotions stand at the end of a day, by id; the queries do not grow with them.

    Of a dealer, only the stores count that were its own on a promotion's first day.
    """
    ids = [promotion.id for promotion in promoted]
    stores_of = None if dealer_id is None else enrolments.participants(actor, dealer_id=dealer_id)
    totals = _totals(actor, ids, on, stores_of)
    targets = _targets(actor, ids, stores_of)
    nothing = dict.fromkeys(FIGURES) | {"stores_checked": 0, "stores_executed": 0}
    return {
        promotion.id: _standing(
            promotion,
            on,
            totals.get(promotion.id, nothing),
            targets.get(promotion.id, (0, 0, None)),
        )
        for promotion in promoted
    }


def _standing(
    promotion: Promotion, on: date, found: dict[str, Any], enrolment: tuple[int, int, int | None]
) -> Progress:
    """Return how a promotion stands by its figures, and by who takes part and is to sell what."""
    everywhere, enrolled, target = enrolment
    if promotion.target_units is not None and everywhere == enrolled:
        target = promotion.target_units
    total, elapsed = days_of(promotion, on)
    expected = target * elapsed / total if target is not None else None
    state = promotion.state_on(on)
    limits = settings()
    is_behind = (
        found["units"] is not None
        and expected is not None
        and found["units"] < limits.promo_stop_share * expected
    )
    return Progress(
        promotion_id=promotion.id,
        on=on,
        state=str(state),
        days_total=total,
        days_elapsed=elapsed,
        stores_enrolled=enrolled,
        target_units=target,
        expected_units=expected,
        attainment=_ratio(found["units"], expected),
        target_attainment=_ratio(found["units"], target),
        stop_suggested=is_behind
        and state is PromotionState.RUNNING
        and elapsed >= limits.promo_stop_days,
        **found,
    )


def by_store(actor: Actor, promotion_id: int, *, on: date) -> ModelSelect[PromotionStore]:
    """Return the enrolled stores in sight as mappings with their figures, by code.

    Raises NotFoundError.
    """
    promotion = promotions.get(promotion_id)
    days = _days([promotion_id], on, _in_sight(actor)).alias("days")
    return (
        PromotionStore.select(
            PromotionStore.store,
            Store.code,
            Store.name,
            PromotionStore.target_units,
            *_sums(days),
            fn.COUNT(days.c.executed).alias("days_checked"),
            fn.SUM(days.c.executed).cast("BIGINT").alias("days_executed"),
        )
        .join(Store, on=PromotionStore.store == Store.id)
        .join_from(
            PromotionStore, days, JOIN.LEFT_OUTER, on=days.c.store_id == PromotionStore.store
        )
        .where(PromotionStore.promotion == promotion_id, Store.visible_to(actor))
        .group_by(PromotionStore.store, Store.code, Store.name, PromotionStore.target_units)
        .order_by(Store.code)
        .objects(partial(_of_store, days_of(promotion, on)))
    )


def by_day(actor: Actor, promotion_id: int, *, on: date) -> ModelSelect[PromotionDay]:
    """Return the days that have results in stores in sight as mappings, first to last.

    Raises NotFoundError.
    """
    promotions.get(promotion_id)
    days = _days([promotion_id], on, _in_sight(actor)).alias("days")
    return (
        PromotionDay.select(
            days.c.day.alias("day"),
            *_sums(days),
            fn.COUNT(days.c.executed).alias("stores_checked"),
            fn.SUM(days.c.executed).cast("BIGINT").alias("stores_executed"),
        )
        .from_(days)
        .group_by(days.c.day)
        .order_by(days.c.day)
        .objects(_of_day)
    )


def figures_of(promotion_id: int, store_ids: list[int]) -> list[dict[str, Any]]:
    """Return the figures of some stores, one mapping for each `store_id` and `day`.

    `executed` is 1, 0, or null where nobody said.
    """
    some = Store.select(Store.id).where(Store.id.in_(store_ids))
    found: Any = _days([promotion_id], date.max, some).dicts()
    return [_of_day(**row) for row in found]


def days_of(promotion: Promotion, on: date) -> tuple[int, int]:
    """Return how many days a promotion was to run, and how many of them it has run by a day."""
    total = (promotion.ends_on - promotion.starts_on).days + 1
    elapsed = (min(on, promotion.last_on) - promotion.starts_on).days + 1
    return total, max(elapsed, 0)


def _in_sight(actor: Actor) -> ModelSelect[Store]:
    return Store.select(Store.id).where(Store.visible_to(actor))


def _days(
    promotion_ids: list[int], on: date, seen: ModelSelect[Store]
) -> ModelSelect[PromotionDay]:
    """Return the figures of each day of the stores seen; `executed` is 1, 0 or null."""
    visited: Select = (
        PromotionResult.select(
            PromotionResult.promotion.alias("promotion_id"),
            Visit.store.alias("store_id"),
            Visit.business_on.alias("day"),
            *(
                fn.SUM(getattr(PromotionResult, name)).cast("BIGINT").alias(name)
                for name in FIGURES
            ),
            fn.MAX(_as_number(PromotionResult.is_executed)).alias("executed"),
            fn.MAX(0).alias("is_entry"),
        )
        .join(Visit, on=Visit.id == PromotionResult.visit_id)
        .where(
            PromotionResult.promotion.in_(promotion_ids),
            PromotionResult.is_enrolled,
            Visit.counts(),
            Visit.business_on <= on,
            Visit.store.in_(seen),
        )
        .group_by(PromotionResult.promotion, Visit.store, Visit.business_on)
    )
    entered = PromotionDay.select(
        PromotionDay.promotion.alias("promotion_id"),
        PromotionDay.store.alias("store_id"),
        PromotionDay.day,
        *(getattr(PromotionDay, name).cast("BIGINT").alias(name) for name in FIGURES),
        _as_number(PromotionDay.is_executed).alias("executed"),
        Case(None, [(PromotionDay.version > 0, 1)], 0).alias("is_entry"),
    ).where(
        PromotionDay.promotion.in_(promotion_ids),
        PromotionDay.day <= on,
        PromotionDay.store.in_(seen),
    )
    told = visited.union_all(entered).alias("told")
    figures = (*FIGURES, "executed")
    return (
        PromotionDay.select(
            told.c.promotion_id.alias("promotion_id"),
            told.c.store_id.alias("store_id"),
            told.c.day.alias("day"),
            *(_first_told(told, name).alias(name) for name in figures),
        )
        .from_(told)
        .group_by(told.c.promotion_id, told.c.store_id, told.c.day)
    )


def _first_told(told: Any, name: str) -> Any:
    """Return the entry's figure or else the visits'."""
    figure = getattr(told.c, name)
    return fn.COALESCE(
        fn.MAX(Case(None, [(told.c.is_entry == 1, figure)])),
        fn.MAX(Case(None, [(told.c.is_entry == 0, figure)])),
    )


def _as_number(flag: Any) -> Any:
    return Case(None, [(flag, 1), (~flag, 0)])


def _sums(days: Any) -> list[Any]:
    return [fn.SUM(getattr(days.c, name)).cast("BIGINT").alias(name) for name in FIGURES]


def _totals(
    actor: Actor, promotion_ids: list[int], on: date, stores_of: ModelSelect[Any] | None
) -> dict[int, dict[str, Any]]:
    """Return the figures of promotions by id, of `stores_of` (promotion, store) or all in sight."""
    days = _days(promotion_ids, on, _in_sight(actor)).alias("days")
    executed_in = Case(None, [(days.c.executed == 1, days.c.store_id)])
    checked_in = Case(None, [(days.c.executed.is_null(False), days.c.store_id)])
    totals: Any = (
        PromotionDay.select(
            days.c.promotion_id,
            *_sums(days),
            fn.COUNT(checked_in.distinct()).alias("stores_checked"),
            fn.COUNT(executed_in.distinct()).alias("stores_executed"),
        )
        .from_(days)
        .group_by(days.c.promotion_id)
        .dicts()
    )
    if stores_of is not None:
        totals = totals.where(Tuple(days.c.promotion_id, days.c.store_id).in_(stores_of))
    return {row.pop("promotion_id"): row for row in totals}


def _targets(
    actor: Actor, promotion_ids: list[int], stores_of: ModelSelect[Any] | None
) -> dict[int, tuple[int, int, int | None]]:
    """Return how many stores take part, how many of them in sight, and what these are to sell."""
    is_seen: Any = PromotionStore.store.in_(_in_sight(actor))
    if stores_of is not None:
        is_seen = Tuple(PromotionStore.promotion, PromotionStore.store).in_(stores_of)
    mine = Case(None, [(is_seen, 1)], 0)
    targets = Case(None, [(is_seen, PromotionStore.target_units)])
    counted: Any = (
        PromotionStore.select(
            PromotionStore.promotion,
            fn.COUNT(PromotionStore.store),
            fn.SUM(mine).cast("BIGINT"),
            fn.SUM(targets).cast("BIGINT"),
        )
        .where(PromotionStore.promotion.in_(promotion_ids))
        .group_by(PromotionStore.promotion)
        .tuples()
    )
    return {promotion_id: tuple(row) for promotion_id, *row in counted}


def _of_store(days: tuple[int, int], **row: Any) -> dict[str, Any]:
    total, elapsed = days
    target = row["target_units"]
    expected = target * elapsed / total if target is not None else None
    return row | {
        "days_executed": row["days_executed"] or 0,
        "expected_units": expected,
        "attainment": _ratio(row["units"], expected),
    }


def _of_day(**row: Any) -> dict[str, Any]:
    # SQLite forgets what a column was once it went through a subquery.
    day = row["day"]
    return row | {"day": date.fromisoformat(day) if isinstance(day, str) else day}


def _ratio(part: int | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
