"""The ledger: numbered without gaps, chained without forks, and proof against tampering."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from backend.platform import ledger
from backend.platform.database import db, is_sqlite, transaction
from backend.platform.ledger import GENESIS, BrokenChainError, Head
from backend.platform.models import LedgerEntry
from tests.factories import NOON, actor_of, make_person
from tests.threads import PATIENCE_S, at_once

pytestmark = pytest.mark.usefixtures("storage")


def write(count: int = 1, **facts):
    """Record some writes, each a second after the last."""
    with transaction():
        for number in range(count):
            at = NOON + timedelta(seconds=number)
            ledger.append(None, "thing.done", number, at=at, **facts)


def numbers() -> list[int]:
    """Return the numbers of the sealed entries, in order."""
    return [entry.seq for entry in ledger.read(0, 10_000)]


class TestAppending:
    def test_belongs_to_a_transaction(self):
        with pytest.raises(RuntimeError):
            ledger.append(None, "thing.done", 1, at=NOON)

    def test_is_undone_with_what_it_records(self):
        with pytest.raises(ZeroDivisionError), transaction():
            ledger.append(None, "thing.done", 1, at=NOON)
            raise ZeroDivisionError

        assert 0 == LedgerEntry.select().count()

    def test_keeps_who_what_and_when(self):
        actor = actor_of(make_person())
        with transaction():
            ledger.append(actor, "visit.checked_in", 7, at=NOON, device_at=NOON, b=[1], a="汉")

        entry = LedgerEntry.get()

        assert (actor.id, "visit", "7") == (entry.actor_id, entry.object, entry.object_id)
        assert (NOON, NOON) == (entry.at, entry.device_at)
        assert '{"a":"汉","b":[1]}' == entry.facts
        assert (None, None) == (entry.seq, entry.hash)


class TestSealing:
    def test_numbers_from_one_in_order_of_time_and_in_batches(self):
        write(5)

        sealed = [ledger.seal(limit=2) for _ in range(4)]

        assert [2, 2, 1, 0] == sealed
        assert [1, 2, 3, 4, 5] == numbers()
        assert ["0", "1", "2", "3", "4"] == [entry.object_id for entry in ledger.read(0, 10)]
        assert ["3", "4"] == [entry.object_id for entry in ledger.read(3, 10)]

    def test_knows_the_head(self):
        assert Head(0, GENESIS) == ledger.head()
        write(3)
        ledger.seal()

        assert ledger.read(2, 1)[0].hash == ledger.head().hash
        assert 3 == ledger.head().seq

    def test_skips_nothing_while_a_writer_holds_its_transaction_open(self):
        holding, let_go = Event(), Event()

        def hold():
            with db.connection_context(), transaction():
                ledger.append(None, "thing.held", "slow", at=NOON - timedelta(days=1))
                holding.set()
                let_go.wait(PATIENCE_S)

        def others():
            with db.connection_context():
                write(3)
                ledger.seal()

        slow, quick = Thread(target=hold), Thread(target=others)
        slow.start()
        holding.wait(PATIENCE_S)
        quick.start()
        if not is_sqlite():  # there nobody writes beside another; reading goes on
            quick.join(PATIENCE_S)
        seen = numbers()
        let_go.set()
        slow.join(PATIENCE_S)
        quick.join(PATIENCE_S)
        ledger.seal()

        assert ([] if is_sqlite() else [1, 2, 3]) == seen
        assert [1, 2, 3, 4] == numbers()
        assert [4] == [head.seq for head in ledger.verify()]

    def test_never_forks_however_many_seal(self):
        write(60)

        def drain():
            return sum(iter(lambda: ledger.seal(limit=7), 0))

        shares = at_once(4, drain)

        assert 60 == sum(shares)
        assert list(range(1, 61)) == numbers()
        assert ledger.head() == list(ledger.verify())[-1]


class TestVerifying:
    def test_walks_in_batches_to_the_head(self):
        write(5)
        ledger.seal()

        heads = list(ledger.verify(batch=2))

        assert [2, 4, 5] == [head.seq for head in heads]
        assert ledger.head() == heads[-1]

    @pytest.mark.parametrize(
        ("tampering", "why"),
        [
            ("UPDATE ledger_entry SET facts = '{}' WHERE seq = 2", "its hash does not fit"),
            ("UPDATE ledger_entry SET verb = 'thing.undone' WHERE seq = 2", "does not fit"),
            ("UPDATE ledger_entry SET actor_id = 1 WHERE seq = 2", "does not fit"),
            ("UPDATE ledger_entry SET object = 'person' WHERE seq = 2", "it is filed under"),
            ("DELETE FROM ledger_entry WHERE seq = 2", "it is missing"),
        ],
    )
    def test_finds_what_was_changed_or_removed(self, tampering, why):
        write(3, price=1)
        ledger.seal()
        db.execute_sql(tampering)

        with pytest.raises(BrokenChainError, match=f"Entry 2 .*{why}"):
            list(ledger.verify())
