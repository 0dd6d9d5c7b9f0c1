"""The database goes away for a moment, or somebody else holds the turn: phones wait, and win."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from backend.app import start
from backend.config import Config
from backend.fieldwork.models import Visit
from backend.fieldwork.placing import turn_of
from backend.platform.database import db, take_turns, transaction
from backend.schema import migrate
from tests import postgres
from tests.factories import make_person, make_store
from tests.faults import checker
from tests.faults.phones import Item, Reply, Signed, hand_in, send
from tests.faults.tracing import injected
from tests.phone import arrival, findings
from tests.serving import PATIENCE_S, Server, token_for

PEOPLE, BATCHES = 4, 8


@contextmanager
def crashed(url: str, _: Server) -> Iterator[None]:
    """Stop a PostgreSQL server as a crash would, and start it again."""
    with psycopg.connect(url) as connection:
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
    postgres.run("pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop")
    yield
    postgres.start(folder.parent, urlsplit(url).port, "fsync=off")


@contextmanager
def failing(_: str, server: Server) -> Iterator[None]:
    """Let the disk under SQLite fail every write of the workers."""
    with injected(server.workers(), "pwrite64,fdatasync", "error=EIO"):
        yield


AWAY = {"sqlite": failing, "postgresql": crashed}


@pytest.fixture
def fragile(engine, database_url) -> Iterator[str]:
    """A database that may be taken away: on PostgreSQL not the server of the other tests."""
    if engine == "sqlite":
        yield database_url
        return
    with postgres.cluster("fsync=off") as address:  # a crash of the server, not of the machine
        start(Config(database_url=f"{address}/postgres"))
        with db.connection_context():
            migrate()
        yield f"{address}/postgres"


class TestAway:
    @pytest.fixture
    def config(self, fragile, tmp_path) -> Config:
        return Config(database_url=fragile, upload_dir=str(tmp_path / "uploads"))

    def test_batches_are_told_to_come_again_and_are_doubled_by_nothing(
        self, engine, config, gunicorn
    ):
        loads = [list(evenings()) for _ in range(PEOPLE)]
        promises, tries, refused, is_back = (
            checker.Promises(),
            SimpleQueue(),
            SimpleQueue(),
            Event(),
        )

        def come_again() -> None:
            refused.put(1)
            is_back.wait(PATIENCE_S)

        def push(items: list[Item]) -> list[Reply]:
            return hand_in(
                gunicorn.port,
                items,
                promises,
                on_try=lambda: tries.put(1),
                before_retry=come_again,
            )

        with ThreadPoolExecutor(PEOPLE) as pool:
            pushing = [pool.submit(push, items) for items in loads]
            for _ in range(PEOPLE * BATCHES // 2):
                tries.get(timeout=PATIENCE_S)
            with AWAY[engine](config.database_url, gunicorn):
                for _ in range(PEOPLE):
                    refused.get(timeout=PATIENCE_S)
            is_back.set()
            replies = [reply for done in pushing for reply in done.result(PATIENCE_S)]

        db.close()
        db.connect()
        told = [reply for reply in replies if reply.status != 200]
        assert {(503, "2")} == {(reply.status, reply.retry_after) for reply in told}
        assert {"urn:xundian:problem:unavailable"} == {reply.json["type"] for reply in told}
        results = {r["result"] for reply in replies for r in reply.json.get("results", ())}
        assert results <= {"created", "replayed"}
        assert PEOPLE * BATCHES == Visit.select().where(Visit.status == "complete").count()
        checker.check(promises)


def evenings() -> Iterator[Item]:
    """Yield the evenings of one person: in each, a check-in and a report in one batch."""
    person = make_person()
    phone, store = Signed(token_for(person.id)), make_store(owner=person)
    for number in range(BATCHES):
        visit_id, minutes = uuid4(), 20 * (number + 1)
        yield phone.batch(
            [
                ("check_in", visit_id, arrival(store, minutes=minutes)),
                ("report", visit_id, findings(minutes=minutes - 15)),
            ]
        )


def test_requests_wait_while_another_process_has_the_turn_and_succeed(gunicorn):
    person = make_person()
    phone, store, promises = (
        Signed(token_for(person.id)),
        make_store(owner=person),
        checker.Promises(),
    )
    items = phone.day([store, store], [], photos=1)

    def submit(item: Item) -> Reply:
        return send(gunicorn.port, item.request)

    with ThreadPoolExecutor(len(items)) as pool:
        with transaction():
            take_turns(turn_of(person.id))
            sending = [pool.submit(submit, item) for item in items]
            early = wait(sending, timeout=0.5).done
        replies = [answer.result(PATIENCE_S) for answer in sending]

    for item in items:
        item.note(promises)
    assert set() == early
    # The second visit may get its turn first, and is kept aside until the first has ended.
    assert {201} <= {reply.status for reply in replies} <= {201, 202}
    assert ["complete"] * 2 == [visit.status for visit in Visit.select()]
    checker.check(promises)
