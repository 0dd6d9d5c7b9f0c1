"""Reading the ledger: named consumers, each with a cursor, each idempotent."""

from collections.abc import Callable
from dataclasses import dataclass

from peewee import fn

from backend.platform import ledger
from backend.platform.database import transaction
from backend.platform.models import ConsumerCursor, LedgerEntry
from backend.platform.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Consumer:
    """A part of the product that follows the ledger.

    `handle` gets sealed entries in order, inside the transaction that moves the cursor.
    """

    name: str
    handle: Callable[[list[LedgerEntry]], None]


_NEXT = Prepared(
    LedgerEntry,
    lambda name: (
        LedgerEntry.select(LedgerEntry.seq)
        .where(
            LedgerEntry.seq
            > fn.COALESCE(
                ConsumerCursor.select(ConsumerCursor.seq).where(ConsumerCursor.name == name), 0
            )
        )
        .limit(1)
    ),
    name=ConsumerCursor.name,
)


# In one statement, so that two workers take turns on the cursor's row.
_TAKE = Prepared(
    ConsumerCursor,
    lambda name: ConsumerCursor.insert(name=name, seq=0).on_conflict(
        conflict_target=[ConsumerCursor.name], update={ConsumerCursor.seq: ConsumerCursor.seq}
    ),
    name=ConsumerCursor.name,
)
_OF = Prepared(
    ConsumerCursor,
    lambda name: ConsumerCursor.select(ConsumerCursor.seq).where(ConsumerCursor.name == name),
    name=ConsumerCursor.name,
)
_MOVE = Prepared(
    ConsumerCursor,
    lambda name, seq: ConsumerCursor.update(seq=seq).where(ConsumerCursor.name == name),
    name=ConsumerCursor.name,
    seq=ConsumerCursor.seq,
)


def advance(consumer: Consumer, limit: int = 500) -> int:
    """Hand the next entries to a consumer and return how many there were."""
    if not _NEXT.rows(name=consumer.name):  # the usual answer, which needs no turn to write
        return 0
    with transaction():
        _TAKE.run(name=consumer.name)
        ((seq,),) = _OF.rows(name=consumer.name)
        entries = ledger.read(seq, limit)
        if entries:
            consumer.handle(entries)
            _MOVE.run(name=consumer.name, seq=entries[-1].seq)
    return len(entries)
