"""Fixtures: one migrated database per run, of which every test gets an empty one.

`--engine sqlite` (default) or `--engine postgresql` chooses what the whole suite runs on.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from hypothesis import settings

from backend.app import create_app, start
from backend.config import Config
from backend.platform.database import SQLITE_PRAGMAS, db
from backend.schema import migrate
from tests import factories, postgres
from tests.client import Client

# What a power cut would do is no question of these tests: they need no disk, where it can be
# spared, nor to wait for it (PostgreSQL is started likewise).
SQLITE_PRAGMAS["synchronous"] = "off"
settings.register_profile("patient", deadline=None)  # slow on a busy machine is not wrong
settings.load_profile("patient")
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 1024**3:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", default="sqlite", choices=["sqlite", "postgresql"])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what starts servers and kills them, what is slow, and what asks a database."""
    if "faults" in item.path.parts:
        item.add_marker("process")
    if "demo" in item.path.parts:
        item.add_marker("thorough")
    if "engine" in getattr(item, "fixturenames", ()):
        item.add_marker("database")


def pytest_collection_finish() -> None:
    """Leave out of every later search for garbage what lives as long as the run."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that left anything out: a skipped test proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    left_out = {"skipped", "xfailed", "xpassed"} & set(reporter.stats if reporter else ())
    if left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the database engine of this run."""
    return request.config.getoption("--engine")


@pytest.fixture(scope="session")
def server(engine: str) -> Iterator[str]:
    """The address of the PostgreSQL server, or nothing on SQLite."""
    if engine == "sqlite":
        yield ""
        return
    with postgres.cluster(*postgres.UNSAFE_BUT_FAST) as address:
        yield address


@pytest.fixture(scope="session")
def template(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database made by the real migrations, so tests use the schema that ships."""
    folder = tmp_path_factory.mktemp("template")
    if server:
        execute(server, "CREATE DATABASE xundian")
        url = f"{server}/xundian"
    else:
        url = f"sqlite:///{folder / 'template.db'}"
    start(Config(database_url=url, upload_dir=str(folder)))
    with db.connection_context():
        migrate()
        if not server:
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return url


@pytest.fixture(scope="session")
def cleaner(server: str, template: str) -> Iterator[psycopg.Connection | None]:
    """A connection that empties the PostgreSQL database between tests."""
    if not server:
        yield None
        return
    with psycopg.connect(template, autocommit=True) as connection:
        yield connection


@pytest.fixture
def database_url(cleaner: psycopg.Connection | None, template: str, tmp_path: Path) -> str:
    """The URL of a migrated database without rows: a copy on SQLite, emptied on PostgreSQL."""
    factories.number_anew()
    if cleaner:
        cleaner.execute(postgres.EMPTY)
        return template
    shutil.copy(template.removeprefix("sqlite:///"), tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


def execute(server: str, statement: str) -> None:
    """Run one statement outside any transaction, as the server's owner."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def spare_folders() -> list[Path]:
    """The blob folders in which nothing ever arrived."""
    return []


@pytest.fixture
def upload_dir(
    spare_folders: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty blob folder; making its hundreds of folders for every test takes its time."""
    folder = spare_folders.pop() if spare_folders else tmp_path_factory.mktemp("uploads")
    gates = [folder / "incoming", folder / "partial"]  # what every blob passes
    for gate in gates:
        gate.mkdir(exist_ok=True)
        os.utime(gate, (0, 0))
    yield str(folder)
    if all(gate.is_dir() and gate.stat().st_mtime == 0 for gate in gates):
        spare_folders.append(folder)


@pytest.fixture
def config(database_url: str, upload_dir: str) -> Config:
    """The settings of this test; override the fixture to change them."""
    # Whatever the hour in which they run, tests run in work hours.
    return Config(database_url=database_url, upload_dir=upload_dir, work_hours="00:00-24:00")


@pytest.fixture
def operator_environment(config: Config) -> dict[str, str]:
    """The environment in which a command or a worker works on the database of this test."""
    return os.environ | {
        "XUNDIAN_DATABASE_URL": config.database_url,
        "XUNDIAN_UPLOAD_DIR": config.upload_dir,
    }


@pytest.fixture
def storage(config: Config) -> Iterator[None]:
    """The database, open for the test, and the blob folder; for what needs no HTTP."""
    start(config)
    db.connect()
    yield
    db.close()


@pytest.fixture(scope="session")
def whole_app(template: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, wired once: describing every operation takes its time."""
    app = create_app(Config(database_url=template, upload_dir=str(tmp_path_factory.mktemp("app"))))
    app.testing = True
    app.test_client_class = Client
    return app


@pytest.fixture
def app(whole_app: Flask, config: Config, storage: None) -> Flask:  # noqa: ARG001
    """The application over its own database and blob folder, its connection open for the test."""
    whole_app.config.from_mapping(config.as_flask())
    return whole_app


@pytest.fixture
def client(app: Flask) -> Client:
    """A client that can act as anyone: `client.as_(rep).get(...)`."""
    return app.test_client()
