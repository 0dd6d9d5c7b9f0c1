"""The clocks of retention: what is rounded and erased, what is held back, and what is told."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.config import Config
from backend.evidence import custody, erasing, photos, places, retention, scores
from backend.evidence.models import LocationReading, PhotoAudit, PhotoReading
from backend.evidence.retention_models import RetentionRun
from backend.evidence.signal_models import Appeal, VisitScore
from backend.fieldwork.case_models import PointCorrection
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import Claim, ClaimProof
from backend.fieldwork.violation_models import ViolationSighting
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation
from backend.network.archive_models import Contact
from backend.network.models import Person, Store
from backend.platform import blobs, clock, jobs, ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import Job, LedgerEntry
from backend.platform.settings import bind
from backend.standards.service import JudgedFor
from tests.client import Client
from tests.factories import (
    make_contact,
    make_dealer,
    make_person,
    make_photo,
    make_promotion,
    make_report,
    make_store,
    make_task,
    make_violation,
    make_visit,
)
from tests.phone import Phone, announced, minutes_ago
from tests.pictures import phone_jpeg
from tests.threads import at_once

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=1000)
HERE = {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 9.0}


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(make_person(Role.ADMIN))


def run(admin: Client, *, dry: bool = False) -> dict[str, dict]:
    """Run the clocks to the end and return the report by class."""
    started = admin.post(f"/v1/retention/runs?dry_run={str(dry).lower()}")
    assert 202 == started.status_code
    worker.run_until_idle()
    report = admin.get(f"/v1/retention/runs/{started.json['id']}").json
    assert report["finished_at"], report
    return {step["kind"]: step for step in report["steps"]}


def old_photo(content: bytes = b"photo", *, days: int = 800, verdict: str = "approved") -> Photo:
    """Store a photo that was received and judged days ago."""
    at = NOW - timedelta(days=days)
    photo = make_photo(judged_visit(at), content)
    age(photo)
    PhotoAudit.create(
        visit_id=photo.visit_id,
        photo_id=photo.id,
        region_id=1,
        business_on=clock.business_date(at),
        status=verdict,
        reasons=[],
        note="",
        version=1,
    )
    return photo


def judged_visit(at: datetime = NOW, **fields) -> Visit:
    """Store a visit whose place was judged."""
    visit = make_visit(at=at, **fields)
    places.judge_places([visit.id], at=at, why=JudgedFor.CHECKED_IN)
    return visit


def age(photo: Photo) -> None:
    """Let a photo's files be as old as its row."""
    os.utime(blobs.path_of(photo.sha256), (0, 0))


def _next_of(steps: list[Callable[[], object]]) -> object:
    return steps.pop()()


def is_held(photo: Photo) -> bool:
    return blobs.path_of(photo.sha256).is_file()


class TestPoints:
    def test_are_rounded_after_their_days_and_what_they_proved_stays(self, admin):
        old, young = judged_visit(OLD), judged_visit()
        judged = LocationReading.get(LocationReading.visit_id == old.id).__data__

        step = run(admin)["points"]

        assert (1, {}) == (step["done"], step["held"])
        assert (28.2, 112.98, 28.2, 112.98) == Visit.select(
            Visit.lat, Visit.lon, Visit.raw_lat, Visit.raw_lon
        ).where(Visit.id == old.id).tuples().get()
        assert judged == LocationReading.get(LocationReading.visit_id == old.id).__data__
        shown = admin.get(f"/v1/visits/{old.id}").json
        assert ("inside", 0, True) == (
            shown["place"],
            shown["distance_m"],
            shown["points_coarsened_at"] is not None,
        )
        assert 28.1951 == Visit.get_by_id(young.id).lat
        assert young.checked_in_at == datetime.fromisoformat(step["oldest_kept_at"])

    def test_of_leaving_cancelling_and_cameras_are_rounded_too(self, admin):
        visit = judged_visit(OLD)
        position = {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 5.0}
        document = orjson.dumps({"check_out": {"position": position}}).decode()
        make_report(visit, document=document)
        said = {"visit_id": visit.id, "person": visit.person_id, "content_sha256": "0" * 64}
        ReportRevision.create(
            **said, id=uuid4(), reason="", amended_at=OLD, received_at=OLD, document=document
        )
        VisitCancellation.create(
            **said,
            reason="other",
            note="",
            cancelled_at=OLD,
            device_at=OLD,
            received_at=OLD,
            lat=28.1951,
            lon=112.9769,
            force_insert=True,
        )
        photo = make_photo(visit, phone_jpeg(1, (64, 48), lat=28.1951, lon=112.9769))
        photos.analyse(visit.id, photo.id, at=OLD)

        run(admin)

        left = admin.get(f"/v1/visits/{visit.id}").json["left"]
        assert (28.2, "inside", 0) == (left["lat"], left["place"], left["distance_m"])
        assert "28.1951" not in Report.get().document + ReportRevision.get().document
        assert (28.2, 112.98) == (VisitCancellation.get().lat, VisitCancellation.get().lon)
        assert (28.2, 112.98) == (PhotoReading.get().lat, PhotoReading.get().lon)

    def test_of_what_nobody_checked_in_for_are_removed(self, client, admin):
        phone, report, broken_off, photo = (
            Phone(client.as_(make_person())),
            uuid4(),
            uuid4(),
            uuid4(),
        )
        left = {"clock": {"device_at": minutes_ago(30)}, "position": HERE}
        phone.report(report, check_out=left)
        phone.amend(report, uuid4(), check_out=left)
        phone.cancel(broken_off, position=HERE)
        phone.photo(uuid4(), photo, phone_jpeg(1, (64, 48), lat=28.1951, lon=112.9769))
        worker.run_until_idle()
        young = run(admin)["points"]
        for model in (Report, ReportRevision, VisitCancellation, Photo, PhotoReading):
            model.update(received_at=OLD).execute()

        dry, step = run(admin, dry=True)["points"], run(admin)["points"]

        assert (0, 3, 3, 0) == (
            young["done"],
            dry["done"],
            step["done"],
            run(admin)["points"]["done"],
        )
        assert "28.1951" not in Report.get().document + ReportRevision.get().document
        assert (None, None) == (VisitCancellation.get().lat, VisitCancellation.get().raw_lat)
        assert (None, None) == (PhotoReading.get().lat, PhotoReading.get().lon)

    def test_outside_work_hours_are_rounded_after_three_days(self, admin):
        ages = {days: judged_visit(NOW - timedelta(days=days)) for days in (1, 4)}
        Visit.update(is_off_hours=True).execute()
        late = judged_visit(NOW - timedelta(days=4))

        assert 1 == run(admin)["points"]["done"]
        exact = {visit.id for visit in Visit.select().where(Visit.lat == 28.1951)}
        assert {ages[1].id, late.id} == exact

    def test_that_nobody_judged_yet_wait(self, admin):
        make_visit(at=OLD)

        step = run(admin)["points"]

        assert (0, {"not_judged": 1}) == (step["done"], step["held"])
        assert OLD == datetime.fromisoformat(step["oldest_kept_at"])

    def test_are_not_judged_again_when_the_store_moves(self, admin):
        visit = judged_visit(OLD)
        run(admin)
        Store.update(lat=28.3, lon=112.9).execute()

        assert [] == places.visits_to(visit.store_id)
        assert 0 == places.judge_places([visit.id], at=NOW, why=JudgedFor.STORE_MOVED)

    def test_are_not_weighed_again(self, admin):
        visit = judged_visit(OLD)
        scores.weigh([visit.id], at=OLD)
        run(admin)

        scores.weigh([visit.id], at=NOW)

        assert OLD == VisitScore.get().scored_at

    def test_that_are_told_later_are_rounded_at_once(self, admin):
        visit = judged_visit(OLD)
        run(admin)
        position = {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84"}
        make_report(visit, document=orjson.dumps({"check_out": {"position": position}}).decode())
        with transaction():
            ledger.append(None, "visit.reported", visit.id, at=NOW)

        worker.run_until_idle()

        assert "28.1951" not in Report.get().document


class TestOriginals:
    def test_are_erased_and_their_absence_is_explained(self, admin):
        photo, young = old_photo(), old_photo(b"young", days=700)

        step = run(admin)["originals"]

        shown = admin.get(f"/v1/photos/{photo.id}/custody").json
        assert 1 == step["done"]
        assert (False, True) == (is_held(photo), is_held(young))
        assert ("erased", photo.sha256) == (shown["stored"], shown["received_sha256"])
        assert "photo.original_erased" == shown["steps"][-1]["verb"]
        assert [young.sha256] == custody.promised()
        assert young.received_at == datetime.fromisoformat(step["oldest_kept_at"])

    def test_stay_while_another_row_names_the_same_bytes(self, admin):
        photo = old_photo()
        old_photo(days=10)
        age(photo)

        run(admin)

        assert Photo.get(Photo.id == photo.id).original_erased_at is not None
        assert is_held(photo)

    def test_whose_bytes_came_again_just_now_are_looked_at_tomorrow(self, admin):
        photo = old_photo()
        os.utime(blobs.path_of(photo.sha256))

        run(admin)

        assert is_held(photo)
        (job,) = Job.select().where(Job.kind == retention.ERASE_BLOB)
        assert NOW + timedelta(hours=23) < job.run_at

    def test_whose_bytes_come_again_are_erased_again(self, client, admin):
        photo = old_photo()
        phone = Phone(client.as_(Person.get_by_id(photo.person_id)))
        run(admin)

        again = phone.photo(photo.visit_id, photo.id, b"photo")
        (job,) = Job.select().where(Job.kind == retention.ERASE_BLOB)
        age(photo)
        retention.erase_blob(job.key)

        assert 200 == again.status_code
        assert not is_held(photo)

    def test_that_were_wrong_and_replaced_go_when_their_time_is_over_and_their_copies_at_once(
        self, client
    ):
        phone, visit, photo = Phone(client.as_(make_person())), uuid4(), uuid4()
        wrong, right = phone_jpeg(1, (64, 48)), phone_jpeg(2, (64, 48))
        wrong_sha256 = phone.photo(visit, photo, wrong).json["sha256"]
        worker.run_until_idle()
        copies = PhotoReading.get()
        phone.report(visit, photos=[announced(photo, right)])
        phone.photo(visit, photo, right)

        worker.run_until_idle()

        due = {job.key: job.run_at - NOW for job in Job.select().where(Job.kind == "erase-blob")}
        assert {wrong_sha256, copies.display_sha256, copies.thumbnail_sha256} == due.keys()
        assert timedelta(days=729) < due[wrong_sha256] < timedelta(days=731)
        assert due[copies.display_sha256] < timedelta(days=2)

    def test_are_there_when_the_same_bytes_are_taken_in_while_they_are_erased(self, client):
        photo, phone = old_photo(), Phone(client.as_(make_person()))
        Photo.update(original_erased_at=NOW).execute()
        for _ in range(20):
            age(photo)
            steps = [
                partial(retention.erase_blob, photo.sha256),
                partial(phone.photo, uuid4(), uuid4(), b"photo"),
            ]

            at_once(2, partial(_next_of, steps))

            assert is_held(photo)
            Photo.delete().where(Photo.original_erased_at.is_null()).execute()

    @pytest.mark.parametrize(
        "why",
        [
            "quarantine",
            "awaiting_verdict",
            "open_appeal",
            "open_violation",
            "open_price_case",
            "open_claim",
            "open_task",
            "open_point_correction",
        ],
    )
    def test_are_held_until_somebody_has_decided(self, admin, why):
        photo = old_photo(verdict="pending" if why == "awaiting_verdict" else "rejected")
        hold(photo, why)

        step = run(admin)["originals"]

        assert (0, {why: 1}, True) == (step["done"], step["held"], is_held(photo))
        assert photo.received_at == datetime.fromisoformat(step["oldest_kept_at"])

    def test_a_download_of_what_was_erased_is_not_found(self, admin):
        photo = old_photo()
        run(admin)

        where = f"/v1/visits/{photo.visit_id}/photos/{photo.id}"

        assert 404 == admin.get(f"{where}/files/original").status_code
        assert "original" not in admin.get(f"{where}/reading").json["links"]


def hold(photo: Photo, why: str) -> None:
    """Make something hold a photo."""
    visit = Visit.get_by_id(photo.visit_id)
    store = Store.get_by_id(visit.store_id)
    if why == "quarantine":
        Photo.update(quarantine_reason="not-in-manifest").execute()
    elif why in {"open_violation", "open_price_case"}:
        case = make_violation(store, resolved_at=None if why == "open_violation" else NOW)
        ViolationSighting.create(
            visit_id=visit.id, violation_id=case.id, seen_at=OLD, person_id=1, note=""
        )
        if why == "open_price_case":
            PriceCase.create(store=store, violation_id=case.id, version=1)
    elif why == "open_claim":
        claim = Claim.create(
            id=uuid4(),
            promotion=make_promotion(),
            dealer=make_dealer(),
            state="submitted",
            note="",
            claimed_fen=1,
            submitted_by_id=1,
            submitted_at=OLD,
            version=1,
            content_sha256="0" * 64,
            force_insert=True,
        )
        ClaimProof.create(claim=claim, line=1, number=1, visit_id=visit.id, photo_id=photo.id)
    elif why == "open_appeal":
        Appeal.create(
            visit_id=visit.id,
            id=uuid4(),
            person=visit.person_id,
            state="open",
            text="",
            codes=[],
            score=50,
            made_at=OLD,
            waived=[],
            version=1,
            content_sha256="0" * 64,
        )
    elif why == "open_task":
        task = make_task(store)
        type(task).update(proof_visit_id=visit.id, proof_photo_id=photo.id).execute()
    elif why == "open_point_correction":
        correct(store, visit, photo)


def correct(store: Store, visit: Visit, photo: Photo) -> None:
    """Store a proposed point that nobody decided about."""
    PointCorrection.create(
        id=uuid4(),
        store=store,
        region=store.region_id,
        state="proposed",
        raw_lat=28.1,
        raw_lon=112.9,
        raw_crs="wgs84",
        accuracy_m=5,
        lat=28.1,
        lon=112.9,
        crs_impl="",
        proof_visit_id=visit.id,
        proof_photo_id=photo.id,
        note="",
        proposed_by_id=1,
        proposed_at=OLD,
        content_sha256="0" * 64,
        version=1,
        force_insert=True,
    )


class TestCopies:
    def read(self, content: bytes, days: int, verdict: str = "approved") -> PhotoReading:
        photo = old_photo(content, days=days, verdict=verdict)
        photos.analyse(photo.visit_id, photo.id, at=photo.received_at)
        reading = PhotoReading.get(PhotoReading.photo_id == photo.id)
        for sha256 in (reading.display_sha256, reading.thumbnail_sha256):
            os.utime(blobs.path_of(sha256), (0, 0))
        return reading

    def test_are_erased_after_theirs_and_no_longer_offered(self, admin):
        reading = self.read(phone_jpeg(1, (64, 48)), 1200)

        step = run(admin)["copies"]

        where = f"/v1/visits/{reading.visit_id}/photos/{reading.photo_id}"
        assert 1 == step["done"]
        assert not blobs.path_of(reading.display_sha256).exists()
        assert not blobs.path_of(reading.thumbnail_sha256).exists()
        assert 404 == admin.get(f"{where}/files/display").status_code
        assert {} == admin.get(f"{where}/reading").json["links"]
        assert [] == custody.promised()

    def test_stay_while_another_photo_shows_the_same(self, admin):
        reading = self.read(phone_jpeg(1, (64, 48)), 1200)
        self.read(phone_jpeg(1, (64, 48)), 10)

        run(admin)

        assert blobs.path_of(reading.display_sha256).exists()

    def test_are_held_with_their_original(self, admin):
        self.read(phone_jpeg(1, (64, 48)), 1200, verdict="pending")

        step = run(admin)["copies"]

        assert (0, {"awaiting_verdict": 1}) == (step["done"], step["held"])


def test_contacts_are_erased_a_year_after_they_left_or_the_customer_closed(admin):
    long_ago = (NOW - timedelta(days=400)).date()
    closed = make_store(closed_on=long_ago)
    gone = [
        make_contact(make_store(), left_on=long_ago, phone_e164="+8613800138000"),
        make_contact(closed),
        make_contact(make_dealer(closed_on=long_ago)),
    ]
    make_contact(make_store(), left_on=NOW.date())
    make_contact(make_store())

    step = run(admin)["contacts"]

    assert 3 == step["done"]
    erased = Contact.select().where(Contact.erased_at.is_null(False))
    assert {contact.id for contact in gone} == {contact.id for contact in erased}
    assert {("", None)} == {(contact.name, contact.phone_e164) for contact in erased}


class TestRuns:
    def test_a_dry_one_counts_the_same_and_changes_nothing(self, admin):
        photo, visit = old_photo(), judged_visit(OLD)
        old_photo(b"held", verdict="pending")
        make_contact(make_store(), left_on=OLD.date())

        dry = run(admin, dry=True)
        unchanged = (is_held(photo), Visit.get_by_id(visit.id).lat, Contact.get().erased_at)
        wet = run(admin)

        assert (True, 28.1951, None) == unchanged
        assert [(s["done"], s["held"]) for s in dry.values()] == [
            (s["done"], s["held"]) for s in wet.values()
        ]
        assert [1, 0, 1, 3] == [step["done"] for step in wet.values()]

    @pytest.mark.thorough
    def test_go_through_everything_in_small_chunks(self, admin):
        store, person, many = make_store(), make_person(), erasing.SIZE + 1
        for _ in range(many):
            make_contact(store, left_on=OLD.date())
            make_visit(store, person, at=OLD)
        places.judge_places([visit.id for visit in Visit.select()], at=OLD, why=JudgedFor.PLACED)
        for _ in range(many):
            make_photo(Visit.get(), b"the same")

        done = {kind: step["done"] for kind, step in run(admin).items()}

        assert {"contacts": many, "copies": 0, "originals": many, "points": many} == done

    def test_a_job_that_is_done_twice_changes_nothing(self, admin):
        old_photo()
        run(admin)
        before = LedgerEntry.select().count()

        retention.go_on(f"{RetentionRun.get().id}:originals")

        assert before == LedgerEntry.select().count()

    def test_are_on_record(self, admin):
        run(admin, dry=True)

        verbs = ["retention.started", "retention.finished"]
        entries = list(LedgerEntry.select().where(LedgerEntry.object == "retention"))
        assert set(verbs) == {entry.verb for entry in entries}
        assert all(orjson.loads(entry.facts)["dry_run"] for entry in entries)

    def test_are_listed_the_latest_first(self, admin):
        ids = [admin.post("/v1/retention/runs").json["id"] for _ in range(3)]

        with assert_query_count(3):  # who asks, how many, the page
            listed = admin.get("/v1/retention/runs").json

        assert ids[::-1] == [each["id"] for each in listed]
        assert {"points": 90, "originals": 730, "copies": 1095, "contacts": 365} == (
            listed[0]["days"]
        )

    def test_an_unknown_one_is_not_found(self, admin):
        assert 404 == admin.get(f"/v1/retention/runs/{uuid4()}").status_code


@pytest.mark.usefixtures("storage")
class TestEveryDay:
    def test_one_run_is_begun(self):
        assert [1, 0] == [retention.daily(NOW), retention.daily(NOW + timedelta(seconds=1))]
        assert 1 == retention.daily(NOW + timedelta(days=1))
        assert [None, None] == [run.asked_by_id for run in RetentionRun.select()]

    def test_none_is_begun_where_the_operator_wants_none(self, config):
        bind(Config(database_url=config.database_url, retention_daily=False))

        assert 0 == retention.daily()
        assert [] == jobs.claim([retention.RUN], at=NOW)
