"""Promotions: what is offered to trade and shoppers, when, where, and in which stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes, divisions, stores
from backend.network.models import Store
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError, RuleError
from backend.standards import revision, skus
from backend.standards.models import Promotion, PromotionSku, PromotionStore
from backend.standards.validity import EndsBeforeStartError


class OutsidePromotionAreaError(RuleError):
    """A promotion runs only where it was meant to."""

    code = "outside-promotion-area"
    title = "The store is outside the promotion's area"
    title_zh = "门店不在促销区域内"
    detail = "The store is in {division_code}; the promotion is for {area}."
    detail_zh = "门店所在区划为 {division_code}，促销区域为 {area}。"


def list_promotions(
    actor: Actor, *, day: date | None = None, store_id: int | None = None
) -> ModelSelect[Promotion]:
    """Return promotions, newest first: that run on a day, or of a store the actor may see."""
    found = Promotion.select().order_by(Promotion.starts_on.desc(), Promotion.id.desc())
    if store_id is not None:
        seen = Store.select(Store.id).where(Store.visible_to(actor), Store.id == store_id)
        enrolled = PromotionStore.select(PromotionStore.promotion).where(
            PromotionStore.store.in_(seen)
        )
        found = found.where(Promotion.id.in_(enrolled))
    return found if day is None else found.where(Promotion.on(day))


def get(promotion_id: int) -> Promotion:
    """Return one promotion. Raises NotFoundError."""
    promotion = Promotion.get_or_none(Promotion.id == promotion_id)
    if promotion is None:
        raise NotFoundError(what="promotion")
    return promotion


def offers(promotion_id: int) -> ModelSelect[PromotionSku]:
    """Return the products of a promotion, each with the price it may have meanwhile."""
    return (
        PromotionSku.select()
        .where(PromotionSku.promotion == promotion_id)
        .order_by(PromotionSku.sku)
    )


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    objective: str,
    starts_on: date,
    ends_on: date,
    prices: Mapping[int, int | None],
    at: datetime,
    dealer_kinds: Sequence[str] = (),
    consumer_kinds: Sequence[str] = (),
    area: Sequence[str] = (),
    allowed_gift_fen: int = 0,
) -> Promotion:
    """Add a promotion; the last day is included, and no area means the nation.

    `prices` are its products by id, each with its price in fen, or None where the price stays.
    Raises EndsBeforeStartError, CodeTakenError, UnknownDivisionError, or NotFoundError for a
    product.
    """
    if ends_on < starts_on:
        raise EndsBeforeStartError(starts_on=starts_on, ends_on=ends_on)
    skus.require(prices.keys())
    with codes.unique(code):
        promotion = Promotion.create(
            code=code,
            name=name,
            objective=str(objective),
            dealer_kinds=sorted(set(dealer_kinds)),
            consumer_kinds=sorted(set(consumer_kinds)),
            area=sorted({divisions.canonical(each) for each in area}),
            starts_on=starts_on,
            ends_on=ends_on,
            allowed_gift_fen=allowed_gift_fen,
        )
        rows: list[dict[str, Any]] = [
            {"promotion": promotion.id, "sku": sku_id, "promo_price_fen": price_fen}
            for sku_id, price_fen in prices.items()
        ]
        insert_rows(PromotionSku, rows)
        revision.bump()
        ledger.append(actor, "promotion.created", promotion.id, at=at)
    return promotion


def enrol(actor: Actor, promotion_id: int, store_id: int, *, at: datetime) -> None:
    """Let a store take part; saying so twice is fine.

    Raises NotFoundError for the promotion or the store, or OutsidePromotionAreaError.
    """
    promotion, store = get(promotion_id), stores.get(actor, store_id)
    if promotion.area and not any(
        divisions.is_within(store.division_code, area) for area in promotion.area
    ):
        raise OutsidePromotionAreaError(
            division_code=store.division_code, area=", ".join(promotion.area)
        )
    with transaction():
        row = {"promotion": promotion_id, "store": store_id}
        if insert_rows(PromotionStore, [row], ignore=True):
            revision.bump()
            ledger.append(actor, "promotion.enrolled", promotion_id, at=at, store=store_id)


def withdraw(actor: Actor, promotion_id: int, store_id: int, *, at: datetime) -> None:
    """Let a store take part no more; saying so twice is fine.

    Raises NotFoundError for the promotion or the store.
    """
    get(promotion_id)
    stores.get(actor, store_id)
    mine = (PromotionStore.promotion == promotion_id) & (PromotionStore.store == store_id)
    with transaction():
        if PromotionStore.delete().where(mine).execute():
            revision.bump()
            ledger.append(actor, "promotion.withdrawn", promotion_id, at=at, store=store_id)
