"""Server and worker as real processes: up together, down together, nothing left."""

import json
import os
import select
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import pytest

from backend import serve
from tests.postgres import free_port
from tests.serving import served

pytestmark = pytest.mark.process
PATIENCE_S = 60


class Product:
    """`python -m backend run`, and every process that came of it."""

    def __init__(self, environment: dict[str, str], *options: str) -> None:
        self.mark = f"XUNDIAN_TEST_MARK={uuid4()}"
        name, _, value = self.mark.partition("=")
        self.port = free_port()
        address = ("--bind", f"127.0.0.1:{self.port}")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", "run", *address, *options],
            env=environment | {name: value},
            stderr=subprocess.PIPE,
            process_group=0,
        )
        for line in self.process.stderr:
            if b"Listening at" in line:
                break

    def get(self, path: str) -> tuple[int, dict]:
        """Ask the server."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def living(self) -> list[tuple[int, str]]:
        """Return the processes that carry our mark, as id and command."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append((int(folder.name), command))
            except OSError:  # gone meanwhile
                continue
        return found

    def end(self) -> int:
        """Wait for the product to end by itself and return its exit code."""
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


def has_ended(process: int) -> bool:
    """Wait for the end of a process, given its descriptor."""
    ended = bool(select.select([process], [], [], PATIENCE_S)[0])
    os.close(process)
    return ended


@pytest.fixture
def product(operator_environment):
    """A running product on the database of the test."""
    running = Product(operator_environment | {"XUNDIAN_RETENTION_DAILY": "false"})
    yield running
    for number, _ in running.living():
        os.kill(number, signal.SIGKILL)
    running.end()


def test_ctrl_c_leaves_nothing_running(product: Product):
    status, health = product.get("/v1/health")
    commands = [command for _, command in product.living()]

    os.killpg(product.process.pid, signal.SIGINT)

    assert 0 == product.end()
    assert [] == product.living()
    assert 200 == status
    assert health["ledger_seq"] >= 0  # the worker may have begun
    assert any("backend worker" in command for command in commands)
    assert sum("gunicorn" in command for command in commands) == 3


@pytest.mark.parametrize("child", ["backend worker", "gunicorn"])
def test_the_end_of_one_ends_the_other_and_is_a_failure(product: Product, child):
    product.get("/v1/health")
    victim = min(number for number, command in product.living() if child in command)

    everyone = [os.pidfd_open(number) for number, _ in product.living()]

    os.kill(victim, signal.SIGKILL)

    assert 1 == product.end()
    assert len(everyone) == sum(has_ended(process) for process in everyone)


def test_a_stalled_upload_holds_nobody_up(operator_environment):
    product = Product(operator_environment, "--workers", "1", "--threads", "2")
    stalled = HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)
    stalled.putrequest("POST", "/v1/sessions")
    stalled.putheader("Content-Type", "application/json")
    stalled.putheader("Content-Length", "1000")
    stalled.endheaders(b"{")

    statuses = [product.get("/v1/health")[0] for _ in range(3)]
    stalled.close()
    product.process.send_signal(signal.SIGTERM)

    assert [200, 200, 200] == statuses
    assert 0 == product.end()
    assert [] == product.living()


def test_gunicorn_does_not_serve_a_database_that_lacks_a_migration(operator_environment, tmp_path):
    old = operator_environment | {"XUNDIAN_DATABASE_URL": f"sqlite:///{tmp_path / 'old.db'}"}
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-b", f"127.0.0.1:{free_port()}"]

    ended = subprocess.run(
        command, env=old, capture_output=True, timeout=PATIENCE_S, check=False, text=True
    )

    assert 1 == ended.returncode
    assert "run `python -m backend migrate` first" in ended.stderr


def test_gunicorn_waits_for_a_database_that_is_away(tmp_path):
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/xundian"

    with served(nowhere, tmp_path / "photos", workers=1) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.request("GET", "/v1/health", headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        status = answer.status

    assert 503 == status


class TestSupervising:
    """With children that are quicker than the product's."""

    @pytest.fixture(autouse=True)
    def _handlers(self):
        """Signals mean what they meant, when the test ends."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.getsignal(number) for number in numbers]
        yield
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

    def test_ends_well_when_asked(self):
        asks = ["sh", "-c", "kill -HUP $PPID; exec sleep 600"]

        assert 0 == serve._supervise([asks, ["sleep", "600"]])

    def test_kills_whoever_a_dead_child_left_behind(self, tmp_path):
        os.mkfifo(life := tmp_path / "life")
        ends = os.open(life, os.O_RDONLY | os.O_NONBLOCK)
        leaves = ["sh", "-c", f"exec 3> '{life}'; sleep 600 &"]

        assert 1 == serve._supervise([leaves, ["sleep", "600"]])
        assert has_ended(ends)

    def test_kills_who_does_not_listen(self, tmp_path):
        os.mkfifo(ready := tmp_path / "ready")
        deaf = ["sh", "-c", f"trap '' TERM; echo > '{ready}'; exec sleep 600"]

        assert 1 == serve._supervise([deaf, ["cat", str(ready)]], patience_s=0)
