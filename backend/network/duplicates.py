"""Stores that may be one and the same, told by reasons, until somebody says that they are not.

The pairs are found when a store changes (duplicate_search.py); here they are read and judged.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect

from backend.network import regions, stores
from backend.network.archive_models import DuplicatePair, DuplicateVerdict
from backend.network.models import Region, Store
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import canonical, insert_rows, take_turns, transaction
from backend.platform.errors import RuleError

TURN = "finding duplicates"
_A, _B = Store.alias("a"), Store.alias("b")


class OneStoreError(RuleError):
    """A pair is two stores."""

    code = "one-store"
    title = "A pair is two stores"
    title_zh = "须为两家门店"
    detail = "A store is no duplicate of itself."
    detail_zh = "同一家门店不能与自身比较。"


def list_pairs(
    actor: Actor,
    *,
    region_id: int | None = None,
    store_id: int | None = None,
    cleared: bool = False,
) -> ModelSelect[Any]:
    """Return pairs of stores of the subtree that may be one as mappings, by their ids.

    A mapping has `first` and `second` with `id`, `code` and `name`, the `reasons`, `distance_m`
    and `name_share`. `cleared` asks for those that somebody said are not one: they have a
    `verdict`. `store_id` gives the pairs of one store.
    """
    pair, said = DuplicatePair, DuplicateVerdict
    same = (said.first == pair.first) & (said.second == pair.second)
    found = (
        pair.select(
            pair.reasons,
            pair.distance_m,
            pair.name_share,
            *(column.alias(f"first_{column.name}") for column in (_A.id, _A.code, _A.name)),
            *(column.alias(f"second_{column.name}") for column in (_B.id, _B.code, _B.name)),
            said.note,
            said.person_id,
            said.decided_at,
        )
        .join_from(pair, _A, on=pair.first == _A.id)
        .join_from(pair, _B, on=pair.second == _B.id)
        .join_from(pair, said, JOIN.LEFT_OUTER, on=same)
        .where(pair.is_cleared == cleared)
        .order_by(pair.first, pair.second)
        .objects(_sheet)
    )
    for side in (_A, _B):
        found = found.where(Region.covers(side.region, actor))
        if region_id is not None:
            within = Region.select(Region.id).where(regions.below(region_id))
            found = found.where(side.region.in_(within))
    if store_id is not None:
        found = found.where((pair.first == store_id) | (pair.second == store_id))
    return found


def clear(
    actor: Actor, one_id: int, other_id: int, *, note: str, at: datetime
) -> tuple[DuplicateVerdict, bool]:
    """Say that two stores are not one; return that, and whether it was not said before.

    It holds until the name or the point of one of them changes. Raises NotFoundError, or
    OneStoreError.
    """
    with transaction():
        take_turns(TURN)
        first, second = _both(actor, one_id, other_id)
        mine = _of_pair(DuplicateVerdict, first, second)
        known = DuplicateVerdict.get_or_none(mine)
        basis = basis_of(first, second)
        if known is not None and (known.basis, known.note) == (basis, note):
            return known, False
        DuplicateVerdict.delete().where(mine).execute()
        row = {
            "first": first.id,
            "second": second.id,
            "basis": basis,
            "note": note,
            "person_id": actor.id,
            "decided_at": at,
        }
        insert_rows(DuplicateVerdict, [row])
        _mark(first, second, is_cleared=True)
        _tell(actor, "duplicate.cleared", first, second, at)
    return DuplicateVerdict.get(mine), known is None


def suspect(actor: Actor, one_id: int, other_id: int, *, at: datetime) -> None:
    """Take back that two stores are not one; saying so twice is fine.

    Raises NotFoundError or OneStoreError.
    """
    with transaction():
        take_turns(TURN)
        first, second = _both(actor, one_id, other_id)
        if DuplicateVerdict.delete().where(_of_pair(DuplicateVerdict, first, second)).execute():
            _mark(first, second, is_cleared=False)
            _tell(actor, "duplicate.suspected", first, second, at)


def basis_of(first: Store, second: Store) -> str:
    """Return the hash of what a verdict about two stores rests on: their names and points."""
    said = [[store.name, store.lat, store.lon] for store in (first, second)]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def _both(actor: Actor, one_id: int, other_id: int) -> tuple[Store, Store]:
    if one_id == other_id:
        raise OneStoreError
    first, second = sorted((one_id, other_id))
    return stores.get(actor, first), stores.get(actor, second)


def _of_pair(model: Any, first: Store, second: Store) -> Any:
    return (model.first == first.id) & (model.second == second.id)


def _mark(first: Store, second: Store, *, is_cleared: bool) -> None:
    mine = _of_pair(DuplicatePair, first, second)
    DuplicatePair.update(is_cleared=is_cleared).where(mine).execute()


def _tell(actor: Actor, verb: str, first: Store, second: Store, at: datetime) -> None:
    ledger.append(actor, verb, first.id, at=at, region=first.region_id, other=second.id)


def _sheet(**row: Any) -> dict[str, Any]:
    sides = {
        side: {name: row.pop(f"{side}_{name}") for name in ("id", "code", "name")}
        for side in ("first", "second")
    }
    said = {name: row.pop(name) for name in ("note", "person_id", "decided_at")}
    return row | sides | {"verdict": said if said["decided_at"] else None}
