"""Undoing a merge: the one that went stands again, with what went along and nobody changed since.

What happened meanwhile stays where it happened. From the day of the undoing on, stores have the
dealers again that they had. What does not come back is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from backend.network import dealers, pipeline, stores
from backend.network.archive_models import MergeRecord
from backend.network.merge_parts import CHANGED, OF_BOTH, OF_DEALERS, Merge, Moved, Part
from backend.network.merges import MergeRefusedError, take_both_turns
from backend.network.models import Dealer, Store, StoreDealer
from backend.network.words import Subject
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import RuleError, StaleError


class NotMergedError(RuleError):
    """Only what was merged into another can be taken out again."""

    code = "not-merged"
    title = "There is no merge to undo"
    title_zh = "没有可撤销的合并"
    detail = "It was not merged into another, or before merges were kept."
    detail_zh = "该对象未被合并，或合并发生在系统保留合并记录之前。"


def unmerge_store(
    actor: Actor, store_id: int, *, version: int, at: datetime, parts: Sequence[Part] = ()
) -> tuple[Store, Moved]:
    """Undo the merge of a store; return it and what stays with the other, each with `why`.

    Raises NotFoundError, NotMergedError, MergeRefusedError or StaleError.
    """
    with transaction():
        record, merge = _begun(actor, Subject.STORE, store_id, at)
        former, old, new = record.former, merge.old, merge.new
        columns = {name: former[name] for name in ("status", "closed_on", "owner")}
        _stand(merge, version, columns, former["followers"])
        if former["status"] != "closed":
            pipeline.record(
                actor,
                old.id,
                "closed",
                former["status"],
                moved_on=merge.day,
                reason=f"← {new.code}",
                at=at,
            )
        left = _give_dealer(merge, former["dealer"])
        left += _return_dealer(merge, former) + _return_owner(new, former)
        left += _take_back(merge, record, (*OF_BOTH, *parts))
        _end(merge, record, left)
    return stores.get(actor, store_id), left


def unmerge_dealer(
    actor: Actor, dealer_id: int, *, version: int, at: datetime, parts: Sequence[Part] = ()
) -> tuple[Dealer, Moved]:
    """Undo the merge of a dealer; return it and what stays with the other, each with `why`.

    Raises as `unmerge_store`.
    """
    with transaction():
        record, merge = _begun(actor, Subject.DEALER, dealer_id, at)
        take_turns("dealer tree")
        former, old, new = record.former, merge.old, merge.new
        _stand(merge, version, {"closed_on": former["closed_on"]}, former["followers"])
        left = _return_children(merge, former)
        for store_id in former["stores"]:
            take_turns(f"dealers of store {store_id}")
            if not _link(store_id, new.id, old.id, merge.day):
                left.append({"what": "stores", "id": store_id, "why": CHANGED})
                continue
            _tell_move(merge, store_id, new.id, old.id)
        left += _take_back(merge, record, (*OF_DEALERS, *parts))
        _end(merge, record, left)
    return dealers.get(actor, dealer_id), left


def _begun(actor: Actor, subject: Subject, old_id: int, at: datetime) -> tuple[MergeRecord, Merge]:
    """Return the last merge of a dealer or store once it is our turn."""
    noun: Any = dealers if subject is Subject.DEALER else stores
    old = noun.get(actor, old_id)
    if old.merged_into_id is None:
        raise NotMergedError(reason="standing")
    take_both_turns(subject, old_id, old.merged_into_id)
    old = noun.get(actor, old_id)
    record = (
        MergeRecord.select()
        .where(
            MergeRecord.subject == str(subject),
            MergeRecord.old_id == old_id,
            MergeRecord.undone_at.is_null(),
        )
        .order_by(MergeRecord.id.desc())
        .first()
    )
    if record is None or old.merged_into_id is None:
        raise NotMergedError(reason="unknown")
    if record.new_id != old.merged_into_id:
        raise MergeRefusedError(why="What it was merged into was merged too; undo that first.")
    new, day = noun.get(actor, record.new_id), clock.business_date(at)
    return record, Merge(actor=actor, subject=subject, old=old, new=new, day=day, at=at)


def _stand(merge: Merge, version: int, columns: dict[str, Any], followers: list[int]) -> None:
    """Let the one that went stand again, and what was merged into it before lead to it."""
    model = type(merge.old)
    if isinstance(columns["closed_on"], str):
        columns["closed_on"] = date.fromisoformat(columns["closed_on"])
    changed = (
        model.update(**columns, merged_into=None, version=version + 1)
        .where(model.id == merge.old.id, model.version == version)
        .execute()
    )
    if not changed:
        raise StaleError(version=merge.old.version)
    model.update(merged_into=merge.old.id).where(
        model.id.in_(followers), model.merged_into == merge.new.id
    ).execute()


def _give_dealer(merge: Merge, dealer_id: int | None) -> Moved:
    """Give the store that stands again to the dealer it had, or to what that was merged into."""
    if dealer_id is None:
        return []
    dealer = Dealer.get_by_id(dealer_id)
    if dealer.merged_into_id is not None:
        dealer = Dealer.get_by_id(dealer.merged_into_id)
    if dealer.closed_on is not None and dealer.closed_on <= merge.day:
        return [{"what": "dealer", "id": dealer.id, "why": "closed"}]
    _link(merge.old.id, None, dealer.id, merge.day)
    _tell_move(merge, merge.old.id, None, dealer.id)
    return []


def _return_dealer(merge: Merge, former: dict[str, Any]) -> Moved:
    """Give the store that stayed back to the dealer it had before."""
    kept, before = former["kept_dealer"], former["new_dealer"]
    if kept == before:
        return []
    if not _link(merge.new.id, kept, before, merge.day):
        return [{"what": "dealer", "id": merge.new.id, "why": CHANGED}]
    _tell_move(merge, merge.new.id, kept, before)
    return []


def _return_owner(new: Store, former: dict[str, Any]) -> Moved:
    kept, before = former["kept_owner"], former["new_owner"]
    if kept == before:
        return []
    if new.owner_id != kept:
        return [{"what": "owner", "id": new.id, "why": CHANGED}]
    Store.update(owner=before).where(Store.id == new.id).execute()
    return []


def _return_children(merge: Merge, former: dict[str, Any]) -> Moved:
    """Let what stood below the dealer stand below it again."""
    left, new = [], merge.new
    for child_id in former["children"]:
        mine = (Dealer.id == child_id) & (Dealer.parent == new.id)
        if not Dealer.update(parent=merge.old.id).where(mine).execute():
            left.append({"what": "children", "id": child_id, "why": CHANGED})
    lifted = former["new_parent"] != new.parent_id
    if lifted and new.parent_id == merge.old.parent_id:
        Dealer.update(parent=former["new_parent"]).where(Dealer.id == new.id).execute()
    elif lifted:
        left.append({"what": "parent", "id": new.id, "why": CHANGED})
    return left


def _link(store_id: int, now_id: int | None, dealer_id: int | None, day: date) -> bool:
    """Give a store that is one dealer's now, and to come, to another from a day on; return if so.

    A time with a dealer that the day itself ended goes on.
    """
    mine = StoreDealer.store == store_id
    lasting = StoreDealer.select().where(
        mine, StoreDealer.to_on.is_null() | (StoreDealer.to_on > day)
    )
    if {link.dealer_id for link in lasting} != ({now_id} - {None}):
        return False
    StoreDealer.delete().where(mine, StoreDealer.from_on >= day).execute()
    StoreDealer.update(to_on=day).where(mine, StoreDealer.on(day)).execute()
    ended = mine & (StoreDealer.to_on == day) & (StoreDealer.dealer == dealer_id)
    if dealer_id and not StoreDealer.update(to_on=None).where(ended).execute():
        row = {"store": store_id, "dealer": dealer_id, "from_on": day, "to_on": None}
        insert_rows(StoreDealer, [row])
    return True


def _tell_move(merge: Merge, store_id: int, before: int | None, dealer_id: int | None) -> None:
    store = Store.get_by_id(store_id)
    ledger.append(
        merge.actor,
        "store.moved",
        store_id,
        at=merge.at,
        region=store.region_id,
        dealer=dealer_id,
        former_dealer=before,
        from_on=merge.day,
    )


def _take_back(merge: Merge, record: MergeRecord, parts: Sequence[Part]) -> Moved:
    left = []
    for part in parts:
        moved = record.moved.get(part.what, [])
        left += [{"what": part.what} | one for one in part.give_back(merge, moved)]
    return left


def _end(merge: Merge, record: MergeRecord, left: Moved) -> None:
    model = type(merge.new)
    model.update(version=model.version + 1).where(model.id == merge.new.id).execute()
    MergeRecord.update(undone_at=merge.at, undone_by_id=merge.actor.id).where(
        MergeRecord.id == record.id
    ).execute()
    for verb, one, other in (("restored", merge.old, merge.new), ("bereft", merge.new, merge.old)):
        ledger.append(
            merge.actor,
            f"{merge.name}.{verb}",
            one.id,
            at=merge.at,
            region=one.region_id,
            other=other.id,
            left=left,
        )
