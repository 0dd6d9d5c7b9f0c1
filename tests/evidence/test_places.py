"""Where a check-in was, from the rows of a visit and its store."""

from uuid import uuid4

import orjson
import pytest

from backend.evidence.models import LocationReading
from backend.evidence.places import judge_places
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.platform.models import LedgerEntry
from backend.standards.service import JudgedFor
from tests.factories import NOON, make_store, make_visit

pytestmark = pytest.mark.usefixtures("app")
DOOR = 28.1951, 112.9769
NORTH_210_M = DOOR[0] + 210 / 111_000


def judged(visit: Visit) -> LocationReading:
    judge_places([visit.id], at=NOON, why=JudgedFor.CHECKED_IN)
    return LocationReading.get_by_id(visit.id)


@pytest.mark.parametrize(
    ("fields", "outcome", "flags"),
    [
        ({}, "inside", []),
        ({"lat": 28.3}, "outside", []),
        ({"is_mock": True}, "inside", ["mock_location"]),
        ({"accuracy_m": 500}, "uncertain", ["unusable_accuracy"]),
        ({"accuracy_m": None}, "uncertain", ["unusable_accuracy"]),
        ({"lat": None, "lon": None, "accuracy_m": None}, "uncertain", ["no_position"]),
        (
            {"lat": None, "lon": None, "is_mock": True},
            "uncertain",
            ["mock_location", "no_position"],
        ),
        # What AMap calls the door, sent as if it were WGS-84.
        ({"lat": 28.191688, "lon": 112.982493}, "uncertain", ["datum_mismatch_suspected"]),
    ],
    ids=["door", "far", "mock", "inaccurate", "silent", "no fix", "mock no fix", "wrong datum"],
)
def test_says_how_far_and_why(fields, outcome, flags):
    reading = judged(make_visit(**fields))

    assert (outcome, flags) == (reading.outcome, reading.flags)
    assert DOOR == (reading.store_lat, reading.store_lon)


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({"is_mock": False, "fix_age_s": 60, "fix_facts": {"trusted_level": 3}}, []),
        ({"fix_facts": {"location_type": 1, "is_simulated": False, "is_accessory": False}}, []),
        ({"fix_facts": {"is_simulated": True}}, ["mock_location"]),
        ({"fix_facts": {"is_accessory": True}}, ["from_accessory"]),
        ({"fix_facts": {"trusted_level": 4}}, ["untrusted_fix"]),
        ({"fix_age_s": 61}, ["stale_fix"]),
        *(({"fix_facts": {"location_type": kind}}, ["stale_fix"]) for kind in (2, 4, 9)),
    ],
)
def test_flags_what_the_phone_says_of_its_fix_and_judges_the_place_alike(fields, flags):
    reading = judged(make_visit(**fields))

    assert ("inside", flags) == (reading.outcome, reading.flags)


@pytest.mark.parametrize(
    ("tier", "own_radius", "radius", "outcome"),
    [
        ("city", None, 170, "outside"),
        ("county", None, 220, "inside"),
        ("town", None, 320, "inside"),
        ("city", 400, 420, "inside"),
        ("town", 50, 70, "outside"),
    ],
)
def test_the_fence_is_the_stores_own_or_that_of_its_tier(tier, own_radius, radius, outcome):
    store = make_store(tier=tier, fence_radius_m=own_radius)

    reading = judged(make_visit(store, lat=NORTH_210_M))

    assert (radius, outcome) == (reading.radius_m, reading.outcome)


def test_a_store_without_a_point_proves_nothing():
    reading = judged(make_visit(make_store(lat=None, lon=None), lat=DOOR[0], lon=DOOR[1]))

    assert ("uncertain", ["no_store_point"]) == (reading.outcome, reading.flags)
    assert (None, None) == (reading.distance_m, reading.store_lat)


def test_a_visit_is_judged_again_when_it_gets_its_store():
    visit = make_visit(store_id=None)
    before = judged(visit).flags
    store = Store.get()

    Visit.update(store=store, dealer=visit.dealer_id, region=store.region_id, tier="city").execute()
    after = judged(visit)

    assert (["no_store_point"], "inside", []) == (before, after.outcome, after.flags)


def test_tells_the_ledger_only_what_is_new():
    visit = make_visit()

    for _ in range(2):
        judged(visit)

    entry = LedgerEntry.get()
    assert ("visit.located", str(visit.id)) == (entry.verb, entry.object_id)
    assert {
        "outcome": "inside",
        "why": "checked_in",
        "store": visit.store_id,
        "dealer": visit.dealer_id,
        "region": visit.region_id,
        "day": "2026-03-02",
    } == orjson.loads(entry.facts)


def test_an_unknown_visit_has_no_place():
    assert 0 == judge_places([uuid4()], at=NOON, why=JudgedFor.CHECKED_IN)
