"""Whether the server works, as load balancers ask."""

from contextlib import suppress
from pathlib import Path

from peewee import OperationalError

from backend.config import Config
from backend.platform import ledger
from backend.platform.database import db, is_sqlite, transaction
from tests.client import Client
from tests.factories import NOON


def test_tells_the_head_of_the_ledger_and_the_room_left(client: Client):
    with transaction():
        ledger.append(None, "thing.done", 1, at=NOON)
    ledger.seal()

    health = client.get("/v1/health").json

    assert (1, ledger.head().hash) == (health["ledger_seq"], health["ledger_hash"])
    assert health["free_bytes"] > 0


def test_is_not_well_without_a_place_for_photos(client: Client, config: Config):
    (Path(config.upload_dir) / "incoming").rmdir()

    answer = client.get("/v1/health")

    assert (503, "30") == (answer.status_code, answer.headers["Retry-After"])
    assert "urn:xundian:problem:blobs-read-only" == answer.json["type"]


def test_is_not_well_without_its_database_and_recovers_by_itself(client: Client):
    if is_sqlite():
        db.execute_sql("ALTER TABLE ledger_entry RENAME TO elsewhere")
    else:
        with suppress(OperationalError):
            db.execute_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    away = client.get("/v1/health")
    if is_sqlite():
        db.connect(reuse_if_open=True)
        db.execute_sql("ALTER TABLE elsewhere RENAME TO ledger_entry")
    back = client.get("/v1/health")

    assert (503, 200) == (away.status_code, back.status_code)
    assert "after" == away.json["retry"]
