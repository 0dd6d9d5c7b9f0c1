"""Reading photos: real JPEGs through real blobs."""

import hashlib
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import orjson
import pytest
from PIL import Image

from backend.evidence import photos
from backend.evidence.models import PhotoAudit, PhotoMatch, PhotoReading
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs
from backend.platform.models import LedgerEntry
from tests import pictures
from tests.factories import NOON, make_photo, make_visit
from tests.pictures import phone_jpeg

pytestmark = pytest.mark.usefixtures("app")


def read(photo: Photo, *, at=NOON) -> PhotoReading:
    photos.analyse(photo.visit_id, photo.id, at=at)
    return PhotoReading.get(
        PhotoReading.visit_id == photo.visit_id, PhotoReading.photo_id == photo.id
    )


def told(verb: str) -> list[dict]:
    entries = LedgerEntry.select().where(LedgerEntry.verb == verb).order_by(LedgerEntry.id)
    return [orjson.loads(entry.facts) for entry in entries]


def fresh(photo: Photo) -> Photo:
    return Photo.get(Photo.visit_id == photo.visit_id, Photo.id == photo.id)


def test_keeps_what_the_camera_claims():
    content = phone_jpeg(1, taken_at=NOON, lat=28.1951, lon=112.9769, model="YAOSHI X1")

    reading = read(make_photo(make_visit(), content))

    assert (640, 480, "YAOSHI X1") == (reading.width, reading.height, reading.device_model)
    assert NOON == reading.taken_at
    assert (28.1951, 112.9769) == pytest.approx((reading.lat, reading.lon), abs=1e-5)
    assert (None, NOON) == (reading.unreadable_reason, reading.received_at)


def test_holds_upright_copies_without_exif():
    reading = read(make_photo(make_visit(), phone_jpeg(1, lat=28.2, lon=113.0, orientation=6)))

    for sha256, size in (
        (reading.display_sha256, (480, 640)),
        (reading.thumbnail_sha256, (240, 320)),
    ):
        content = blobs.path_of(sha256).read_bytes()
        with Image.open(BytesIO(content)) as image:
            assert (size, "JPEG", {}) == (image.size, image.format, dict(image.getexif()))
        assert b"Exif" not in content
        assert sha256 == hashlib.sha256(content).hexdigest()


def test_tells_the_ledger_once_and_names_the_store_day():
    visit = make_visit()
    photo = make_photo(visit, phone_jpeg(1))

    read(photo)
    read(photo)

    assert [
        {
            "visit": str(visit.id),
            "sha256": photo.sha256,
            "matched": 0,
            "unreadable": None,
            "store": visit.store_id,
            "dealer": visit.dealer_id,
            "region": visit.region_id,
            "day": "2026-03-02",
        }
    ] == told("photo.analysed")


@pytest.mark.parametrize("known", [True, False])
def test_reads_a_photo_whose_visit_has_no_store_or_is_not_there_yet(known):
    visit = make_visit(store_id=None, status="open")
    photo = make_photo(visit, phone_jpeg(1))
    if not known:
        Visit.delete().execute()

    reading = read(photo)

    assert reading.display_sha256
    assert {"visit", "sha256", "matched", "unreadable"} == set(told("photo.analysed")[0])
    assert 0 == PhotoAudit.select().count()


def test_passes_over_a_photo_that_is_not_held():
    visit = make_visit()
    announced = make_photo(visit, phone_jpeg(1), sha256=None, received_at=None)

    photos.analyse(visit.id, announced.id, at=NOON)
    photos.analyse(visit.id, uuid4(), at=NOON)

    assert 0 == PhotoReading.select().count()


def test_a_missing_blob_is_not_the_fault_of_the_photo():
    photo = make_photo(make_visit(), phone_jpeg(1))
    blobs.path_of(photo.sha256).unlink()

    with pytest.raises(FileNotFoundError):
        read(photo)

    assert None is fresh(photo).quarantine_reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pictures.text_as_jpeg(), "unreadable-photo"),
        (pictures.truncated(phone_jpeg(1)), "unreadable-photo"),
        (pictures.bomb_png(30_000, 30_000), "too-many-pixels"),
        (b"", "unreadable-photo"),
    ],
    ids=["text", "cut off", "bomb", "empty"],
)
def test_a_hostile_photo_leaves_a_quarantine_and_never_an_exception(content, reason):
    visit = make_visit()
    photo = make_photo(visit, content)
    sound = make_photo(visit, phone_jpeg(1))

    reading = read(photo)
    read(sound)

    assert reason == reading.unreadable_reason == fresh(photo).quarantine_reason
    assert (None, None, None) == (reading.width, reading.display_sha256, reading.dhash)
    assert [sound.id] == [audit.photo_id for audit in PhotoAudit.select()]
    assert {reason, None} == {entry["unreadable"] for entry in told("photo.analysed")}


def test_an_earlier_reason_for_quarantine_stays():
    photo = make_photo(make_visit(), pictures.text_as_jpeg(), quarantine_reason="not-in-manifest")

    read(photo)

    assert "not-in-manifest" == fresh(photo).quarantine_reason


def test_a_manifest_that_comes_after_the_reading_does_not_clear_what_cannot_be_read():
    photo = make_photo(make_visit(), pictures.text_as_jpeg())
    read(photo)
    Photo.update(quarantine_reason=None).execute()

    photos.settle(photo.visit_id, at=NOON)

    assert "unreadable-photo" == fresh(photo).quarantine_reason


def test_other_bytes_of_the_same_photo_are_read_anew():
    earlier = make_photo(make_visit(), phone_jpeg(1))
    photo = make_photo(make_visit(at=NOON + timedelta(hours=1)), phone_jpeg(1, quality=70))
    later = make_photo(make_visit(at=NOON + timedelta(hours=2)), phone_jpeg(1, quality=60))
    for each in (earlier, photo, later):
        read(each)
    before = PhotoMatch.select().count()

    Photo.update(sha256=blobs.put(phone_jpeg(2))).where(Photo.id == photo.id).execute()
    reading = read(photo)

    assert hashlib.sha256(phone_jpeg(2)).hexdigest() == reading.sha256
    assert (3, [(later.id, earlier.id)]) == (
        before,
        [(match.photo_id, match.earlier_photo_id) for match in PhotoMatch.select()],
    )
    assert [] == photos.unread(photo.visit_id)
    assert {2, 1} == {e["matched"] for e in told("photo.analysed") if e["sha256"] == later.sha256}
