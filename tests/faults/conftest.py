"""A real server for the tests that need nothing special of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.config import Config
from tests.serving import Server


@pytest.fixture
def gunicorn(config: Config, storage: None) -> Iterator[Server]:  # noqa: ARG001  # storage first
    """Two workers on the database of the test, which is open here as well."""
    server = Server(config.database_url, Path(config.upload_dir), "--workers", "2")
    yield server
    server.stop()
