"""Finding stores that may be one and the same: near each other, or alike in what they gave.

The pairs of a store are found when it changes, so that nobody compares all stores with all. A
telephone or licence that many stores have is their chain's, and tells nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Any

from peewee import ModelSelect, chunked, fn

from backend.network import duplicates
from backend.network.archive_models import CustomerCard, DuplicatePair, DuplicateVerdict
from backend.network.models import Store
from backend.network.positions import metres_between
from backend.platform import jobs
from backend.platform.consumers import Consumer
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.labels import Labelled
from backend.platform.models import LedgerEntry
from backend.platform.settings import settings

KIND = "find-duplicates"
EVERY = "*"
BATCH = 200  # stores per transaction
MOST_ALIKE = 20
METRES_PER_DEGREE = 111_320
MOVED_BY = {"store.created", "store.amended", "store.archived", "store.merged", "store.absorbed"}
MOVED_BY |= {"store.restored", "store.bereft"}
_A, _B = Store.alias("a"), Store.alias("b")
_CARD_A, _CARD_B = CustomerCard.alias("card_a"), CustomerCard.alias("card_b")
# Words that every other shop has in its name tell nothing apart.
_COMMON = re.compile(
    r"(?:有限责任公司|有限公司|专卖店|专营店|旗舰店|体验店|营业厅|手机店|通讯店|通信店|数码店"
    r"|手机|通讯|通信|数码|电器|商行|经营部|门店|分店|店)"
)


class Reason(Labelled):
    """Why two stores may be the same."""

    SAME_LICENCE = "same_licence", "执照号相同", "the same licence"
    SAME_PHONE = "same_phone", "电话相同", "the same telephone"
    NEAR = "near", "距离近", "near each other"
    SIMILAR_NAME = "similar_name", "名称相似", "similar names"


def refresh(store_ids: Iterable[int]) -> None:
    """Find the pairs of these stores anew."""
    for batch in chunked(sorted(set(store_ids)), BATCH):
        with transaction():
            take_turns(duplicates.TURN)
            rows = _found(batch)
            DuplicatePair.delete().where(
                DuplicatePair.first.in_(batch) | DuplicatePair.second.in_(batch)
            ).execute()
            insert_rows(DuplicatePair, rows)


def refresh_all() -> None:
    """Find the pairs of all stores anew."""
    ids: Any = Store.select(Store.id).tuples()
    refresh([store_id for (store_id,) in ids])


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a search for each store that the entries changed."""
    keys = [entry.object_id for entry in entries if entry.verb in MOVED_BY]
    jobs.enqueue(KIND, keys, at=entries[-1].at)


def refresh_owed(job_keys: list[str]) -> None:
    """Do the searches that the keys of jobs stand for."""
    if EVERY in job_keys:
        refresh_all()
    else:
        refresh(map(int, job_keys))


def similarity(one: str, other: str) -> float:
    """Return the share of two names that agrees, from 0 to 1, common words left out."""
    return SequenceMatcher(None, _bare(one), _bare(other), autojunk=False).ratio()


def _found(store_ids: list[int]) -> list[dict[str, Any]]:
    """Return the rows of every pair that one of the stores is in."""
    candidates: defaultdict[tuple[int, int], set[Reason]] = defaultdict(set)
    for reason, query in _candidates(store_ids):
        for one, other in query.tuples():
            candidates[min(one, other), max(one, other)] |= {reason} if reason else set()
    named = {store_id for pair in candidates for store_id in pair}
    known = {store.id: store for chunk in chunked(named, 900) for store in _stores(chunk)}
    verdicts = _verdicts(store_ids)
    rows = []
    for (first, second), alike in sorted(candidates.items()):
        row = _weigh(known[first], known[second], alike)
        if row is not None:
            rows.append(row | {"is_cleared": verdicts.get((first, second)) == row["basis"]})
    return rows


def _candidates(store_ids: list[int]) -> list[tuple[Reason | None, ModelSelect[Any]]]:
    """Return queries for pairs of ids, each with the reason that it proves by itself."""
    reach = settings().duplicate_radius_m / METRES_PER_DEGREE
    # Twice as wide as high, since a degree of longitude is shorter: at 54 N by a factor of 1.7.
    near = _pairs(store_ids).join(
        _B,
        on=_B.lat.between(_A.lat - reach, _A.lat + reach)
        & _B.lon.between(_A.lon - 2 * reach, _A.lon + 2 * reach),
    )
    found: list[tuple[Reason | None, ModelSelect[Any]]] = [(None, near.where(_are_apart()))]
    for reason, name in ((Reason.SAME_LICENCE, "licence_no"), (Reason.SAME_PHONE, "phone_e164")):
        mine, theirs = getattr(_CARD_A, name), getattr(_CARD_B, name)
        alike = (
            _pairs(store_ids)
            .join(_CARD_A, on=_CARD_A.store == _A.id)
            .join(_CARD_B, on=mine == theirs)
            .join(_B, on=_CARD_B.store == _B.id)
            .where(_are_apart(), mine.in_(_told_by_few(name, store_ids)))
        )
        found.append((reason, alike))
    return found


def _pairs(store_ids: list[int]) -> Any:
    query: Any = _A.select(_A.id.alias("first"), _B.id.alias("second"))
    return query.where(_A.id.in_(store_ids))


def _are_apart() -> Any:
    """Return the condition for two stores that both stand."""
    standing = [side.merged_into.is_null() & (side.status != "closed") for side in (_A, _B)]
    return (_A.id != _B.id) & standing[0] & standing[1]


def _told_by_few(name: str, store_ids: list[int]) -> ModelSelect[Any]:
    """Return what these stores gave, where it is not the number of a whole chain."""
    mine, every = CustomerCard.alias("mine"), CustomerCard.alias("every")
    given, told = getattr(mine, name), getattr(every, name)
    theirs = mine.select(given).where(mine.store.in_(store_ids), given.is_null(False))
    few: ModelSelect[Any] = (
        every.select(told)
        .where(told.in_(theirs), every.store.is_null(False))
        .group_by(told)
        .having(fn.COUNT(told) <= MOST_ALIKE)
    )
    return few


def _stores(store_ids: list[int]) -> Any:
    return Store.select(Store.id, Store.name, Store.lat, Store.lon).where(Store.id.in_(store_ids))


def _verdicts(store_ids: list[int]) -> dict[tuple[int, int], str]:
    said = DuplicateVerdict
    found: Any = (
        said.select(said.first, said.second, said.basis)
        .where(said.first.in_(store_ids) | said.second.in_(store_ids))
        .tuples()
    )
    return {(first, second): basis for first, second, basis in found}


def _weigh(one: Store, other: Store, alike: set[Reason]) -> dict[str, Any] | None:
    """Return the row of two stores, or None where nothing much says that they are the same.

    A licence or a telephone in common is enough; otherwise they must be near and named alike.
    """
    distance = None
    if one.point is not None and other.point is not None:
        distance = metres_between(one.point, other.point)
    limits = settings()
    is_near = distance is not None and distance <= limits.duplicate_radius_m
    if not (is_near or alike):
        return None
    share = similarity(one.name, other.name)
    holds = set(alike)
    if is_near:
        holds.add(Reason.NEAR)
    if share >= limits.duplicate_name_share:
        holds.add(Reason.SIMILAR_NAME)
    if holds == {Reason.NEAR}:
        return None
    return {
        "first": one.id,
        "second": other.id,
        "reasons": [str(reason) for reason in Reason if reason in holds],
        "distance_m": None if distance is None else round(distance),
        "name_share": round(share, 2),
        "basis": duplicates.basis_of(one, other),
    }


def _bare(name: str) -> str:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).lower())
    return _COMMON.sub("", plain) or plain


CONSUMER = Consumer("duplicates", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: refresh_owed}
