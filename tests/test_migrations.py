"""What migrations do to rows that are already there."""

from datetime import date

import pytest
from playhouse.migrations import Runner

from backend import worker
from backend.app import start
from backend.config import Config
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit
from backend.fieldwork.case_models import Complaint, ComplaintEntry
from backend.network.archive_models import StoreCompleteness
from backend.platform.database import db, is_sqlite
from backend.platform.models import ConsumerCursor, Job
from backend.schema import MIGRATIONS
from tests.conftest import execute

pytestmark = pytest.mark.thorough

ROWS = """
INSERT INTO region (id, code, name, path) VALUES (1, 'HN', '湖南', '/1/');
INSERT INTO dealer (id, code, name, region_id, opened_on, version)
VALUES (1, '43-01-001', '恒达', 1, '2025-01-01', 1);
INSERT INTO store (id, code, name, region_id, division_code, tier, is_tier_overridden, grade,
  address, status, opened_on, version)
VALUES (7, '43-01-001-0001', '五一店', 1, '430102001', 'city', {false}, 'B', '', 'at_risk',
  '2025-01-01', 3);
INSERT INTO store_dealer (store_id, dealer_id, from_on) VALUES (7, 1, '2025-01-01');
INSERT INTO code_alias (code, store_id) VALUES ('43-01-009-0001', 7)
"""


@pytest.fixture
def first_schema(server: str, tmp_path):
    """A database that only the first migration was run on, with a store."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if server:
        execute(server, "DROP DATABASE IF EXISTS old")
        execute(server, "CREATE DATABASE old")
        url = f"{server}/old"
    start(Config(database_url=url, upload_dir=str(tmp_path)))
    with db.connection_context():
        Runner(db, directory=str(MIGRATIONS)).up("0001_initial")
        with db.atomic():
            for statement in ROWS.format(false="0" if is_sqlite() else "false").split(";"):
                db.execute_sql(statement)
        yield


@pytest.mark.usefixtures("first_schema")
def test_widening_what_a_store_can_be_loses_no_row_and_no_reference():
    Runner(db, directory=str(MIGRATIONS)).up()

    rows = db.execute_sql("SELECT id, code, status, version, merged_into_id FROM store")
    assert [(7, "43-01-001-0001", "at_risk", 3, None)] == rows.fetchall()
    db.execute_sql("UPDATE store SET status = 'contacted'")
    assert 1 == db.execute_sql("SELECT COUNT(*) FROM store_dealer").fetchone()[0]
    if is_sqlite():
        assert [] == db.execute_sql("PRAGMA foreign_key_check").fetchall()
        assert "ok" == db.execute_sql("PRAGMA integrity_check").fetchone()[0]


@pytest.mark.usefixtures("first_schema")
@pytest.mark.parametrize(
    "wrong",
    ["DELETE FROM store", "UPDATE store SET status = 'gone'", "UPDATE store SET code = NULL"],
)
def test_rules_of_the_table_still_hold(wrong):
    Runner(db, directory=str(MIGRATIONS)).up()

    with pytest.raises(Exception, match=r"(?i)constraint"), db.atomic():
        db.execute_sql(wrong)


JUDGED = """
INSERT INTO person (id, login, name, role, region_id, password_hash, is_active, version)
VALUES (3, 'auditor', '王芳', 'auditor', 1, '', {true}, 1);
INSERT INTO photo_audit (visit_id, photo_id, region_id, business_on, status, judged_by_id,
  judged_at, reasons, note, version)
VALUES ('5b0c7f5e4c394a2f9a350d7f6a3f1c10', '0b8fd8c295f14f5a8a545c1b6f0f2d11', 1, '2026-03-02',
  'rejected', 3, '2026-03-02 16:30:00', '["dark"]', '夜间', 2);
INSERT INTO photo_audit (visit_id, photo_id, region_id, business_on, status, reasons, note, version)
VALUES ('5b0c7f5e4c394a2f9a350d7f6a3f1c10', '0b8fd8c295f14f5a8a545c1b6f0f2d12', 1, '2026-03-02',
  'pending', '[]', '', 1)
"""


@pytest.mark.usefixtures("first_schema")
def test_a_verdict_that_stands_becomes_a_first_reading_on_its_day_in_shanghai():
    with db.atomic():
        for statement in JUDGED.format(true="1" if is_sqlite() else "true").split(";"):
            db.execute_sql(statement)

    Runner(db, directory=str(MIGRATIONS)).up()

    (said,) = PhotoVerdict.select()
    judged, waiting = PhotoAudit.select().order_by(PhotoAudit.photo_id)
    assert (1, "first", 3, "rejected", ["dark"], "夜间", date(2026, 3, 3)) == (
        said.number,
        said.part,
        said.person_id,
        said.verdict,
        said.reasons,
        said.note,
        said.judged_on,
    )
    assert [(3, 1.0, None), (None, 1.0, None)] == [
        (audit.first_by_id, audit.probability, audit.plan_id) for audit in (judged, waiting)
    ]


COMPLAINED = """
INSERT INTO complaint (id, source, store_id, region_id, category, target_department, severity,
  text, state, received_at, received_on, due_at, recorded_by_id, content_sha256, version)
VALUES ('c3a1f0de5b1e4f0a9a4c0d2b7e6f8a11', 'store', 7, 1, 'delivery', 'logistics', 3, '慢',
  'restated', '2026-03-02', '2026-03-02', '2026-03-03', 1, '', 3);
INSERT INTO complaint_entry (complaint_id, step, text, person_id, at)
VALUES ('c3a1f0de5b1e4f0a9a4c0d2b7e6f8a11', 'restated', '复', 1, '2026-03-02'),
  ('c3a1f0de5b1e4f0a9a4c0d2b7e6f8a11', 'acknowledged', '歉', 1, '2026-03-02')
"""


@pytest.mark.usefixtures("first_schema")
def test_steps_of_complaints_are_numbered_by_the_versions_they_made():
    runner = Runner(db, directory=str(MIGRATIONS))
    runner.up("0242_read_plans_of_a_store_from_an_index")
    with db.atomic():
        for statement in COMPLAINED.split(";"):
            db.execute_sql(statement)

    runner.up()

    entries = ComplaintEntry.select().order_by(ComplaintEntry.number)
    assert [(2, "acknowledged", "歉"), (3, "restated", "复")] == [
        (entry.number, entry.step, entry.text) for entry in entries
    ]
    assert (None, 0) == (Complaint.get().waiting_since, Complaint.get().waited_s)


@pytest.mark.usefixtures("first_schema")
def test_stores_that_were_there_are_measured_and_compared():
    Runner(db, directory=str(MIGRATIONS)).up()

    assert {("measure-archive", "store:*"), ("measure-archive", "dealer:*")} <= {
        (job.kind, job.key) for job in Job.select()
    }
    assert {"archive": 0, "duplicates": 0} == {
        cursor.name: cursor.seq for cursor in ConsumerCursor.select()
    }
    worker.run_until_idle()
    assert [7] == [one.store_id for one in StoreCompleteness.select()]
    assert not Job.select().exists()
