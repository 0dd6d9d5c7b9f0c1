"""Whose store it is on which day. A fact belongs to the dealer of its day."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.network import codes, dealers, stores
from backend.network.models import Store, StoreDealer
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, RuleError


class DealerOverlapError(ConflictError):
    """The day is not after the last change of dealer, or the dealer is the same."""

    code = "dealer-overlap"
    title = "Contradicts the dealers of the store"
    title_zh = "与门店的经销商记录冲突"
    detail = "The store is dealer {dealer_id}'s from {since}; name another dealer and a later day."
    detail_zh = "该门店自 {since} 起属于经销商 {dealer_id}，请选择其他经销商和更晚的日期。"


class BeforeOpeningError(RuleError):
    """A store has no dealer before it opens."""

    code = "before-opening"
    title = "The store was not open yet"
    title_zh = "门店尚未开业"
    detail = "The store opened on {opened_on}."
    detail_zh = "门店开业日期为 {opened_on}。"


class DealerClosedError(RuleError):
    """A dealer that closed gets no more stores."""

    code = "dealer-closed"
    title = "The dealer is closed"
    title_zh = "经销商已关闭"
    detail = "The dealer closed on {closed_on}."
    detail_zh = "该经销商已于 {closed_on} 关闭。"


def history(actor: Actor, store_id: int) -> ModelSelect[StoreDealer]:
    """Return the dealers of a store, first to last. Raises NotFoundError."""
    stores.get(actor, store_id)
    links = StoreDealer.select().where(StoreDealer.store == store_id)
    return links.order_by(StoreDealer.from_on)


def assign(
    actor: Actor,
    store_id: int,
    from_on: date,
    *,
    dealer_id: int,
    at: datetime,
    code: str | None = None,
) -> tuple[StoreDealer, bool]:
    """Give a store to a dealer from a day on; return the link and whether it is new.

    `code` is the store's new code, if it gets one. What is past stays: a change follows the last
    one. Raises NotFoundError, MergedAwayError, BeforeOpeningError, DealerClosedError,
    DealerOverlapError, BadCodeError or CodeTakenError.
    """
    with transaction():
        take_turns(f"dealers of store {store_id}")
        store = stores.get(actor, store_id)
        links = list(history(actor, store_id))
        last = links[-1] if links else None
        for link in links:
            if (link.from_on, link.dealer_id) == (from_on, dealer_id):
                return link, False
        _check(actor, store, last, from_on, dealer_id)
        if code is not None:
            codes.check_store(code)
        if last is not None:
            StoreDealer.update(to_on=from_on).where(
                StoreDealer.store == store_id, StoreDealer.from_on == last.from_on
            ).execute()
        row = {"store": store_id, "dealer": dealer_id, "from_on": from_on, "to_on": None}
        insert_rows(StoreDealer, [row])
        code = code or store.code
        with codes.reissuing(store, code, at=at):
            Store.update(code=code, version=Store.version + 1).where(Store.id == store_id).execute()
        ledger.append(
            actor,
            "store.moved",
            store_id,
            at=at,
            region=store.region_id,
            dealer=dealer_id,
            former_dealer=last and last.dealer_id,
            from_on=from_on,
        )
    return StoreDealer(**row), True


def _check(
    actor: Actor, store: Store, last: StoreDealer | None, from_on: date, dealer_id: int
) -> None:
    dealers.check_standing(store)
    if from_on < store.opened_on:
        raise BeforeOpeningError(opened_on=store.opened_on)
    dealer = dealers.get(actor, dealer_id)
    dealers.check_standing(dealer)
    if dealer.closed_on is not None and dealer.closed_on <= from_on:
        raise DealerClosedError(closed_on=dealer.closed_on)
    if last is not None and (from_on <= last.from_on or dealer_id == last.dealer_id):
        raise DealerOverlapError(dealer_id=last.dealer_id, since=last.from_on)
