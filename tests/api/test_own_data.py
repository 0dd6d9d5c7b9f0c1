"""One's own copy of everything, and forgetting who has left."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.evidence import places
from backend.evidence.models import LocationReading, PhotoAudit, PhotoReading
from backend.exchange import erasure, own_data, personal
from backend.exchange.models import DataExport
from backend.fieldwork.fixture_models import FixtureEvent
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation
from backend.models import MODELS
from backend.network.models import LoginDelay, Person, Session
from backend.platform import blobs, ledger
from backend.platform.actors import Role
from backend.platform.models import Job, LedgerEntry
from tests.client import Client
from tests.factories import (
    PASSWORD,
    make_contact,
    make_fixture,
    make_person,
    make_region,
    make_sku,
    make_store,
    make_violation,
    the_region,
)
from tests.phone import Phone, announced, minutes_ago
from tests.pictures import phone_jpeg
from tests.threads import at_once

HERE = {"lat": 28.195123, "lon": 112.976934, "crs": "wgs84", "accuracy_m": 9.0}
EXPORTS = "/v1/me/data-exports"


@pytest.fixture
def rep(client: Client) -> Person:  # noqa: ARG001  # needs the database
    return make_person(login="lilei", name="李雷")


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(make_person(Role.ADMIN, login="root", name="管理员"))


@pytest.fixture
def visit(client: Client, rep: Person) -> UUID:
    """A visit with everything a person can leave behind."""
    visit_id, photo_id, content = uuid4(), uuid4(), phone_jpeg(3, (64, 48), lat=28.19, lon=112.97)
    phone = Phone(client.as_(rep, device_id="phone-of-lilei"))
    store, sku = make_store(owner=rep), make_sku()
    phone.check_in(store, visit_id, position=HERE, unplanned_reason="李雷路过")
    phone.report(
        visit_id,
        check_out={"clock": {"device_at": minutes_ago(30)}, "position": HERE},
        outcome="other",
        outcome_reason="李雷说店主不在",
        products=[{"sku_id": sku.id, "listed": True, "stock": 3}],
        answers=[{"line": "x", "text": "李雷看到", "note": "李雷备注"}],
        photos=[announced(photo_id, content)],
    )
    phone.photo(visit_id, photo_id, content)
    phone.amend(
        visit_id,
        uuid4(),
        outcome="other",
        outcome_reason="李雷更正",
        products=[{"sku_id": sku.id, "listed": True, "stock": 4}],
        photos=[announced(photo_id, content)],
    )
    make_violation(store, opened_by_id=rep.id, note="李雷发现")
    worker.run_until_idle()
    return visit_id


def copy_of(client: Client) -> dict[str, bytes]:
    """Ask for a copy, let it be made, and return its files."""
    export = client.post(EXPORTS).json
    worker.run_until_idle()
    answer = client.get(f"{EXPORTS}/{export['id']}.zip", buffered=True)
    assert 200 == answer.status_code, answer.json
    with ZipFile(BytesIO(answer.data)) as pack:
        assert pack.testzip() is None
        return {name: pack.read(name) for name in pack.namelist()}


def rows(files: dict[str, bytes], table: str) -> list[dict]:
    return [orjson.loads(line) for line in files[f"rows/{table}.jsonl"].splitlines()]


class TestOwnData:
    def test_is_every_row_about_oneself(self, client, rep, visit):
        files = copy_of(client.as_(rep))

        assert ["lilei"] == [row["login"] for row in rows(files, "person")]
        assert [str(visit)] == [row["id"] for row in rows(files, "visit")]
        assert 28.195123 == rows(files, "visit")[0]["lat"]
        for table in ("report", "photo", "photo_reading", "location_reading", "violation"):
            assert rows(files, table)
        assert {rep.id} <= {row["actor_id"] for row in rows(files, "ledger_entry")}
        assert str(Photo.get().id) in files["photos.csv"].decode()
        assert "与您有关" in files["README.txt"].decode()

    def test_has_no_secrets_and_nobody_elses_rows(self, client, rep, visit, admin):  # noqa: ARG002
        make_contact(make_store(), person_id=rep.id, name="王老板")
        other = make_person(name="韩梅梅")
        everything = b"".join(copy_of(client.as_(rep)).values()).decode()

        assert "password_hash" not in everything
        assert "token_sha256" not in everything
        assert "王老板" not in everything
        assert other.name not in everything

    def test_says_what_it_is_before_it_comes(self, client, rep, visit):  # noqa: ARG002
        me = client.as_(rep)
        asked = me.post(EXPORTS)
        again = me.post(EXPORTS)
        early = me.get(f"{EXPORTS}/{asked.json['id']}.zip")
        worker.run_until_idle()

        with assert_query_count(3):  # who asks, how many, the page
            (listed,) = me.get(EXPORTS).json
        answer = me.get(f"{EXPORTS}/{asked.json['id']}.zip", buffered=True)

        assert (202, "waiting") == (asked.status_code, asked.json["state"])
        assert asked.json["id"] == again.json["id"] == listed["id"]
        assert (409, "urn:xundian:problem:data-export-not-ready") == (
            early.status_code,
            early.json["type"],
        )
        assert ("ready", len(answer.data)) == (listed["state"], listed["size_bytes"])
        assert listed["sha256"] == answer.headers["X-Content-SHA256"]
        verbs = [e.verb for e in LedgerEntry.select().where(LedgerEntry.object == "data_export")]
        assert {"data_export.asked", "data_export.made", "data_export.taken"} == set(verbs)

    def test_is_nobody_elses(self, client, rep, admin):
        export = client.as_(rep).post(EXPORTS).json
        worker.run_until_idle()

        assert 404 == admin.get(f"{EXPORTS}/{export['id']}.zip").status_code
        assert [] == admin.get(EXPORTS).json

    def test_expires(self, client, rep):
        me = client.as_(rep)
        export = me.post(EXPORTS).json
        worker.run_until_idle()
        sha256 = DataExport.get().sha256
        (job,) = Job.select().where(Job.kind == own_data.EXPIRE)

        own_data.expire(job.key)
        own_data.expire(job.key)

        assert timedelta(days=6) < job.run_at - datetime.now(UTC) < timedelta(days=8)
        assert ["expired"] == [each["state"] for each in me.get(EXPORTS).json]
        assert 404 == me.get(f"{EXPORTS}/{export['id']}.zip").status_code
        assert not blobs.path_of(sha256).exists()

    def test_a_job_that_is_done_twice_changes_nothing(self, client, rep):
        export = client.as_(rep).post(EXPORTS).json
        worker.run_until_idle()
        before = DataExport.get().__data__

        own_data.make(export["id"])

        assert before == DataExport.get().__data__

    def test_of_a_job_that_was_killed_before_its_end_is_left_nowhere(self, client, rep):
        client.as_(rep).post(EXPORTS)
        half = blobs.put(b"what a killed worker kept")
        DataExport.update(sha256=half).execute()

        worker.run_until_idle()

        (listed,) = client.as_(rep).get(EXPORTS).json
        assert ("ready", False) == (listed["state"], blobs.path_of(half).exists())

    def test_of_two_workers_at_once_is_kept_once(self, client, rep):
        export = client.as_(rep).post(EXPORTS).json
        before = set(blobs.root().glob("??/*"))

        at_once(3, lambda: own_data.make(export["id"]))

        made = LedgerEntry.select().where(LedgerEntry.verb == "data_export.made")
        assert 1 == made.count()
        kept = set(blobs.root().glob("??/*")) - before
        assert {DataExport.get().sha256} == {path.name for path in kept}

    def test_does_not_tell_who_reads_a_photo_first_or_that_two_do(self, client, rep, visit):  # noqa: ARG002
        PhotoAudit.update(first_by_id=rep.id, wants_second=True).execute()

        (audit,) = rows(copy_of(client.as_(rep)), "photo_audit")

        assert not {"first_by_id", "wants_second"} & audit.keys()
        assert {"status", "claimed_by_id"} <= audit.keys()


class TestErasure:
    def leave(self, rep: Person) -> None:
        Person.update(is_active=False).where(Person.id == rep.id).execute()

    def erase(self, admin: Client, rep: Person):
        self.leave(rep)
        answer = admin.post(f"/v1/people/{rep.id}/erasure")
        worker.run_until_idle()
        return answer

    def test_replaces_the_person_by_a_pseudonym_at_once(self, client, admin, rep):
        LoginDelay.create(key="login:lilei", failures=1, wait_until=rep_time(), force_insert=True)
        LoginDelay.create(
            key="device:lilei:p", failures=1, wait_until=rep_time(), force_insert=True
        )
        client.as_(rep)
        self.leave(rep)

        answer = admin.post(f"/v1/people/{rep.id}/erasure")

        assert (202, f"erased-{rep.id}", "[已删除]") == (
            answer.status_code,
            answer.json["login"],
            answer.json["name"],
        )
        assert 0 == LoginDelay.select().count()
        assert 0 == Session.select().where(Session.person == rep.id).count()
        signing_in = {"login": f"erased-{rep.id}", "password": PASSWORD, "device_id": "d"}
        assert 401 == client.post("/v1/sessions", json=signing_in).status_code

    def test_leaves_no_trace_of_the_person_in_any_row(self, admin, rep, visit):
        self.erase(admin, rep)

        texts = "".join(str(row) for model in MODELS for row in model.select().tuples())

        for personal_data in ("李雷", "lilei", "phone-of-lilei", "28.195123", "112.976934"):
            assert personal_data not in texts
        shown = admin.get(f"/v1/visits/{visit}").json
        assert (None, None, "inside") == (shown["lat"], shown["raw_lat"], shown["place"])
        assert ("[已删除]", None) == (shown["outcome_reason"], shown["left"])

    def test_keeps_counts_scores_and_sums_to_the_byte(self, admin, rep, visit):
        dealer = Visit.get_by_id(visit).dealer_id
        day = Visit.get_by_id(visit).business_on
        window = f"from={day}&to={day + timedelta(days=1)}"
        asked = [
            f"/v1/dealers/{dealer}/summary?{window}",
            f"/v1/dealers/summaries?{window}",
            f"/v1/exports/dealer_summaries.csv?{window}",
            f"/v1/exports/product_lines.csv?{window}",
        ]
        before = [admin.get(path, buffered=True) for path in asked]
        judged = LocationReading.get().__data__
        scores = Report.select(Report.signage_num, Report.must_listed, Report.sightings)

        kept = list(scores.tuples())
        self.erase(admin, rep)
        after = [admin.get(path, buffered=True) for path in asked]

        assert [200] * 4 == [answer.status_code for answer in before]
        assert [told(answer) for answer in before[:3]] == [told(answer) for answer in after[:3]]
        assert before[3].headers["X-Row-Count"] == after[3].headers["X-Row-Count"] == "1"
        assert b'"visits"' in before[0].data
        assert judged == LocationReading.get().__data__
        assert kept == list(scores.tuples())

    def test_never_touches_the_ledger(self, admin, rep, visit):  # noqa: ARG002
        ledger.seal_all()
        head = ledger.head()

        self.erase(admin, rep)
        ledger.seal_all()

        assert head.hash == LedgerEntry.get(LedgerEntry.seq == head.seq).hash
        assert list(ledger.verify())[-1] == ledger.head()
        verbs = [entry.verb for entry in ledger.read(head.seq, 100)]
        assert "person.erasure_asked" in verbs
        assert "person.erased" in verbs

    def test_of_a_cancelled_visit_removes_the_position(self, client, admin, rep):
        visit_id, phone = uuid4(), Phone(client.as_(rep))
        phone.check_in(make_store(owner=rep), visit_id)
        phone.cancel(visit_id, position=HERE, reason="other", note="李雷病了")

        self.erase(admin, rep)

        cancelled = VisitCancellation.get()
        assert (None, None, "[已删除]") == (cancelled.lat, cancelled.raw_lat, cancelled.note)

    def test_removes_positions_and_texts_of_what_has_no_check_in(self, client, admin, rep):
        phone, lost, broken_off = Phone(client.as_(rep)), uuid4(), uuid4()
        left = {"clock": {"device_at": minutes_ago(30)}, "position": HERE}
        said = {"outcome": "other", "outcome_reason": "李雷说店主不在"}
        phone.report(lost, check_out=left, **said)
        phone.amend(lost, uuid4(), check_out=left, **said)
        phone.cancel(broken_off, position=HERE, reason="other", note="李雷病了")

        self.erase(admin, rep)

        texts = "".join(str(row) for model in MODELS for row in model.select().tuples())
        assert "李雷" not in texts
        assert "28.195123" not in texts
        assert 1 == ReportRevision.select().count()

    def test_removes_the_name_where_goods_changed_hands(self, admin, rep):
        make_fixture()
        FixtureEvent.update(giver="李雷", giver_person_id=rep.id, receiver="王老板").execute()

        self.erase(admin, rep)

        event = FixtureEvent.get()
        assert ("[已删除]", "王老板") == (event.giver, event.receiver)

    def test_keeps_nothing_personal_of_photos_that_are_read_afterwards(self, client, admin, rep):
        phone, visit_id, photo_id = Phone(client.as_(rep)), uuid4(), uuid4()
        phone.check_in(make_store(owner=rep), visit_id)
        phone.photo(visit_id, photo_id, phone_jpeg(3, (64, 48), lat=28.19, lon=112.97))
        self.leave(rep)
        admin.post(f"/v1/people/{rep.id}/erasure")
        erasure.finish(str(rep.id))

        worker.run_until_idle()

        reading = PhotoReading.get()
        assert (None, None, None) == (reading.lat, reading.lon, reading.device_model)
        assert reading.display_sha256 is not None

    def test_is_for_good(self, admin, rep):
        self.erase(admin, rep)
        version = admin.get(f"/v1/people/{rep.id}").headers["ETag"]

        answer = admin.patch(
            f"/v1/people/{rep.id}", json={"name": "李雷"}, headers={"If-Match": version}
        )

        assert (409, "urn:xundian:problem:person-erased") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_of_who_still_waits_for_a_copy_makes_none(self, client, rep):
        export = client.as_(rep).post(EXPORTS).json
        own_data.forget(DataExport.get(), at=rep_time())

        own_data.make(export["id"])

        copy = DataExport.get()
        assert (None, None) == (copy.made_at, copy.sha256)

    def test_takes_the_persons_copies_along(self, client, admin, rep):
        client.as_(rep).post(EXPORTS)
        worker.run_until_idle()

        self.erase(admin, rep)

        assert not blobs.path_of(DataExport.get().sha256).exists()

    def test_is_not_judged_again_and_may_be_asked_for_twice(self, admin, rep, visit):
        self.erase(admin, rep)
        entries = LedgerEntry.select().where(LedgerEntry.verb == "person.erasure_asked")

        assert 202 == admin.post(f"/v1/people/{rep.id}/erasure").status_code
        assert 1 == entries.count()
        assert [] == places.visits_to(Visit.get_by_id(visit).store_id)

    def test_is_only_for_who_has_left(self, admin, rep):
        answer = admin.post(f"/v1/people/{rep.id}/erasure")

        assert (409, "urn:xundian:problem:person-still-active") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_of_somebody_out_of_sight_is_not_found(self, client):
        below = make_region(the_region())
        admin = client.as_(make_person(Role.ADMIN, region=below))

        assert 404 == admin.post(f"/v1/people/{make_person().id}/erasure").status_code
        assert 404 == admin.post("/v1/people/99999/erasure").status_code


def told(answer) -> bytes:
    """Return a body but for the moments at which it was made, and ages up to them."""
    moments = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\",]*"
    return re.sub(moments + rb"|\"oldest_open_h\":[\d.]+", b"", answer.data)


def rep_time() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def test_every_free_text_somebody_writes_is_erased_or_kept_for_a_reason():
    kept = {
        # What customers said, not those who wrote it down.
        ("complaint", "text"),
        ("complaint_entry", "text"),
        ("feedback_card", "comment"),
        ("price_case", "reply_text"),
        ("scorecard_contest", "text"),
        # Decisions of the office about partners, which stay on file with the case.
        ("price_case", "closing_note"),
        ("claim", "note"),
        ("claim", "decision_note"),
        ("promotion_evaluation", "note"),
        ("promotion_day", "remark"),
        ("pipeline_move", "reason"),
        ("duplicate_verdict", "note"),
        ("signal_config", "note"),
    }
    erased = {(text.model, text) for _, text in [*erasure.WRITTEN, *erasure.OF_VISIT]}
    named = {(personal.name_of(model), text.column_name) for model, text in erased}

    found = {
        (personal.name_of(model), field.column_name)
        for model in personal.tables()
        for field in personal.fields_of(model)
        if field.column_name in {"note", "remark", "comment", "text", "decision_note"}
        or field.column_name in {"closing_note", "reply_text", "resolution"}
    }

    assert set() == found - named - kept
    assert ReportRevision in personal.tables()
