"""The ledger: the audit trail, the outbox and the feed, in one table.

Writers append without a number, because a number taken before commit makes readers skip rows.
`seal` numbers committed entries under one lock and chains their hashes, so the feed never skips
and the chain never forks.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from backend.platform.actors import Actor
from backend.platform.database import (
    Statement,
    canonical,
    db,
    inserts,
    run,
    take_turns,
    transaction,
)
from backend.platform.errors import XundianError
from backend.platform.models import LedgerEntry
from backend.platform.prepared import Prepared

GENESIS = "0" * 64


class BrokenChainError(XundianError):
    """The stored ledger is not the one that was sealed."""

    code = "ledger-broken"
    title = "The ledger does not verify"
    title_zh = "账本校验失败"
    detail = "Entry {seq} does not verify: {why}."
    detail_zh = "第 {seq} 条记录校验失败：{why}。"


@dataclass(frozen=True, slots=True)
class Head:
    """The last sealed entry; `seq` 0 and the zero hash when nothing is sealed."""

    seq: int
    hash: str


def append(
    actor: Actor | None,
    verb: str,
    object_id: object,
    *,
    at: datetime,
    device_at: datetime | None = None,
    **facts: Any,
) -> None:
    """Record a write in the caller's transaction.

    `verb` is `<object>.<past participle>` (`visit.reported`); `facts` are the few JSON values
    that consumers need; the actor is None when the system acts by itself.
    """
    if not db.in_transaction():
        raise RuntimeError("A ledger entry belongs to the transaction of what it records.")
    run(written([entry(actor, verb, object_id, at=at, device_at=device_at, **facts)]))


def entry(
    actor: Actor | None,
    verb: str,
    object_id: object,
    *,
    at: datetime,
    device_at: datetime | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Return an entry for `written`; the arguments are those of `append`."""
    return {
        "id": uuid4(),
        "at": at,
        "device_at": device_at,
        "actor_id": actor.id if actor else None,
        "verb": verb,
        "object": _object_of(verb),
        "object_id": str(object_id),
        "facts": canonical(facts),
    }


def written(entries: list[dict[str, Any]]) -> list[Statement]:
    """Return what writes entries, to be run in the transaction of what they record."""
    return inserts(LedgerEntry, entries)


_HEAD = Prepared(
    LedgerEntry,
    lambda: (
        LedgerEntry.select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.seq.is_null(False))
        .order_by(LedgerEntry.seq.desc())
        .limit(1)
    ),
)
_UNSEALED = Prepared(
    LedgerEntry,
    lambda limit: (
        LedgerEntry.select()
        .where(LedgerEntry.seq.is_null())
        .order_by(LedgerEntry.at, LedgerEntry.id)
        .limit(limit)
    ),
    limit=LedgerEntry.seq,
)


def seal_all() -> None:
    """Seal every committed entry, for a reader that wants to be current."""
    while seal():
        pass


def seal(limit: int = 5_000) -> int:
    """Seal up to `limit` committed entries, oldest first; return how many."""
    with transaction():
        take_turns("sealing the ledger")
        last = head()
        entries = _UNSEALED.models(limit=limit)
        seq, chain = last.seq, last.hash
        sealed = []
        for entry in entries:
            seq, chain = seq + 1, link(chain, entry)
            sealed.append((seq, chain, LedgerEntry.id.db_value(entry.id)))
        _store(sealed)
    return len(sealed)


def head() -> Head:
    """Return the last sealed entry."""
    last = _HEAD.rows()
    return Head(*last[0]) if last else Head(0, GENESIS)


_FOLLOWING = Prepared(
    LedgerEntry,
    lambda after, limit: (
        LedgerEntry.select().where(LedgerEntry.seq > after).order_by(LedgerEntry.seq).limit(limit)
    ),
    after=LedgerEntry.seq,
    limit=LedgerEntry.seq,
)


def read(after: int, limit: int) -> list[LedgerEntry]:
    """Return sealed entries that follow a number, in order."""
    return _FOLLOWING.models(after=after, limit=limit)


def verify(batch: int = 5_000) -> Iterator[Head]:
    """Walk the whole chain, yielding the head of each verified batch.

    Raises BrokenChainError at the first number that is missing or hash that does not fit.
    """
    last = Head(0, GENESIS)
    while entries := read(last.seq, batch):
        for entry in entries:
            if entry.seq != last.seq + 1:
                raise BrokenChainError(seq=last.seq + 1, why="it is missing")
            last = Head(entry.seq, link(last.hash, entry))
            if last.hash != entry.hash:
                raise BrokenChainError(seq=entry.seq, why="its hash does not fit")
            if entry.object != _object_of(entry.verb):  # told by the verb, so not in the hash
                raise BrokenChainError(seq=entry.seq, why="it is filed under another object")
        yield last


def link(previous: str, entry: LedgerEntry) -> str:
    """Return the SHA-256 over the previous hash, a line feed, and the canonical entry, in hex."""
    return hashlib.sha256(f"{previous}\n{text_of(entry)}".encode()).hexdigest()


def text_of(entry: LedgerEntry) -> str:
    """Return the canonical text of an entry: what its hash is taken over."""
    return canonical(
        [
            str(entry.id),
            entry.at,
            entry.device_at,
            entry.actor_id,
            entry.verb,
            entry.object_id,
            entry.facts,
        ]
    )


def _object_of(verb: str) -> str:
    return verb.partition(".")[0]


def _store(sealed: list[tuple[int, str, Any]]) -> None:
    mark = db.param
    sql = f'UPDATE "ledger_entry" SET "seq" = {mark}, "hash" = {mark} WHERE "id" = {mark}'  # noqa: S608
    if sealed:
        db.connection().cursor().executemany(sql, sealed)
