"""What is kept but stands nowhere yet, and believing a photo after all."""

from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.models import PhotoAudit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.worker import run_until_idle
from tests.client import Client
from tests.factories import make_person, make_region, make_store, the_region
from tests.phone import Phone, announced, digest
from tests.pictures import phone_jpeg

PICTURE = phone_jpeg(1)


@pytest.fixture
def store():
    return make_store(owner=make_person())


@pytest.fixture
def phone(client: Client, store) -> Phone:
    return Phone(client.as_(Person.get_by_id(store.owner_id)))


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def stranger(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER, region=make_region(the_region())))


def unlisted(phone: Phone, store, content: bytes = PICTURE):
    """Report a visit without naming its photo, and return the ids of both."""
    visit_id, photo_id = uuid4(), uuid4()
    phone.check_in(store, visit_id)
    phone.report(visit_id)
    phone.photo(visit_id, photo_id, content)
    return visit_id, photo_id


def release(client: Client, visit_id, photo_id, **body):
    path = f"/v1/visits/{visit_id}/photos/{photo_id}/release"
    return client.post(path, json={"note": "照片属实"} | body)


def kept(client: Client, **filters):
    answer = client.get("/v1/quarantine/photos", query_string=filters)
    return [(photo["id"], photo["reason"], photo["store_id"]) for photo in answer.json]


class TestPhotos:
    def test_that_no_manifest_names_are_listed(self, manager, stranger, phone, store):
        _, photo_id = unlisted(phone, store)

        with assert_query_count(3):
            assert [(str(photo_id), "not-in-manifest", store.id)] == kept(manager)
        assert [] == kept(manager, reason="unreadable")
        assert [] == kept(stranger)

    def test_without_any_report_are_listed_as_unannounced(self, manager, stranger, phone):
        photo_id = uuid4()
        phone.photo(uuid4(), photo_id, PICTURE)

        assert [(str(photo_id), None, None)] == kept(manager, reason="unannounced")
        assert [] == kept(stranger, reason="unannounced")


class TestReports:
    def test_without_a_check_in_are_listed(self, manager, stranger, phone, store):
        visit_id, other = uuid4(), uuid4()
        phone.report(visit_id)
        phone.report(other)
        phone.check_in(store, other)

        with assert_query_count(3):
            listed = manager.get("/v1/quarantine/reports").json

        assert [(str(visit_id), store.owner_id)] == [
            (r["visit_id"], r["person_id"]) for r in listed
        ]
        assert [] == stranger.get("/v1/quarantine/reports").json


class TestRelease:
    def test_believes_a_photo_and_lets_auditors_see_it(self, manager, phone, store):
        visit_id, photo_id = unlisted(phone, store)

        answer = release(manager, visit_id, photo_id)
        run_until_idle()

        assert (200, None) == (answer.status_code, answer.json["reason"])
        assert "unannounced" == phone.receipt(visit_id)["photos"][0]["state"]
        assert [photo_id] == [audit.photo_id for audit in PhotoAudit.select()]
        assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "photo.released").count()

    def test_lets_other_bytes_stand_for_the_announced_ones(self, manager, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        phone.check_in(store, visit_id)
        phone.photo(visit_id, photo_id, PICTURE)
        phone.report(visit_id, photos=[announced(photo_id, b"other bytes")])
        assert [(str(photo_id), "hash-mismatch", store.id)] == kept(manager)

        release(manager, visit_id, photo_id)

        assert "complete" == phone.receipt(visit_id)["status"]

    def test_is_not_undone_by_what_cannot_be_read(self, manager, phone, store):
        visit_id, photo_id = unlisted(phone, store, b"\xff\xd8\xff no picture")
        release(manager, visit_id, photo_id)

        run_until_idle()

        assert Photo.get(Photo.id == photo_id).quarantine_reason is None

    def test_happens_once(self, manager, phone, store):
        visit_id, photo_id = unlisted(phone, store)
        release(manager, visit_id, photo_id)

        answer = release(manager, visit_id, photo_id)

        assert (422, "urn:xundian:problem:not-quarantined") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_is_for_those_who_see_the_visit(self, stranger, phone, store):
        visit_id, photo_id = unlisted(phone, store)

        assert 404 == release(stranger, visit_id, photo_id).status_code

    def test_works_before_the_check_in_came(self, manager, phone):
        visit_id, photo_id = uuid4(), uuid4()
        phone.report(visit_id)
        phone.photo(visit_id, photo_id, PICTURE, **digest(PICTURE))

        assert 200 == release(manager, visit_id, photo_id).status_code
