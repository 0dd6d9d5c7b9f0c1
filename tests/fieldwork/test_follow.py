"""From violations to tasks and back, by the ledger."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork import follow, tasks, violations
from backend.fieldwork.case_models import Task, TaskEvent
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.violation_models import Violation
from backend.network.models import Store
from backend.platform import clock, consumers, ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import ConsumerCursor
from backend.standards.codes import ViolationKind
from tests.factories import (
    NOON,
    TODAY,
    actor_of,
    make_person,
    make_photo,
    make_store,
    make_task,
    make_violation,
    make_visit,
)
from tests.pictures import phone_jpeg

pytestmark = pytest.mark.usefixtures("app")
MISSING = Sighting(ViolationKind.REQUIRED_SIGNAGE_MISSING, "letter:C")
CUT = Sighting(ViolationKind.DIRECT_PRICE_CUT, "sku:3")


@pytest.fixture
def store():
    return make_store(owner=make_person())


@pytest.fixture
def manager():
    return actor_of(make_person(Role.MANAGER))


def see(visit, *sightings):
    with transaction():
        violations.sight(visit, sightings, at=NOON)


def keep_up():
    while ledger.seal() + consumers.advance(follow.CONSUMER):
        pass


def resolve(manager, case):
    visit = make_visit(Store.get_by_id(case.store_id), at=NOON + timedelta(days=30))
    proof = make_photo(visit, phone_jpeg())
    return violations.resolve(
        manager,
        case.id,
        resolution="已恢复",
        proof_visit_id=proof.visit_id,
        proof_photo_id=proof.id,
        version=case.version,
        at=clock.now(),
    )


def test_what_a_visit_saw_becomes_a_task_of_the_stores_rep(store):
    see(make_visit(store), MISSING, CUT)

    keep_up()

    found = {(t.subject, t.severity, t.state, t.owner_id, str(t.due_on)) for t in Task.select()}
    assert {
        ("letter:C", 2, "assigned", store.owner_id, "2026-03-09"),
        ("sku:3", 3, "assigned", store.owner_id, "2026-03-05"),
    } == found
    assert {None} == {task.made_by_id for task in Task.select()}
    assert {follow.task_of(case.id) for case in Violation.select()} == {
        task.id for task in Task.select()
    }


def test_another_sighting_makes_no_other_task(store):
    see(make_visit(store), CUT)
    keep_up()
    see(make_visit(store, at=NOON + timedelta(days=7)), CUT)

    keep_up()

    assert 1 == Task.select().count()


def test_a_violation_that_has_a_task_gets_no_other(store):
    see(make_visit(store), CUT)
    by_hand = make_task(store, violation=Violation.get())

    keep_up()

    assert [by_hand.id] == [task.id for task in Task.select()]


def test_reading_the_ledger_again_changes_nothing(store, manager):
    see(make_visit(store), CUT)
    keep_up()
    resolve(manager, Violation.get())
    keep_up()
    before = list(TaskEvent.select().order_by(TaskEvent.number).tuples())

    ConsumerCursor.delete().execute()
    keep_up()

    assert before == list(TaskEvent.select().order_by(TaskEvent.number).tuples())


def test_what_ended_before_it_was_read_becomes_no_task(store, manager):
    see(make_visit(store), CUT)
    resolve(manager, Violation.get())

    keep_up()

    assert 0 == Task.select().count()


def test_what_somebody_reported_by_hand_becomes_one_task(store):
    violations.report_by_hand(
        actor_of(store.owner),
        uuid4(),
        store_id=store.id,
        kind=ViolationKind.FIXTURE_MISUSE,
        subject="",
        note="专柜摆放竞品",
        seen_at=NOON,
        content_sha256="0" * 64,
        at=NOON,
    )
    keep_up()
    see(make_visit(store), Sighting(ViolationKind.FIXTURE_MISUSE, ""))

    keep_up()

    assert [("fixture_misuse", store.owner_id, "专柜摆放竞品")] == [
        (task.kind, task.owner_id, task.note) for task in Task.select()
    ]


def test_what_somebody_found_out_otherwise_becomes_a_task(store):
    fact = violations.Fact(
        id=uuid4(),
        kind=ViolationKind.CROSS_AREA_SALE,
        subject="imei:1",
        store_id=store.id,
        dealer_id=None,
        region_id=store.region_id,
        person_id=store.owner_id,
        seen_at=NOON,
        day=TODAY,
    )
    with transaction():
        violations.sight_fact(actor_of(store.owner), fact, at=NOON)

    keep_up()

    assert [("cross_area_sale", 4)] == [(task.kind, task.severity) for task in Task.select()]


def test_a_resolved_violation_closes_its_task_with_the_proof(store, manager):
    see(make_visit(store), CUT)
    keep_up()

    case = resolve(manager, Violation.get())
    keep_up()

    task = Task.get()
    assert ("closed", manager.id, case.resolved_at, None) == (
        task.state,
        task.ended_by_id,
        task.ended_at,
        task.escalates_on,
    )
    assert (case.proof_visit_id, case.proof_photo_id) == (task.proof_visit_id, task.proof_photo_id)


def test_a_task_that_was_closed_or_reopened_meanwhile_stays_so(store, manager):
    case = make_violation(store)
    task = make_task(store, violation=case)
    photo = make_photo(make_visit(store, at=NOON + timedelta(days=1)), phone_jpeg())
    tasks.close(
        manager,
        task.id,
        note="",
        version=1,
        at=clock.now(),
        proof_visit_id=photo.visit_id,
        proof_photo_id=photo.id,
    )
    tasks.reopen(manager, task.id, reason="仍未整改", version=2, at=clock.now())

    keep_up()

    assert ("assigned", None) == (Task.get().state, Violation.get().resolved_at)


def test_a_clean_report_costs_no_query(store):
    visit = make_visit(store)

    with transaction(), assert_query_count(0):
        violations.sight(visit, [], at=NOON)
