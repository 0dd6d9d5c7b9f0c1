"""Complaints over HTTP: recorded, handled step by step, counted."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.case_models import Complaint, ComplaintEntry
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.service import ComplaintCategory, ComplaintStep
from tests.client import Client
from tests.factories import (
    NOON,
    close_complaint,
    make_complaint,
    make_dealer,
    make_person,
    make_region,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def rep(client: Client, store) -> Client:
    return client.as_(store.owner)


@pytest.fixture
def manager(client: Client, store) -> Client:  # noqa: ARG001  # after the store's people
    return client.as_(make_person(Role.MANAGER))


def put(client: Client, complaint_id=None, **changes):
    body = {
        "source": "store",
        "category": "after_sales_repair",
        "target_department": "after_sales",
        "text": "返修机三周未归还",
        "received_at": NOON.isoformat(),
    }
    return client.put(f"/v1/complaints/{complaint_id or uuid4()}", json=body | changes)


def step(client: Client, complaint, name, version=None, **changes):
    """Take a step of the version that is stored, or of another."""
    version = version or Complaint.get_by_id(complaint.id).version
    return client.put(
        f"/v1/complaints/{complaint.id}/steps/{name}",
        json={"text": f"{name}!"} | changes,
        headers={"If-Match": f'"{version}"'},
    )


class TestRecording:
    def test_keeps_who_complained_about_what_and_when_it_is_due(self, rep, store):
        answer = put(rep, store_id=store.id)

        assert 201 == answer.status_code
        assert answer.json == rep.get(f"/v1/complaints/{answer.json['id']}").json
        assert {
            "kind": "service_complaint",
            "state": "received",
            "severity": 3,
            "colour": "#EF6C00",
            "received_on": "2026-03-02",
            "is_overdue": True,
            "store_id": store.id,
            "recorded_by_id": store.owner_id,
        }.items() <= answer.json.items()
        assert Complaint.get().dealer_id == answer.json["dealer_id"]
        due = datetime.fromisoformat(answer.json["due_at"])
        assert timedelta(hours=48) == due - NOON

    @pytest.mark.parametrize("category", ComplaintCategory)
    def test_gives_every_category_its_hours(self, rep, store, category):
        answer = put(rep, store_id=store.id, category=str(category))

        assert datetime.fromisoformat(answer.json["due_at"]) > NOON

    def test_happens_once_however_often_it_is_sent(self, client, rep, store):
        complaint_id = uuid4()

        answers = [put(rep, complaint_id, store_id=store.id) for _ in range(2)]
        other = put(rep, complaint_id, store_id=store.id, text="another")
        stranger = put(client.as_(make_person(Role.MANAGER)), complaint_id, store_id=store.id)

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (409, 409) == (other.status_code, stranger.status_code)
        assert ["complaint.received"] == [entry.verb for entry in LedgerEntry.select()]

    def test_of_a_dealer_needs_no_store(self, manager):
        dealer = make_dealer()

        answer = put(manager, source="dealer", dealer_id=dealer.id, severity=1)

        assert (201, dealer.id, None, 1) == (
            answer.status_code,
            answer.json["dealer_id"],
            answer.json["store_id"],
            answer.json["severity"],
        )

    def test_is_not_of_tomorrow(self, manager, store):
        tomorrow = clock.now() + timedelta(days=1)

        put(manager, store_id=store.id, received_at=tomorrow.isoformat())

        assert tomorrow > Complaint.get().received_at

    @pytest.mark.parametrize("source", ["store", "dealer", "contact", "consumer"])
    def test_names_somebody(self, manager, source):
        answer = put(manager, source=source)

        assert (422, f"{PROBLEM}complainant-needed") == (answer.status_code, answer.json["type"])

    def test_of_a_dealer_is_not_satisfied_with_a_store(self, manager, store):
        answer = put(manager, source="dealer", store_id=store.id)

        assert (422, "dealer_id") == (answer.status_code, answer.json["needed"])

    def test_is_about_what_is_in_sight(self, rep):
        answers = [
            put(rep, store_id=make_store().id),
            put(rep, source="dealer", dealer_id=make_dealer().id),
        ]

        assert [404, 404] == [answer.status_code for answer in answers]

    @pytest.mark.parametrize(
        "wrong",
        [{"category": "noise"}, {"target_department": "ghosts"}, {"severity": 5}, {"text": ""}],
    )
    def test_refuses(self, rep, store, wrong):
        answer = put(rep, store_id=store.id, **wrong)

        assert (422, f"{PROBLEM}invalid-fields") == (answer.status_code, answer.json["type"])


class TestHandling:
    def test_takes_every_step_in_order_to_the_end(self, manager, store):
        complaint = make_complaint(store)

        states = [
            step(manager, complaint, name, **({"promised_on": "2026-03-09"} if promise else {}))
            for name in ComplaintStep
            for promise in [name == "committed"]
        ]

        assert list(ComplaintStep) == [answer.json["state"] for answer in states]
        assert states[-1].json["closed_at"]
        assert not states[-1].json["is_overdue"]
        with assert_query_count(4):  # who asks, may they, how many, which
            entries = manager.get(f"/v1/complaints/{complaint.id}/steps").json
        assert list(ComplaintStep) == [entry["step"] for entry in entries]
        assert [None, None, None, None, "2026-03-09", None] == [e["promised_on"] for e in entries]
        assert {"acknowledged!"} < {entry["text"] for entry in entries}
        assert "complaint.closed" in {entry.verb for entry in LedgerEntry.select()}

    def test_skips_no_step(self, manager, store):
        complaint = make_complaint(store)
        step(manager, complaint, "acknowledged")

        answer = step(manager, complaint, "action_agreed")

        assert (422, f"{PROBLEM}complaint-step-skipped", "restated") == (
            answer.status_code,
            answer.json["type"],
            answer.json["missing"],
        )

    def test_takes_each_step_once(self, client, manager, store):
        complaint = make_complaint(store)
        answers = [step(manager, complaint, "acknowledged", version=1) for _ in range(2)]

        other = step(manager, complaint, "acknowledged", text="something else")
        colleague = step(client.as_(make_person(Role.MANAGER)), complaint, "acknowledged")

        assert [200, 200] == [answer.status_code for answer in answers]
        assert answers[0].json == answers[1].json
        for answer in (other, colleague):
            assert (409, f"{PROBLEM}complaint-step-done") == (
                answer.status_code,
                answer.json["type"],
            )
        assert 1 == ComplaintEntry.select().count()

    def test_says_until_when_it_is_promised_and_only_then(self, manager, store):
        complaint = make_complaint(store)

        early = step(manager, complaint, "acknowledged", promised_on="2026-03-09")
        for name in list(ComplaintStep)[:4]:
            step(manager, complaint, name)
        missing = step(manager, complaint, "committed")

        for answer in (early, missing):
            assert (422, f"{PROBLEM}promise-day") == (answer.status_code, answer.json["type"])

    def test_needs_words_and_the_version_that_was_read(self, manager, store):
        complaint = make_complaint(store)
        url = f"/v1/complaints/{complaint.id}/steps/acknowledged"

        silent = step(manager, complaint, "acknowledged", text="")
        missing = manager.put(url, json={"text": "致歉"})
        stale = step(manager, complaint, "acknowledged", version=9)

        assert [422, 428, 412] == [a.status_code for a in (silent, missing, stale)]

    def test_knows_only_its_steps_and_leaves_them_to_the_office(self, rep, manager, store):
        complaint = make_complaint(store)

        assert 404 == step(manager, complaint, "ignored").status_code
        assert 403 == step(rep, complaint, "acknowledged").status_code


def pause(client: Client, complaint, verb, version=None, text="等发票"):
    version = version or Complaint.get_by_id(complaint.id).version
    return client.post(
        f"/v1/complaints/{complaint.id}/{verb}",
        json={"text": text},
        headers={"If-Match": f'"{version}"'},
    )


class TestWaiting:
    def test_is_written_between_the_steps_and_ends_with_the_next(self, manager, store):
        complaint = make_complaint(store)
        step(manager, complaint, "acknowledged")

        waits = pause(manager, complaint, "waiting")
        goes_on = pause(manager, complaint, "resumption", text="发票已到")
        pause(manager, complaint, "waiting", text="等时间")
        restated = step(manager, complaint, "restated")

        assert [200, 200, 200] == [a.status_code for a in (waits, goes_on, restated)]
        assert ("acknowledged", '"3"') == (waits.json["state"], waits.headers["ETag"])
        assert waits.json["waiting_since"]
        assert [None, None] == [a.json["waiting_since"] for a in (goes_on, restated)]
        assert [
            ("acknowledged", "acknowledged!"),
            ("waiting_customer", "等发票"),
            ("resumed", "发票已到"),
            ("waiting_customer", "等时间"),
            ("restated", "restated!"),
        ] == [
            (entry["step"], entry["text"])
            for entry in manager.get(f"/v1/complaints/{complaint.id}/steps").json
        ]
        assert {"complaint.waiting_customer", "complaint.resumed"} < {
            entry.verb for entry in LedgerEntry.select()
        }

    def test_is_refused_twice_without_end_and_of_what_is_closed(self, manager, store):
        complaint, closed = make_complaint(store), make_complaint(store)
        close_complaint(closed, make_person(Role.MANAGER))
        idle = pause(manager, complaint, "resumption")
        pause(manager, complaint, "waiting")

        answers = {
            "complaint-not-waiting": idle,
            "complaint-waiting": pause(manager, complaint, "waiting"),
            "complaint-closed": pause(manager, closed, "waiting"),
        }

        for code, answer in answers.items():
            assert (409, f"{PROBLEM}{code}") == (answer.status_code, answer.json["type"])
        over = pause(manager, closed, "resumption")
        assert f"{PROBLEM}complaint-closed" == over.json["type"]

    def test_needs_words_the_version_that_was_read_and_the_office(self, rep, manager, store):
        complaint = make_complaint(store)
        url = f"/v1/complaints/{complaint.id}/waiting"

        answers = [
            pause(manager, complaint, "waiting", text=""),
            manager.post(url, json={"text": "等发票"}),
            pause(manager, complaint, "waiting", version=9),
            pause(rep, complaint, "waiting"),
        ]
        pause(manager, complaint, "waiting")

        assert [422, 428, 412, 403] == [answer.status_code for answer in answers]
        assert 412 == pause(manager, complaint, "resumption", version=9).status_code

    def test_is_told_in_the_list(self, manager, store):
        waits, moves = make_complaint(store, at=clock.now()), make_complaint(store)
        pause(manager, waits, "waiting")
        since = clock.now() - timedelta(hours=2)
        Complaint.update(waiting_since=since, waited_s=60).where(Complaint.id == waits.id).execute()

        (told,) = manager.get("/v1/complaints?waiting=true").json
        (other,) = manager.get("/v1/complaints?waiting=false").json

        assert (str(waits.id), str(moves.id)) == (told["id"], other["id"])
        assert 7260 <= told["waited_s"] < 7320
        assert (0, None) == (other["waited_s"], other["waiting_since"])


class TestList:
    def test_filters(self, manager, store):
        manager_of_it = make_person(Role.MANAGER)
        late = make_complaint(store, category="delivery", target_department="logistics")
        fresh = make_complaint(make_store(), severity=4, at=clock.now())
        done = make_complaint(store)
        close_complaint(done, manager_of_it)

        def ask(query):
            return {each["id"] for each in manager.get(f"/v1/complaints?{query}").json}

        assert {str(late.id)} == ask("overdue=true")
        assert {str(fresh.id), str(done.id)} == ask("overdue=false")
        assert {str(late.id)} == ask("category=delivery")
        assert {str(late.id)} == ask("target_department=logistics")
        assert {str(fresh.id)} == ask("severity=4")
        assert {str(done.id)} == ask("state=closed")
        assert {str(fresh.id)} == ask(f"store_id={fresh.store_id}")
        assert {str(late.id), str(done.id)} == ask(f"dealer_id={late.dealer_id}")
        assert {str(late.id), str(done.id)} == ask("from=2026-03-02&to=2026-03-03")
        assert set() == ask("to=2026-03-02")

    def test_takes_three_queries(self, manager, store):
        for _ in range(3):
            make_complaint(store)

        with assert_query_count(3):  # who asks, how many, which
            assert 3 == len(manager.get("/v1/complaints").json)

    def test_hides_what_is_not_ones_own(self, client, store):
        complaint = make_complaint(store)
        stranger = client.as_(make_person())
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        for person in (stranger, elsewhere):
            assert [] == person.get("/v1/complaints").json
            assert 404 == person.get(f"/v1/complaints/{complaint.id}").status_code
            assert 404 == person.get(f"/v1/complaints/{complaint.id}/steps").status_code
            assert [] == table(person)

    def test_shows_a_rep_the_complaints_they_recorded(self, client, rep, store):
        make_complaint(store, store.owner)
        store.owner_id = None
        store.save()

        assert 1 == len(rep.get("/v1/complaints").json)
        assert [] == client.as_(make_person()).get("/v1/complaints").json


def table(client: Client, query="from=2026-03-01&to=2026-04-01"):
    return client.get(f"/v1/complaints/table?{query}").json


class TestTable:
    def test_counts_by_category_and_department_with_colour_and_bar(self, manager, store):
        for severity in (1, 4, 2):
            make_complaint(store, severity=severity)
        make_complaint(store, category="delivery", target_department="logistics", severity=1)
        make_complaint(store, at=NOON + timedelta(days=60))

        with assert_query_count(2):  # who asks, and the counts
            cells = table(manager)

        assert [
            {
                "category": "service_quality",
                "target_department": "sales",
                "count": 3,
                "share": 0.75,
                "severity": 4,
                "colour": "#C62828",
                "bar": 1.0,
            },
            {
                "category": "delivery",
                "target_department": "logistics",
                "count": 1,
                "share": 0.25,
                "severity": 1,
                "colour": "#2E7D32",
                "bar": 1 / 3,
            },
        ] == cells

    def test_can_be_of_one_store_or_dealer(self, manager, store):
        complaint = make_complaint(store)
        make_complaint(make_store(), category="delivery")
        window = "from=2026-03-01&to=2026-04-01"

        for query in (f"store_id={store.id}", f"dealer_id={complaint.dealer_id}"):
            cells = table(manager, f"{window}&{query}")
            assert [("service_quality", 1, 1.0)] == [
                (cell["category"], cell["count"], cell["share"]) for cell in cells
            ]

    def test_of_nothing_is_empty(self, manager):
        assert [] == table(manager)

    def test_needs_its_window(self, manager):
        assert 422 == manager.get("/v1/complaints/table").status_code


def test_the_day_of_a_complaint_is_the_business_day(manager, store):
    put(manager, store_id=store.id, received_at="2026-03-02T23:30:00Z")

    assert date(2026, 3, 3) == Complaint.get().received_on
