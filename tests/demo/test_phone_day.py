import subprocess
import sys

import pytest

from backend import worker
from backend.app import start
from backend.platform import clock
from backend.platform.database import db
from tests.postgres import free_port
from tests.serving import ROOT, served

pytestmark = pytest.mark.process


def play(port, *options):
    command = [sys.executable, "scripts/phone_day", "--url", f"http://127.0.0.1:{port}", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def work(config):
    """Do what the worker owes by now."""
    start(config)
    with db.connection_context():
        worker.run_until_idle()


@pytest.fixture(scope="module")
def config(loaded):
    config, _ = loaded("phone", clock.business_date(clock.now()))
    return config


@pytest.fixture(scope="module")
def port(config):
    with served(config.database_url, config.upload_dir) as port:
        yield port


def test_every_promise_of_a_day_is_kept_again_and_again(config, port):
    days = [play(port)]
    work(config)  # which finds what was planned done
    days.append(play(port))

    assert [(0, ""), (0, "")] == [(day.returncode, day.stderr) for day in days]
    assert all("✓ all 5 visits are complete" in day.stdout for day in days)


def test_a_wrong_password_ends_the_day(port):
    day = play(port, "--password", "wrong")

    assert 1 == day.returncode
    assert "✗ signed in as rep01" in day.stdout


def test_a_silent_server_is_named():
    day = play(free_port())

    assert 1 == day.returncode
    assert "does not answer" in day.stdout
