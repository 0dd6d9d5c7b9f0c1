"""A network that loses answers: the phone asks again, and nothing is there twice."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from tests.faults import checker
from tests.faults.phones import days, hand_in
from tests.serving import PATIENCE_S, Server

PEOPLE, VISITS, PHOTOS = 3, 3, 2


@contextmanager
def forgetful(port: int) -> Iterator[int]:
    """Pass requests on to a port, lose every second answer, and yield the port to use.

    An answer is lost after the server has given it whole; of every other one lost, the phone
    gets the first bytes.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    numbers = count(1)

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:  # closed: the test is over
                return
            Thread(target=pass_on, args=(connection, next(numbers))).start()

    def pass_on(near: socket.socket, number: int) -> None:
        with near, socket.create_connection(("127.0.0.1", port), PATIENCE_S) as far:
            near.settimeout(PATIENCE_S)
            far.sendall(read_message(near))
            answer = read_message(far)
            if number % 4 == 0:
                near.sendall(answer[: len(answer) // 3])
            elif number % 2:
                near.sendall(answer)

    accepting = Thread(target=serve)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(PATIENCE_S)


def read_message(connection: socket.socket) -> bytes:
    """Read one request or answer that says how long it is."""
    message = b""
    while b"\r\n\r\n" not in message:
        message += connection.recv(65536)
    head, _, body = message.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    while len(body) < lengths[0]:
        piece = connection.recv(65536)
        body, message = body + piece, message + piece
    return message


@pytest.mark.usefixtures("storage")
def test_answers_that_are_lost_double_nothing(config):
    loads = days(PEOPLE, VISITS, PHOTOS, Random(4))
    promises = checker.Promises()
    server = Server(config.database_url, Path(config.upload_dir))
    try:
        with forgetful(server.port) as port, ThreadPoolExecutor(PEOPLE) as pool:
            pushing = [pool.submit(hand_in, port, items, promises) for items in loads]
            replies = [reply for done in pushing for reply in done.result(PATIENCE_S)]
    finally:
        server.stop()

    total = PEOPLE * VISITS
    assert total * (2 + PHOTOS) == len(replies)
    assert 200 in {reply.status for reply in replies}
    assert ["complete"] * total == [visit.status for visit in Visit.select()]
    assert total * PHOTOS == Photo.select().count()
    checker.check(promises)
