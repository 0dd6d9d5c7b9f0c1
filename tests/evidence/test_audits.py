"""Who holds which photo, when several auditors work at once."""

from datetime import timedelta

import orjson
import pytest

from backend.evidence import audits, verdicts
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit
from backend.platform.actors import Role
from backend.platform.errors import ConflictError
from backend.platform.models import LedgerEntry
from tests.evidence.queue import make_queue
from tests.factories import NOON, actor_of, make_person
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("app")
LATER = NOON + timedelta(minutes=16)


def held(claimed: list[dict]) -> set:
    return {audit["photo_id"] for audit in claimed}


def judge(actor, photo, *, at):
    return verdicts.judge(
        actor,
        photo.visit_id,
        photo.id,
        verdict="approved",
        reasons=[],
        note="",
        version=1,
        at=at,
    )


@pytest.fixture
def auditors():
    return [actor_of(make_person(Role.AUDITOR)) for _ in range(2)]


def test_auditors_who_claim_at_once_never_get_the_same_photo():
    make_queue(40)
    actors = iter([actor_of(make_person(Role.AUDITOR)) for _ in range(4)])

    claimed = at_once(4, lambda: held(audits.claim(next(actors), limit=10, at=NOON)))

    assert [10] * 4 == [len(photos) for photos in claimed]
    assert 40 == len(set().union(*claimed))


def test_a_lapsed_claim_goes_to_one_of_those_who_ask_at_once():
    make_queue(5)
    audits.claim(actor_of(make_person(Role.AUDITOR)), limit=5, at=NOON)
    actors = iter([actor_of(make_person(Role.AUDITOR)) for _ in range(4)])

    claimed = at_once(4, lambda: held(audits.claim(next(actors), limit=5, at=LATER)))

    assert 5 == sum(len(photos) for photos in claimed) == len(set().union(*claimed))


def test_of_who_lets_a_claim_lapse_and_who_takes_it_over_one_judges(auditors):
    """Nobody's verdict is lost, whoever comes first."""
    (photo,) = make_queue(1)
    audits.claim(auditors[0], limit=1, at=NOON)
    late = iter(auditors)

    def come_late() -> str:
        me = next(late)
        try:
            audits.claim(me, limit=1, at=LATER)
            judge(me, photo, at=LATER)
        except ConflictError as error:
            return error.code
        return "judged"

    found = at_once(2, come_late)

    assert 1 == found.count("judged")
    assert set(found) <= {"judged", "claimed-by-another", "claim-needed", "judged-by-another"}
    assert 1 == PhotoVerdict.select().count()


def test_a_double_click_judges_once(auditors):
    (photo,) = make_queue(1)
    me, _ = auditors
    audits.claim(me, limit=1, at=NOON)

    def click() -> str:
        try:
            judge(me, photo, at=NOON)
        except ConflictError as error:
            return error.code
        return "judged"

    assert ["judged", "judged-already", "judged-already"] == sorted(
        at_once(3, click), key=lambda code: code != "judged"
    )
    assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "photo.judged").count()


def test_many_verdicts_of_two_people_in_opposite_orders_do_not_block_each_other(auditors):
    """Both name all photos and hold half of them each."""
    photos = make_queue(20)
    for auditor in auditors:
        audits.claim(auditor, limit=10, at=NOON)
    items = [verdicts.Item(photo.visit_id, photo.id, "approved", [], "", 1) for photo in photos]
    turns = iter([(auditors[0], items), (auditors[1], items[::-1])])

    results = at_once(2, lambda: verdicts.judge_many(*next(turns), at=NOON))

    for result in results:
        assert 10 == sum(isinstance(one, dict) for one in result)
    assert 20 == PhotoAudit.select().where(PhotoAudit.status == "approved").count()


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


def test_queueing_again_changes_nothing():
    (photo,) = make_queue(1)

    assert 0 == audits.queue(photo.visit_id, at=NOON)
    assert 1 == PhotoAudit.select().count()
