"""What migrations do to rows that are already there."""

import pytest
from playhouse.migrations import Runner

from backend.app import start
from backend.cli import MIGRATIONS
from backend.config import Config
from backend.platform.database import db, is_sqlite
from tests.conftest import execute

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
