"""Merging a dealer or store that was entered twice into the one that stays.

What happened stays with the one it happened to, and so does the dealer of that day. What is
still to be used goes to the one that stays: codes, people, and what its card lacks. A merge is
not undone by the system; its ledger entry says everything that was changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from backend.network import agreements, codes, customers, dealers, ownership, pipeline, stores
from backend.network.archive_models import (
    CompetitorNote,
    Contact,
    CustomerCard,
    CustomValue,
)
from backend.network.models import Dealer, Store, StoreDealer
from backend.network.words import Subject
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, RuleError, StaleError

_FIXED = {"id", "dealer", "store", "amended_at", "amended_by_id", "version"}
_TOGETHER = (
    {"phone_e164", "phone_text"},
    {"raw_lat", "raw_lon", "raw_crs", "lat", "lon", "crs_impl"},
)


class MergeRefusedError(RuleError):
    """These two cannot become one."""

    code = "merge-refused"
    title = "These two cannot be merged"
    title_zh = "无法合并"
    detail = "{why}"
    detail_zh = "无法合并：{why}"


class MergeChoiceError(ConflictError):
    """The two disagree, and nobody said which of them is right."""

    code = "merge-choice"
    title = "Say which of the two holds"
    title_zh = "请选择保留哪一方"
    detail = "The two have different {field}: {first} and {second}. Name the one that holds."
    detail_zh = "两者的 {field} 不同：{first} 与 {second}，请指明保留哪一个。"


def merge_store(
    actor: Actor,
    store_id: int,
    *,
    into_id: int,
    version: int,
    at: datetime,
    dealer_id: int | None = None,
    owner_id: int | None = None,
) -> Store:
    """Merge one version of a store into another, which is returned.

    `dealer_id` and `owner_id` choose where the two differ. Raises NotFoundError, StaleError,
    MergeRefusedError, MergeChoiceError and what giving a store to a dealer raises.
    """
    with transaction():
        _take_turns(Subject.STORE, store_id, into_id)
        old, new = stores.get(actor, store_id), stores.get(actor, into_id)
        _check(old, new)
        day = clock.business_date(at)
        before = stores.dealer_on(old.id, day), stores.dealer_on(new.id, day)
        dealer = _chosen("dealer_id", *before, dealer_id)
        owner = _chosen("owner_id", old.owner_id, new.owner_id, owner_id)
        if dealer is not None and dealer != before[1]:
            ownership.assign(actor, new.id, day, dealer_id=dealer, at=at)
        _end_link(old.id, day)
        closed = {"status": "closed", "closed_on": _closing_day(old, day), "owner": owner}
        _replace(old, new, version, closed)
        pipeline.record(
            actor, old.id, old.status, "closed", moved_on=day, reason=f"→ {new.code}", at=at
        )
        Store.update(owner=owner, version=Store.version + 1).where(Store.id == new.id).execute()
        ledger.append(
            actor,
            "store.merged",
            old.id,
            at=at,
            region=old.region_id,
            into=new.id,
            status=old.status,
            former_dealer=before[0],
            former_owner=old.owner_id,
            **_hand_over(Subject.STORE, old, new, at),
        )
        ledger.append(
            actor,
            "store.absorbed",
            new.id,
            at=at,
            region=new.region_id,
            merged=old.id,
            former_dealer=before[1],
            former_owner=new.owner_id,
        )
    return stores.get(actor, into_id)


def merge_dealer(
    actor: Actor, dealer_id: int, *, into_id: int, version: int, at: datetime
) -> Dealer:
    """Merge one version of a dealer into another, which is returned and gets its stores.

    Raises NotFoundError, StaleError or MergeRefusedError, also while an agreement of the one
    that goes is in force or to come.
    """
    with transaction():
        _take_turns(Subject.DEALER, dealer_id, into_id)
        take_turns("dealer tree")
        old, new = dealers.get(actor, dealer_id), dealers.get(actor, into_id)
        _check(old, new)
        day = clock.business_date(at)
        if agreements.open_ones(old.id, day):
            raise MergeRefusedError(why="End the agreements of the dealer that goes first.")
        children = [child.id for child in Dealer.select().where(Dealer.parent == old.id)]
        if _stands_below(new, old.id):
            Dealer.update(parent=old.parent_id).where(Dealer.id == new.id).execute()
        Dealer.update(parent=new.id).where(Dealer.parent == old.id, Dealer.id != new.id).execute()
        _replace(old, new, version, {"closed_on": _closing_day(old, day)})
        moved = _give_stores(actor, old, new, day, at)
        ledger.append(
            actor,
            "dealer.merged",
            old.id,
            at=at,
            region=old.region_id,
            into=new.id,
            stores=moved,
            children=children,
            **_hand_over(Subject.DEALER, old, new, at),
        )
        ledger.append(
            actor,
            "dealer.absorbed",
            new.id,
            at=at,
            region=new.region_id,
            merged=old.id,
            former_parent=new.parent_id,
        )
    return dealers.get(actor, into_id)


def _take_turns(subject: Subject, *ids: int) -> None:
    for number in sorted(ids):  # in one order, so that no two wait for each other
        take_turns(f"dealers of store {number}" if subject is Subject.STORE else f"merge {number}")


def _check(old: Dealer | Store, new: Dealer | Store) -> None:
    if old.id == new.id:
        raise MergeRefusedError(why="Nothing is merged into itself.")
    for one in (old, new):
        if one.merged_into_id is not None:
            raise MergeRefusedError(why=f"{one.code} was merged before.")
    if new.closed_on is not None or getattr(new, "status", None) == "closed":
        raise MergeRefusedError(why=f"{new.code} is closed.")


def _chosen(field: str, old: int | None, new: int | None, wanted: int | None) -> int | None:
    if wanted is not None:
        if wanted not in (old, new):
            raise MergeRefusedError(why=f"{field} must be one that the two have.")
        return wanted
    if old is not None and new is not None and old != new:
        raise MergeChoiceError(field=field, first=old, second=new)
    return old if new is None else new


def _closing_day(one: Dealer | Store, day: date) -> date:
    return one.closed_on or max(day, one.opened_on)


def _replace(old: Any, new: Any, version: int, columns: dict[str, Any]) -> None:
    """Close what goes, and let it and what was merged into it before lead to what stays."""
    model = type(old)
    changed = (
        model.update(**columns, merged_into=new.id, version=version + 1)
        .where(model.id == old.id, model.version == version)
        .execute()
    )
    if not changed:
        raise StaleError(version=old.version)
    model.update(merged_into=new.id).where(model.merged_into == old.id).execute()


def _end_link(store_id: int, day: date) -> None:
    """End the store's last time with a dealer; a time that has not begun never does."""
    mine = StoreDealer.store == store_id
    StoreDealer.delete().where(mine, StoreDealer.from_on >= day).execute()
    StoreDealer.update(to_on=day).where(
        mine, StoreDealer.to_on.is_null() | (StoreDealer.to_on > day)
    ).execute()


def _give_stores(actor: Actor, old: Dealer, new: Dealer, day: date, at: datetime) -> list[int]:
    """Give the stores of a dealer to another from a day on; return their ids."""
    lasting = StoreDealer.to_on.is_null() | (StoreDealer.to_on > day)
    theirs = (StoreDealer.dealer == old.id) & lasting
    for link in StoreDealer.select(StoreDealer.store).where(theirs).order_by(StoreDealer.store):
        take_turns(f"dealers of store {link.store_id}")
    links = list(StoreDealer.select().where(theirs).order_by(StoreDealer.store))
    begun = [link for link in links if link.from_on < day]
    StoreDealer.update(dealer=new.id).where(theirs, StoreDealer.from_on >= day).execute()
    StoreDealer.update(to_on=day).where(theirs).execute()
    insert_rows(
        StoreDealer,
        [
            {"store": link.store_id, "dealer": new.id, "from_on": day, "to_on": link.to_on}
            for link in begun
        ],
    )
    there = Store.select().where(Store.id.in_([link.store_id for link in links]))
    region_of = {store.id: store.region_id for store in there}
    for link in links:
        ledger.append(
            actor,
            "store.moved",
            link.store_id,
            at=at,
            region=region_of[link.store_id],
            dealer=new.id,
            former_dealer=old.id,
            from_on=max(link.from_on, day),
        )
    return [link.store_id for link in links]


def _stands_below(dealer: Dealer, above_id: int) -> bool:
    step = dealer.parent_id
    while step is not None and step != above_id:
        step = Dealer.get_by_id(step).parent_id
    return step == above_id


def _hand_over(
    subject: Subject, old: Dealer | Store, new: Dealer | Store, at: datetime
) -> dict[str, Any]:
    """Give codes, people, notes and what the card lacks to what stays; return the facts."""
    name = str(subject)
    contacts = [
        str(contact.id)
        for contact in Contact.select(Contact.id).where(customers.about(Contact, subject, old.id))
    ]
    Contact.update({name: new.id, "version": Contact.version + 1}).where(
        customers.about(Contact, subject, old.id)
    ).execute()
    CompetitorNote.update({name: new.id}).where(
        customers.about(CompetitorNote, subject, old.id)
    ).execute()
    return {
        "codes": codes.hand_over(old, new, at=at),
        "contacts": contacts,
        "fields": _fill_card(subject, old.id, new.id) + _fill_custom(subject, old.id, new.id),
    }


def _fill_card(subject: Subject, old_id: int, new_id: int) -> list[str]:
    """Put on the card of what stays what only the other one says; return which fields."""
    old = CustomerCard.get_or_none(customers.about(CustomerCard, subject, old_id))
    if old is None:
        return []
    new = CustomerCard.get_or_none(customers.about(CustomerCard, subject, new_id))
    said = {name: value for name, value in old.__data__.items() if name not in _FIXED}
    if new is None:
        CustomerCard.create(
            **{str(subject): new_id},
            **said,
            amended_at=old.amended_at,
            amended_by_id=old.amended_by_id,
            version=1,
        )
        return sorted(name for name, value in said.items() if value is not None)
    for group in _TOGETHER:
        if any(getattr(new, name) is not None for name in group):
            said = {name: value for name, value in said.items() if name not in group}
    lacking = {
        name: value
        for name, value in said.items()
        if value is not None and getattr(new, name) is None
    }
    if lacking:
        CustomerCard.update(**lacking, version=new.version + 1).where(
            CustomerCard.id == new.id
        ).execute()
    return sorted(lacking)


def _fill_custom(subject: Subject, old_id: int, new_id: int) -> list[str]:
    about = customers.about
    known = CustomValue.select(CustomValue.field).where(about(CustomValue, subject, new_id))
    lacking = list(
        CustomValue.select().where(
            about(CustomValue, subject, old_id), CustomValue.field.not_in(known)
        )
    )
    owner = {"dealer": None, "store": None} | {str(subject): new_id}
    insert_rows(
        CustomValue,
        [{"field": one.field_id, **owner, "value": one.value} for one in lacking],
    )
    return [f"custom:{one.field_id}" for one in lacking]
