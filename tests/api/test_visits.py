"""Checking in over HTTP, the clocks of it, and finding visits again."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.models import (
    Visit,
)
from backend.network.positions import Datum, to_datum
from backend.platform import clock
from backend.platform.actors import Role
from tests.api.field import verbs
from tests.factories import (
    make_person,
    make_region,
    make_store,
    make_visit,
)
from tests.phone import Phone, arrival, minutes_ago

README = Path(__file__).parents[2] / "README.md"


def without_names(receipt):
    """Return a receipt without what differs from visit to visit."""
    differs = {key: "…" for key in ("visit_id", "capture_token") if receipt[key]}
    return receipt | differs | {"check_in": receipt["check_in"] | {"content_sha256": "…"}}


class TestCheckIn:
    def test_is_answered_with_the_receipt_that_the_readme_shows(self, phone, store):
        (shown,) = re.findall(r'(\{"visit_id":.*?\})\n\n', README.read_text("utf-8"), re.DOTALL)

        receipt = phone.check_in(store).json

        assert without_names(json.loads(shown)) == without_names(receipt)

    def test_records_the_visit_once_however_often_the_phone_retries(self, phone, store):
        url, body = f"/v1/visits/{uuid4()}", arrival(store)

        first = phone.client.put(url, json=body)
        again = phone.client.put(url, json=body)

        but_token = {"capture_token": None}  # which says the second in which it was made
        assert (201, 200) == (first.status_code, again.status_code)
        assert first.json | but_token == again.json | but_token
        assert 1 == Visit.select().count()
        assert ["visit.checked_in"] == verbs()

    def test_freezes_dealer_tier_and_grade_of_the_day(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        store.grade, store.tier = "A", "town"
        store.save()

        seen = phone.client.get(f"/v1/visits/{visit_id}").json

        assert ("B", "city") == (seen["grade"], seen["tier"])
        assert seen["dealer_id"] is not None

    def test_keeps_the_point_as_sent_and_as_wgs84(self, phone, store):
        visit_id = uuid4()
        position = {"lat": 39.991754014757, "lon": 116.487585177952, "crs": "gcj02"}

        phone.check_in(store, visit_id, position=position)
        visit = Visit.get_by_id(visit_id)

        assert (39.991754014757, 116.487585177952, "gcj02") == (
            visit.raw_lat,
            visit.raw_lon,
            visit.raw_crs,
        )
        assert (39.99047, 116.4815) == pytest.approx((visit.lat, visit.lon), abs=2e-5)
        assert visit.crs_impl.startswith("prcoords-bored@")

    def test_refuses_another_visit_under_the_same_id(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.check_in(make_store(owner=store.owner_id), visit_id)

        assert 409 == answer.status_code
        assert "urn:xundian:problem:id-taken" == answer.json["type"]

    def test_refuses_the_same_id_from_another_person(self, client, phone, store):
        visit_id, body = uuid4(), arrival(store)
        phone.client.put(f"/v1/visits/{visit_id}", json=body)
        other = make_person()

        answer = client.as_(other).put(f"/v1/visits/{visit_id}", json=body)

        assert 409 == answer.status_code
        assert store.owner_id == Visit.get().person_id

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"position": {"lat": 28.2, "lon": 112.9}}, "position", "Missing data for"),
            ({"position": {"lat": 28.2, "lon": 112.9, "crs": "mars"}}, "position", "one of"),
            ({"clock": {"device_at": "2026-03-02T13:00:00"}}, "clock", "aware datetime"),
            ({"clock": {"device_at": "2026-03-02"}}, "clock", "aware datetime"),
            ({"store_id": "12"}, "store_id", "Not a valid integer"),
            ({"typo": 1}, "typo", "Unknown field."),
        ],
    )
    def test_points_at_the_field_that_is_wrong(self, phone, store, change, field, message):
        answer = phone.check_in(store, **change)

        assert 422 == answer.status_code
        assert "urn:xundian:problem:invalid-fields" == answer.json["type"]
        assert message in str(answer.json["errors"]["json"][field])
        assert 0 == Visit.select().count()

    def test_quarantines_a_point_abroad_and_keeps_it_as_sent(self, client, phone, store):
        visit_id = uuid4()
        lisbon = {"lat": 38.72, "lon": -9.14, "crs": "wgs84", "accuracy_m": 8.0}

        answer = phone.check_in(store, visit_id, position=lisbon)
        visit = Visit.get_by_id(visit_id)
        (listed,) = client.as_(make_person(Role.MANAGER)).get("/v1/quarantine").json

        assert (202, "outside-service-area") == (
            answer.status_code,
            answer.json["quarantine_reason"],
        )
        assert (38.72, -9.14, "wgs84", 8.0) == (
            visit.raw_lat,
            visit.raw_lon,
            visit.raw_crs,
            visit.accuracy_m,
        )
        assert (None, None) == (visit.lat, visit.crs_impl)
        assert (str(visit_id), None) == (listed["id"], listed["lat"])

    def test_takes_a_visit_without_any_fix(self, phone, store):
        answer = phone.check_in(store, position=None)

        assert 201 == answer.status_code
        assert Visit.get().lat is None

    def test_quarantines_a_visit_to_a_store_nobody_knows(self, phone, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, store_id=999_999)

        assert 202 == answer.status_code
        assert "unknown-store" == answer.json["quarantine_reason"]
        assert answer.json["check_in"]["received"]
        assert 999_999 == Visit.get_by_id(visit_id).claimed_store_id

    def test_treats_a_strangers_store_as_unknown(self, phone):
        answer = phone.check_in(make_store(owner=make_person()))

        assert "unknown-store" == answer.json["quarantine_reason"]


class TestClock:
    def test_flags_a_device_that_lives_in_2035_and_goes_by_the_server(self, phone, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, clock={"device_at": "2035-01-01T00:00:00Z"})
        visit = Visit.get_by_id(visit_id)

        assert 201 == answer.status_code
        assert visit.is_clock_suspect
        assert 2035 == visit.device_at.year
        assert clock.business_date(visit.received_at) == visit.business_on
        assert visit.received_at == visit.checked_in_at

    def test_measures_the_skew_and_corrects_by_it(self, phone, store):
        visit_id = uuid4()
        ahead = timedelta(days=365)
        now = datetime.now(UTC)
        body = arrival(store, clock={"device_at": (now + ahead - timedelta(hours=1)).isoformat()})

        phone.client.put(
            f"/v1/visits/{visit_id}",
            json=body,
            headers={"Device-Time": (now + ahead).isoformat()},
        )
        visit = Visit.get_by_id(visit_id)

        assert ahead.total_seconds() == pytest.approx(visit.skew_s, abs=30)
        assert visit.is_clock_suspect
        age = visit.received_at - visit.checked_in_at
        assert 3600 == pytest.approx(age.total_seconds(), abs=30)


class TestList:
    def test_pages_through_own_visits_newest_first(self, client, store):
        rep = make_person()
        make_visit(store)  # somebody else's
        now = datetime(2026, 3, 2, 4, tzinfo=UTC)
        made = [make_visit(store, rep, at=now + timedelta(hours=n)) for n in range(5)]
        phone = client.as_(rep)

        with assert_query_count(3):  # session, count, page: never one per row
            answer = phone.get("/v1/visits?page=2&page_size=2")

        assert [str(v.id) for v in (made[2], made[1])] == [v["id"] for v in answer.json]
        assert '"total": 5' in answer.headers["X-Pagination"]

    def test_filters_by_day_store_dealer_person_and_status(self, client, store):
        visit = make_visit(store)
        make_visit(at=datetime(2026, 4, 2, 4, tzinfo=UTC), status="open")
        manager = client.as_(make_person(Role.MANAGER))

        for query in (
            "from=2026-03-02&to=2026-03-03",
            f"store_id={store.id}",
            f"dealer_id={visit.dealer_id}",
            f"person_id={visit.person_id}",
            "status=complete",
        ):
            listed = manager.get(f"/v1/visits?{query}").json
            assert [str(visit.id)] == [v["id"] for v in listed], query

    def test_answers_unknown_and_hidden_visits_alike(self, client, store):
        visit = make_visit(store)
        other = client.as_(make_person())

        hidden = other.get(f"/v1/visits/{visit.id}")
        unknown = other.get(f"/v1/visits/{uuid4()}")

        assert (404, hidden.data) == (unknown.status_code, unknown.data)


class TestEarlierVisits:
    def test_without_a_report_are_asked_for_at_the_next_check_in(self, phone, store):
        forgotten, told, now = uuid4(), uuid4(), uuid4()
        phone.check_in(store, forgotten, minutes=300)
        phone.check_in(store, told, minutes=200)
        phone.report(told, minutes=190)

        answer = phone.check_in(store, now, minutes=5)

        assert [(str(forgotten), store.id)] == [
            (one["visit_id"], one["store_id"]) for one in answer.json["unreported"]
        ]

    def test_of_others_or_of_long_ago_are_not(self, phone, rep, store):
        make_visit(store, rep, at=clock.now() - timedelta(days=31), status="open")
        make_visit(store, at=clock.now() - timedelta(hours=1), status="open")

        assert [] == phone.check_in(store).json["unreported"]


class TestKinds:
    def test_a_patrol_is_made_by_a_supervisor(self, client, phone, store):
        supervisor = Phone(client.as_(make_person(Role.SUPERVISOR)))

        by_rep = phone.check_in(store, kind="supervisor_patrol")
        patrol = supervisor.check_in(store, kind="supervisor_patrol")
        listed = supervisor.client.get("/v1/visits?kind=supervisor_patrol").json

        assert (202, "not-a-supervisor") == (by_rep.status_code, by_rep.json["quarantine_reason"])
        assert (201, None) == (patrol.status_code, patrol.json["quarantine_reason"])
        assert 2 == len(listed)

    def test_a_patrol_elsewhere_is_to_an_unknown_store(self, client, store):
        elsewhere = make_person(Role.SUPERVISOR, region=make_region())

        answer = Phone(client.as_(elsewhere)).check_in(store, kind="supervisor_patrol")

        assert "unknown-store" == answer.json["quarantine_reason"]


class TestLeaving:
    def test_is_placed_by_the_stores_point_as_advice(self, phone, store):
        at_door, far, abroad, nowhere = (uuid4() for _ in range(4))
        point = {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "accuracy_m": 10.0}
        places = {
            at_door: point,
            far: point | {"lat": store.lat + 0.1},
            abroad: point | {"lat": -9.0},
            nowhere: None,
        }
        for minutes, (visit_id, position) in zip((90, 70, 50, 30), places.items(), strict=True):
            phone.check_in(store, visit_id, minutes=minutes)
            check_out = {"clock": {"device_at": minutes_ago(minutes - 10)}, "position": position}
            phone.report(visit_id, check_out=check_out)

        left = [phone.client.get(f"/v1/visits/{one}").json["left"] for one in places]

        assert ["inside", "outside", "uncertain", None] == [one and one["place"] for one in left]
        assert ("wgs84", 10.0) == (left[0]["crs"], left[0]["accuracy_m"])


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_a_visit_shows_its_point_in_the_datum_asked_for(client, crs):
    visit = make_visit()
    manager = client.as_(make_person(Role.MANAGER))

    item = manager.get(f"/v1/visits/{visit.id}?crs={crs}").json
    (listed,) = manager.get(f"/v1/visits?crs={crs}").json

    expected = to_datum(visit.point, Datum(crs))
    for shown in (item, listed):
        assert (expected.lat, expected.lon, crs) == (shown["lat"], shown["lon"], shown["crs"])
    assert (28.1951, "wgs84") == (item["raw_lat"], item["raw_crs"])


def test_a_visit_without_a_fix_shows_none_in_any_datum(client):
    visit = make_visit(lat=None, lon=None)

    shown = client.as_(make_person(Role.MANAGER)).get(f"/v1/visits/{visit.id}?crs=bd09").json

    assert (None, None) == (shown["lat"], shown["lon"])


def test_a_datum_nobody_knows_is_refused(client):
    manager = client.as_(make_person(Role.MANAGER))

    assert 422 == manager.get("/v1/visits?crs=mars").status_code


def test_the_list_says_of_a_visit_what_the_item_says(client):
    visit = make_visit()
    manager = client.as_(make_person(Role.MANAGER))

    (listed,) = manager.get("/v1/visits").json
    item = manager.get(f"/v1/visits/{visit.id}").json

    assert (visit.person_id, visit.dealer_id) == (listed["person_id"], listed["dealer_id"])
    assert listed == {name: item[name] for name in listed}
    assert listed["unplanned_reason_missing"] is True
