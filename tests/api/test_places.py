"""The judged places of a visit: the store's point moves, and they are judged again."""

import pytest
from playhouse.test_utils import count_queries

from backend import worker
from backend.evidence.models import FormerLocationReading, LocationReading
from backend.evidence.places import judge_places
from backend.network.models import Store
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.service import JudgedFor
from tests.client import Client
from tests.factories import NOON, make_person, make_region, make_store, make_visit, the_region

NORTH_5_KM = 28.2401


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def judged(*visits) -> int:
    """Judge visits as at their check-in."""
    return judge_places([visit.id for visit in visits], at=NOON, why=JudgedFor.CHECKED_IN)


def amend(client: Client, store, **changes):
    version = Store.get_by_id(store.id).version
    return client.patch(
        f"/v1/stores/{store.id}", json=changes, headers={"If-Match": f'"{version}"'}
    )


def moved(client: Client, store, lat=NORTH_5_KM):
    """Move a store as the office does, and let the worker follow."""
    answer = amend(client, store, position={"lat": lat, "lon": 112.9769, "crs": "wgs84"})
    assert 200 == answer.status_code
    worker.run_until_idle()


def test_a_moved_store_has_its_visits_judged_again_beside_the_old_judgement(manager):
    store = make_store(lat=NORTH_5_KM, raw_lat=NORTH_5_KM)
    visit = make_visit(store, lat=28.1951)
    judged(visit)

    moved(manager, store, lat=28.1951)

    url = f"/v1/visits/{visit.id}"
    places = manager.get(f"{url}/places").json
    assert [
        (2, "store_moved", "inside", 28.1951, 2),
        (1, "checked_in", "outside", NORTH_5_KM, 1),
    ] == [
        tuple(place[name] for name in ("number", "why", "outcome", "store_lat", "store_version"))
        for place in places
    ]
    assert 0 == places[0]["distance_m"]
    assert "inside" == manager.get(url).json["place"]
    assert ["inside"] == [visit["place"] for visit in manager.get("/v1/visits").json]
    told = LedgerEntry.select().where(LedgerEntry.verb == "visit.located")
    assert 2 == told.count()
    assert all(entry.facts.find('"day"') > 0 for entry in told)


def test_a_store_that_moves_back_and_forth_leaves_every_judgement(manager):
    store = make_store()
    visit = make_visit(store)
    judged(visit)

    for lat in (NORTH_5_KM, 28.1951):
        moved(manager, store, lat)

    outcomes = [place["outcome"] for place in manager.get(f"/v1/visits/{visit.id}/places").json]
    assert ["inside", "outside", "inside"] == outcomes


def test_another_edit_of_a_store_judges_nothing_again(manager):
    store = make_store()
    judged(make_visit(store))

    amend(manager, store, name="五一广场店")
    worker.run_until_idle()

    assert (1, 0) == (LocationReading.get().number, FormerLocationReading.select().count())


def test_the_same_point_again_changes_no_judgement(manager):
    store = make_store()
    judged(make_visit(store))

    moved(manager, store, lat=28.1951)

    assert (1, 0) == (LocationReading.get().number, FormerLocationReading.select().count())


def test_only_the_visits_of_that_store_are_judged_again(manager):
    store, other = make_store(), make_visit()
    visits = [make_visit(store) for _ in range(3)]
    judged(*visits, other)

    moved(manager, store)

    again = {reading.visit_id for reading in LocationReading.select() if reading.number == 2}
    assert {visit.id for visit in visits} == again


def test_judging_again_reads_no_more_for_many_visits_than_for_one(client):  # noqa: ARG001
    store = make_store()
    visits = [make_visit(store) for _ in range(20)]
    judged(*visits)
    with count_queries() as few:
        assert 0 == judged(visits[0])
    with count_queries() as many:
        assert 0 == judged(*visits)

    assert few.count == many.count


def test_a_visit_out_of_sight_has_no_places(client):
    visit = make_visit()
    judged(visit)
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    assert 404 == elsewhere.get(f"/v1/visits/{visit.id}/places").status_code
    assert (
        [] == client.as_(make_person(Role.MANAGER)).get(f"/v1/visits/{make_visit().id}/places").json
    )
