"""Documents that name the visit on which they were made."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from backend.network.models import Dealer, StoreDealer
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    NOON,
    make_contact,
    make_fixture,
    make_launch,
    make_person,
    make_region,
    make_store,
    make_visit,
)

PROBLEM = "urn:xundian:problem:"
Told = tuple[str, dict]


def push(store) -> Told:
    levels = {"dealer_push": 4, "store_push": 3, "counter_push": None, "clerk_push": 2}
    return "push-assessments", {"store_id": store.id, "assessed_at": NOON.isoformat()} | {
        "levels": levels,
        "factors": {},
    }


def handset(store) -> Told:
    body = {"store_id": store.id, "imei": "490154203237518", "seen_at": NOON.isoformat()}
    return "imei-sightings", body


def fixture(store) -> Told:
    body = {"fixture_id": make_fixture().id, "store_id": store.id, "is_present": True}
    return "fixture-inspections", body | {"inspected_at": NOON.isoformat()}


def launch(store) -> Told:
    body = {"store_id": store.id, "stage": "launch_offer", "seen_at": NOON.isoformat()}
    return f"launches/{make_launch().id}/evidence", body


def competitor(store) -> Told:
    return "competitor-notes", {"store_id": store.id, "seen_on": "2026-03-02", "brand": "玄铁"}


def contact(store) -> Told:
    body = {"contact_id": str(make_contact(store).id), "kind": "visit"}
    return "contact-entries", body | {"happened_at": NOON.isoformat()}


@pytest.fixture(params=[push, handset, fixture, launch, competitor, contact])
def told(request) -> Callable[..., Told]:
    return request.param


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


def send(client: Client, told: Told, visit_id, id_=None):
    path, body = told
    return client.put(f"/v1/{path}/{id_ or uuid4()}", json=body | {"visit_id": str(visit_id)})


def test_may_come_before_it_and_are_replayed_after_it(client: Client, rep, store, told):
    what, visit_id, id_ = told(store), uuid4(), uuid4()

    first = send(client.as_(rep), what, visit_id, id_)
    make_visit(make_store(), rep, id=visit_id)
    again = send(client.as_(rep), what, visit_id, id_)

    assert (201, 200) == (first.status_code, again.status_code)


def test_name_one_s_own_to_the_same_store(client: Client, rep, store, told):
    what, phone = told(store), client.as_(rep)
    own = make_visit(store, rep)
    unknown_store = make_visit(store, rep, store_id=None)

    answers = [send(phone, what, visit.id) for visit in (own, unknown_store)]

    assert [201, 201] == [answer.status_code for answer in answers]


def test_do_not_name_another_s_or_that_to_another_store(client: Client, rep, store, told):
    what, phone, id_ = told(store), client.as_(rep), uuid4()
    strange = make_visit(store, make_person())
    elsewhere = make_visit(make_store(owner=rep), rep)

    answers = [send(phone, what, visit.id, id_) for visit in (strange, elsewhere)]

    for answer in answers:
        assert (422, f"{PROBLEM}evidence-elsewhere") == (answer.status_code, answer.json["type"])
        assert ["visit_id"] == list(answer.json["errors"]["json"])
    assert 201 == send(phone, what, uuid4(), id_).status_code  # nothing was kept


def test_of_the_office_name_what_it_sees(client: Client, rep, store, told):
    what = told(store)
    visit = make_visit(store, rep)
    unseen = make_visit(store, rep, region_id=make_region().id)
    supervisor = client.as_(make_person(Role.SUPERVISOR))

    answers = [send(supervisor, what, one.id) for one in (visit, unseen)]

    assert [201, 422] == [answer.status_code for answer in answers]


@pytest.mark.parametrize("path", ["competitor-notes", "contact-entries"])
def test_about_a_dealer_name_any_of_one_s_own(client: Client, rep, store, path):
    dealer_id = StoreDealer.get(StoreDealer.store == store).dealer_id
    own, strange = make_visit(store, rep), make_visit(store, make_person())
    person = make_contact(Dealer.get_by_id(dealer_id))
    body = {
        "competitor-notes": competitor(store)[1] | {"store_id": None, "dealer_id": dealer_id},
        "contact-entries": contact(store)[1] | {"contact_id": str(person.id)},
    }[path]

    answers = [send(client.as_(rep), (path, body), visit.id) for visit in (own, strange)]

    assert [201, 422] == [answer.status_code for answer in answers]
