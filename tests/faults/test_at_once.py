"""The same thing from many connections at once: one is believed, the others hear that it was."""

from collections import Counter
from uuid import uuid4

import pytest

from backend.platform.models import LedgerEntry
from tests.factories import make_person, make_sku, make_store
from tests.faults import checker
from tests.faults.phones import Item, Signed
from tests.phone import announced, arrival, findings
from tests.pictures import phone_jpeg
from tests.serving import drive, token_for

TIMES = 32


@pytest.fixture
def pairs(gunicorn) -> list[tuple[Item, Item]]:  # noqa: ARG001  # its database
    """A check-in, a report and a photo, each twice: with other content under the same id."""
    person = make_person()
    store, sku = make_store(owner=person), make_sku()
    phone, visit_id, photo_id = Signed(token_for(person.id)), uuid4(), uuid4()
    one, other = phone_jpeg(1, (64, 48)), phone_jpeg(2, (64, 48))
    lines = {"products": [{"sku_id": sku.id, "listed": True}], "photos": [announced(uuid4(), one)]}
    return [
        (
            phone.check_in(visit_id, arrival(store, minutes=60)),
            phone.check_in(visit_id, arrival(store, minutes=50)),
        ),
        (
            phone.report(visit_id, findings(minutes=30, **lines)),
            phone.report(visit_id, findings(minutes=20, **lines)),
        ),
        # Not under the visit whose manifest may be there first.
        (phone.photo(photo_id, photo_id, one), phone.photo(photo_id, photo_id, other)),
    ]


def recorded() -> Counter[str]:
    """Return how often each thing that was handed in is in the ledger."""
    return Counter(entry.verb for entry in LedgerEntry.select().where(LedgerEntry.actor_id > 0))


EACH_ONCE = {"visit.checked_in": 1, "visit.reported": 1, "photo.received": 1}


def test_identical_ones_are_one(gunicorn, pairs):
    promises = checker.Promises()

    for item, _ in pairs:
        answers = drive(gunicorn.port, [item.request] * TIMES, clients=TIMES)
        item.note(promises)
        assert {201: 1, 200: TIMES - 1} == answers.statuses, item.request.path

    assert EACH_ONCE == recorded()
    checker.check(promises)


def test_of_two_contents_one_is_kept_and_the_other_refused(gunicorn, pairs):
    promises = checker.Promises()

    for pair in pairs:
        both = [item.request for item in pair]
        answers = drive(gunicorn.port, both * (TIMES // 2), clients=TIMES)
        again = [drive(gunicorn.port, [request], clients=1).all[0].status for request in both]
        pair[again.index(200)].note(promises)
        expected = {201: 1, 200: TIMES // 2 - 1, 409: TIMES // 2}
        assert expected == answers.statuses, pair[0].request.path
        assert [200, 409] == sorted(again)

    assert EACH_ONCE == recorded()
    checker.check(promises)
