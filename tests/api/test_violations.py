"""Violations: opened by visits and by hand, joined, resolved with proof."""

from datetime import datetime, timedelta
from uuid import uuid4

import orjson
import pytest

from backend.fieldwork import retractions, violations
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.database import take_turns, transaction
from backend.platform.errors import StaleError
from backend.platform.models import LedgerEntry
from backend.standards.codes import ViolationKind
from tests.client import Client
from tests.factories import (
    NOON,
    actor_of,
    make_person,
    make_photo,
    make_region,
    make_store,
    make_visit,
)
from tests.pictures import phone_jpeg
from tests.threads import at_once, kept_waiting

MISSING_C = Sighting(ViolationKind.REQUIRED_SIGNAGE_MISSING, "letter:C")
CUT = Sighting(ViolationKind.DIRECT_PRICE_CUT, "sku:3")


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


def see(visit, *sightings):
    """Record what a visit saw."""
    with transaction():
        violations.sight(visit, sightings, at=clock.now())


def by_hand(client: Client, store, violation_id=None, **changes):
    """Report a violation over HTTP."""
    body = {"store_id": store.id, "kind": "fixture_misuse", "seen_at": NOON.isoformat()}
    return client.put(f"/v1/violations/{violation_id or uuid4()}", json=body | changes)


class TestSightings:
    def test_open_a_case_with_severity_and_colour(self, client, store):
        visit = make_visit(store)
        see(visit, CUT)

        listed = client.as_(store.owner).get("/v1/violations").json

        assert [("direct_price_cut", "price", "sku:3", 3, "#EF6C00", 1)] == [
            (v["kind"], v["group"], v["subject"], v["severity"], v["colour"], v["sightings"])
            for v in listed
        ]
        assert str(visit.id) == listed[0]["opened_visit_id"]

    def test_join_the_open_case_of_the_same_subject_only(self, store):
        see(make_visit(store), CUT)
        see(make_visit(store, at=NOON + timedelta(days=7)), CUT)
        see(make_visit(store, at=NOON + timedelta(days=8)), Sighting(CUT.kind, "sku:4"))
        see(make_visit(make_store()), CUT)

        assert [1, 1, 2] == sorted(case.sightings for case in Violation.select())

    def test_give_the_same_case_whatever_their_order(self, store):
        early, late = make_visit(store), make_visit(store, at=NOON + timedelta(days=7))
        see(late, CUT)
        see(early, CUT)

        case = Violation.get()

        assert (NOON, early.id, 2) == (case.opened_at, case.opened_visit_id, case.sightings)
        assert NOON + timedelta(days=7) == case.last_seen_at

    def test_open_a_new_case_after_the_first_ended(self, client, store):
        see(make_visit(store), CUT)
        Violation.update(resolved_at=NOON + timedelta(days=1)).execute()

        see(make_visit(store, at=NOON + timedelta(days=2)), CUT)

        open_ones = client.as_(store.owner).get("/v1/violations?open=true").json
        assert (2, 1) == (Violation.select().count(), len(open_ones))

    def test_belong_to_the_case_that_was_open_then_when_they_arrive_late(self, store):
        see(make_visit(store), CUT)
        Violation.update(resolved_at=NOON + timedelta(days=3)).execute()

        see(make_visit(store, at=NOON + timedelta(days=2)), CUT)

        assert [2] == [case.sightings for case in Violation.select()]

    def test_belong_to_the_first_case_that_had_not_ended_when_two_had_not(self, store):
        see(make_visit(store, at=NOON + timedelta(days=7)), CUT)
        later = Violation.get()
        first = uuid4()
        row = {**later.__data__, "id": first, "opened_at": NOON, "last_seen_at": NOON}
        Violation.insert(**row | {"resolved_at": NOON + timedelta(days=5)}).execute()
        Violation.update(note="stored last").where(Violation.id == later.id).execute()

        see(make_visit(store, at=NOON + timedelta(days=3)), CUT)

        assert {first: 2, later.id: 1} == {case.id: case.sightings for case in Violation.select()}

    def test_are_told_with_the_time_of_the_server(self, client, store):
        before = clock.now()
        violation_id = uuid4()
        see(make_visit(store), CUT)
        see(make_visit(store, at=NOON + timedelta(days=1)), CUT)
        by_hand(client.as_(store.owner), store, violation_id, seen_at="2001-01-01T00:00:00Z")
        by_hand(client.as_(store.owner), store, seen_at="2001-01-01T00:00:00Z")

        told = LedgerEntry.select().where(LedgerEntry.object == "violation")

        assert 4 == told.count()
        assert before <= min(entry.at for entry in told)

    def test_of_two_visits_at_once_open_one_case(self, store):
        visits = [make_visit(store), make_visit(store, at=NOON + timedelta(minutes=1))]
        waiting = list(visits)

        at_once(2, lambda: see(waiting.pop(), CUT))

        assert [2] == [case.sightings for case in Violation.select()]


class TestByHand:
    def test_is_recorded_once_with_its_note(self, client, store):
        phone, violation_id = client.as_(store.owner), uuid4()

        answers = [by_hand(phone, store, violation_id, note="专柜摆放竞品") for _ in range(2)]
        other = by_hand(phone, store, violation_id, note="something else")

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (True, "专柜摆放竞品") == (
            answers[0].json["is_manual"],
            answers[0].json["note"],
        )
        assert 409 == other.status_code
        opened = LedgerEntry.select().where(LedgerEntry.verb == "violation.opened")
        assert 1 == opened.count()

    def test_joins_the_open_case_and_counts_once(self, client, store):
        see(make_visit(store), Sighting(ViolationKind.FIXTURE_MISUSE, ""))
        violation_id = uuid4()

        answers = [by_hand(client.as_(store.owner), store, violation_id) for _ in range(2)]

        assert [201, 200] == [answer.status_code for answer in answers]
        assert 1 == len({answer.json["id"] for answer in answers})
        assert 2 == Violation.get().sightings

    def test_that_joined_is_the_same_for_ever(self, client, store):
        phone, violation_id = client.as_(store.owner), uuid4()
        see(make_visit(store), Sighting(ViolationKind.FIXTURE_MISUSE, ""))
        by_hand(phone, store, violation_id, note="专柜摆放竞品")
        Violation.update(resolved_at=NOON + timedelta(days=1)).execute()

        again = by_hand(phone, store, violation_id, note="专柜摆放竞品")
        other = by_hand(phone, store, violation_id, note="something else")

        assert (200, 409) == (again.status_code, other.status_code)
        assert [2] == [case.sightings for case in Violation.select()]
        assert ["专柜摆放竞品"] == [s.note for s in ViolationSighting.select() if s.note]

    def test_means_one_store_and_one_person_under_its_id(self, client, store):
        violation_id = uuid4()
        by_hand(client.as_(store.owner), store, violation_id)

        elsewhere = by_hand(client.as_(store.owner), make_store(owner=store.owner_id), violation_id)
        stranger = by_hand(client.as_(make_person(Role.SUPERVISOR)), store, violation_id)

        assert (409, 409) == (elsewhere.status_code, stranger.status_code)
        assert 1 == Violation.select().count()

    def test_belongs_to_the_case_that_was_open_then_and_moves_its_opening(self, client, store):
        now = clock.now()
        visit = make_visit(store, at=now - timedelta(days=8))
        see(visit, Sighting(ViolationKind.FIXTURE_MISUSE, ""))
        Violation.update(resolved_at=now - timedelta(days=5)).execute()
        yesterday = visit.checked_in_at - timedelta(days=1)

        by_hand(client.as_(store.owner), store, seen_at=yesterday.isoformat())

        case = Violation.get()
        assert (2, yesterday) == (case.sightings, case.opened_at)
        assert (store.owner_id, True) == (case.opened_by_id, case.is_manual)

    @pytest.mark.parametrize(
        ("days", "opened", "is_suspect"), [(-40, -30, True), (-29, -29, False), (2, 0, True)]
    )
    def test_opens_no_sooner_than_a_phone_is_offline_and_not_later_than_now(
        self, client, store, days, opened, is_suspect
    ):
        now = clock.now()

        seen_at = (now + timedelta(days=days)).isoformat()
        case = by_hand(client.as_(store.owner), store, seen_at=seen_at).json

        away = datetime.fromisoformat(case["opened_at"]) - (now + timedelta(days=opened))
        assert abs(away) < timedelta(minutes=1)
        assert is_suspect is case["is_clock_suspect"]

    def test_that_joined_with_a_time_that_cannot_be_is_flagged(self, client, store):
        phone = client.as_(store.owner)
        first = by_hand(phone, store, seen_at=clock.now().isoformat()).json

        case = by_hand(phone, store, seen_at="2001-01-01T00:00:00Z").json

        assert (first["id"], False, True) == (
            case["id"],
            first["is_clock_suspect"],
            case["is_clock_suspect"],
        )

    def test_knows_no_store_out_of_sight(self, client, store):
        answer = by_hand(client.as_(make_person()), store)

        assert 404 == answer.status_code

    def test_knows_only_the_sixteen_kinds(self, client, store):
        answer = by_hand(client.as_(store.owner), store, kind="rudeness")

        assert 422 == answer.status_code


class TestResolution:
    @pytest.fixture
    def case(self, store):
        see(make_visit(store), CUT)
        return Violation.get()

    @pytest.fixture
    def manager(self, client):
        return client.as_(make_person(Role.MANAGER))

    def proof(self, store, at=NOON + timedelta(days=1), **fields):
        """Return a body that names a photo of the store."""
        photo = make_photo(make_visit(store, at=at), phone_jpeg(), **fields)
        return {
            "resolution": "已恢复",
            "proof_visit_id": str(photo.visit_id),
            "proof_photo_id": str(photo.id),
        }

    def doubted(self, body, **why):
        """Let the visit that a body names not be believed."""
        Visit.update(**why).where(Visit.id == body["proof_visit_id"]).execute()
        return body

    def test_ends_the_case_with_a_later_photo_of_the_store(self, manager, store, case):
        etag = manager.get(f"/v1/violations/{case.id}").headers["ETag"]

        answer = manager.post(
            f"/v1/violations/{case.id}/resolution",
            json=self.proof(store),
            headers={"If-Match": etag},
        )

        assert 200 == answer.status_code
        assert answer.json["resolved_at"]
        assert [] == manager.get("/v1/violations?open=true").json

    @pytest.mark.parametrize(
        "what",
        [
            "other store",
            "earlier",
            "same visit",
            "before last seen",
            "quarantined",
            "visit quarantined",
            "visit cancelled",
            "unknown",
        ],
    )
    def test_refuses_a_photo_that_proves_nothing(self, manager, store, case, what):
        bodies = {
            "other store": lambda: self.proof(make_store()),
            "earlier": lambda: self.proof(store, at=NOON - timedelta(days=1)),
            "same visit": lambda: self.proof(store, at=NOON),
            "before last seen": lambda: self.proof(store, at=NOON + timedelta(days=6)),
            "quarantined": lambda: self.proof(
                store, at=NOON + timedelta(days=9), quarantine_reason="unreadable-photo"
            ),
            "visit quarantined": lambda: self.doubted(
                self.proof(store, at=NOON + timedelta(days=9)),
                quarantine_reason="second-visit-open",
            ),
            "visit cancelled": lambda: self.doubted(
                self.proof(store, at=NOON + timedelta(days=9)),
                status="cancelled",
                cancelled_at=NOON + timedelta(days=9, hours=1),
            ),
            "unknown": lambda: (
                self.proof(store, at=NOON + timedelta(days=9)) | {"proof_photo_id": str(uuid4())}
            ),
        }
        body = bodies[what]()
        if what != "same visit":
            see(make_visit(store, at=NOON + timedelta(days=7)), CUT)
        etag = manager.get(f"/v1/violations/{case.id}").headers["ETag"]

        answer = manager.post(
            f"/v1/violations/{case.id}/resolution", json=body, headers={"If-Match": etag}
        )

        assert 422 == answer.status_code
        assert "urn:xundian:problem:proof-needed" == answer.json["type"]
        assert Violation.get().resolved_at is None

    def test_needs_the_version_that_was_read_and_ends_once(self, manager, store, case):
        url, body = f"/v1/violations/{case.id}/resolution", self.proof(store)

        missing = manager.post(url, json=body)
        stale = manager.post(url, json=body, headers={"If-Match": '"9"'})
        garbled = manager.post(url, json=body, headers={"If-Match": '"99999999999999999999"'})
        ended = manager.post(url, json=body, headers={"If-Match": '"1"'})
        again = manager.post(url, json=body, headers={"If-Match": '"2"'})

        assert [428, 412, 412, 200, 422] == [
            answer.status_code for answer in (missing, stale, garbled, ended, again)
        ]
        assert "urn:xundian:problem:already-resolved" == again.json["type"]

    def test_is_not_undone_by_a_sighting_at_the_same_moment(self, store, case):
        proof = make_photo(make_visit(store, at=NOON + timedelta(days=1)), phone_jpeg())
        manager = actor_of(make_person(Role.MANAGER))

        def resolve():
            return violations.resolve(
                manager,
                case.id,
                resolution="已恢复",
                proof_visit_id=proof.visit_id,
                proof_photo_id=proof.id,
                version=1,
                at=clock.now(),
            )

        with (
            pytest.raises(StaleError),
            kept_waiting(resolve, lambda: take_turns(f"store:{store.id}")),
        ):
            violations.sight(make_visit(store), [CUT], at=clock.now())

        assert [(2, None)] == [(v.sightings, v.resolved_at) for v in Violation.select()]

    def test_is_not_a_reps_to_say(self, client, store, case):
        answer = client.as_(store.owner).post(
            f"/v1/violations/{case.id}/resolution", json=self.proof(store)
        )

        assert 403 == answer.status_code


class TestList:
    def test_filters_and_hides(self, client, store):
        visit = make_visit(store)
        see(visit, CUT)
        see(make_visit(make_store()), Sighting(ViolationKind.OUT_OF_STOCK, "sku:9"))
        manager = client.as_(make_person(Role.MANAGER))
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        for query in (
            "kind=direct_price_cut",
            f"store_id={store.id}",
            f"dealer_id={visit.dealer_id}",
        ):
            found = manager.get(f"/v1/violations?{query}&from=2026-03-01&to=2026-04-01").json
            assert ["sku:3"] == [case["subject"] for case in found], query
        assert [] == manager.get("/v1/violations?to=2026-03-02").json
        assert [] == elsewhere.get("/v1/violations").json
        hidden = elsewhere.get(f"/v1/violations/{Violation.select().first().id}")
        assert 404 == hidden.status_code


class TestRetraction:
    @pytest.fixture
    def retracted(self, store):
        """A case that a visit opened and then took back."""
        visit = make_visit(store)
        see(visit, MISSING_C)
        with transaction():
            retractions.settle(visit, [], at=NOON)
        return Violation.get()

    def test_leaves_a_case_that_counts_nowhere(self, client, store, retracted):
        manager = client.as_(make_person(Role.MANAGER))

        (shown,) = manager.get(f"/v1/violations?store_id={store.id}").json
        still_open = manager.get("/v1/violations?open=true").json

        assert (0, NOON) == (retracted.sightings, retracted.retracted_at)
        assert shown["retracted_at"] == shown["resolved_at"]
        assert [] == still_open

    def test_is_taken_back_when_the_visit_saw_it_after_all(self, retracted):
        visit = Visit.get_by_id(retracted.opened_visit_id)

        see(visit, MISSING_C)
        case = Violation.get()

        assert (1, None, None) == (case.sightings, case.retracted_at, case.resolved_at)

    @pytest.mark.usefixtures("retracted")
    def test_lets_the_next_visit_open_a_case_of_its_own(self, store):
        see(make_visit(store, at=NOON - timedelta(hours=1)), MISSING_C)

        assert 2 == Violation.select().count()
        assert 1 == Violation.select().where(Violation.resolved_at.is_null()).count()

    def test_leaves_a_case_that_ended_by_proof(self, store):
        visit = make_visit(store)
        see(visit, MISSING_C)
        Violation.update(resolved_at=NOON, resolution="已恢复").execute()

        with transaction():
            retractions.settle(visit, [], at=NOON)
        case = Violation.get()

        assert (0, None, "已恢复") == (case.sightings, case.retracted_at, case.resolution)

    def test_moves_the_opening_to_what_somebody_else_saw(self, client, store):
        yesterday = clock.now() - timedelta(days=1)
        visit = make_visit(store)
        see(visit, MISSING_C)
        by_hand(
            client.as_(make_person(Role.MANAGER)),
            store,
            seen_at=yesterday.isoformat(),
            kind="required_signage_missing",
            subject="letter:C",
        )

        with transaction():
            retractions.settle(visit, [], at=NOON)
        case = Violation.get()

        assert (1, True, None) == (case.sightings, case.is_manual, case.opened_visit_id)
        assert yesterday == case.opened_at
        days = [
            orjson.loads(entry.facts)["day"]
            for entry in LedgerEntry.select().order_by(LedgerEntry.verb)
            if entry.verb in {"violation.unsighted", "violation.reopened_later"}
        ]
        assert [
            clock.business_date(yesterday).isoformat(),
            "2026-03-02",
        ] == days  # both are to be counted anew

    def test_cannot_be_undone_by_hand(self, retracted):
        with pytest.raises(violations.RetractedError):
            violations.reopen(actor_of(make_person(Role.MANAGER)), retracted, at=NOON)

    def test_does_not_give_an_open_case_to_whoever_names_its_id(self, client, store):
        see(make_visit(store), MISSING_C)

        manager = client.as_(make_person(Role.MANAGER))
        answer = by_hand(manager, store, Violation.get().id, subject="letter:D")

        assert (409, "urn:xundian:problem:id-taken") == (answer.status_code, answer.json["type"])
