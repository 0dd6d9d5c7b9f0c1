"""One small demonstration, loaded once for all tests of it."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from backend import demo
from backend.app import start
from backend.config import Config
from backend.platform.database import db
from backend.schema import migrate
from tests.conftest import execute

TODAY = date(2026, 10, 8)
Truth = dict[str, Any]


@pytest.fixture(scope="session")
def loaded(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[Config, Truth]]:
    """Loads the tiny preset into a new database and gives its settings and the truth."""

    def load(name: str, today: date = TODAY) -> tuple[Config, Truth]:
        folder = tmp_path_factory.mktemp(name)
        if server:
            execute(server, f"CREATE DATABASE {name}")
            url = f"{server}/{name}"
        else:
            shutil.copy(template.removeprefix("sqlite:///"), folder / "demo.db")
            url = f"sqlite:///{folder / 'demo.db'}"
        config = Config(database_url=url, upload_dir=str(folder / "uploads"))
        start(config)
        with db.connection_context(), Progress(disable=True) as bars:
            migrate()
            assert demo.is_empty()
            demo.load("tiny", 7, folder / "truth.json", bars, today)
        return config, json.loads(Path(folder / "truth.json").read_text("utf-8"))

    return load


@pytest.fixture(scope="session")
def tiny(loaded: Callable[..., tuple[Config, Truth]]) -> tuple[Config, Truth]:
    """The settings and the truth of the one that most tests only read."""
    return loaded("tiny")


@pytest.fixture
def truth(tiny: tuple[Config, Truth]) -> Iterator[Truth]:
    """What was planted, with the database open for the test."""
    config, planted = tiny
    start(config)
    db.connect()
    yield planted
    db.close()
