"""PostgreSQL: what is planned once, and what works behind a pooler all the same."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from peewee import DataError, InternalError

from backend.platform import postgresql
from backend.platform.postgresql import Opening, Postgresql
from tests import postgres
from tests.threads import PATIENCE_S

pytestmark = pytest.mark.process
DOUBLED = "SELECT %s * 2 AS doubled, '100%%'"
COUNTED = "SELECT COUNT(*) FROM tally WHERE one = %s"
ADDED = "INSERT INTO tally VALUES (%s)"
PLANNED = "SELECT generic_plans + custom_plans FROM pg_prepared_statements"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.cluster(*postgres.UNSAFE_BUT_FAST) as url:
        for text in (DOUBLED, COUNTED, ADDED):
            postgresql.plan_once(text)
        with opened(url) as database:
            database.execute_sql("CREATE TABLE tally (one integer)")
        yield url


@pytest.fixture
def database(server: str) -> Iterator[Postgresql]:
    with opened(server) as database:
        database.execute_sql("DELETE FROM tally")
        yield database


@pytest.fixture
def pooler(server: str, tmp_path: Path) -> Iterator[str]:
    """A pooler in transaction mode that has two connections for everybody."""
    port, upstream = postgres.free_port(), server.rpartition(":")[2]
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\npostgres = host=127.0.0.1 port={upstream} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    as_somebody = ["--user", "postgres"] if os.geteuid() == 0 else []
    with subprocess.Popen(
        ["/usr/sbin/pgbouncer", *as_somebody, settings], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        while "process up" not in (line := process.stderr.readline()):
            assert line, "pgbouncer ended"
        yield f"postgresql://postgres@127.0.0.1:{port}"
        process.terminate()


@contextmanager
def opened(url: str) -> Iterator[Postgresql]:
    database = postgresql.database(f"{url}/postgres")
    with database.connection_context():
        yield database


def test_plans_a_text_once_per_connection(server: str):
    for _ in range(2):
        with opened(server) as database:
            assert [] == database.execute_sql(PLANNED).fetchall()
            answers = [database.execute_sql(DOUBLED, [n]).fetchone() for n in (1, 2, 3)]

            assert [(2, "100%"), (4, "100%"), (6, "100%")] == answers
            assert [(3,)] == database.execute_sql(PLANNED).fetchall()


def test_keeps_a_plan_when_its_text_is_named_again(database: Postgresql):
    database.execute_sql(DOUBLED, [1])
    postgresql.plan_once(DOUBLED)

    assert (4, "100%") == database.execute_sql(DOUBLED, [2]).fetchone()
    assert [(2,)] == database.execute_sql(PLANNED).fetchall()


def test_plans_what_begins_and_ends_a_transaction(database: Postgresql):
    for _ in range(2):
        opening = Opening(lock=7, first=(COUNTED, [5]))
        with database.atomic(opening):
            database.run_at_the_end([(ADDED, [5]), (ADDED, [6])])
    counted = database.execute_sql(COUNTED, [5]).fetchone()

    assert [(1,)] == opening.rows
    assert (2,) == counted
    assert [(3,), (4,)] == sorted(database.execute_sql(PLANNED).fetchall())


def test_plans_later_what_could_not_be_planned_in_a_failed_transaction(database: Postgresql):
    with pytest.raises(InternalError, match="aborted"), database.atomic():
        with pytest.raises(DataError):
            database.execute_sql("SELECT 1 / 0")
        database.execute_sql(DOUBLED, [1])

    assert [] == database.execute_sql(PLANNED).fetchall()
    assert (2, "100%") == database.execute_sql(DOUBLED, [1]).fetchone()


def test_keeps_the_plan_a_failed_transaction_made(database: Postgresql):
    with pytest.raises(DataError), database.atomic():
        database.execute_sql(DOUBLED, [1])
        database.execute_sql("SELECT 1 / 0")

    assert (4, "100%") == database.execute_sql(DOUBLED, [2]).fetchone()
    assert [(2,)] == database.execute_sql(PLANNED).fetchall()


def test_plans_nothing_behind_a_pooler_that_sends_each_transaction_elsewhere(
    database: Postgresql, pooler: str
):
    start = Barrier(6)

    def add(number: int) -> None:
        with opened(pooler) as pooled:
            start.wait(PATIENCE_S)
            for _ in range(20):
                with pooled.atomic(Opening(lock=7, first=(COUNTED, [number]))):
                    pooled.run_at_the_end([(ADDED, [number])])
                assert pooled.execute_sql(DOUBLED, [number]).fetchone()[0] == 2 * number

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6), timeout=PATIENCE_S))

    with opened(pooler) as pooled:
        assert [] == pooled.execute_sql(PLANNED).fetchall()
    assert [(20,)] * 6 == [database.execute_sql(COUNTED, [n]).fetchone() for n in range(6)]
