"""Tasks over HTTP: made, assigned, worked on, proved, closed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.case_models import Task, TaskEvent
from backend.fieldwork.task_log import record
from backend.fieldwork.violation_models import Violation
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from backend.standards.service import TaskStep
from tests.client import Client
from tests.factories import (
    make_person,
    make_photo,
    make_region,
    make_store,
    make_task,
    make_violation,
    make_visit,
    the_region,
)
from tests.journeys import make_substitution
from tests.pictures import phone_jpeg

PROBLEM = "urn:xundian:problem:"
NOW = clock.now()


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def rep(client: Client, store) -> Client:
    return client.as_(store.owner)


@pytest.fixture
def manager(client: Client, store) -> Client:  # noqa: ARG001  # after the store's people
    return client.as_(make_person(Role.MANAGER))


def put(client: Client, store, task_id=None, **changes):
    body = {"store_id": store.id, "note": "补贴海报"}
    return client.put(f"/v1/tasks/{task_id or uuid4()}", json=body | changes)


def step(client: Client, task_id, name, version=None, **body):
    """Take a step of the version that is stored, or of another."""
    version = version or Task.get(Task.id == task_id).version
    return client.post(
        f"/v1/tasks/{task_id}/{name}", json=body, headers={"If-Match": f'"{version}"'}
    )


def proof(store, at=None, **fields):
    """Return the names of a photo of the store, from a visit of now unless told."""
    visit = make_visit(store, at=at or clock.now() + timedelta(seconds=1))
    photo = make_photo(visit, phone_jpeg(), **fields)
    return {"proof_visit_id": str(photo.visit_id), "proof_photo_id": str(photo.id)}


def steps_of(task_id) -> list[str]:
    events = TaskEvent.select().where(TaskEvent.task_id == task_id).order_by(TaskEvent.number)
    return [event.step for event in events]


class TestMaking:
    def test_gives_it_to_the_rep_of_the_store_with_a_day_by_severity(self, manager, store):
        due = []
        for severity in (1, 2, 3, 4):
            answer = put(manager, store, severity=severity)
            assert (201, "assigned") == (answer.status_code, answer.json["state"])
            assert store.owner_id == answer.json["owner_id"]
            due.append(date.fromisoformat(answer.json["due_on"]))

        today = clock.business_date(clock.now())
        assert [14, 7, 3, 1] == [(day - today).days for day in due]

    def test_leaves_it_open_where_the_store_has_no_rep(self, manager):
        answer = put(manager, make_store())

        assert ("open", None) == (answer.json["state"], answer.json["owner_id"])

    def test_takes_the_owner_and_the_day_that_are_named(self, manager, store):
        supervisor = make_person(Role.SUPERVISOR)

        answer = put(manager, store, owner_id=supervisor.id, due_on="2030-01-01", severity=4)

        assert (supervisor.id, "2030-01-01", "#C62828", False) == tuple(
            answer.json[name] for name in ("owner_id", "due_on", "colour", "is_overdue")
        )

    def test_happens_once_however_often_it_is_sent(self, client, manager, store):
        task_id = uuid4()

        answers = [put(manager, store, task_id) for _ in range(2)]
        other = put(manager, store, task_id, note="another")
        stranger = put(client.as_(make_person(Role.MANAGER)), store, task_id)

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (409, 409) == (other.status_code, stranger.status_code)
        assert ["opened"] == steps_of(task_id)
        assert ["task.opened"] == [entry.verb for entry in LedgerEntry.select()]

    def test_for_a_violation_takes_its_kind_and_severity_and_happens_once(self, manager, store):
        case = make_violation(store, severity=3)

        made = put(manager, store, violation_id=str(case.id), severity=1)
        again = put(manager, store, violation_id=str(case.id))

        assert (3, "required_signage_missing", case.subject) == tuple(
            made.json[name] for name in ("severity", "kind", "subject")
        )
        assert (409, f"{PROBLEM}task-running", made.json["id"]) == (
            again.status_code,
            again.json["type"],
            again.json["task_id"],
        )

    def test_refuses_a_violation_of_another_store_or_one_that_ended(self, manager, store):
        elsewhere, ended = make_violation(), make_violation(store, resolved_at=NOW)

        answers = [put(manager, store, violation_id=str(case.id)) for case in (elsewhere, ended)]

        assert [404, 422] == [answer.status_code for answer in answers]
        assert f"{PROBLEM}already-resolved" == answers[1].json["type"]

    @pytest.mark.parametrize(
        ("status", "owner"),
        [
            (422, lambda: make_person(Role.MANAGER)),
            (422, lambda: make_person(is_active=False)),
            (404, lambda: make_person(region=make_region())),
        ],
        ids=["manager", "left", "out of sight"],
    )
    def test_refuses_an_owner_who_cannot_do_it(self, manager, store, status, owner):
        answer = put(manager, store, owner_id=owner().id)

        assert status == answer.status_code
        assert 0 == Task.select().count()

    def test_is_for_stores_in_sight(self, client, store):
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert 404 == put(elsewhere, store).status_code


class TestLife:
    def test_ends_by_proof_and_a_supervisor_and_ends_its_violation(self, rep, manager, store):
        case = make_violation(store)
        task = make_task(store, violation=case)

        started = step(rep, task.id, "start")
        submitted = step(rep, task.id, "submission", **proof(store), note="已补贴")
        closed = step(manager, task.id, "closure", note="复查合格")

        assert ["in_progress", "submitted", "closed"] == [
            answer.json["state"] for answer in (started, submitted, closed)
        ]
        assert ["opened", "started", "submitted", "closed"] == steps_of(task.id)
        ended = Violation.get()
        assert (closed.json["proof_photo_id"], "复查合格") == (
            str(ended.proof_photo_id),
            ended.resolution,
        )
        assert {"task.closed", "violation.resolved"} <= {e.verb for e in LedgerEntry.select()}

    def test_goes_back_when_the_proof_does_not_convince(self, rep, manager, store):
        task = make_task(store)
        step(rep, task.id, "start")
        step(rep, task.id, "submission", **proof(store))

        back = step(manager, task.id, "rejection", reason="照片看不清")

        assert ("in_progress", None) == (back.json["state"], back.json["proof_photo_id"])
        events = manager.get(f"/v1/tasks/{task.id}/events").json
        assert ["opened", "started", "submitted", "rejected"] == [e["step"] for e in events]
        assert ("照片看不清", 4) == (events[-1]["note"], events[-1]["number"])
        assert events[2]["proof_photo_id"]
        again = step(rep, task.id, "submission", **proof(store))
        assert 200 == again.status_code

    def test_can_be_closed_on_a_photo_of_the_office_itself(self, manager, store):
        task = make_task(store)

        without = step(manager, task.id, "closure")
        closed = step(manager, task.id, "closure", **proof(store))

        assert (422, f"{PROBLEM}proof-needed") == (without.status_code, without.json["type"])
        assert "closed" == closed.json["state"]

    @pytest.mark.parametrize(
        "what", ["other store", "before", "quarantined", "unknown"], ids=lambda what: what
    )
    def test_refuses_a_photo_that_proves_nothing(self, rep, store, what):
        task = make_task(store, at=NOW)
        step(rep, task.id, "start")
        body = {
            "other store": lambda: proof(make_store()),
            "before": lambda: proof(store, at=NOW - timedelta(hours=1)),
            "quarantined": lambda: proof(store, quarantine_reason="unreadable-photo"),
            "unknown": lambda: proof(store) | {"proof_photo_id": str(uuid4())},
        }[what]()

        answer = step(rep, task.id, "submission", **body)

        assert (422, f"{PROBLEM}proof-needed") == (answer.status_code, answer.json["type"])
        assert "in_progress" == Task.get().state

    def test_does_not_close_on_a_photo_from_before_the_last_sighting(self, rep, manager, store):
        case = make_violation(store)
        task = make_task(store, violation=case)
        step(rep, task.id, "start")
        step(rep, task.id, "submission", **proof(store))
        Violation.update(last_seen_at=clock.now() + timedelta(days=1)).execute()

        answer = step(manager, task.id, "closure")

        assert (422, f"{PROBLEM}proof-needed") == (answer.status_code, answer.json["type"])
        assert ("submitted", None) == (Task.get().state, Violation.get().resolved_at)

    def test_nobody_closes_their_own(self, client, store):
        supervisor = make_person(Role.SUPERVISOR)
        task = make_task(store, owner=supervisor.id)
        own = client.as_(supervisor)
        step(own, task.id, "start")
        step(own, task.id, "submission", **proof(store))

        mine = step(own, task.id, "closure")
        reassigned = step(own, task.id, "assignment", owner_id=store.owner_id)
        other = step(own, task.id, "closure", **proof(store))

        assert (422, f"{PROBLEM}own-task") == (mine.status_code, mine.json["type"])
        assert (200, 200) == (reassigned.status_code, other.status_code)

    @pytest.mark.parametrize("state", ["owned", "submitted", "not made yet"])
    def test_nobody_ends_the_violation_of_their_own(self, client, store, state):
        supervisor, case = make_person(Role.SUPERVISOR), make_violation(store)
        own, other = client.as_(supervisor), client.as_(make_person(Role.SUPERVISOR))
        body = proof(store) | {"resolution": "已恢复"}
        if state == "not made yet":
            Store.update(owner=supervisor).execute()
        else:
            task = make_task(store, violation=case, owner=supervisor.id)
        if state == "submitted":
            step(own, task.id, "start")
            step(own, task.id, "submission", **proof(store))
            Task.update(owner=store.owner_id).execute()

        answers = [
            one.post(f"/v1/violations/{case.id}/resolution", json=body, headers={"If-Match": '"1"'})
            for one in (own, other)
        ]

        assert (422, f"{PROBLEM}own-task") == (answers[0].status_code, answers[0].json["type"])
        assert 200 == answers[1].status_code

    def test_goes_only_to_those_who_see_the_store(self, manager, store):
        task = make_task(store)
        below = make_region(the_region())
        strangers = [make_person(), make_person(Role.SUPERVISOR, region=below)]

        refused = [step(manager, task.id, "assignment", owner_id=one.id) for one in strangers]
        refused.append(put(manager, store, owner_id=strangers[0].id))
        today = clock.business_date(clock.now())
        make_substitution(store.owner, strangers[0], from_on=today, to_on=today + timedelta(days=1))
        given = step(manager, task.id, "assignment", owner_id=strangers[0].id)

        for answer in refused:
            assert (422, f"{PROBLEM}owner-out-of-reach") == (
                answer.status_code,
                answer.json["type"],
            )
            assert ["owner_id"] == list(answer.json["errors"]["json"])
        assert 200 == given.status_code

    def test_only_its_owner_works_on_it(self, client, store):
        task = make_task(store)
        supervisor = client.as_(make_person(Role.SUPERVISOR))

        answer = step(supervisor, task.id, "start")

        assert (422, f"{PROBLEM}not-your-task") == (answer.status_code, answer.json["type"])
        assert store.owner_id == answer.json["owner_id"]

    def test_takes_its_steps_in_order(self, rep, manager, store):
        task = make_task(store)

        early = [
            step(rep, task.id, "submission", **proof(store)),
            step(manager, task.id, "rejection", reason="too early"),
            step(manager, task.id, "reopening", reason="too early"),
        ]
        step(manager, task.id, "write-off", reason="门店即将关闭")
        late = [
            step(rep, task.id, "start"),
            step(manager, task.id, "assignment", owner_id=store.owner_id),
            step(manager, task.id, "closure", **proof(store)),
        ]

        for answer in (*early, *late):
            assert (422, f"{PROBLEM}task-not-that-far") == (answer.status_code, answer.json["type"])
        assert "written_off" == late[0].json["state"]

    def test_needs_the_version_that_was_read(self, rep, store):
        task = make_task(store)

        missing = rep.post(f"/v1/tasks/{task.id}/start")
        stale = step(rep, task.id, "start", version=9)

        assert (428, 412) == (missing.status_code, stale.status_code)

    def test_moves_to_another_person_and_day(self, rep, manager, store):
        task, other = make_task(store), make_person(Role.SUPERVISOR)
        step(rep, task.id, "start")
        step(rep, task.id, "submission", **proof(store))

        answer = step(manager, task.id, "assignment", owner_id=other.id, due_on="2030-01-01")

        assert ("assigned", other.id, "2030-01-01", None) == tuple(
            answer.json[name] for name in ("state", "owner_id", "due_on", "proof_photo_id")
        )
        assert date(2030, 1, 2) == Task.get().escalates_on
        assert (other.id, "assigned") == tuple(
            TaskEvent.select(TaskEvent.to_person_id, TaskEvent.step)
            .order_by(TaskEvent.number.desc())
            .tuples()
            .first()
        )

    def test_a_new_day_asks_nobody_twice(self, manager, store):
        task = make_task(store, escalation=2)
        Task.update(escalation=2, escalates_on=None).execute()

        step(manager, task.id, "assignment", owner_id=store.owner_id, due_on="2030-01-01")

        assert None is Task.get().escalates_on


def test_keeps_when_somebody_first_did_anything_about_it(rep, manager, store):
    task = make_task(store, violation=make_violation(store))
    with transaction():
        record(None, task, TaskStep.ESCALATED, {}, at=NOW)
    assert Task.get().acted_at is None

    step(rep, task.id, "start")
    begun_at = Task.get().acted_at
    step(rep, task.id, "submission", **proof(store))
    step(manager, task.id, "closure")
    step(manager, task.id, "reopening", reason="照片是别的门店")

    assert begun_at == TaskEvent.get(TaskEvent.step == "started").at == Task.get().acted_at


class TestReopening:
    def test_opens_the_violation_again_and_starts_the_clock(self, rep, manager, store):
        case = make_violation(store)
        task = make_task(store, violation=case)
        step(rep, task.id, "start")
        step(rep, task.id, "submission", **proof(store))
        step(manager, task.id, "closure")

        answer = step(manager, task.id, "reopening", reason="照片是别的门店")

        today = clock.business_date(clock.now())
        assert ("assigned", str(today + timedelta(days=7)), None) == tuple(
            answer.json[name] for name in ("state", "due_on", "ended_at")
        )
        reopened = Violation.get()
        assert (None, None, None) == (
            reopened.resolved_at,
            reopened.proof_photo_id,
            reopened.resolution,
        )
        assert "violation.reopened" in {entry.verb for entry in LedgerEntry.select()}

    def test_of_a_written_off_task_leaves_the_violation_open(self, manager, store):
        task = make_task(store, violation=make_violation(store), owner=None)
        step(manager, task.id, "write-off", reason="门店即将关闭")

        answer = step(manager, task.id, "reopening", reason="门店不关了")

        assert ("open", None) == (answer.json["state"], Violation.get().resolved_at)
        assert 1 == Violation.get().version

    def test_of_a_task_made_by_hand_touches_no_violation(self, manager, store):
        task = make_task(store)
        step(manager, task.id, "closure", **proof(store))

        answer = step(manager, task.id, "reopening", reason="未完成")

        assert ("assigned", None) == (answer.json["state"], answer.json["proof_photo_id"])

    def test_is_refused_when_the_case_goes_on_elsewhere(self, manager, store):
        ended = make_violation(store, resolved_at=NOW)
        newer = make_violation(store, subject=ended.subject)
        task = make_task(store, violation=ended)
        step(manager, task.id, "write-off", reason="重复")

        seen_again = step(manager, task.id, "reopening", reason="仍未整改")
        Violation.update(resolved_at=NOW).where(Violation.id == newer.id).execute()
        running = make_task(store, violation=ended)
        has_a_task = step(manager, task.id, "reopening", reason="仍未整改")

        assert (409, f"{PROBLEM}open-again", str(newer.id)) == (
            seen_again.status_code,
            seen_again.json["type"],
            seen_again.json["violation_id"],
        )
        assert (409, f"{PROBLEM}task-running", str(running.id)) == (
            has_a_task.status_code,
            has_a_task.json["type"],
            has_a_task.json["task_id"],
        )


class TestList:
    def test_filters(self, rep, manager, store):
        case = make_violation(store, severity=4)
        grave = make_task(store, violation=case, at=clock.now())
        late = make_task(store)
        other = make_task(make_store(), severity=1, at=clock.now())
        done = make_task(store)
        step(manager, done.id, "write-off", reason="重复")

        def ask(query, who=manager):
            return [task["id"] for task in who.get(f"/v1/tasks?{query}").json]

        dealer = f"dealer_id={grave.dealer_id}"
        assert [str(late.id)] == ask("overdue=true")
        assert str(late.id) not in ask("overdue=false")
        assert [str(grave.id)] == ask("kind=required_signage_missing")
        assert [str(grave.id)] == ask("severity=4")
        assert [str(grave.id)] == ask(f"violation_id={case.id}")
        assert [str(other.id)] == ask(f"store_id={other.store_id}")
        assert [str(other.id)] == ask("state=open")
        assert {str(task.id) for task in (grave, late, done)} == set(ask(dealer))
        assert [] == ask("mine=true")
        assert 3 == len(ask("mine=true", rep))
        assert [True, False] == [
            task["is_overdue"]
            for task in rep.get("/v1/tasks?severity=2&page_size=2").json
            if task["state"] != "written_off"
        ] + [rep.get(f"/v1/tasks/{grave.id}").json["is_overdue"]]

    def test_takes_three_queries(self, manager, store):
        for _ in range(3):
            make_task(store)

        with assert_query_count(3):  # who asks, how many, which
            assert 3 == len(manager.get("/v1/tasks").json)

    def test_hides_what_is_not_ones_own(self, client, store):
        task = make_task(store)
        here = make_region(the_region())
        stranger = client.as_(make_person())
        elsewhere = client.as_(make_person(Role.MANAGER, region=here))

        for person in (stranger, elsewhere):
            assert [] == person.get("/v1/tasks").json
            assert 404 == person.get(f"/v1/tasks/{task.id}").status_code
            assert 404 == person.get(f"/v1/tasks/{task.id}/events").status_code

    def test_shows_a_rep_the_task_of_a_colleagues_store_that_was_given_to_them(self, client, store):
        helper = make_person()
        make_task(store, owner=helper.id)

        assert 1 == len(client.as_(helper).get("/v1/tasks").json)
        assert 1 == len(client.as_(store.owner).get("/v1/tasks").json)


class TestAboutATrend:
    def test_end_with_the_cause_in_words(self, rep, manager, store):
        task = make_task(store, origin="trend", severity=3)
        step(rep, task.id, "start")

        silent = step(rep, task.id, "submission")
        told = step(rep, task.id, "submission", note="对面新开竞品专柜")
        closed = step(manager, task.id, "closure")

        assert (422, f"{PROBLEM}cause-needed") == (silent.status_code, silent.json["type"])
        assert [200, 200] == [told.status_code, closed.status_code]
        assert ("trend", "closed", None) == tuple(
            closed.json[name] for name in ("origin", "state", "proof_photo_id")
        )

    def test_may_be_closed_at_once_by_whoever_knows(self, manager, store):
        task = make_task(store, origin="trend")

        assert [422, 200] == [
            step(manager, task.id, "closure", **body).status_code
            for body in ({}, {"note": "经销商转仓"})
        ]

    def test_are_found_by_origin(self, manager, store):
        tasks = [make_task(store, origin=origin) for origin in ("trend", "hand")]

        assert [[str(task.id)] for task in tasks] == [
            [task["id"] for task in manager.get(f"/v1/tasks?origin={origin}").json]
            for origin in ("trend", "hand")
        ]
        assert 422 == manager.get("/v1/tasks?origin=rumour").status_code
