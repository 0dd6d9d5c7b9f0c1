"""Photos of a visit: announced in a manifest, received as bytes."""

from uuid import uuid4

import pytest

from backend.evidence.models import PhotoReading
from backend.fieldwork.models import Report
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs
from backend.platform.actors import Role
from backend.platform.settings import settings
from backend.worker import run_until_idle
from tests.api.field import verbs
from tests.factories import (
    make_person,
)
from tests.phone import Phone, announced
from tests.pictures import encoded_as, phone_jpeg


class TestPhotos:
    def test_completes_the_visit_when_the_last_announced_photo_is_held(self, phone, store):
        visit_id, ids = uuid4(), [uuid4(), uuid4()]
        pictures = [phone_jpeg(seed=n) for n in range(2)]
        manifest = [announced(i, p) for i, p in zip(ids, pictures, strict=True)]
        phone.check_in(store, visit_id)
        reported = phone.report(visit_id, photos=manifest)

        first = phone.photo(visit_id, ids[0], pictures[0])
        before = phone.receipt(visit_id)
        phone.photo(visit_id, ids[1], pictures[1])
        after = phone.receipt(visit_id)

        assert ["missing", "missing"] == [p["state"] for p in reported.json["photos"]]
        assert 201 == first.status_code
        assert ("reported", False) == (before["status"], before["is_complete"])
        assert ("complete", True) == (after["status"], after["is_complete"])
        assert ["received", "received"] == [p["state"] for p in after["photos"]]
        for picture, entry in zip(pictures, manifest, strict=True):
            assert picture == blobs.path_of(entry["sha256"]).read_bytes()

    def test_answers_a_repeated_upload_as_already_held(self, phone, store):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        phone.check_in(store, visit_id)

        statuses = [phone.photo(visit_id, photo_id, picture).status_code for _ in range(3)]

        assert [201, 200, 200] == statuses
        assert 1 == verbs().count("photo.received")

    def test_refuses_other_bytes_under_the_same_id(self, phone):
        visit_id, photo_id = uuid4(), uuid4()
        phone.photo(visit_id, photo_id, phone_jpeg(seed=1))

        answer = phone.photo(visit_id, photo_id, phone_jpeg(seed=2))

        assert 409 == answer.status_code
        assert "urn:xundian:problem:id-taken" == answer.json["type"]

    def test_refuses_the_same_photo_id_under_another_visit(self, phone):
        photo_id, picture = uuid4(), phone_jpeg()
        phone.photo(uuid4(), photo_id, picture)

        uploaded = phone.photo(uuid4(), photo_id, picture)
        announcing = phone.report(uuid4(), photos=[announced(photo_id, picture)])

        assert (409, 409) == (uploaded.status_code, announcing.status_code)
        assert "urn:xundian:problem:id-taken" == announcing.json["type"]
        assert (1, 0) == (Photo.select().count(), Report.select().count())

    def test_what_is_refused_takes_no_room(self, client, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        phone.check_in(store, visit_id)
        phone.photo(visit_id, photo_id, phone_jpeg(seed=1))
        stranger = Phone(client.as_(make_person()))

        answers = [
            phone.photo(visit_id, photo_id, phone_jpeg(seed=2)),
            phone.photo(uuid4(), photo_id, phone_jpeg(seed=3)),
            stranger.photo(visit_id, photo_id, phone_jpeg(seed=4)),
            stranger.photo(visit_id, uuid4(), phone_jpeg(seed=5)),
        ]

        assert [409] * 4 == [answer.status_code for answer in answers]
        files = [path for path in blobs.root().rglob("*") if path.is_file()]
        assert [blobs.path_of(Photo.get().sha256)] == files

    def test_refuses_another_persons_visit(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = Phone(client.as_(make_person())).photo(visit_id, uuid4(), phone_jpeg())

        assert 409 == answer.status_code
        assert 0 == Photo.select().count()

    @pytest.mark.parametrize("declared_by", ["header", "manifest"])
    def test_refuses_bytes_that_are_not_the_declared_ones(self, phone, store, declared_by):
        visit_id, photo_id = uuid4(), uuid4()
        sent, meant = phone_jpeg(seed=1), phone_jpeg(seed=2)
        headers = {"Repr-Digest": "sha-256=:" + "A" * 43 + "=:"}
        phone.check_in(store, visit_id)
        if declared_by == "manifest":
            phone.report(visit_id, photos=[announced(photo_id, meant)])
            headers = {"Want": "nothing"}

        answer = phone.photo(visit_id, photo_id, sent, **headers)

        assert 400 == answer.status_code
        assert "urn:xundian:problem:hash-mismatch" == answer.json["type"]
        assert "now" == answer.json["retry"]
        assert "photo.received" not in verbs()
        assert [] == [path for path in blobs.root().rglob("*") if path.is_file()]

    def test_refuses_a_digest_it_cannot_read_and_ignores_unknown_algorithms(self, phone):
        picture = phone_jpeg()
        bad = phone.photo(uuid4(), uuid4(), picture, **{"Repr-Digest": "sha-256=:zzz:"})
        other = phone.photo(uuid4(), uuid4(), picture, **{"Content-Digest": "md5=:AAAA:"})

        assert (422, 201) == (bad.status_code, other.status_code)

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
    def test_takes_every_kind_of_photo_from_the_phone_to_the_auditor(self, client, store, kind):
        visit_id, photo_id = uuid4(), uuid4()
        phone = Phone(client.as_(make_person()))
        picture = encoded_as(kind)
        phone.check_in(store, visit_id)
        phone.report(visit_id, photos=[announced(photo_id, picture)])

        answer = phone.client.put(
            f"/v1/visits/{visit_id}/photos/{photo_id}", data=picture, content_type=f"image/{kind}"
        )
        run_until_idle()
        files = f"/v1/visits/{visit_id}/photos/{photo_id}/files"
        auditor = client.as_(make_person(Role.AUDITOR))
        original = auditor.get(f"{files}/original", buffered=True)
        display = auditor.get(f"{files}/display", buffered=True)

        assert 201 == answer.status_code
        assert (picture, f"image/{kind}") == (original.data, original.mimetype)
        assert (200, "image/jpeg") == (display.status_code, display.mimetype)

    def test_quarantines_a_photo_no_manifest_names(self, phone, store):
        visit_id, early, late = uuid4(), uuid4(), uuid4()
        phone.check_in(store, visit_id)
        before = phone.photo(visit_id, early, phone_jpeg(seed=1))
        phone.report(visit_id)

        after = phone.photo(visit_id, late, phone_jpeg(seed=2))
        states = {p["id"]: p["reason"] for p in phone.receipt(visit_id)["photos"]}

        assert ("unannounced", 201) == (before.json["state"], before.status_code)
        assert ("quarantined", 202) == (after.json["state"], after.status_code)
        assert {str(early): "not-in-manifest", str(late): "not-in-manifest"} == states
        assert "complete" == phone.receipt(visit_id)["status"]

    def test_lets_the_phone_replace_early_bytes_the_manifest_contradicts(self, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        wrong, right = phone_jpeg(seed=1), phone_jpeg(seed=2)
        phone.check_in(store, visit_id)
        phone.photo(visit_id, photo_id, wrong)

        reported = phone.report(visit_id, photos=[announced(photo_id, right)])
        replaced = phone.photo(visit_id, photo_id, right)

        assert ("quarantined", "hash-mismatch") == (
            reported.json["photos"][0]["state"],
            reported.json["photos"][0]["reason"],
        )
        assert (201, "received") == (replaced.status_code, replaced.json["state"])
        assert "complete" == phone.receipt(visit_id)["status"]

    @pytest.mark.parametrize("when", ["before the report", "after it", "not announced"])
    def test_keeps_what_is_no_photo_in_quarantine_and_never_decodes_it(
        self, client, phone, store, when
    ):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        url = f"/v1/visits/{visit_id}/photos/{photo_id}"
        manifest = [] if when == "not announced" else [announced(photo_id, picture)]
        phone.check_in(store, visit_id)
        if when == "after it":
            phone.report(visit_id, photos=manifest)

        first, again = (
            phone.client.put(url, data=picture, content_type="application/octet-stream")
            for _ in range(2)
        )
        if when != "after it":
            phone.report(visit_id, photos=manifest)
        run_until_idle()

        kept = ("quarantined", "unsupported-media-type")
        assert (202, 200) == (first.status_code, again.status_code)
        assert kept == (first.json["state"], first.json["reason"])
        receipt = phone.receipt(visit_id)
        assert ("complete", [kept]) == (
            receipt["status"],
            [(photo["state"], photo["reason"]) for photo in receipt["photos"]],
        )
        reading = PhotoReading.get()
        assert ("unsupported-media-type", None) == (reading.unreadable_reason, reading.width)
        assert picture == blobs.path_of(Photo.get().sha256).read_bytes()
        advice = phone.client.get(f"{url}/advice").json
        assert "unsupported-media-type" == advice["unreadable_reason"]
        boss = client.as_(make_person(Role.MANAGER))
        release = f"/v1/visits/{visit_id}/photos/{photo_id}/release"
        assert 200 == boss.post(release, json={"note": "电子发票"}).status_code

    def test_keeps_no_more_of_it_than_of_a_photo(self, phone):
        limit = settings().max_photo_bytes

        answer = phone.client.put(
            f"/v1/visits/{uuid4()}/photos/{uuid4()}", data=b"x" * (limit + 1), content_type="a/b"
        )

        assert 413 == answer.status_code
