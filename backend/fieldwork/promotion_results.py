"""What a promotion did: by store, by day and in all, against its target.

Two sources tell of a store's day: visits that saw the promotion there, and an entry by the office
or an import. Nothing counts twice: a figure of the entry (units, gifts, cost, executed) stands
before what visits said of that figure; where the entry is silent, the day's countable visits add
up, and one that saw it executed is enough. Visits count where the store took part when they were
judged. A figure that nobody gave is null, not 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from peewee import JOIN, Case, Expression, ModelSelect, Select, fn

from backend.fieldwork.models import PromotionResult, Visit
from backend.fieldwork.promotion_models import PromotionDay
from backend.network import stores
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import (
    NotFoundError,
    RuleError,
    StaleError,
    VersionRequiredError,
)
from backend.platform.settings import settings
from backend.standards import promotions
from backend.standards.models import Promotion, PromotionStore
from backend.standards.promotion_codes import PromotionState

FIGURES = ("units", "gifts", "cost_fen")
ENTERED = (*FIGURES, "is_executed", "source", "remark")


class NotEnrolledError(RuleError):
    """Only a store that takes part has results."""

    code = "store-not-enrolled"
    title = "The store does not take part"
    title_zh = "门店未参加促销"
    detail = "Store {store_id} is not enrolled in the promotion."
    detail_zh = "门店 {store_id} 未参加该促销。"


class OutsidePromotionDaysError(RuleError):
    """Results belong to days on which the promotion ran."""

    code = "outside-promotion-days"
    title = "The promotion did not run on this day"
    title_zh = "当天没有该促销"
    detail = "On {day} there are no results: it runs from {starts_on} to {last_on}."
    detail_zh = "{day} 没有可录入的结果：促销日期为 {starts_on} 至 {last_on}。"


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
    promotion = promotions.get(promotion_id)
    found = _totals(actor, promotion_id, on)
    enrolled, target = _target(actor, promotion)
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
        promotion_id=promotion_id,
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
    days = _days(promotion_id, on, _in_sight(actor)).alias("days")
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
    days = _days(promotion_id, on, _in_sight(actor)).alias("days")
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
    found: Any = _days(promotion_id, date.max, some).dicts()
    return [_of_day(**row) for row in found]


def get_entry(actor: Actor, promotion_id: int, store_id: int, day: date) -> PromotionDay:
    """Return what was entered of a store and day. Raises NotFoundError."""
    stores.get(actor, store_id)
    entry = _entry(promotion_id, store_id, day)
    if entry is None:
        raise NotFoundError(what="promotion result")
    return entry


def enter(
    actor: Actor,
    promotion_id: int,
    store_id: int,
    day: date,
    *,
    version: int | None,
    at: datetime,
    **figures: Any,
) -> tuple[PromotionDay, bool]:
    """Record a store's results of a day, and return them and whether they are new.

    Saying the same again changes nothing; other figures need the version they replace. Raises
    NotFoundError, NotEnrolledError, OutsidePromotionDaysError, VersionRequiredError, StaleError.
    """
    with transaction():
        take_turns(f"promotion:{promotion_id}:{store_id}")
        _check_place(actor, promotion_id, store_id, day, clock.business_date(at))
        known = _entry(promotion_id, store_id, day)
        if known and all(getattr(known, name) == figures[name] for name in ENTERED):
            return known, False
        if known and version is None:
            raise VersionRequiredError
        row = {
            "store": store_id,
            "promotion": promotion_id,
            "day": day,
            **figures,
            "entered_by_id": actor.id,
            "entered_at": at,
            "version": known.version + 1 if known else 1,
        }
        if known is None:
            insert_rows(PromotionDay, [row])
        elif not _replace(known, row, version):
            raise StaleError(version=known.version)
        ledger.append(
            actor,
            "promotion.result_entered",
            promotion_id,
            at=at,
            store=store_id,
            day=day.isoformat(),
            source=figures["source"],
        )
    return get_entry(actor, promotion_id, store_id, day), known is None


def days_of(promotion: Promotion, on: date) -> tuple[int, int]:
    """Return how many days a promotion was to run, and how many of them it has run by a day."""
    total = (promotion.ends_on - promotion.starts_on).days + 1
    elapsed = (min(on, promotion.last_on) - promotion.starts_on).days + 1
    return total, max(elapsed, 0)


def _check_place(actor: Actor, promotion_id: int, store_id: int, day: date, today: date) -> None:
    promotion = promotions.get(promotion_id)
    stores.get(actor, store_id)
    takes_part = PromotionStore.select().where(
        PromotionStore.promotion == promotion_id, PromotionStore.store == store_id
    )
    if not takes_part.exists():
        raise NotEnrolledError(store_id=store_id)
    if not promotion.starts_on <= day <= min(promotion.last_on, today):
        raise OutsidePromotionDaysError(
            day=day, starts_on=promotion.starts_on, last_on=min(promotion.last_on, today)
        )


def _in_sight(actor: Actor) -> ModelSelect[Store]:
    return Store.select(Store.id).where(Store.visible_to(actor))


def _days(promotion_id: int, on: date, seen: ModelSelect[Store]) -> ModelSelect[PromotionDay]:
    """Return the figures of each day of the stores seen; `executed` is 1, 0 or null."""
    visited: Select = (
        PromotionResult.select(
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
            PromotionResult.promotion == promotion_id,
            PromotionResult.is_enrolled,
            Visit.counts(),
            Visit.business_on <= on,
            Visit.store.in_(seen),
        )
        .group_by(Visit.store, Visit.business_on)
    )
    entered = PromotionDay.select(
        PromotionDay.store.alias("store_id"),
        PromotionDay.day,
        *(getattr(PromotionDay, name).cast("BIGINT").alias(name) for name in FIGURES),
        _as_number(PromotionDay.is_executed).alias("executed"),
        Case(None, [(PromotionDay.version > 0, 1)], 0).alias("is_entry"),
    ).where(
        PromotionDay.promotion == promotion_id,
        PromotionDay.day <= on,
        PromotionDay.store.in_(seen),
    )
    told = visited.union_all(entered).alias("told")
    figures = (*FIGURES, "executed")
    return (
        PromotionDay.select(
            told.c.store_id.alias("store_id"),
            told.c.day.alias("day"),
            *(_first_told(told, name).alias(name) for name in figures),
        )
        .from_(told)
        .group_by(told.c.store_id, told.c.day)
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


def _totals(actor: Actor, promotion_id: int, on: date) -> Any:
    days = _days(promotion_id, on, _in_sight(actor)).alias("days")
    executed_in = Case(None, [(days.c.executed == 1, days.c.store_id)])
    checked_in = Case(None, [(days.c.executed.is_null(False), days.c.store_id)])
    return (
        PromotionDay.select(
            *_sums(days),
            fn.COUNT(checked_in.distinct()).alias("stores_checked"),
            fn.COUNT(executed_in.distinct()).alias("stores_executed"),
        )
        .from_(days)
        .dicts()
        .get()
    )


def _target(actor: Actor, promotion: Promotion) -> tuple[int, int | None]:
    """Return how many stores in sight take part, and the units they are to sell."""
    is_seen = PromotionStore.store.in_(_in_sight(actor))
    mine = Case(None, [(is_seen, 1)], 0)
    targets = Case(None, [(is_seen, PromotionStore.target_units)])
    counted: Any = (
        PromotionStore.select(
            fn.COUNT(PromotionStore.store),
            fn.SUM(mine).cast("BIGINT"),
            fn.SUM(targets).cast("BIGINT"),
        )
        .where(PromotionStore.promotion == promotion.id)
        .tuples()
        .get()
    )
    everywhere, seen, target = counted
    if promotion.target_units is not None and everywhere == (seen or 0):
        return everywhere, promotion.target_units
    return seen or 0, target


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


def _entry(promotion_id: int, store_id: int, day: date) -> PromotionDay | None:
    entry: PromotionDay | None = PromotionDay.get_or_none(_key(promotion_id, store_id, day))
    return entry


def _key(promotion_id: int, store_id: int, day: date) -> Expression:
    return (
        (PromotionDay.store == store_id)
        & (PromotionDay.promotion == promotion_id)
        & (PromotionDay.day == day)
    )


def _replace(known: PromotionDay, row: dict[str, Any], version: int | None) -> int:
    mine = _key(known.promotion_id, known.store_id, known.day)
    changed: int = PromotionDay.update(row).where(mine, PromotionDay.version == version).execute()
    return changed
