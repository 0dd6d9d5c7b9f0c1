"""Merging a dealer or store that was entered twice into the one that stays.

What happened stays with the one it happened to, and so does the dealer of that day. What is
still to be used goes to the one that stays (merge_parts.py). What was changed is kept, so that
the merge can be undone (unmerges.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from backend.network import dealers, ownership, pipeline, stores
from backend.network.archive_models import MergeRecord
from backend.network.merge_parts import OF_BOTH, OF_DEALERS, Merge, Part
from backend.network.models import Dealer, Store, StoreDealer
from backend.network.words import Subject
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, RuleError, StaleError


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
    parts: Sequence[Part] = (),
) -> Store:
    """Merge one version of a store into another, which is returned.

    `dealer_id` and `owner_id` choose where the two differ; `parts` are what goes along besides
    what the network knows of. Raises NotFoundError, StaleError,
    MergeRefusedError, MergeChoiceError and what giving a store to a dealer raises.
    """
    with transaction():
        take_both_turns(Subject.STORE, store_id, into_id)
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
        followers = _replace(old, new, version, closed)
        pipeline.record(
            actor, old.id, old.status, "closed", moved_on=day, reason=f"→ {new.code}", at=at
        )
        Store.update(owner=owner, version=Store.version + 1).where(Store.id == new.id).execute()
        former = {
            "status": old.status,
            "closed_on": old.closed_on,
            "dealer": before[0],
            "owner": old.owner_id,
            "new_dealer": before[1],
            "kept_dealer": dealer,
            "new_owner": new.owner_id,
            "kept_owner": owner,
            "followers": followers,
        }
        merge = Merge(actor=actor, subject=Subject.STORE, old=old, new=new, day=day, at=at)
        moved = _hand_over(merge, former, (*OF_BOTH, *parts))
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
            **moved,
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
    actor: Actor,
    dealer_id: int,
    *,
    into_id: int,
    version: int,
    at: datetime,
    parts: Sequence[Part] = (),
) -> Dealer:
    """Merge one version of a dealer into another, which is returned and gets its stores.

    Raises NotFoundError, StaleError, MergeRefusedError, or AgreementOverlapError where the two
    agreed on the same.
    """
    with transaction():
        take_both_turns(Subject.DEALER, dealer_id, into_id)
        take_turns("dealer tree")
        old, new = dealers.get(actor, dealer_id), dealers.get(actor, into_id)
        _check(old, new)
        day = clock.business_date(at)
        children = [child.id for child in Dealer.select().where(Dealer.parent == old.id)]
        if _stands_below(new, old.id):
            Dealer.update(parent=old.parent_id).where(Dealer.id == new.id).execute()
        Dealer.update(parent=new.id).where(Dealer.parent == old.id, Dealer.id != new.id).execute()
        followers = _replace(old, new, version, {"closed_on": _closing_day(old, day)})
        given = _give_stores(actor, old, new, day, at)
        former = {
            "closed_on": old.closed_on,
            "new_parent": new.parent_id,
            "children": [child for child in children if child != new.id],
            "stores": given,
            "followers": followers,
        }
        merge = Merge(actor=actor, subject=Subject.DEALER, old=old, new=new, day=day, at=at)
        moved = _hand_over(merge, former, (*OF_DEALERS, *parts))
        ledger.append(
            actor,
            "dealer.merged",
            old.id,
            at=at,
            region=old.region_id,
            into=new.id,
            stores=given,
            children=children,
            **moved,
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


def take_both_turns(subject: Subject, *ids: int) -> None:
    """Wait for whoever merges or gives away one of these."""
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


def _replace(old: Any, new: Any, version: int, columns: dict[str, Any]) -> list[int]:
    """Close what goes, and let it and what was merged into it before lead to what stays.

    Return the ids of the latter.
    """
    model = type(old)
    before = [one.id for one in model.select(model.id).where(model.merged_into == old.id)]
    changed = (
        model.update(**columns, merged_into=new.id, version=version + 1)
        .where(model.id == old.id, model.version == version)
        .execute()
    )
    if not changed:
        raise StaleError(version=old.version)
    model.update(merged_into=new.id).where(model.merged_into == old.id).execute()
    return before


def _hand_over(merge: Merge, former: dict[str, Any], parts: Sequence[Part]) -> dict[str, Any]:
    """Move what goes along, and keep what was changed; return by part what names each thing."""
    moved = {part.what: part.move(merge) for part in parts}
    MergeRecord.create(
        subject=merge.name,
        old_id=merge.old.id,
        new_id=merge.new.id,
        merged_on=merge.day,
        merged_at=merge.at,
        person_id=merge.actor.id,
        former=former,
        moved=moved,
    )
    # Of a person or a card the ledger keeps no more than which.
    return {what: [next(iter(one.values())) for one in rows] for what, rows in moved.items()}


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
