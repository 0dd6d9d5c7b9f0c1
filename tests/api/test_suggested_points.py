"""What check-ins say of where stores are: suspected datums, suggested points, adopting them."""

from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.evidence.models import PointSuggestion
from backend.evidence.places import judge_places
from backend.evidence.suggestions import suggest
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.positions import Datum, Point, metres_between, to_datum, wgs84
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.service import JudgedFor
from tests.client import Client
from tests.factories import (
    NOON,
    make_person,
    make_region,
    make_store,
    make_suggestion,
    make_visit,
    the_region,
)
from tests.phone import Phone

PROBLEM = "urn:xundian:problem:"
DOOR = Point(28.1951, 112.9769)
AROUND = [(0, 0), (12, 5), (-9, 14), (6, -11), (-15, -4), (3, 18)]  # metres, as phones scatter


def off(point: Point, north: float = 0, east: float = 0) -> Point:
    """Return a point so many metres away; a degree of longitude is shorter in Changsha."""
    return Point(round(point.lat + north / 110_860, 6), round(point.lon + east / 98_200, 6))


def see(store: Store, person, place: Point, times: int = 1, **fields) -> list[Visit]:
    """Store visits of a person to a store that count, each seen about a place, and judge them."""
    scattered = [off(place, *AROUND[number % len(AROUND)]) for number in range(times)]
    visits = [make_visit(store, person, lat=at.lat, lon=at.lon, **fields) for at in scattered]
    judge_places([visit.id for visit in visits], at=NOON, why=JudgedFor.CHECKED_IN)
    return visits


def weighed(store: Store) -> PointSuggestion | None:
    suggest(store.id, at=NOON)
    return PointSuggestion.get_or_none(PointSuggestion.store == store)


def mistagged(true: Datum, claimed: Datum) -> Store:
    """Store a store whose door has coordinates of one datum under the name of another."""
    right = to_datum(DOOR, true)
    store = make_store(raw_lat=right.lat, raw_lon=right.lon, raw_crs=str(claimed))
    wrong = Store.get_by_id(store.id).position
    point = wgs84(wrong)
    Store.update(lat=point.lat, lon=point.lon).where(Store.id == store.id).execute()
    return Store.get_by_id(store.id)


@pytest.fixture
def people(app):  # noqa: ARG001  # needs the database
    return [make_person() for _ in range(3)]


@pytest.fixture
def manager(client: Client, people) -> Client:  # noqa: ARG001  # after the others
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def far(people) -> Store:
    """A store that check-ins of two people place 200 m further north than it is said to be."""
    store = make_store()
    for person, times in zip(people, (3, 2), strict=False):
        see(store, person, off(DOOR, 200), times)
    return store


class TestDatum:
    @pytest.mark.parametrize(
        ("true", "claimed"),
        [
            (Datum.GCJ02, Datum.WGS84),
            (Datum.BD09, Datum.WGS84),
            (Datum.WGS84, Datum.GCJ02),
            (Datum.BD09, Datum.GCJ02),
            (Datum.WGS84, Datum.BD09),
            (Datum.GCJ02, Datum.BD09),
        ],
    )
    def test_of_a_store_is_suspected_when_several_people_are_off_by_it(
        self, manager, people, true, claimed
    ):
        store = mistagged(true, claimed)
        for person in people:
            see(store, person, DOOR, 2)
        suggest(store.id, at=NOON)

        (shown,) = manager.get("/v1/places/suspected-datums").json

        assert {
            "store_id": store.id,
            "basis": "datum",
            "raw_crs": str(true),
            "raw_lat": store.raw_lat,
            "visits": 6,
            "people": 3,
            "from_lat": store.lat,
            "version": 1,
        }.items() <= shown.items()
        assert metres_between(DOOR, Point(shown["lat"], shown["lon"])) < 1
        assert metres_between(store.point, DOOR) == pytest.approx(shown["moved_m"], abs=1)
        assert shown["needs_approval"]
        assert [] == manager.get("/v1/places/suggested-points").json

    def test_is_not_suspected_for_what_one_person_says(self, people):
        store = mistagged(Datum.GCJ02, Datum.WGS84)
        see(store, people[0], DOOR, 6)

        assert weighed(store) is None

    def test_is_not_suspected_for_two_check_ins(self, people):
        store = mistagged(Datum.GCJ02, Datum.WGS84)
        for person in people[:2]:
            see(store, person, DOOR)

        assert weighed(store) is None

    def test_is_not_suspected_where_most_were_at_the_door(self, people):
        store = mistagged(Datum.GCJ02, Datum.WGS84)
        for person in people:
            see(store, person, DOOR, 1)
            see(store, person, store.point, 2)

        assert weighed(store) is None

    def test_of_a_store_is_not_suspected_for_phones_that_are_off_everywhere(self, people):
        store = make_store(raw_crs="gcj02")  # rightly so, whatever was sent
        gcj02 = to_datum(store.point, Datum.GCJ02)
        Store.update(raw_lat=gcj02.lat, raw_lon=gcj02.lon).where(Store.id == store.id).execute()
        elsewhere = make_store()
        for person in people:
            for place in (store, elsewhere):
                wrong = to_datum(place.point, Datum.GCJ02)
                see(place, person, Point(wrong.lat, wrong.lon), 2)

        assert weighed(Store.get_by_id(store.id)) is None

    def test_is_put_right_by_somebody_elses_approval(self, client, manager, people):
        store = mistagged(Datum.GCJ02, Datum.WGS84)
        visits = [see(store, person, DOOR)[0] for person in people]
        suggest(store.id, at=NOON)

        proposed = adopt(manager, store)
        again = adopt(manager, store)
        own = decide(manager, proposed.json["id"], "approval")
        other = decide(client.as_(make_person(Role.SUPERVISOR)), proposed.json["id"], "approval")
        worker.run_until_idle()

        assert (201, "proposed", "datum", None) == (
            proposed.status_code,
            *(proposed.json[name] for name in ("state", "basis", "proof_photo_id")),
        )
        assert (409, f"{PROBLEM}suggestion-undecided") == (again.status_code, again.json["type"])
        assert (422, 200) == (own.status_code, other.status_code)
        moved = Store.get_by_id(store.id)
        assert ("gcj02", store.raw_lat) == (moved.raw_crs, moved.raw_lat)
        assert metres_between(DOOR, moved.point) < 1
        places = [manager.get(f"/v1/visits/{visit.id}").json["place"] for visit in visits]
        assert ["inside"] * 3 == places
        assert [] == manager.get("/v1/places/suspected-datums").json


def adopt(client: Client, store, version: int = 1, **body):
    return client.post(
        f"/v1/places/suggested-points/{store.id}/adoption",
        json={"note": "与签到一致"} | body,
        headers={"If-Match": f'"{version}"'},
    )


def decide(client: Client, correction_id, word, **body):
    return client.post(
        f"/v1/point-corrections/{correction_id}/{word}",
        json=body,
        headers={"If-Match": '"1"'},
    )


class TestPoint:
    def test_is_suggested_where_check_ins_gather(self, manager, people, far):
        see(far, people[2], off(DOOR, -2000))  # one who was somewhere else
        suggest(far.id, at=NOON)

        (shown,) = manager.get("/v1/places/suggested-points").json

        there = off(DOOR, 200)
        assert ("check_ins", "wgs84", 5, 2) == tuple(
            shown[name] for name in ("basis", "raw_crs", "visits", "people")
        )
        assert metres_between(there, Point(shown["lat"], shown["lon"])) < 12
        assert 200 == pytest.approx(shown["moved_m"], abs=12)
        assert shown["spread_m"] < 20
        assert not shown["needs_approval"]
        assert [] == manager.get("/v1/places/suspected-datums").json

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": "reported"},
            {"quarantine_reason": "outside-fence"},
            {"accuracy_m": 201},
            {"accuracy_m": None},
            {"is_mock": True},
            {"fix_facts": {"is_simulated": True}},
            {"fix_age_s": 600},
        ],
    )
    def test_rests_on_what_can_be_believed(self, people, fields):
        store = make_store()
        for person in people:
            see(store, person, off(DOOR, 200), 3, **fields)

        assert weighed(store) is None

    @pytest.mark.parametrize(
        "seen",
        [
            pytest.param([(200, 4)], id="too few"),
            pytest.param([(200, 9)], id="one person"),
            pytest.param([(40, 3), (40, 3)], id="noise"),
            pytest.param([(200, 3), (0, 3), (-300, 3)], id="no agreement"),
        ],
    )
    def test_is_not_suggested_without_enough_that_agree(self, people, seen):
        store = make_store()
        for person, (north, times) in zip(people, seen, strict=False):
            see(store, person, off(DOOR, north), times)

        assert weighed(store) is None

    def test_at_a_datums_distance_is_not_suggested_for_phones_that_are_off_everywhere(self, people):
        store, elsewhere = make_store(), make_store()
        for person in people:
            for place in (store, elsewhere):
                wrong = to_datum(place.point, Datum.GCJ02)
                see(place, person, Point(wrong.lat, wrong.lon), 3)

        assert weighed(store) is None

    def test_at_a_datums_distance_is_suggested_for_phones_that_are_right_elsewhere(self, people):
        store, elsewhere = make_store(), make_store()
        wrong = to_datum(store.point, Datum.GCJ02)
        for person in people:
            see(elsewhere, person, DOOR, 3)
            see(store, person, Point(wrong.lat, wrong.lon), 3)

        assert "check_ins" == weighed(store).basis

    def test_of_a_store_without_one_is_the_median_of_its_first_check_ins(self, manager, people):
        store = make_store(lat=None, lon=None, raw_lat=None, raw_lon=None, raw_crs=None)
        see(store, people[0], DOOR, 2)
        before = weighed(store)
        see(store, people[1], off(DOOR, 900))
        suggest(store.id, at=NOON)

        (shown,) = manager.get("/v1/places/suggested-points").json
        answer = adopt(manager, store)

        assert before is None
        assert ("first_fixes", 3, 2, None, False) == tuple(
            shown[name] for name in ("basis", "visits", "people", "moved_m", "needs_approval")
        )
        assert metres_between(DOOR, Point(shown["lat"], shown["lon"])) < 20
        assert "approved" == answer.json["state"]
        assert shown["lat"] == Store.get_by_id(store.id).lat

    def test_nearby_is_adopted_at_once_and_the_suggestion_ends(self, manager, far):
        suggest(far.id, at=NOON)

        answer = adopt(manager, far)
        worker.run_until_idle()

        assert (201, "approved", "check_ins", "与签到一致") == (
            answer.status_code,
            *(answer.json[name] for name in ("state", "basis", "decision_note")),
        )
        assert 2 == Store.get_by_id(far.id).version
        assert {"inside"} == {visit["place"] for visit in manager.get("/v1/visits").json}
        assert [] == manager.get("/v1/places/suggested-points").json
        verbs = {entry.verb for entry in LedgerEntry.select()}
        assert {"point_correction.proposed", "point_correction.approved", "store.amended"} <= verbs

    def test_that_was_rejected_is_not_suggested_again(self, client, manager, people):
        store = make_store()
        for person in people:
            see(store, person, off(DOOR, 400), 2)
        suggest(store.id, at=NOON)

        proposed = adopt(manager, store)
        supervisor = client.as_(make_person(Role.SUPERVISOR))
        decide(supervisor, proposed.json["id"], "rejection", reason="商场入口在南侧")
        worker.run_until_idle()

        assert "proposed" == proposed.json["state"]
        assert [] == manager.get("/v1/places/suggested-points").json

    def test_is_adopted_as_it_was_read(self, client, manager, people, far):
        suggest(far.id, at=NOON)
        see(far, people[2], off(DOOR, 200), 1)
        suggest(far.id, at=NOON)

        silent = manager.post(f"/v1/places/suggested-points/{far.id}/adoption", json={})
        stale = adopt(manager, far, version=1)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        assert (428, 412) == (silent.status_code, stale.status_code)
        assert 404 == adopt(elsewhere, far, version=2).status_code
        assert 404 == adopt(manager, make_store()).status_code

    def test_is_no_longer_adopted_when_the_store_has_moved(self, manager, far):
        suggest(far.id, at=NOON)
        Store.update(lat=28.2).where(Store.id == far.id).execute()

        answer = adopt(manager, far)

        assert (409, f"{PROBLEM}point-changed") == (answer.status_code, answer.json["type"])

    def test_that_stays_the_same_is_not_written_again(self, far):
        first = weighed(far)

        assert first.version == weighed(far).version


def test_check_ins_over_http_end_in_a_suggestion(client, manager):
    reps = [make_person(Role.SUPERVISOR), make_person(Role.SUPERVISOR)]
    store, quiet = make_store(), make_store()
    for rep in reps:
        phone = Phone(client.as_(rep))
        for number, minutes in enumerate((300, 200, 100)):
            visit_id, at = uuid4(), off(DOOR, 250, AROUND[number][0])
            fix = {"lat": at.lat, "lon": at.lon, "crs": "wgs84", "accuracy_m": 15}
            phone.check_in(store, visit_id, minutes=minutes, position=fix)
            phone.report(visit_id, minutes=minutes - 20)
        phone.check_in(quiet, visit_id := uuid4(), minutes=50)
        phone.report(visit_id, minutes=30)
    before = manager.get("/v1/places/suggested-points").json

    worker.run_until_idle()

    (shown,) = manager.get("/v1/places/suggested-points").json
    assert ([], store.id, 6, 2) == (before, shown["store_id"], shown["visits"], shown["people"])


def test_the_lists_hide_what_is_out_of_sight_and_ask_little(client, manager, people):  # noqa: ARG001
    few, many = (make_suggestion(visits=visits) for visits in (5, 9))
    merged = make_suggestion(store=make_store(merged_into=make_store()))
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    with assert_query_count(3):  # who asks, how many, which
        listed = manager.get("/v1/places/suggested-points").json

    assert [many.store_id, few.store_id] == [each["store_id"] for each in listed]
    assert merged.store_id not in {each["store_id"] for each in listed}
    assert [] == elsewhere.get("/v1/places/suggested-points").json
    assert [] == manager.get("/v1/places/suspected-datums").json
