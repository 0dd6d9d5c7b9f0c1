"""The product under a real gunicorn, and clients that keep it busy."""

import hashlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from backend.network.models import Session
from tests.postgres import free_port

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the bytes that go over the wire, but for the host."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the request in HTTP/1.1."""
        headers = {"Host": "test", "Content-Length": str(len(self.body))} | self.headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer and the seconds it took."""

    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """Every answer, and the seconds from the first request to the last answer."""

    all: list[Answer]
    seconds: float

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered."""
        return Counter(answer.status for answer in self.all)


class Server:
    """Gunicorn on a port of its own and in a process group of its own.

    `under` is a command it is started by (`unshare …`); the process is gunicorn all the same.
    """

    def __init__(
        self, database_url: str, upload_dir: Path, *options: str, under: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self._environment = os.environ | {
            "XUNDIAN_DATABASE_URL": database_url,
            "XUNDIAN_UPLOAD_DIR": str(upload_dir),
        }
        self._command = [*under, sys.executable, "-m", "gunicorn", "wsgi:app"]
        self._command += ["-b", f"127.0.0.1:{self.port}", "--log-level", "warning", *options]
        self.start()

    def start(self) -> None:
        """Start, and return when gunicorn says that it listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind("")
            ready.settimeout(PATIENCE_S)
            told = {"NOTIFY_SOCKET": "@" + ready.getsockname()[1:].decode()}
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment | told, process_group=0
            )
            ready.recv(100)

    def stop(self) -> None:
        """Let what is being handled end, and stop."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        master = self.process.pid
        return [int(n) for n in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def kill(self) -> None:
        """Kill the master and the workers at once, and return when all are gone."""
        ends = [os.pidfd_open(worker) for worker in self.workers()]
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        for end in ends:
            select.select([end], [], [], PATIENCE_S)
            os.close(end)


@contextmanager
def served(database_url: str, upload_dir: Path, *, workers: int = 2) -> Iterator[int]:
    """Serve a database and a blob folder by gunicorn, and yield the port."""
    server = Server(database_url, upload_dir, "--workers", str(workers))
    try:
        yield server.port
    finally:
        server.stop()


def token_for(person_id: int) -> str:
    """Sign a person in and return the Authorization header."""
    token, now = secrets.token_urlsafe(), datetime.now(UTC)
    Session.create(
        id=uuid4(),
        person=person_id,
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        device_id="load",
        device_name="",
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    return f"Bearer {token}"


def drive(port: int, requests: Sequence[Request], *, clients: int) -> Answers:
    """Send every request once, over so many connections; whoever is free sends the next."""
    waiting = iter([request.encoded() for request in requests])
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        sent = [pool.submit(_send_all, port, waiting) for _ in range(clients)]
        answers = [answer for share in sent for answer in share.result()]
    return Answers(answers, time.perf_counter() - begun)


def _send_all(port: int, requests: Iterator[bytes]) -> list[Answer]:
    answers = []
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            begun = time.perf_counter()
            connection.sendall(request)
            status = _read_status(connection)
            answers.append(Answer(status, time.perf_counter() - begun))
    return answers


def _read_status(connection: socket.socket) -> int:
    """Read one whole answer and return its status."""
    head = b""
    while b"\r\n\r\n" not in head:
        if not (piece := connection.recv(65536)):
            raise ConnectionError("The server hung up.")
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split(b" ", 2)[1])


def race(commands: list[list[str]]) -> float:
    """Start processes, let them go at once, and return the seconds until all were done.

    Each says a line when it is ready, waits for one, and says another when it is done; how long it
    takes to start and to end is not counted.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    runners = [subprocess.Popen(one, env={"PYTHONPATH": "."}, **pipes) for one in commands]
    for runner in runners:
        runner.stdout.readline()
    os.sync()  # what was written to get ready is not what is measured
    begun = time.perf_counter()
    for runner in runners:
        runner.stdin.write("go\n")
        runner.stdin.flush()
    for runner in runners:
        runner.stdout.readline()
    took = time.perf_counter() - begun
    for runner in runners:
        if runner.wait():
            raise RuntimeError("One of them failed.")
    return took
