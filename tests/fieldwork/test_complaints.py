"""How long complaints waited for the customer, and when they are due."""

from datetime import timedelta

import pytest

from backend.fieldwork import complaints
from backend.platform.actors import Role
from tests.factories import NOON, actor_of, make_complaint, make_person

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)


@pytest.fixture
def boss(app):  # noqa: ARG001  # needs the database
    return actor_of(make_person(Role.MANAGER))


def is_late(boss, complaint, hours) -> bool:
    at = NOON + hours * HOUR
    (listed,) = complaints.list_complaints(boss, at=at)
    told = complaints.get(boss, complaint.id, at=at).is_overdue
    assert listed.is_overdue == told
    assert told == complaints.list_complaints(boss, at=at, overdue=True).exists()
    assert told != complaints.list_complaints(boss, at=at, overdue=False).exists()
    return bool(told)


def test_what_waits_does_not_become_late_and_is_due_later(boss):
    complaint = make_complaint()  # 48 hours
    complaints.wait(boss, complaint.id, text="等", version=1, at=NOON + 40 * HOUR)

    waiting = complaints.get(boss, complaint.id, at=NOON + 60 * HOUR)
    assert (NOON + 48 * HOUR, 20 * 3600) == (waiting.due_at, waiting.waited_so_far_s)
    assert not is_late(boss, complaint, 60)

    on = complaints.resume(boss, complaint.id, text="到", version=2, at=NOON + 70 * HOUR)
    assert (NOON + 78 * HOUR, 30 * 3600) == (on.due_at, on.waited_so_far_s)
    assert [False, True] == [is_late(boss, complaint, hours) for hours in (77, 79)]


def test_what_was_late_before_stays_late(boss):
    complaint = make_complaint()
    complaints.wait(boss, complaint.id, text="等", version=1, at=NOON + 49 * HOUR)
    assert is_late(boss, complaint, 60)

    complaints.resume(boss, complaint.id, text="到", version=2, at=NOON + 60 * HOUR)
    assert is_late(boss, complaint, 60)


def test_waits_are_added_up_and_end_with_a_step_that_is_new(boss):
    complaint = make_complaint()
    step = {"name": "acknowledged", "text": "歉", "promised_on": None}
    complaints.wait(boss, complaint.id, text="等", version=1, at=NOON)
    taken = complaints.take_step(boss, complaint.id, **step, version=2, at=NOON + 2 * HOUR)
    complaints.wait(boss, complaint.id, text="等", version=3, at=NOON + 3 * HOUR)

    again = complaints.take_step(boss, complaint.id, **step, version=2, at=NOON + 4 * HOUR)

    assert (2 * 3600, None) == (taken.waited_so_far_s, taken.waiting_since)
    assert (3 * 3600, NOON + 3 * HOUR) == (again.waited_so_far_s, again.waiting_since)
    assert NOON + 50 * HOUR == again.due_at


def test_a_clock_that_goes_back_takes_nothing_off(boss):
    complaint = make_complaint()
    complaints.wait(boss, complaint.id, text="等", version=1, at=NOON + HOUR)

    on = complaints.resume(boss, complaint.id, text="到", version=2, at=NOON)

    assert (0, NOON + 48 * HOUR) == (on.waited_so_far_s, on.due_at)
