"""Who holds which photo, when several auditors work at once."""

import threading
from datetime import timedelta

import orjson
import pytest

from backend.evidence import audits
from backend.evidence.audits import Reason
from backend.evidence.models import PhotoAudit
from backend.platform.actors import Role
from backend.platform.database import db
from backend.platform.models import LedgerEntry
from schemas.audits import REASONS, STATUSES
from tests.evidence.queue import make_queue
from tests.factories import NOON, actor_of, make_person

pytestmark = pytest.mark.usefixtures("app")
LATER = NOON + timedelta(minutes=16)


def held(claimed: list[dict]) -> set:
    return {audit["photo_id"] for audit in claimed}


@pytest.fixture
def auditors():
    return [actor_of(make_person(Role.AUDITOR)) for _ in range(2)]


def test_two_auditors_never_get_the_same_photo(auditors):
    make_queue(40)
    start = threading.Barrier(4)
    claimed = []

    def work(actor):
        with db.connection_context():
            start.wait()
            claimed.append((actor.id, held(audits.claim(actor, limit=10, at=NOON))))

    actors = [*auditors, *(actor_of(make_person(Role.AUDITOR)) for _ in range(2))]
    threads = [threading.Thread(target=work, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [10] * 4 == [len(photos) for _, photos in claimed]
    assert 40 == len(set().union(*(photos for _, photos in claimed)))


def test_claiming_again_keeps_what_one_holds_and_fills_up(auditors):
    make_queue(6)
    me, _ = auditors
    first = held(audits.claim(me, limit=2, at=NOON))

    again = held(audits.claim(me, limit=5, at=NOON + timedelta(minutes=10)))
    same = held(audits.claim(me, limit=1, at=LATER))

    assert (2, 5) == (len(first), len(again))
    assert first < again == same
    entries = LedgerEntry.select().where(LedgerEntry.verb == "audit.claimed")
    assert [2, 3] == sorted(orjson.loads(entry.facts)["photos"] for entry in entries)


def test_a_claim_lapses(auditors):
    make_queue(3)
    me, other = auditors
    mine = held(audits.claim(me, limit=3, at=NOON))

    assert set() == held(audits.claim(other, limit=3, at=NOON + timedelta(minutes=14)))
    assert mine == held(audits.claim(other, limit=3, at=LATER))
    assert [] == audits.claim(me, limit=3, at=LATER)


def test_never_holds_more_than_fifty(auditors):
    make_queue(60)

    assert 50 == len(audits.claim(auditors[0], limit=500, at=NOON))


def test_the_wire_names_every_reason_and_status():
    assert [str(reason) for reason in Reason] == REASONS
    assert [str(status) for status in audits.Status] == STATUSES


def test_queueing_again_changes_nothing():
    (photo,) = make_queue(1)

    assert 0 == audits.queue(photo.visit_id, at=NOON)
    assert 1 == PhotoAudit.select().count()
