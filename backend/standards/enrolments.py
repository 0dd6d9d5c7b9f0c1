"""Enrolments: which stores take part in a promotion, since when, and with which target."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import ModelSelect

from backend.network import stores
from backend.network.models import Store, StoreDealer
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import check_version
from backend.standards import promotions, revision
from backend.standards.models import Promotion, PromotionStore
from backend.standards.promotions import PromotionStartedError


def participants(actor: Actor, *, dealer_id: int | None = None) -> ModelSelect[PromotionStore]:
    """Return pairs of a promotion and a store in sight that takes part.

    Of a dealer, those of stores that were its own on the promotion's first day.
    """
    pairs = PromotionStore.select(PromotionStore.promotion, PromotionStore.store).where(
        Store.covers(PromotionStore.store, actor)
    )
    if dealer_id is None:
        return pairs
    first_on = Promotion.starts_on
    theirs = (
        (StoreDealer.store == PromotionStore.store)
        & (StoreDealer.dealer == dealer_id)
        & (StoreDealer.from_on <= first_on)
        & (StoreDealer.to_on.is_null() | (StoreDealer.to_on > first_on))
    )
    return pairs.join(Promotion).join_from(PromotionStore, StoreDealer, on=theirs)


def list_stores(actor: Actor, promotion_id: int) -> ModelSelect[PromotionStore]:
    """Return the stores of a promotion in sight as mappings, by code. Raises NotFoundError.

    A mapping has the columns of the enrolment, and the store's `code` and `name`.
    """
    promotions.get(promotion_id)
    return (
        PromotionStore.select(PromotionStore, Store.code, Store.name)
        .join(Store, on=PromotionStore.store == Store.id)
        .where(PromotionStore.promotion == promotion_id, Store.visible_to(actor))
        .order_by(Store.code)
        .dicts()
    )


def enrol(
    actor: Actor,
    promotion_id: int,
    store_id: int,
    *,
    version: int | None = None,
    at: datetime,
    target_units: int | None = None,
) -> int:
    """Let a store take part and return the version of that; saying so twice is fine.

    Another target replaces that of the version named. Raises NotFoundError for the promotion or
    the store, OutsidePromotionAreaError, PromotionOverError, VersionRequiredError or StaleError.
    """
    with transaction():
        take_turns(f"promotion:{promotion_id}")
        promotion, store = promotions.get(promotion_id), stores.get(actor, store_id)
        promotions.require_within(promotion, store.division_code)
        mine = (PromotionStore.promotion == promotion_id) & (PromotionStore.store == store_id)
        enrolled = PromotionStore.get_or_none(mine)
        if enrolled and target_units in {None, enrolled.target_units}:
            stored: int = enrolled.version
            return stored
        promotions.require_open(promotion, clock.business_date(at))
        facts: dict[str, Any] = {
            "store": store_id,
            "region": store.region_id,
            "target": target_units,
        }
        if enrolled:
            check_version(version, enrolled.version)
            following: int = enrolled.version + 1
            PromotionStore.update(target_units=target_units, version=following).where(
                mine
            ).execute()
            revision.bump()
            ledger.append(actor, "promotion.target_set", promotion_id, at=at, **facts)
            return following
        row = {
            "promotion": promotion_id,
            "store": store_id,
            "target_units": target_units,
            "enrolled_by_id": actor.id,
            "enrolled_at": at,
            "version": 1,
        }
        insert_rows(PromotionStore, [row])
        revision.bump()
        ledger.append(actor, "promotion.enrolled", promotion_id, at=at, **facts)
    return 1


def withdraw(actor: Actor, promotion_id: int, store_id: int, *, at: datetime) -> None:
    """Let a store take part no more, before the first day; saying so twice is fine.

    Raises NotFoundError for the promotion or the store, or PromotionStartedError.
    """
    with transaction():
        take_turns(f"promotion:{promotion_id}")
        promotion, store = promotions.get(promotion_id), stores.get(actor, store_id)
        mine = (PromotionStore.promotion == promotion_id) & (PromotionStore.store == store_id)
        if not PromotionStore.select().where(mine).exists():
            return
        if promotion.starts_on <= clock.business_date(at):
            raise PromotionStartedError(starts_on=promotion.starts_on)
        PromotionStore.delete().where(mine).execute()
        revision.bump()
        ledger.append(
            actor,
            "promotion.withdrawn",
            promotion_id,
            at=at,
            store=store_id,
            region=store.region_id,
        )
