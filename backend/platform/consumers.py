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


def advance(consumer: Consumer, limit: int = 500) -> int:
    """Hand the next entries to a consumer and return how many there were."""
    if not _NEXT.rows(name=consumer.name):  # the usual answer, which needs no turn to write
        return 0
    with transaction():
        ConsumerCursor.insert(name=consumer.name, seq=0).on_conflict_ignore().execute()
        # An update first, so that two workers take turns on the cursor's row.
        mine = ConsumerCursor.name == consumer.name
        ConsumerCursor.update(seq=ConsumerCursor.seq).where(mine).execute()
        cursor = ConsumerCursor.get(mine)
        entries = ledger.read(cursor.seq, limit)
        if entries:
            consumer.handle(entries)
            ConsumerCursor.update(seq=entries[-1].seq).where(mine).execute()
    return len(entries)
