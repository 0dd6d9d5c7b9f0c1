"""From the ledger to readings: what evidence does by itself, in any order."""

from itertools import permutations

import pytest

from backend.evidence import follow
from backend.evidence.models import LocationReading, PhotoAudit, PhotoReading
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform import clock, consumers, jobs, ledger
from backend.platform.database import transaction
from backend.platform.models import Job
from tests import pictures
from tests.factories import NOON, make_photo, make_visit
from tests.pictures import phone_jpeg

pytestmark = pytest.mark.usefixtures("app")


def happened(verb: str, object_id, **facts) -> None:
    with transaction():
        ledger.append(None, verb, object_id, at=NOON, **facts)


def keep_up() -> None:
    while ledger.seal() + consumers.advance(follow.CONSUMER):
        pass


def work() -> None:
    keep_up()
    while jobs.run_due(follow.JOBS, at=clock.now()):
        pass


def received(photo: Photo) -> None:
    happened("photo.received", photo.id, visit=str(photo.visit_id), sha256=photo.sha256)


def test_a_received_photo_is_read_once():
    photo = make_photo(make_visit(), phone_jpeg(1))
    received(photo)
    keep_up()
    owed = [(job.kind, job.key) for job in Job.select()]

    work()
    keep_up()

    assert [("analyse-photo", f"{photo.visit_id}:{photo.id}")] == owed
    assert [photo.id] == [reading.photo_id for reading in PhotoReading.select()]
    assert 0 == Job.select().count()


@pytest.mark.parametrize("verb", ["visit.checked_in", "visit.placed"])
def test_a_visit_that_has_its_store_is_located(verb):
    visit = make_visit()
    happened(verb, visit.id)

    work()

    assert [visit.id] == [reading.visit_id for reading in LocationReading.select()]


@pytest.mark.parametrize("order", list(permutations(["received", "completed", "work"])))
def test_a_sound_photo_is_queued_for_audit_whatever_came_first(order):
    visit = make_visit(status="reported")
    sound, broken = make_photo(visit, phone_jpeg(1)), make_photo(visit, pictures.text_as_jpeg())
    for step in (*order, "work"):
        match step:
            case "received":
                received(sound)
                received(broken)
            case "completed":
                Visit.update(status="complete").execute()
                happened("visit.completed", visit.id)
            case "work":
                work()

    audits = [(a.photo_id, a.status, a.region_id, a.version) for a in PhotoAudit.select()]
    assert [(sound.id, "pending", visit.region_id, 1)] == audits


@pytest.mark.parametrize(
    "fields",
    [{"status": "reported"}, {"quarantine_reason": "second-visit-open"}, {"store_id": None}],
    ids=["not complete", "quarantined", "unknown store"],
)
def test_photos_of_a_visit_that_does_not_count_wait(fields):
    visit = make_visit(**fields)
    received(make_photo(visit, phone_jpeg(1)))
    happened("visit.completed", visit.id)

    work()

    assert (1, 0) == (PhotoReading.select().count(), PhotoAudit.select().count())


def test_a_cleared_visit_queues_its_photos_once():
    visit = make_visit(quarantine_reason="second-visit-open")
    received(make_photo(visit, phone_jpeg(1)))
    work()

    Visit.update(quarantine_reason=None).execute()
    happened("visit.cleared", visit.id)
    happened("visit.completed", visit.id)
    work()

    assert 1 == PhotoAudit.select().count()


def test_a_visit_completed_while_a_photo_is_being_read_still_queues_it():
    visit = make_visit(status="reported")
    photo = make_photo(visit, phone_jpeg(1))
    received(photo)
    keep_up()
    (reading,) = jobs.claim([follow.ANALYSE_PHOTO], at=clock.now())
    Visit.update(status="complete").execute()
    happened("visit.completed", visit.id)
    keep_up()
    Visit.update(status="reported").execute()  # as the reader's snapshot had it
    follow.analyse_photo(reading.key)
    Visit.update(status="complete").execute()
    jobs.finish(reading)

    work()

    assert [photo.id] == [audit.photo_id for audit in PhotoAudit.select()]
