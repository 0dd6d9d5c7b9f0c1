"""Uploads that break off, say too little about themselves, or bring more than they said."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from threading import Event
from time import monotonic
from uuid import uuid4

import pytest

from backend.fieldwork.photo_models import Photo
from backend.platform import blobs
from backend.platform.models import LedgerEntry
from tests.faults import checker
from tests.faults.phones import Item, hand_in, send, sign_in
from tests.phone import digest, findings
from tests.pictures import phone_jpeg
from tests.serving import PATIENCE_S, Request, served

PICTURE = phone_jpeg(3)
CUTS = [0, 1, 2, 100, 4_095, 4_096, 8_192, 20_000, 32_768, len(PICTURE) // 2, len(PICTURE) - 1]


@pytest.fixture
def phone(gunicorn):  # noqa: ARG001  # its database
    """A signed-in phone."""
    return sign_in()


def say(port: int, message: bytes, *, hang_up: bool = False) -> bytes:
    """Send bytes and nothing more, and return all that is answered; or be gone at once."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(message)
        if hang_up:
            return b""
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def chunked(item: Item, *, last: bytes = b"0\r\n\r\n") -> bytes:
    """Return a request without a length, its body in pieces."""
    headers = {"Host": "test", "Transfer-Encoding": "chunked"} | item.request.headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = item.request.body
    pieces = [body[start : start + 10_000] for start in range(0, len(body), 10_000)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return f"PUT {item.request.path} HTTP/1.1\r\n{lines}\r\n".encode() + coded + last


def assert_nothing_is_kept():
    """No row, no entry, no bytes: neither in their place nor on the way."""
    assert 0 == Photo.select().count()
    assert 0 == LedgerEntry.select().count()
    assert [] == [path for path in blobs.root().rglob("*") if path.is_file()]


def test_what_breaks_off_is_never_accepted_and_can_be_sent_again(gunicorn, phone):
    items = [phone.photo(uuid4(), uuid4(), PICTURE) for _ in CUTS]
    messages = [item.request.encoded() for item in items]
    heads = [len(message) - len(PICTURE) for message in messages]
    promises = checker.Promises()

    cut = [m[: head + k] for m, head, k in zip(messages, heads, CUTS, strict=True)]
    answers = [say(gunicorn.port, message) for message in cut]
    silent = [say(gunicorn.port, messages[0][: heads[0] // 2])]
    for message in cut:
        say(gunicorn.port, message, hang_up=True)
    gunicorn.stop()  # ends when all of them were dealt with
    assert_nothing_is_kept()
    gunicorn.start()
    whole = hand_in(gunicorn.port, items, promises)

    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b'"retry":"now"' in answer
    assert [b""] == silent
    assert [201] * len(CUTS) == [reply.status for reply in whole]
    checker.check(promises)


def test_a_body_longer_than_announced_is_not_the_declared_one(gunicorn, phone):
    item = phone.photo(uuid4(), uuid4(), PICTURE)
    message = item.request.encoded()
    shorter = message.replace(b"Content-Length: %d" % len(PICTURE), b"Content-Length: 1000")

    answer = say(gunicorn.port, shorter)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"hash-mismatch" in answer
    assert b"HTTP/1.1 2" not in answer  # nor is the rest taken for a request
    assert_nothing_is_kept()


def test_a_body_without_a_length_is_accepted_when_it_ends_as_it_should(gunicorn, phone):
    item = phone.photo(uuid4(), uuid4(), PICTURE)
    promises = checker.Promises()
    item.note(promises)

    answer = say(gunicorn.port, chunked(item))

    assert answer.startswith(b"HTTP/1.1 201 ")
    checker.check(promises)


@pytest.mark.parametrize("headers", [digest(PICTURE), {"X-Nothing": "declared"}])
def test_a_body_without_a_length_is_refused_when_it_breaks_off(gunicorn, phone, headers):
    ends = {"no end": b"", "half a piece": b"400\r\nhalf", "no number": b"zz\r\n"}
    photo = phone.photo(uuid4(), uuid4(), PICTURE, **headers)
    report = phone.report(uuid4(), findings())

    for name, last in ends.items():
        for item in (photo, report):
            answer = say(gunicorn.port, chunked(item, last=last))
            assert answer.startswith(b"HTTP/1.1 400 "), (name, answer)
            assert b"body-corrupt" in answer, (name, answer)

    assert_nothing_is_kept()


def test_a_report_that_comes_slowly_holds_nobody_up(config, storage):  # noqa: ARG001  # its files
    phone = sign_in()
    slow, quick = (phone.report(uuid4(), findings()) for _ in range(2))
    message = slow.request.encoded()
    with (
        served(config.database_url, Path(config.upload_dir), workers=1) as port,
        socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection,
    ):
        connection.sendall(message[:-10])

        assert 201 == send(port, quick.request).status
        connection.sendall(message[-10:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 201")


def test_photos_that_drip_starve_nobody(gunicorn, phone):
    items = [phone.photo(uuid4(), uuid4(), PICTURE) for _ in range(24)]  # more than the threads
    with ExitStack() as stack:
        dripping = []
        for item in items:
            connection = socket.create_connection(("127.0.0.1", gunicorn.port), PATIENCE_S)
            dripping.append(stack.enter_context(connection))
            connection.sendall(item.request.encoded()[: -len(PICTURE) // 2])
        pool = stack.enter_context(ThreadPoolExecutor(1))
        is_over = stack.enter_context(ending())
        pool.submit(drip, dripping, is_over)

        begun = monotonic()
        statuses = {
            send(
                gunicorn.port, Request("GET", "/v1/me", headers={"Authorization": phone.token})
            ).status
            for _ in range(20)
        }
        seconds = monotonic() - begun
        refused = HTTPResponse(dripping[-1])
        refused.begin()
        problem = refused.read()

    assert {200} == statuses
    assert seconds < 20
    assert (503, "1") == (refused.status, refused.getheader("Retry-After"))
    assert b"uploads-busy" in problem


@contextmanager
def ending() -> Iterator[Event]:
    """Yield an event that is set when the block ends."""
    event = Event()
    try:
        yield event
    finally:
        event.set()


def drip(connections: list[socket.socket], is_over: Event) -> None:
    """Send a byte on each connection, again and again."""
    while not is_over.wait(0.2):
        for connection in connections:
            with suppress(OSError):  # let go of meanwhile
                connection.sendall(b"x")
