"""The custody of photos over HTTP."""

from uuid import UUID, uuid4

import pytest
from playhouse.test_utils import count_queries

from backend import worker
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person
from backend.platform import blobs, ledger
from backend.platform.actors import Role
from backend.platform.database import db
from backend.platform.models import LedgerEntry
from tests.api.desk import read
from tests.client import Client
from tests.factories import (
    NOON,
    make_person,
    make_photo,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.phone import Phone, announced
from tests.pictures import phone_jpeg

CONTENT = phone_jpeg(5)


@pytest.fixture
def rep(client: Client) -> Person:  # noqa: ARG001  # needs the database
    return make_person(name="李雷")


@pytest.fixture
def photo(client: Client, rep: Person) -> UUID:
    """A photo that was announced, sent, read and queued."""
    return send(Phone(client.as_(rep)), rep)


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR, name="韩梅梅"))


def send(phone: Phone, rep: Person, content: bytes = CONTENT) -> UUID:
    visit_id, photo_id, other = uuid4(), uuid4(), uuid4()
    phone.check_in(make_store(owner=rep), visit_id)
    phone.report(visit_id, photos=[announced(photo_id, content), announced(other, b"another")])
    phone.photo(visit_id, photo_id, content)
    phone.photo(visit_id, other, b"another")
    worker.run_until_idle()
    return photo_id


def custody(client: Client, photo_id: UUID):
    return client.get(f"/v1/photos/{photo_id}/custody")


def verbs(client: Client, photo_id: UUID) -> list[str]:
    return [step["verb"] for step in custody(client, photo_id).json["steps"]]


def original(client: Client, photo_id: UUID):
    visit_id = Photo.get(Photo.id == photo_id).visit_id
    return client.get(f"/v1/visits/{visit_id}/photos/{photo_id}/files/original", buffered=True)


class TestCustody:
    def test_tells_every_step_from_the_declared_hash_on(self, auditor, photo, rep):
        shown = custody(auditor, photo).json

        sha256 = Photo.get(Photo.id == photo).sha256
        first = shown["steps"][0]
        assert (sha256, sha256, "intact", True) == (
            shown["declared_sha256"],
            shown["received_sha256"],
            shown["stored"],
            shown["is_unbroken"],
        )
        assert [
            ("visit.reported", sha256),
            ("photo.received", sha256),
        ] == [(step["verb"], step["sha256"]) for step in shown["steps"][:2]]
        # These two are told in one moment.
        assert {("photo.analysed", sha256), ("audit.queued", None)} == {
            (step["verb"], step["sha256"]) for step in shown["steps"][2:]
        }
        assert {"role": "rep", "id": rep.id, "name": "李雷"} == first["actor"]
        assert first["device_at"] < first["at"]
        assert all(step["is_sound"] for step in shown["steps"])
        assert {"seq": ledger.head().seq, "hash": ledger.head().hash} == shown["head"]

    def test_tells_verdicts_and_openings_of_the_original(self, auditor, photo):
        visit_id = Photo.get(Photo.id == photo).visit_id
        read(auditor, Photo.get(Photo.id == photo))
        original(auditor, photo)
        links = auditor.get(f"/v1/visits/{visit_id}/photos/{photo}/reading").json["links"]
        auditor.get(links["original"], buffered=True)
        auditor.get(links["display"], buffered=True)

        steps = custody(auditor, photo).json["steps"][4:]

        assert ["photo.judged", "photo.opened", "photo.opened"] == [s["verb"] for s in steps]
        assert ["download", "link"] == [step["facts"]["by"] for step in steps[1:]]
        assert {"韩梅梅"} == {step["actor"]["name"] for step in steps}

    def test_says_that_an_amendment_named_another_photo(self, client, auditor, rep):
        phone, visit_id, photo_id = Phone(client.as_(rep)), uuid4(), uuid4()
        phone.check_in(make_store(owner=rep), visit_id)
        phone.report(visit_id)
        phone.amend(visit_id, uuid4(), photos=[announced(photo_id, CONTENT)])

        assert ["visit.amended"] == verbs(auditor, photo_id)
        assert (None, False) == (
            custody(auditor, photo_id).json["stored"],
            custody(auditor, photo_id).json["is_unbroken"],
        )

    def test_does_not_put_on_record_what_was_refused(self, client, auditor, photo, rep):
        assert 403 == original(client.as_(rep), photo).status_code

        assert "photo.opened" not in verbs(auditor, photo)

    @pytest.mark.parametrize("stored", ["missing", "changed", "erased"])
    def test_hashes_the_stored_bytes_now(self, auditor, photo, stored):
        place = blobs.path_of(Photo.get(Photo.id == photo).sha256)
        if stored == "changed":
            place.write_bytes(b"other")
        else:
            place.unlink()
        if stored == "erased":
            Photo.update(original_erased_at=NOON).execute()

        shown = custody(auditor, photo).json

        assert (stored, False) == (shown["stored"], shown["is_unbroken"])

    def test_shows_a_changed_entry(self, auditor, photo):
        custody(auditor, photo)
        db.execute_sql("UPDATE ledger_entry SET facts = '{}' WHERE verb = 'photo.received'")

        unsound = [s["verb"] for s in custody(auditor, photo).json["steps"] if not s["is_sound"]]

        assert ["photo.received"] == unsound

    def test_tells_only_the_role_of_whom_the_reader_may_not_know(self, client, auditor, photo, rep):
        original(auditor, photo)

        last = custody(client.as_(rep), photo).json["steps"][-1]

        assert {"role": "auditor", "id": None, "name": None} == last["actor"]

    def test_is_told_of_photos_that_were_announced_by_nobody(self, auditor):
        shown = custody(auditor, make_photo(make_visit(), b"1", declared_sha256=None).id).json

        assert (None, "intact", []) == (shown["declared_sha256"], shown["stored"], shown["steps"])

    def test_of_a_photo_out_of_sight_is_the_same_as_of_none(self, client, photo):
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        hidden, unknown = custody(elsewhere, photo), custody(elsewhere, uuid4())

        assert (404, 404) == (hidden.status_code, unknown.status_code)
        assert hidden.data == unknown.data

    def test_takes_a_steady_number_of_queries(self, auditor, photo):
        custody(auditor, photo)
        with count_queries() as few:
            custody(auditor, photo)
        for _ in range(5):
            original(auditor, photo)
        custody(auditor, photo)

        with count_queries() as more:
            custody(auditor, photo)

        assert more.count == few.count <= 9


def test_no_position_and_no_device_is_in_the_ledger(client, rep):
    client.post(
        "/v1/sessions",
        json={"login": rep.login, "password": "correct horse", "device_id": "imei-356938035643809"},
    )
    send(Phone(client.as_(rep)), rep)

    facts = "".join(entry.facts for entry in LedgerEntry.select())

    for personal in ("imei-356938035643809", "28.19", "112.97", "lat", rep.login, rep.name):
        assert personal not in facts
