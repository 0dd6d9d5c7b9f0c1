"""The database layer: the same values and the same transactions on both engines."""

import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from peewee import IntegrityError

from backend.network.models import LoginDelay, Region
from backend.platform import database
from backend.platform.database import canonical, db, insert_rows, transaction
from backend.platform.models import ConsumerCursor, LedgerEntry
from backend.standards.models import Sku
from tests.factories import NOON, make_region
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("storage")


class TestColumns:
    def test_give_instants_back_in_utc_and_to_the_microsecond(self):
        beijing = timezone(timedelta(hours=8))
        given = datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=beijing)
        LoginDelay.create(key="a", failures=1, wait_until=given)

        stored = LoginDelay.get().wait_until

        assert (given, UTC) == (stored, stored.tzinfo)
        assert [given] == [row[0] for row in LoginDelay.select(LoginDelay.wait_until).tuples()]

    @pytest.mark.parametrize("microsecond", [0, 1, 120_000, 999_999])
    def test_write_instants_of_any_zone_in_one_form(self, microsecond):
        instant = datetime(2026, 3, 2, 4, 5, 6, microsecond, tzinfo=UTC)
        written = database.UTCDateTimeField().db_value

        expected = f"2026-03-02 04:05:06.{microsecond:06}"
        assert expected == written(instant)
        assert expected == written(instant.astimezone(timezone(timedelta(hours=8))))

    def test_compare_instants_by_time_not_by_text(self):
        LoginDelay.create(key="a", failures=1, wait_until=NOON)
        later = NOON.astimezone(timezone(timedelta(hours=-9))) + timedelta(microseconds=1)

        assert 1 == LoginDelay.select().where(LoginDelay.wait_until < later).count()

    def test_give_days_and_documents_back_as_they_were(self):
        document = {"b": ["旗舰", 1.5, None], "a": {}}
        sku = {"code": "X", "name": "X", "category": "phone", "role": "core", "ended_on": None}
        insert_rows(Sku, [sku | {"tags": document, "launched_on": date(2026, 2, 28)}])

        stored = Sku.get()

        assert (document, date(2026, 2, 28)) == (stored.tags, stored.launched_on)
        assert stored.ended_on is None
        (text,) = db.execute_sql("SELECT tags FROM sku").fetchone()
        assert canonical(document) == text == '{"a":{},"b":["旗舰",1.5,null]}'


class TestTransactions:
    def test_undo_everything_on_an_error(self):
        with pytest.raises(ZeroDivisionError), transaction():
            make_region()
            raise ZeroDivisionError

        assert 0 == Region.select().count()

    def test_inside_another_undo_only_their_own(self):
        with transaction():
            make_region(code="KEPT")
            with pytest.raises(IntegrityError), transaction():
                make_region(code="LOST")
                make_region(code="KEPT")
            make_region(code="AFTER")

        assert {"KEPT", "AFTER"} == {region.code for region in Region.select()}

    def test_lose_no_update_between_writers(self):
        ConsumerCursor.create(name="counter", seq=0)

        def count():
            for _ in range(5):
                with transaction():
                    ConsumerCursor.update(seq=ConsumerCursor.seq + 1).execute()

        at_once(4, count)

        assert 20 == ConsumerCursor.get().seq

    def test_ask_their_first_query_when_it_is_their_turn(self):
        counting = LoginDelay.select(LoginDelay.failures)
        LoginDelay.create(key="a", failures=0, wait_until=NOON)

        def count_up():
            with transaction(turn="counting", first=counting.sql()) as rows:
                LoginDelay.update(failures=rows[0][0] + 1).execute()

        at_once(8, count_up)

        assert 8 == LoginDelay.get().failures

    @pytest.mark.parametrize("depth", [1, 2])
    def test_end_with_what_was_left_for_their_end(self, depth):
        rows = [{"key": key, "failures": 1, "wait_until": NOON} for key in "abc"]
        first, second, third = (database.inserts(LoginDelay, [row]) for row in rows)

        with pytest.raises(ZeroDivisionError), transaction():
            database.run_at_the_end(first)
            raise ZeroDivisionError
        with transaction(), transaction() if depth == 2 else nullcontext():
            database.run_at_the_end(second)
            database.run_at_the_end(third)

        assert ["b", "c"] == sorted(delay.key for delay in LoginDelay.select())

    def test_find_what_was_left_for_their_end_when_they_ask_before(self):
        rows = [{"key": key, "failures": 1, "wait_until": NOON} for key in "ab"]

        with transaction():
            with transaction():
                database.run_at_the_end(database.inserts(LoginDelay, rows[:1]))
            inner = LoginDelay.select().count()
            with pytest.raises(ZeroDivisionError), transaction():
                database.run_at_the_end(database.inserts(LoginDelay, rows[1:]))
                raise ZeroDivisionError

        assert (1, 1) == (inner, LoginDelay.select().count())

    def test_forget_what_was_left_for_their_end_when_they_fail(self):
        row = {"key": "a", "failures": 1, "wait_until": NOON}

        with pytest.raises(ZeroDivisionError), transaction():
            database.run_at_the_end(database.inserts(LoginDelay, [row]))
            raise ZeroDivisionError

        assert [0, 0] == [LoginDelay.select().count() for _ in range(2)]

    def test_store_nothing_when_their_end_fails(self):
        row = {"key": "a", "failures": 1, "wait_until": NOON}

        with pytest.raises(IntegrityError), transaction():
            database.run_at_the_end(database.inserts(LoginDelay, [row]))
            database.run_at_the_end(database.inserts(LoginDelay, [row]))

        assert 0 == LoginDelay.select().count()


class TestInsertingRows:
    def test_splits_what_one_statement_cannot_hold(self):
        count = database.MAX_PARAMETERS // 2 + 7
        rows = [{"name": str(number), "seq": number} for number in range(count)]

        assert count == insert_rows(ConsumerCursor, rows)
        assert count == ConsumerCursor.select().count()

    def test_counts_only_new_rows_when_old_ones_are_left_out(self):
        insert_rows(ConsumerCursor, [{"name": "a", "seq": 1}])

        new = insert_rows(
            ConsumerCursor, [{"name": "a", "seq": 2}, {"name": "b", "seq": 3}], ignore=True
        )

        assert 1 == new
        assert {("a", 1), ("b", 3)} == set(ConsumerCursor.select().tuples())

    def test_keep_every_sign_of_a_text_however_many_there_are(self):
        texts = ["100 %", "%s", "%%s", "'; --", "\\", '"', "旗舰", "\n", ""]
        rows = [{"name": f"{text}{n}", "seq": n} for text in texts for n in range(10)]

        insert_rows(ConsumerCursor, rows)

        assert {row["name"] for row in rows} == {row.name for row in ConsumerCursor.select()}

    def test_tells_rows_apart_between_two_that_say_the_same(self):
        documents = [same := {"a": 1}, {"a": True}, {"a": 1.0}, same]
        sku = {"name": "X", "category": "phone", "role": "core", "launched_on": date(2026, 1, 1)}
        rows = [sku | {"code": str(at), "tags": each} for at, each in enumerate(documents)]

        insert_rows(Sku, [row | {"ended_on": None} for row in rows])

        texts = [text for (text,) in db.execute_sql("SELECT tags FROM sku ORDER BY code")]
        assert ['{"a":1}', '{"a":true}', '{"a":1.0}', '{"a":1}'] == texts

    def test_does_nothing_without_rows(self):
        assert 0 == insert_rows(ConsumerCursor, [])

    def test_converts_values_as_the_columns_do(self):
        entry_id = uuid4()
        row = {"id": entry_id, "at": NOON, "verb": "thing.done", "object": "thing"}
        insert_rows(LedgerEntry, [row | {"object_id": "1", "facts": "{}"}])

        assert (entry_id, NOON) == (LedgerEntry.get().id, LedgerEntry.get().at)


@pytest.mark.process
def test_sqlite_waits_for_the_disk_in_a_process_of_its_own(tmp_path):
    script = f"""
from backend.app import start
from backend.config import Config
from backend.platform.database import db
start(Config(database_url="sqlite:///{tmp_path}/a.db", upload_dir="{tmp_path}"))
db.connect()
print(*(db.pragma(name) for name in ("synchronous", "journal_mode", "foreign_keys")))
"""
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)

    assert b"2 wal 1\n" == printed.stdout


def test_a_dropped_connection_is_replaced_by_the_next():
    database.discard()
    db.connect(reuse_if_open=True)

    assert 0 == Region.select().count()
