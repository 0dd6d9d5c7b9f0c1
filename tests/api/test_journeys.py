"""Cycles, weeks, rules, substitutions, routes and unplanned visits over HTTP."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count, count_queries

from backend import worker
from backend.fieldwork import substitutions
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.journeys import cycle_start
from backend.network.models import Person, Store, Substitution
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    TODAY,
    make_dealer,
    make_person,
    make_plan_entry,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.journeys import make_substitution
from tests.phone import Phone, arrival, day_of

PROBLEM = "urn:xundian:problem:"
SOON = datetime.now(UTC).date() + timedelta(days=3)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def rep() -> Person:
    return make_person()


@pytest.fixture
def phone(client: Client, rep) -> Client:
    return client.as_(rep)


@pytest.fixture
def supervisor(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


def verbs() -> list[str]:
    return sorted(entry.verb for entry in LedgerEntry.select())


class TestGenerating:
    def generate(self, client: Client, rep: Person, **changes):
        next_cycle = datetime.now(UTC).date() + timedelta(days=28)
        body = {"person_id": rep.id, "on": next_cycle.isoformat(), "is_dry_run": False}
        return client.post("/v1/journeys", json=body | changes)

    def test_shows_what_it_would_make(self, supervisor: Client, rep):
        store = make_store(owner=rep, grade="C")

        answer = self.generate(supervisor, rep, is_dry_run=True)

        assert (200, True, 0, 2) == (
            answer.status_code,
            answer.json["is_dry_run"],
            answer.json["kept"],
            len(answer.json["made"]),
        )
        assert {store.id} == {visit["store_id"] for visit in answer.json["made"]}
        assert (0, []) == (PlanEntry.select().count(), verbs())

    def test_makes_just_that(self, supervisor: Client, rep):
        make_store(owner=rep, grade="C")
        shown = self.generate(supervisor, rep, is_dry_run=True).json

        made = self.generate(supervisor, rep).json

        assert shown | {"is_dry_run": False} == made
        listed = supervisor.get("/v1/plans?origin=generated").json
        assert [visit["id"] for visit in made["made"]] == [entry["id"] for entry in listed]
        assert ["journey.generated", "plan.created", "plan.created"] == verbs()

    def test_says_what_does_not_fit(self, supervisor: Client, rep):
        store = make_store(owner=rep, grade="D")
        supervisor.put(
            f"/v1/stores/{store.id}/visit-rule",
            json={"weekdays": [6, 7], "weeks": [1]},
            headers={"If-Match": '"0"'},
        )
        (unplaced,) = self.generate(supervisor, rep).json["unplaced"]

        assert {
            "store_id": store.id,
            "visits": 1,
            "reason": "no_allowed_day",
            "reason_zh": "没有可安排的日期",
            "reason_en": "its rules leave no working day",
        } == unplaced

    @pytest.mark.parametrize(
        ("on", "code"),
        [("2026-03-02", "cycle-over"), ("2099-12-31", "planned-too-far")],
    )
    def test_of_the_past_or_too_far_ahead_is_refused(self, supervisor: Client, rep, on, code):
        answer = self.generate(supervisor, rep, on=on)

        assert (422, PROBLEM + code) == (answer.status_code, answer.json["type"])

    def test_is_for_visitors_in_sight(self, client: Client, supervisor: Client, rep):
        stranger = client.as_(make_person(Role.SUPERVISOR, region=make_region(the_region())))

        assert 404 == self.generate(stranger, rep).status_code
        answer = self.generate(supervisor, make_person(Role.AUDITOR))
        assert PROBLEM + "no-visitor" == answer.json["type"]


class TestWeek:
    def test_shows_seven_days_with_stores_and_load(self, phone: Client, rep):
        store, other = (make_store(owner=rep, code=code) for code in ("43-01-001-2", "43-01-001-1"))
        for place in (store, other):
            make_plan_entry(place, rep)
        make_plan_entry(store, rep, planned_on=TODAY + timedelta(days=1), status="rescheduled")
        make_plan_entry(store, rep, planned_on=TODAY + WEEK)
        make_plan_entry(store)

        with assert_query_count(5):  # who asks, the person, the plan, the region, declared days
            week = phone.get(f"/v1/journeys/week?person_id={rep.id}&on=2026-03-05").json

        assert ("2026-03-02", 2) == (week["from_on"], week["number"])
        assert [2, 1, 0, 0, 0, 0, 0] == [len(day["plans"]) for day in week["days"]]
        assert [pytest.approx(2 / 9), 0] == [day["fullness"] for day in week["days"][:2]]
        first, second = week["days"][0]["plans"]
        assert (other.code, store.code) == (first["store_code"], second["store_code"])
        assert (other.id, "city", "B", "planned") == tuple(
            first[name] for name in ("store_id", "tier", "grade", "status")
        )
        assert "weekend" == week["days"][5]["kind"]

    def test_shows_who_stands_in(self, phone: Client, rep):
        make_plan_entry(make_store(owner=rep), stands_in_for=rep)

        week = phone.get(f"/v1/journeys/week?person_id={rep.id}&on=2026-03-02").json

        (entry,) = week["days"][0]["plans"]
        assert rep.id == entry["stands_in_for_id"] != entry["person_id"]
        assert 0 == week["days"][0]["fullness"]

    def test_of_another_is_hidden(self, phone: Client):
        other = make_person()

        answer = phone.get(f"/v1/journeys/week?person_id={other.id}&on=2026-03-02")

        assert 404 == answer.status_code


class TestVisitRule:
    def edit(self, client: Client, store: Store, version: int = 0, **body):
        return client.put(
            f"/v1/stores/{store.id}/visit-rule", json=body, headers={"If-Match": f'"{version}"'}
        )

    def test_allows_everything_until_set(self, phone: Client, rep):
        answer = phone.get(f"/v1/stores/{make_store(owner=rep).id}/visit-rule")

        assert ('"0"', [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4], None) == (
            answer.headers["ETag"],
            *(answer.json[name] for name in ("weekdays", "weeks", "visits")),
        )

    def test_is_set_and_set_anew(self, supervisor: Client):
        store = make_store()

        first = self.edit(supervisor, store, weekdays=[4, 2], weeks=[3, 1])
        second = self.edit(supervisor, store, 1, weekdays=[4], visits=1)

        assert ([2, 4], [1, 3], None) == tuple(
            first.json[name] for name in ("weekdays", "weeks", "visits")
        )
        assert ([4], [1, 2, 3, 4], 1, 2) == tuple(
            second.json[name] for name in ("weekdays", "weeks", "visits", "version")
        )
        assert second.json == supervisor.get(f"/v1/stores/{store.id}/visit-rule").json
        assert ["visit_rule.edited"] * 2 == verbs()

    @pytest.mark.parametrize("version", [0, 1, 7])
    def test_of_another_version_is_left(self, supervisor: Client, version):
        store = make_store()
        for known in (0, 1):
            self.edit(supervisor, store, known)

        assert 412 == self.edit(supervisor, store, version).status_code

    @pytest.mark.parametrize(
        ("body", "days", "visits"),
        [
            ({"weekdays": [2], "weeks": [1, 3]}, 2, 4),
            ({"weekdays": [2], "visits": 5}, 4, 5),
        ],
    )
    def test_that_contradicts_itself_is_refused(self, supervisor: Client, body, days, visits):
        answer = self.edit(supervisor, make_store(grade="B"), **body)

        assert (422, PROBLEM + "rule-too-narrow", days, visits) == (
            answer.status_code,
            *(answer.json[name] for name in ("type", "days", "visits")),
        )

    @pytest.mark.parametrize(
        "body", [{"weekdays": []}, {"weekdays": [8]}, {"weeks": [1, 1]}, {"visits": 29}]
    )
    def test_that_makes_no_sense_is_refused(self, supervisor: Client, body):
        assert 422 == self.edit(supervisor, make_store(), **body).status_code

    def test_is_not_for_stores_out_of_sight(self, client: Client):
        boss = client.as_(make_person(Role.SUPERVISOR, region=make_region(the_region())))
        store = make_store()

        assert 404 == self.edit(boss, store).status_code
        assert 404 == boss.get(f"/v1/stores/{store.id}/visit-rule").status_code


class TestSubstitution:
    def put(self, client: Client, rep: Person, other: Person, id_=None, **changes):
        body = {
            "person_id": rep.id,
            "substitute_id": other.id,
            "from_on": SOON.isoformat(),
            "to_on": (SOON + WEEK).isoformat(),
        }
        return client.put(f"/v1/substitutions/{id_ or uuid4()}", json=body | changes)

    def test_hands_over_open_visits_of_its_days(self, supervisor: Client, rep):
        other, store = make_person(), make_store(owner=rep)
        within, after = (make_plan_entry(store, rep, planned_on=day) for day in (SOON, SOON + WEEK))
        done = make_plan_entry(make_store(), rep, planned_on=SOON, status="done")

        answer = self.put(supervisor, rep, other)

        assert 201 == answer.status_code
        asked = {
            str(entry.id): (entry.person_id, entry.stands_in_for_id) for entry in PlanEntry.select()
        }
        assert {
            str(within.id): (other.id, rep.id),
            str(after.id): (rep.id, None),
            str(done.id): (rep.id, None),
        } == asked
        assert ["plan.handed_over", "substitution.created"] == verbs()

    def test_asks_as_much_of_the_database_for_many_visits_as_for_few(self, supervisor: Client):
        asked = []
        for number in (1, 9):
            away, other = make_person(), make_person()
            dealer = make_dealer()
            for _ in range(number):
                make_plan_entry(make_store(dealer, owner=away), away, planned_on=SOON)
            with count_queries() as counter:
                assert 201 == self.put(supervisor, away, other).status_code
            asked.append(counter.count)
        told = LedgerEntry.select().where(LedgerEntry.verb == "plan.handed_over")

        assert asked[0] == asked[1]
        assert 10 == told.count()
        assert all(orjson.loads(entry.facts)["dealer"] for entry in told)

    @pytest.mark.parametrize(
        ("begins", "ends", "is_seen"), [(1, 3, False), (0, 1, True), (-3, 0, False)]
    )
    def test_lets_the_substitute_see_the_stores_on_its_days(
        self, client: Client, rep, begins, ends, is_seen
    ):
        other, store = make_person(), make_store(owner=rep)
        own = make_store(owner=other)
        today = clock.business_date(clock.now())
        days = {"from_on": today + begins * DAY, "to_on": today + ends * DAY}
        make_substitution(rep, other, **days)
        substitute = client.as_(other)

        listed = {each["id"] for each in substitute.get("/v1/stores").json}
        item = substitute.get(f"/v1/stores/{store.id}").status_code

        assert ({store.id, own.id} if is_seen else {own.id}) == listed
        assert (200 if is_seen else 404) == item

    @pytest.mark.parametrize(("days_ago", "status"), [(3, 201), (1, 202), (12, 202)])
    def test_lets_what_was_done_on_its_days_arrive_later(
        self, client: Client, rep, days_ago, status
    ):
        other, store = make_person(), make_store(owner=rep)
        today = clock.business_date(clock.now())
        make_substitution(rep, other, from_on=today - 5 * DAY, to_on=today - 2 * DAY)

        arrived = Phone(client.as_(other)).check_in(store, minutes=days_ago * 24 * 60)

        assert status == arrived.status_code

    def test_lets_what_was_seen_on_its_days_be_told_later(self, client: Client, rep):
        other, store = make_person(), make_store(owner=rep)
        today = clock.business_date(clock.now())
        body = {
            "store_id": store.id,
            "kind": "fixture_misuse",
            "seen_at": (clock.now() - 3 * DAY).isoformat(),
        }
        ended = make_substitution(rep, other, from_on=today - 5 * DAY, to_on=today - 2 * DAY)
        in_time = client.as_(other).put(f"/v1/violations/{uuid4()}", json=body)
        Substitution.update(from_on=today - 50 * DAY, to_on=today - 31 * DAY).execute()

        too_late = client.as_(other).put(f"/v1/violations/{uuid4()}", json=body)

        assert ended.is_open
        assert (201, 404) == (in_time.status_code, too_late.status_code)

    def test_lets_both_see_the_plan(self, client: Client, supervisor: Client, rep):
        other, store = make_person(), make_store(owner=rep)
        entry = make_plan_entry(store, rep, planned_on=SOON)

        self.put(supervisor, rep, other)

        for person in (rep, other):
            listed = client.as_(person).get("/v1/plans").json
            assert [(str(entry.id), rep.id)] == [
                (each["id"], each["stands_in_for_id"]) for each in listed
            ]

    def test_sent_again_is_a_replay_and_otherwise_a_conflict(self, supervisor: Client, rep):
        other, id_ = make_person(), uuid4()

        answers = [
            self.put(supervisor, rep, other, id_, **body) for body in ({}, {}, {"note": "x"})
        ]

        assert [201, 200, 409] == [answer.status_code for answer in answers]
        assert 1 == Substitution.select().count()

    def test_leaves_what_the_substitute_is_asked_for_anyway(self, supervisor: Client, rep):
        other, store = make_person(), make_store(owner=rep)
        mine = make_plan_entry(store, rep, planned_on=SOON)
        make_plan_entry(store, other, planned_on=SOON)

        self.put(supervisor, rep, other)

        assert rep.id == PlanEntry.get_by_id(mine.id).person_id

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"to_on": SOON.isoformat()}, "ends-before-start"),
            ({"from_on": "2026-03-02"}, "planned-in-past"),
            ({"to_on": "9999-12-31"}, "planned-too-far"),
        ],
    )
    def test_of_impossible_days_is_refused(self, supervisor: Client, rep, changes, code):
        answer = self.put(supervisor, rep, make_person(), **changes)

        assert (422, PROBLEM + code) == (answer.status_code, answer.json["type"])

    def test_by_oneself_or_by_no_visitor_is_refused(self, supervisor: Client, rep):
        answers = [
            self.put(supervisor, rep, rep),
            self.put(supervisor, rep, make_person(Role.AUDITOR)),
        ]

        assert [PROBLEM + "own-substitute", PROBLEM + "no-visitor"] == [
            answer.json["type"] for answer in answers
        ]

    @pytest.mark.parametrize("pair", [(0, 2), (1, 2), (2, 0)])
    def test_that_overlaps_another_is_refused(self, supervisor: Client, rep, pair):
        people = [rep, make_person(), make_person()]
        self.put(supervisor, rep, people[1])

        overlapping = self.put(supervisor, *(people[number] for number in pair))
        afterwards = self.put(
            supervisor,
            *(people[number] for number in pair),
            from_on=(SOON + WEEK).isoformat(),
            to_on=(SOON + 2 * WEEK).isoformat(),
        )

        assert (409, PROBLEM + "substitution-overlap") == (
            overlapping.status_code,
            overlapping.json["type"],
        )
        assert 201 == afterwards.status_code

    def test_for_two_at_once_is_fine(self, supervisor: Client, rep):
        other = make_person()

        answers = [self.put(supervisor, absent, other) for absent in (rep, make_person())]

        assert [201, 201] == [answer.status_code for answer in answers]

    def test_ended_earlier_gives_back_what_is_ahead(self, supervisor: Client, rep):
        other, back = make_person(), SOON + timedelta(days=2)
        days = [SOON, back]
        for day in days:
            make_plan_entry(make_store(owner=rep), rep, planned_on=day)
        made = self.put(supervisor, rep, other)
        address = f"/v1/substitutions/{made.json['id']}"

        ended = supervisor.post(
            f"{address}/end", json={"on": back.isoformat()}, headers={"If-Match": '"1"'}
        )

        assert (back.isoformat(), '"2"') == (ended.json["to_on"], ended.headers["ETag"])
        assert ended.json == supervisor.get(address).json
        assert {SOON: (other.id, rep.id), back: (rep.id, None)} == {
            entry.planned_on: (entry.person_id, entry.stands_in_for_id)
            for entry in PlanEntry.select()
        }

    @pytest.mark.parametrize(
        ("on", "version", "code"),
        [
            ("2026-03-02", 1, "planned-in-past"),
            ((SOON + WEEK).isoformat(), 1, "ends-before-start"),
            (SOON.isoformat(), 7, "stale"),
        ],
    )
    def test_ended_wrongly_stays(self, supervisor: Client, rep, on, version, code):
        made = self.put(supervisor, rep, make_person()).json

        answer = supervisor.post(
            f"/v1/substitutions/{made['id']}/end",
            json={"on": on},
            headers={"If-Match": f'"{version}"'},
        )

        assert PROBLEM + code == answer.json["type"]
        assert made["to_on"] == supervisor.get(f"/v1/substitutions/{made['id']}").json["to_on"]

    def test_ended_before_it_began_never_was(self, client: Client, supervisor: Client, rep):
        other = make_person()
        make_store(owner=rep)
        made = self.put(supervisor, rep, other).json
        tomorrow = SOON - timedelta(days=1)

        ended = supervisor.post(
            f"/v1/substitutions/{made['id']}/end",
            json={"on": tomorrow.isoformat()},
            headers={"If-Match": '"1"'},
        )

        assert SOON.isoformat() == ended.json["from_on"] == ended.json["to_on"]
        assert [] == client.as_(other).get("/v1/stores").json
        substitutions.close(UUID(made["id"]), at=datetime.now(UTC) + timedelta(days=99))
        assert ["substitution.closed", "substitution.created", "substitution.ended"] == verbs()

    def test_is_listed_for_those_it_concerns(self, client: Client, phone: Client, rep):
        mine = make_substitution(rep, make_person())
        other = make_substitution(make_person(), rep, from_on=TODAY + WEEK, to_on=TODAY + 2 * WEEK)
        make_substitution(make_person(), make_person())
        boss = client.as_(make_person(Role.SUPERVISOR))

        with assert_query_count(4):  # who asks, for whom besides, how many, which
            listed = phone.get("/v1/substitutions").json

        assert [str(other.id), str(mine.id)] == [each["id"] for each in listed]
        assert 3 == len(boss.get("/v1/substitutions").json)
        assert 2 == len(boss.get(f"/v1/substitutions?person_id={rep.id}").json)
        assert [str(other.id)] == [
            each["id"] for each in boss.get(f"/v1/substitutions?day={TODAY + WEEK}").json
        ]
        stranger = client.as_(make_person())
        assert 404 == stranger.get(f"/v1/substitutions/{mine.id}").status_code


class TestRoute:
    def test_orders_the_stops_and_tells_when_one_arrives(self, phone: Client, rep):
        far, near, middle = (
            make_store(owner=rep, lat=28.2 + step / 100, lon=112.97, grade="D")
            for step in (10, 0, 5)
        )
        entries = {store.id: make_plan_entry(store, rep) for store in (far, near, middle)}
        lost = make_plan_entry(make_store(owner=rep, lat=None, lon=None), rep)
        make_plan_entry(make_store(owner=rep), rep, status="done")

        with assert_query_count(3):  # who asks, the person, the plan
            route = phone.get(
                f"/v1/routes?person_id={rep.id}&on=2026-03-02"
                "&lat=28.19&lon=112.97&crs=wgs84&starts=08:30"
            ).json

        assert [near.id, middle.id, far.id] == [leg["store_id"] for leg in route["legs"]]
        assert str(entries[near.id].id) == route["legs"][0]["plan_id"]
        assert "2026-03-02T00:30:00+00:00" == route["starts_at"]
        assert (1108.2, 4.1) == (
            route["legs"][0]["distance_m"],
            route["legs"][0]["travel_min"],
        )
        assert "2026-03-02T00:34:04" == route["legs"][0]["arrives_at"][:19]
        assert 54 == route["stay_min"]
        assert route["distance_m"] < route["planned_m"]
        assert [str(lost.id)] == [entry["id"] for entry in route["unlocated"]]

    def test_leaves_time_for_lunch(self, phone: Client, rep):
        for _ in range(3):
            make_plan_entry(make_store(owner=rep, grade="A"), rep)

        route = phone.get(f"/v1/routes?person_id={rep.id}&on=2026-03-02&starts=11:00").json

        assert ["03:00", "04:00", "05:20"] == [leg["arrives_at"][11:16] for leg in route["legs"]]
        assert "06:20" == route["ends_at"][11:16]

    def test_of_an_empty_day_is_empty(self, phone: Client, rep):
        route = phone.get(f"/v1/routes?person_id={rep.id}&on=2026-03-02").json

        assert ([], 0, "2026-03-02T01:00:00+00:00") == (
            route["legs"],
            route["distance_m"],
            route["ends_at"],
        )

    def test_of_more_stores_than_a_day_holds_is_refused(self, phone: Client, rep):
        for _ in range(31):
            make_plan_entry(make_store(owner=rep), rep)

        answer = phone.get(f"/v1/routes?person_id={rep.id}&on=2026-03-02")

        assert (422, PROBLEM + "too-many-stops") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize(
        "query", ["lat=28.2&lon=112.9", "crs=wgs84", "starts=noon", "lat=1&lon=1&crs=wgs84"]
    )
    def test_from_an_impossible_start_is_refused(self, phone: Client, rep, query):
        answer = phone.get(f"/v1/routes?person_id={rep.id}&on=2026-03-02&{query}")

        assert 422 == answer.status_code

    def test_of_another_is_hidden(self, phone: Client):
        other = make_person()

        assert 404 == phone.get(f"/v1/routes?person_id={other.id}&on=2026-03-02").status_code


class TestUnplannedVisits:
    def test_are_those_that_did_nothing_planned(self, phone: Client, rep):
        store = make_store(owner=rep)
        planned = make_visit(make_store(owner=rep), rep)
        make_plan_entry(Store.get_by_id(planned.store_id), rep)
        late = make_visit(make_store(owner=rep), rep)
        make_plan_entry(
            Store.get_by_id(late.store_id),
            rep,
            planned_on=TODAY - timedelta(days=1),
            status="done",
            visit_id=late.id,
        )
        cancelled = make_visit(make_store(owner=rep), rep)
        make_plan_entry(Store.get_by_id(cancelled.store_id), rep, status="cancelled_by_manager")
        bare = make_visit(store, rep)
        make_visit(store, rep, kind="supervisor_patrol")
        make_visit(store, rep, store_id=None, quarantine_reason="unknown-store")

        with assert_query_count(3):  # who asks, how many, which
            listed = phone.get("/v1/unplanned-visits").json

        assert {str(cancelled.id), str(bare.id)} == {each["visit_id"] for each in listed}
        assert {str(cancelled.id), str(bare.id)} == {
            visit["id"]
            for visit in phone.get("/v1/visits").json
            if visit["unplanned_reason_missing"]
        }

    def test_that_were_cancelled_need_no_reason(self, phone: Client, rep):
        store, visit_id = make_store(owner=rep), uuid4()
        hand = Phone(phone)
        hand.check_in(store, visit_id)
        before = phone.get(f"/v1/visits/{visit_id}").json["unplanned_reason_missing"]

        hand.cancel(visit_id)

        assert (True, False) == (
            before,
            phone.get(f"/v1/visits/{visit_id}").json["unplanned_reason_missing"],
        )
        assert [] == phone.get("/v1/unplanned-visits?missing=true").json

    def test_show_the_reason_as_a_code(self, phone: Client, rep):
        store = make_store(owner=rep)
        expected = {}
        for said, reason in [
            (None, None),
            ("", None),
            ("complaint", "complaint"),
            ("老板叫我来", "other"),
        ]:
            visit = make_visit(store, rep, unplanned_reason=said)
            expected[str(visit.id)] = (reason, reason is None)

        shown = {
            each["visit_id"]: (each["reason"], each["unplanned_reason_missing"])
            for each in phone.get("/v1/unplanned-visits").json
        }

        assert expected == shown
        assert [2, 2] == [
            len(phone.get(f"/v1/unplanned-visits?missing={flag}").json)
            for flag in ("true", "false")
        ]

    def test_are_explained_afterwards_once(self, phone: Client, rep):
        visit = make_visit(make_store(owner=rep), rep)
        assert phone.get(f"/v1/visits/{visit.id}").json["unplanned_reason_missing"]
        address, body = f"/v1/visits/{visit.id}/unplanned-reason", {"reason": "nearby"}

        answers = [phone.put(address, json=body) for _ in range(2)]
        other = phone.put(address, json={"reason": "complaint"})

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (409, PROBLEM + "id-taken") == (other.status_code, other.json["type"])
        assert [answers[0].json] == phone.get("/v1/unplanned-visits").json
        assert not phone.get(f"/v1/visits/{visit.id}").json["unplanned_reason_missing"]
        assert ("nearby", "顺路拜访", False) == tuple(
            answers[0].json[name] for name in ("reason", "reason_zh", "unplanned_reason_missing")
        )
        assert ["visit.explained"] == verbs()

    def test_of_another_are_not_explained(self, phone: Client):
        visit = make_visit()

        answers = [
            phone.put(f"/v1/visits/{id_}/unplanned-reason", json={"reason": "nearby"})
            for id_ in (visit.id, uuid4())
        ]

        assert [404, 404] == [answer.status_code for answer in answers]
        assert answers[0].data == answers[1].data

    def test_filter(self, supervisor: Client, rep):
        store = make_store()
        early = make_visit(store, rep)
        late = make_visit(at=datetime(2026, 3, 9, 4, tzinfo=UTC))

        def ask(query: str) -> list[str]:
            listed = supervisor.get(f"/v1/unplanned-visits?{query}").json
            return [each["visit_id"] for each in listed]

        assert [str(late.id), str(early.id)] == ask("from=2026-03-02&to=2026-03-09")
        assert [str(late.id)] == ask("from=2026-03-03")
        assert [str(early.id)] == ask("to=2026-03-08")
        assert [str(early.id)] == ask(f"person_id={rep.id}")
        assert [str(early.id)] == ask(f"store_id={store.id}")


def test_cycles_begin_on_a_monday_28_days_apart():
    starts = {cycle_start(date(2026, 3, 2) + timedelta(days=number)) for number in range(56)}

    assert {0} == {start.weekday() for start in starts}
    assert {0} == {(start - date(2024, 1, 1)).days % 28 for start in starts}


def test_a_substitute_s_visit_does_what_the_absent_was_asked_for(
    client: Client, supervisor: Client, rep
):
    other, store, visit_id = make_person(), make_store(owner=rep), uuid4()
    today = day_of(arrival(store))
    entry = make_plan_entry(store, rep, planned_on=today)
    body = {"person_id": rep.id, "substitute_id": other.id}
    days = {"from_on": SOON.isoformat(), "to_on": (SOON + WEEK).isoformat()}
    supervisor.put(f"/v1/substitutions/{uuid4()}", json=body | days)
    Substitution.update(from_on=today).execute()
    PlanEntry.update(person=other, stands_in_for=rep).execute()
    phone = Phone(client.as_(other))

    arrived = phone.check_in(store, visit_id)
    phone.report(visit_id)
    worker.run_until_idle()

    assert 201 == arrived.status_code
    listed = client.as_(rep).get("/v1/plans").json
    assert [(str(entry.id), "done", str(visit_id), 0)] == [
        (each["id"], each["status"], each["visit_id"], each["days_late"]) for each in listed
    ]
