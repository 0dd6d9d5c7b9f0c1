"""Late tasks climb the ladder, one rung a time, told once."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.fieldwork.case_models import Task, TaskEvent
from backend.fieldwork.escalation import escalate
from backend.platform import clock
from backend.platform.actors import Role
from tests.factories import NOON, make_person, make_region, make_store, make_task, the_region

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)
DUE = NOON + 7 * DAY  # severity 2


@pytest.fixture
def chain():
    """A rep, their supervisor and the supervisor's manager."""
    manager = make_person(Role.MANAGER)
    supervisor = make_person(Role.SUPERVISOR, supervisor=manager)
    return make_person(supervisor=supervisor), supervisor, manager


def told() -> list:
    """Return who was told when, first to last."""
    events = TaskEvent.select().where(TaskEvent.step == "escalated")
    return [(e.to_person_id, e.at) for e in events.order_by(TaskEvent.number)]


def test_the_supervisor_is_told_on_the_day_after_and_a_manager_days_later(chain):
    rep, supervisor, manager = chain
    make_task(make_store(owner=rep))

    counts = [escalate(DUE + n * DAY) for n in range(8)]

    assert [0, 1, 0, 0, 1, 0, 0, 0] == counts
    assert [(supervisor.id, DUE + DAY), (manager.id, DUE + 4 * DAY)] == told()
    assert (2, None, 3) == (Task.get().escalation, Task.get().escalates_on, Task.get().version)


def test_telling_again_at_the_same_moment_tells_nobody_twice(chain):
    make_task(make_store(owner=chain[0]))

    assert [1, 0] == [escalate(DUE + DAY) for _ in range(2)]
    assert date(2026, 3, 13) == Task.get().escalates_on


def test_what_ended_is_late_for_nobody(chain):
    make_task(make_store(owner=chain[0]))
    Task.update(state="closed", ended_at=NOON, escalates_on=None).execute()

    assert 0 == escalate(DUE + 30 * DAY)


def test_without_superiors_the_nearest_of_the_region_are_told():
    here = make_region(the_region())
    make_person(Role.SUPERVISOR)
    make_person(Role.SUPERVISOR, region=make_region(the_region()))
    near = make_person(Role.SUPERVISOR, region=here)
    make_person(Role.SUPERVISOR, region=here, is_active=False)
    manager = make_person(Role.MANAGER)
    make_task(make_store(region=here))

    for n in (1, 4):
        escalate(DUE + n * DAY)

    assert [near.id, manager.id] == [person for person, _ in told()]


def test_a_supervisor_who_is_late_is_not_their_own_superior():
    supervisor = make_person(Role.SUPERVISOR)
    make_task(owner=supervisor.id)

    escalate(DUE + DAY)

    assert [(None, DUE + DAY)] == told()


def test_a_superior_who_left_is_passed_over():
    gone = make_person(Role.SUPERVISOR, is_active=False)
    stands_in = make_person(Role.SUPERVISOR)
    make_task(make_store(owner=make_person(supervisor=gone)))

    escalate(DUE + DAY)

    assert [(stands_in.id, DUE + DAY)] == told()


def test_the_worker_does_it_by_itself():
    make_task()

    done = worker.run_until_idle()

    assert 1 == done["escalations"]
    assert clock.business_date(clock.now()) + 3 * DAY == Task.get().escalates_on


def test_having_nothing_to_tell_costs_one_query():
    make_task()

    with assert_query_count(1):
        assert 0 == escalate(NOON)
