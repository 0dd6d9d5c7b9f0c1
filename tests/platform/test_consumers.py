"""Reading the ledger: each consumer at its own pace, each entry once."""

import pytest

from backend.platform import consumers, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import transaction
from backend.platform.models import ConsumerCursor
from tests.factories import NOON, make_region
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("storage")


def write(count: int):
    """Record and seal some writes."""
    with transaction():
        for number in range(count):
            ledger.append(None, "thing.done", number, at=NOON)
    ledger.seal()


def test_reads_on_from_where_it_was_in_order():
    seen = []
    reader = Consumer("reader", lambda entries: seen.extend(entry.seq for entry in entries))
    write(5)

    counts = [consumers.advance(reader, limit=2) for _ in range(4)]
    write(1)
    consumers.advance(reader)

    assert [2, 2, 1, 0] == counts
    assert [1, 2, 3, 4, 5, 6] == seen


def test_sees_nothing_that_is_not_sealed():
    with transaction():
        ledger.append(None, "thing.done", 1, at=NOON)

    assert 0 == consumers.advance(Consumer("reader", lambda _: None))


def test_does_not_disturb_another():
    first, second = Consumer("first", lambda _: None), Consumer("second", lambda _: None)
    write(3)

    assert 3 == consumers.advance(first)
    assert 3 == consumers.advance(second)


def test_stays_where_it_was_when_its_work_fails():
    def fail(_entries):
        make_region(code="HALF")
        raise ZeroDivisionError

    write(1)
    with pytest.raises(ZeroDivisionError):
        consumers.advance(Consumer("reader", fail))

    assert 0 == ConsumerCursor.select().count()
    assert 1 == consumers.advance(Consumer("reader", lambda _: None))


def test_hands_each_entry_to_one_of_two_workers():
    seen = []
    reader = Consumer("reader", lambda entries: seen.extend(entry.seq for entry in entries))
    write(30)

    at_once(3, lambda: sum(iter(lambda: consumers.advance(reader, limit=4), 0)))

    assert list(range(1, 31)) == seen
