"""The product under a real gunicorn, and clients that keep it busy."""

import hashlib
import os
import secrets
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


@contextmanager
def served(database_url: str, upload_dir: Path, *, workers: int = 2) -> Iterator[int]:
    """Serve a database and a blob folder by gunicorn, and yield the port."""
    port = free_port()
    environment = os.environ | {
        "XUNDIAN_DATABASE_URL": database_url,
        "XUNDIAN_UPLOAD_DIR": str(upload_dir),
    }
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-b", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def wait_for(port: int) -> None:
    """Return when somebody listens on the port."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise TimeoutError(f"Nobody listens on {port}.")


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
    """Send every request once, over so many connections at a time."""
    shares = [[request.encoded() for request in requests[n::clients]] for n in range(clients)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = [a for share in pool.map(lambda s: _send_all(port, s), shares) for a in share]
    return Answers(answers, time.perf_counter() - begun)


def _send_all(port: int, requests: list[bytes]) -> list[Answer]:
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
