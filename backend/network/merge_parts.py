"""What goes from a dealer or store to the one it is merged into, and back when that is undone.

A part moves rows and says which, each with the version it then had. It gives back those that
nobody changed since, and says of the others that they stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from backend.network import agreements, codes, customers
from backend.network.archive_models import (
    Agreement,
    CompetitorNote,
    Contact,
    CustomerCard,
    CustomValue,
)
from backend.network.models import CodeAlias, Dealer, Store
from backend.network.words import Subject
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows

Moved = list[dict[str, Any]]
"""What a part moved, as JSON keeps it."""
CHANGED = "changed"
"""Why something stays: somebody changed it since, or it is elsewhere by now."""
_FIXED = {"id", "dealer", "store", "amended_at", "amended_by_id", "version"}
_TOGETHER = (
    {"phone_e164", "phone_text"},
    {"raw_lat", "raw_lon", "raw_crs", "lat", "lon", "crs_impl"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge of an old one into a new one, or its undoing, by somebody on a day."""

    actor: Actor
    subject: Subject
    old: Any
    new: Any
    day: date
    at: datetime

    @property
    def name(self) -> str:
        """The column that says which dealer or store a row is about."""
        return str(self.subject)


class Part(NamedTuple):
    """A kind of things that go along: how they go, and how they come back.

    `give_back` returns what stays, with `why`.
    """

    what: str
    move: Callable[[Merge], Moved]
    give_back: Callable[[Merge, Moved], Moved]


def linked(what: str, model: Any, current: Callable[[Merge], Any] | None = None) -> Part:
    """Return the part for the rows of a table, or for those of a condition, by `id`.

    A table with a `version` counts the move as a change.
    """
    versioned = "version" in model._meta.fields  # noqa: SLF001

    def move(merge: Merge) -> Moved:
        mine = getattr(model, merge.name) == merge.old.id
        if current is not None:
            mine &= current(merge)
        rows = list(model.select().where(mine).order_by(model.id))
        for row in rows:
            _relink(row, merge.name, merge.new.id)
        return [
            {"id": as_json(row.id)} | ({"version": row.version + 1} if versioned else {})
            for row in rows
        ]

    def give_back(merge: Merge, moved: Moved) -> Moved:
        left = []
        for one in moved:
            row = model.get_or_none(model.id == one["id"])
            here = row is not None and getattr(row, f"{merge.name}_id") == merge.new.id
            if not here or (versioned and row.version != one["version"]):
                left.append({"id": one["id"], "why": CHANGED})
                continue
            _relink(row, merge.name, merge.old.id)
        return left

    def _relink(row: Any, name: str, owner_id: int) -> None:
        columns = {name: owner_id} | ({"version": model.version + 1} if versioned else {})
        model.update(columns).where(model.id == row.id).execute()

    return Part(what, move, give_back)


def as_json(key: Any) -> Any:
    """Return a key as JSON has it: UUIDs are text."""
    return key if isinstance(key, int) else str(key)


def _move_codes(merge: Merge) -> Moved:
    return [{"code": code} for code in codes.hand_over(merge.old, merge.new, at=merge.at)]


def _return_codes(merge: Merge, moved: Moved) -> Moved:
    link = CodeAlias.dealer if merge.subject is Subject.DEALER else CodeAlias.store
    own, *former = [one["code"] for one in moved]
    mine = link == merge.new.id
    CodeAlias.delete().where(CodeAlias.code == own, mine).execute()
    CodeAlias.update({link: merge.old.id}).where(CodeAlias.code.in_(former), mine).execute()
    return []


def _fill_card(merge: Merge) -> Moved:
    """Put on the card of what stays what only the other one says."""
    about = customers.about
    old = CustomerCard.get_or_none(about(CustomerCard, merge.subject, merge.old.id))
    if old is None:
        return []
    new = CustomerCard.get_or_none(about(CustomerCard, merge.subject, merge.new.id))
    said = {name: value for name, value in old.__data__.items() if name not in _FIXED}
    for group in _TOGETHER if new is not None else ():
        if any(getattr(new, name) is not None for name in group):
            said = {name: value for name, value in said.items() if name not in group}
    lacking = {
        name: value
        for name, value in said.items()
        if value is not None and (new is None or getattr(new, name) is None)
    }
    if new is None:
        CustomerCard.create(
            **{merge.name: merge.new.id},
            **lacking,
            amended_at=old.amended_at,
            amended_by_id=old.amended_by_id,
            version=1,
        )
    elif lacking:
        CustomerCard.update(**lacking, version=new.version + 1).where(
            CustomerCard.id == new.id
        ).execute()
    return [{"field": name, "value": value} for name, value in sorted(lacking.items())]


def _empty_card(merge: Merge, moved: Moved) -> Moved:
    """Take off the card what was put on it, where it still says the same."""
    mine = customers.about(CustomerCard, merge.subject, merge.new.id)
    card = CustomerCard.get_or_none(mine)
    same = [one["field"] for one in moved if card and getattr(card, one["field"]) == one["value"]]
    if same:
        emptied = dict.fromkeys(same)
        CustomerCard.update(**emptied, version=CustomerCard.version + 1).where(mine).execute()
    return [{"field": one["field"], "why": CHANGED} for one in moved if one["field"] not in same]


def _fill_custom(merge: Merge) -> Moved:
    about = customers.about
    known = CustomValue.select(CustomValue.field).where(
        about(CustomValue, merge.subject, merge.new.id)
    )
    lacking = list(
        CustomValue.select()
        .where(about(CustomValue, merge.subject, merge.old.id), CustomValue.field.not_in(known))
        .order_by(CustomValue.field)
    )
    owner = {"dealer": None, "store": None} | {merge.name: merge.new.id}
    insert_rows(
        CustomValue,
        [{"field": one.field_id, **owner, "value": one.value} for one in lacking],
    )
    return [{"field": one.field_id, "value": one.value} for one in lacking]


def _empty_custom(merge: Merge, moved: Moved) -> Moved:
    left = []
    for one in moved:
        mine = customers.about(CustomValue, merge.subject, merge.new.id)
        mine &= (CustomValue.field == one["field"]) & (CustomValue.value == one["value"])
        if not CustomValue.delete().where(mine).execute():
            left.append({"field": one["field"], "why": CHANGED})
    return left


def _open_agreements(merge: Merge) -> Any:
    return Agreement.valid_to.is_null() | (Agreement.valid_to > merge.day)


_AGREEMENTS = linked("agreements", Agreement, _open_agreements)


def _move_agreements(merge: Merge) -> Moved:
    """Let what is agreed go on with the one that stays. Raises AgreementOverlapError."""
    agreements.refuse_clash(merge.old.id, merge.new.id, merge.day)
    moved = _AGREEMENTS.move(merge)
    _tell_agreements(merge, moved, merge.new)
    return moved


def _return_agreements(merge: Merge, moved: Moved) -> Moved:
    left = _AGREEMENTS.give_back(merge, moved)
    stays = {one["id"] for one in left}
    _tell_agreements(merge, [one for one in moved if one["id"] not in stays], merge.old)
    return left


def _tell_agreements(merge: Merge, moved: Moved, dealer: Dealer | Store) -> None:
    for one in moved:
        ledger.append(
            merge.actor,
            "agreement.moved",
            one["id"],
            at=merge.at,
            region=dealer.region_id,
            dealer=dealer.id,
        )


OF_BOTH = (
    Part("codes", _move_codes, _return_codes),
    linked("contacts", Contact),
    linked("competitor_notes", CompetitorNote),
    Part("card", _fill_card, _empty_card),
    Part("custom_fields", _fill_custom, _empty_custom),
)
OF_DEALERS = (Part("agreements", _move_agreements, _return_agreements), *OF_BOTH)
