"""What the office enters, or an import brings, of a promotion in a store on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import Expression

from backend.fieldwork.promotion_models import PromotionDay
from backend.fieldwork.promotion_results import FIGURES
from backend.network import stores
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import (
    NotFoundError,
    RuleError,
    StaleError,
    VersionRequiredError,
)
from backend.standards import promotions
from backend.standards.models import PromotionStore

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
