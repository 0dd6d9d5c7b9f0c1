"""Fixtures over HTTP: the register, loans, recalls, and inspections."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.violation_models import Violation
from backend.network.archive_models import Agreement
from backend.network.models import Dealer, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    OPENED,
    make_dealer,
    make_fixture,
    make_loan,
    make_person,
    make_photo,
    make_region,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
LENT_AT = "2026-01-05T12:00:00+08:00"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store()


@pytest.fixture
def dealer_id(store) -> int:
    return StoreDealer.get(StoreDealer.store == store).dealer_id


def dealer_of(store) -> Dealer:
    """Return whose store it is."""
    return Dealer.get_by_id(StoreDealer.get(StoreDealer.store == store).dealer_id)


def step(client: Client, fixture, name: str, version: int = 1, **body):
    """Take a step on a version of a fixture."""
    return client.post(
        f"/v1/fixtures/{fixture.id}/{name}",
        json={"happened_at": LENT_AT} | body,
        headers={"If-Match": f'"{version}"'},
    )


def hands(**changes) -> dict:
    """Return what two parties sign when a fixture changes hands."""
    return {
        "giver": {"name": "李雷"},
        "receiver": {"name": "韩梅梅"},
        "condition": "good",
    } | changes


def agree(dealer_id: int, **fields) -> None:
    """Store an agreement with a dealer since the opening."""
    Agreement.create(
        **{
            "dealer": dealer_id,
            "code": f"A{uuid4().hex[:8]}",
            "products": [],
            "territory": [],
            "targets": [],
            "payment_mode": "cash",
            "rebate_terms": "",
            "legal_representative": "",
            "signed_on": OPENED,
            "valid_from": OPENED,
            "version": 1,
        }
        | fields
    )


class TestRegister:
    def body(self, **changes) -> dict:
        """Return a counter to be entered."""
        return {
            "code": "ZG-2025-00017",
            "kind": "brand_counter",
            "name": "专柜",
            "value_fen": 680_000,
            "owner_company": "曜石通信",
            "purchased_on": "2025-06-01",
            "region_id": the_region().id,
            "place": "长沙仓库",
        } | changes

    def test_enters_what_nobody_has_yet(self, manager):
        answer = manager.post("/v1/fixtures", json=self.body())

        shown = manager.get(f"/v1/fixtures/{answer.json['id']}")
        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert answer.json == shown.json
        assert ("available", "new", None) == tuple(
            answer.json[name] for name in ("state", "condition", "dealer_id")
        )
        assert ["fixture.registered"] == [entry.verb for entry in LedgerEntry.select()]

    def test_refuses_a_code_twice_and_a_region_out_of_sight(self, client: Client, manager):
        below = make_region(the_region())
        supervisor = client.as_(make_person(Role.SUPERVISOR, region=below))
        manager.post("/v1/fixtures", json=self.body())

        twice = manager.post("/v1/fixtures", json=self.body())
        hidden = supervisor.post("/v1/fixtures", json=self.body(code="ZG-2"))

        assert [(409, "code-taken"), (404, "not-found")] == [
            (each.status_code, each.json["type"].removeprefix(PROBLEM)) for each in (twice, hidden)
        ]

    def test_is_corrected_on_the_version_that_was_read(self, manager):
        fixture = make_fixture()
        url = f"/v1/fixtures/{fixture.id}"

        answer = manager.patch(url, json={"value_fen": 1}, headers={"If-Match": '"1"'})
        stale = manager.patch(url, json={"value_fen": 2}, headers={"If-Match": '"1"'})

        assert (200, 1, '"2"') == (
            answer.status_code,
            answer.json["value_fen"],
            answer.headers["ETag"],
        )
        assert (412, 428) == (
            stale.status_code,
            manager.patch(url, json={"value_fen": 2}).status_code,
        )

    def test_is_listed_by_code_and_filtered(self, client: Client, manager):
        rep = make_person()
        below = make_region(the_region())
        lent = make_loan(make_store(owner=rep), kind="back_wall")
        kept, far = make_fixture(), make_fixture(region=below)

        def ask(who=manager, **asked):
            rows = who.get("/v1/fixtures", query_string=asked).json
            return [row["id"] for row in rows]

        with assert_query_count(3):  # who asks, how many, which
            assert [lent.id, kept.id, far.id] == ask()
        assert [lent.id] == ask(client.as_(rep))
        assert [far.id] == ask(client.as_(make_person(Role.SUPERVISOR, region=below)))
        assert [lent.id] == ask(state="on_loan")
        assert [lent.id] == ask(kind="back_wall")
        assert [lent.id] == ask(dealer_id=lent.dealer_id)
        assert [lent.id] == ask(store_id=lent.store_id)
        assert [far.id] == ask(region_id=below.id)
        assert [kept.id] == ask(code=kept.code)
        hidden = client.as_(rep).get(f"/v1/fixtures/{kept.id}")
        assert (404, "fixture") == (hidden.status_code, hidden.json["what"])


class TestLife:
    def test_goes_from_hand_to_hand(self, manager, store, dealer_id):
        fixture, rep = make_fixture(), make_person()
        visit = make_visit(store)
        photo = make_photo(visit, b"a picture of a counter")
        other = make_store(dealer_of(store))
        steps = [
            (
                "handover",
                {
                    **hands(giver={"name": "李雷", "person_id": rep.id}),
                    "dealer_id": dealer_id,
                    "store_id": store.id,
                    "due_back_on": "2026-06-30",
                    "photo_ids": [str(photo.id)],
                },
            ),
            ("move", {"store_id": other.id, "happened_at": "2026-01-06T12:00:00+08:00"}),
            (
                "recall",
                {"due_back_on": "2026-03-31", "happened_at": "2026-02-01T12:00:00+08:00"},
            ),
            (
                "return",
                hands(condition="worn", place="长沙仓库", happened_at="2026-02-10T12:00:00+08:00"),
            ),
            ("write-off", {"note": "水浸", "happened_at": "2026-02-11T12:00:00+08:00"}),
        ]

        answers = [
            step(manager, fixture, name, version, **body)
            for version, (name, body) in enumerate(steps, start=1)
        ]

        assert [
            ("on_loan", store.id, "2026-06-30", "good"),
            ("on_loan", other.id, "2026-06-30", "good"),
            ("recalled", other.id, "2026-03-31", "good"),
            ("available", None, None, "worn"),
            ("written_off", None, None, "worn"),
        ] == [
            tuple(each.json[name] for name in ("state", "store_id", "due_back_on", "condition"))
            for each in answers
        ]
        assert '"6"' == answers[-1].headers["ETag"]
        with assert_query_count(4):  # who asks, the fixture, how many, which
            events = manager.get(f"/v1/fixtures/{fixture.id}/events").json
        kinds = ["registered", "handed_over", "moved", "recalled", "returned", "written_off"]
        assert kinds == [event["kind"] for event in events]
        assert ("李雷", rep.id, "韩梅梅", None) == tuple(
            events[1][name]
            for name in ("giver", "giver_person_id", "receiver", "receiver_person_id")
        )
        assert [{"visit_id": str(visit.id), "photo_id": str(photo.id)}] == events[1]["photos"]
        assert {f"fixture.{kind}" for kind in kinds[1:]} == {
            entry.verb for entry in LedgerEntry.select()
        }

    def test_belongs_to_where_it_stands(self, manager):
        below = make_region(the_region())
        fixture, store = make_fixture(), make_store(region=below)
        dealer_id = StoreDealer.get(StoreDealer.store == store).dealer_id

        lent = step(manager, fixture, "handover", **hands(), dealer_id=dealer_id, store_id=store.id)
        moved = step(manager, fixture, "move", 2, place="经销商仓库")

        assert [below.id, below.id] == [each.json["region_id"] for each in (lent, moved)]
        assert (None, "经销商仓库") == (moved.json["store_id"], moved.json["place"])

    @pytest.mark.parametrize(
        ("state", "name", "allowed"),
        [
            ("available", "return", "on_loan, recalled"),
            ("available", "move", "on_loan, recalled"),
            ("available", "recall", "on_loan"),
            ("on_loan", "handover", "available"),
            ("recalled", "recall", "on_loan"),
            ("written_off", "handover", "available"),
            ("written_off", "write-off", "available, on_loan, recalled"),
        ],
    )
    def test_follows_its_states(self, manager, state, name, allowed):
        fixture = make_fixture(state=state)
        bodies = {
            "return": hands(),
            "move": {"place": "仓库"},
            "recall": {},
            "handover": hands(dealer_id=make_dealer().id, place="仓库"),
            "write-off": {"note": "丢失"},
        }

        answer = step(manager, fixture, name, **bodies[name])

        assert (422, PROBLEM + "fixture-state", allowed) == (
            answer.status_code,
            answer.json["type"],
            answer.json["allowed"],
        )
        assert (state, 1) == (Fixture.get().state, FixtureEvent.select().count())

    def test_stands_in_a_store_of_the_dealer_who_has_it(self, manager, store):
        fixture, lent = make_fixture(), make_loan(store)
        stranger, other = make_dealer(), make_store()

        given = step(
            manager, fixture, "handover", **hands(), dealer_id=stranger.id, store_id=store.id
        )
        moved = step(manager, lent, "move", store_id=other.id)

        assert [PROBLEM + "not-the-dealers-store"] * 2 == [
            each.json["type"] for each in (given, moved)
        ]

    def test_knows_its_order(self, manager, store):
        lent = make_loan(store)
        tomorrow = (clock.now() + timedelta(days=1)).isoformat()

        answers = [
            step(manager, lent, "recall", happened_at=at)
            for at in ("2026-01-05T11:59:59+08:00", tomorrow)
        ]

        assert [PROBLEM + "fixture-order"] * 2 == [each.json["type"] for each in answers]

    def test_may_have_been_handed_over_before_it_was_entered(self, manager, store, dealer_id):
        body = TestRegister().body(region_id=store.region_id)
        fixture = Fixture(id=manager.post("/v1/fixtures", json=body).json["id"])

        answer = step(manager, fixture, "handover", **hands(), dealer_id=dealer_id, place="仓库")

        assert (200, "2026-01-05") == (answer.status_code, answer.json["lent_on"])

    def test_needs_the_version_and_things_that_exist(self, client: Client, manager, dealer_id):
        fixture = make_fixture()
        body = hands(dealer_id=dealer_id, place="仓库")
        here = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        answers = [
            step(manager, fixture, "handover", 7, **body),
            manager.post(
                f"/v1/fixtures/{fixture.id}/handover", json={"happened_at": LENT_AT} | body
            ),
            step(manager, fixture, "handover", **body, photo_ids=[str(uuid4())]),
            step(manager, fixture, "handover", **body | {"giver": {"name": "x", "person_id": 999}}),
            step(manager, fixture, "handover", **body | {"dealer_id": 999}),
            step(manager, fixture, "handover", **body | {"place": ""}),
            step(here, fixture, "write-off", note="x"),
        ]

        assert [412, 428, 404, 404, 404, 422, 404] == [each.status_code for each in answers]
        assert ["photo", "person", "dealer"] == [each.json["what"] for each in answers[2:5]]
        assert 1 == FixtureEvent.select().count()


class TestRecalls:
    def test_list_what_is_to_come_back_the_longest_due_first(self, client: Client, manager):
        rep = make_person()
        stores = [make_store(owner=rep if number == 0 else None) for number in range(5)]
        dealers = [StoreDealer.get(StoreDealer.store == store).dealer_id for store in stores]
        past = make_loan(stores[0], due_back_on=date(2026, 2, 1))
        asked = make_loan(stores[1], state="recalled", recalled_on=date(2026, 1, 20))
        ended, early = make_loan(stores[2]), make_loan(stores[3], due_back_on=date(2026, 6, 1))
        make_fixture()
        for dealer_id in (dealers[0], dealers[1], dealers[3]):
            agree(dealer_id)
        agree(dealers[2], valid_to=date(2026, 3, 2))

        def ask(who=manager, **asked):
            rows = who.get("/v1/fixtures/recalls", query_string=asked).json
            return [(row["id"], row["has_agreement"]) for row in rows]

        with assert_query_count(3):  # who asks, how many, which
            found = ask(day="2026-03-02")
        assert [(ended.id, False), (asked.id, True), (past.id, True)] == found
        assert [(asked.id, True), (past.id, True)] == ask(day="2026-03-01")
        assert [(past.id, True)] == ask(day="2026-03-02", dealer_id=dealers[0])
        assert [(past.id, True)] == ask(client.as_(rep), day="2026-03-02")
        assert (early.id, True) in ask()


class TestInspections:
    @pytest.fixture
    def rep(self, store):
        person = make_person()
        store.owner = person
        store.save()
        return person

    @pytest.fixture
    def phone(self, client: Client, rep) -> Client:
        return client.as_(rep)

    def look(self, client: Client, fixture, store, **found):
        """Tell what was found of a fixture in a store at noon."""
        body = {
            "fixture_id": fixture.id,
            "store_id": store.id,
            "inspected_at": NOON.isoformat(),
            "is_present": True,
        }
        url = f"/v1/fixture-inspections/{found.pop('id', uuid4())}"
        return client.put(url, json=body | found)

    def test_are_recorded_once_and_told_by_the_fixture(self, client: Client, phone, store):
        lent, inspection_id, visit_id = make_loan(store), uuid4(), str(uuid4())
        found = {"id": inspection_id, "visit_id": visit_id, "condition": "worn"}

        first = self.look(phone, lent, store, **found)
        again = self.look(phone, lent, store, **found)
        other = self.look(phone, lent, store, id=inspection_id)
        stranger = self.look(client.as_(make_person(Role.MANAGER)), lent, store, **found)

        assert [201, 200, 409, 409] == [
            each.status_code for each in (first, again, other, stranger)
        ]
        assert first.json == again.json
        assert (True, visit_id, None) == tuple(
            first.json[name] for name in ("is_expected", "visit_id", "violation_id")
        )
        shown = phone.get(f"/v1/fixtures/{lent.id}").json
        assert ("worn", True, 2) == tuple(
            shown[name] for name in ("condition", "is_present", "version")
        )
        assert 1 == FixtureInspection.select().count()

    def test_a_missing_fixture_opens_a_grave_case_that_later_ones_join(self, phone, store):
        lent = make_loan(store)
        visit_id = uuid4()

        first = self.look(
            phone, lent, store, is_present=False, visit_id=str(visit_id), note="不见了"
        )
        later = self.look(
            phone, lent, store, is_present=False, inspected_at="2026-03-09T12:00:00+08:00"
        )

        case = Violation.get()
        assert ("fixture_missing", f"fixture:{lent.id}", 4, 2, "不见了") == (
            case.kind,
            case.subject,
            case.severity,
            case.sightings,
            case.note,
        )
        assert (visit_id, store.id) == (case.opened_visit_id, case.store_id)
        assert {str(case.id)} == {each.json["violation_id"] for each in (first, later)}
        assert phone.get(f"/v1/fixtures/{lent.id}").json["is_present"] is False

    def test_a_fixture_with_other_goods_on_it_is_misused(self, phone, store):
        lent, elsewhere = make_loan(store), make_fixture()

        answers = [
            self.look(phone, lent, store, is_misused=True),
            self.look(phone, elsewhere, store, is_misused=True),
        ]

        assert [True, False] == [each.json["is_expected"] for each in answers]
        assert {
            ("fixture_misuse", 3, f"fixture:{lent.id}"),
            ("fixture_misuse", 3, f"fixture:{elsewhere.id}"),
        } == {(case.kind, case.severity, case.subject) for case in Violation.select()}
        assert Fixture.get_by_id(elsewhere.id).inspected_at is None

    def test_what_stood_elsewhere_then_is_not_missing_here(self, manager, store):
        lent = make_loan(store)
        other = make_store(dealer_of(store))
        moved_at = "2026-03-02T11:00:00+08:00"
        step(manager, lent, "move", store_id=other.id, happened_at=moved_at)

        late = self.look(manager, lent, store, is_present=False)
        before = self.look(
            manager,
            lent,
            store,
            is_present=False,
            inspected_at=(datetime.fromisoformat(moved_at) - timedelta(hours=1)).isoformat(),
        )
        step(manager, lent, "return", 2, **hands(), happened_at="2026-03-03T11:00:00+08:00")
        after = self.look(
            manager, lent, other, is_present=False, inspected_at="2026-03-04T11:00:00+08:00"
        )

        assert [False, True, False] == [each.json["is_expected"] for each in (late, before, after)]
        assert [before.json["violation_id"]] == [str(case.id) for case in Violation.select()]
        assert Fixture.get_by_id(lent.id).inspected_at is None

    def test_an_earlier_one_that_comes_late_changes_nothing(self, phone, store):
        lent = make_loan(store)
        self.look(phone, lent, store, condition="worn")

        self.look(phone, lent, store, is_present=False, inspected_at="2026-03-01T12:00:00+08:00")

        fixture = Fixture.get_by_id(lent.id)
        assert (True, "worn", NOON) == (
            fixture.is_present,
            fixture.condition,
            fixture.inspected_at,
        )

    def test_need_a_store_and_a_fixture_in_reach_and_make_sense(self, client: Client, phone, store):
        lent = make_loan(store)
        far = make_fixture(region=make_region())

        answers = [
            self.look(phone, lent, make_store()),
            self.look(phone, far, store),
            self.look(phone, Fixture(id=999), store),
            self.look(phone, lent, store, is_present=False, is_misused=True),
            self.look(phone, lent, store, is_present=False, condition="good"),
        ]

        assert [404, 404, 404, 422, 422] == [each.status_code for each in answers]
        assert ["store", "fixture", "fixture"] == [each.json["what"] for each in answers[:3]]
        assert 403 == self.look(client.as_(make_person(Role.AUDITOR)), lent, store).status_code

    def test_are_listed_newest_first(self, manager, phone, store):
        lent, other = make_loan(store), make_loan(make_store())
        early = self.look(
            phone, lent, store, inspected_at=datetime(2026, 2, 1, tzinfo=UTC).isoformat()
        ).json["id"]
        late = self.look(manager, other, other.store).json["id"]

        def ask(who, query=""):
            return [row["id"] for row in who.get(f"/v1/fixture-inspections{query}").json]

        with assert_query_count(3):  # who asks, how many, which
            assert [late, early] == ask(manager)
        assert [early] == ask(phone)
        assert [early] == ask(manager, f"?fixture_id={lent.id}")
        assert [late] == ask(manager, f"?store_id={other.store_id}")
        assert UUID(late)
