"""Photos in pieces through real servers: cut, resumed, taken over, killed, stalled, out of room."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic
from uuid import UUID, uuid4

import pytest

from backend.config import Config
from backend.fieldwork.photo_models import Photo
from backend.platform import partial, settings
from backend.platform.models import LedgerEntry
from tests.factories import make_person
from tests.faults import checker
from tests.faults.tracing import injected
from tests.pictures import phone_jpeg
from tests.serving import PATIENCE_S, Server, token_for
from tests.tus import SPOKEN, beginning, checksum, going_on

PICTURE = phone_jpeg(4)
SIZE = len(PICTURE)
TAKE_OVER_S = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers and the body."""

    status: int
    headers: dict
    body: bytes

    @property
    def offset(self) -> int:
        """How much is held."""
        return int(self.headers["Upload-Offset"])


@dataclass(frozen=True, slots=True)
class Phone:
    """A client of tus with a session, over connections of its own."""

    port: int
    token: str

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request whole."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers | {"Authorization": self.token})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def begin(self, ids: tuple[UUID, UUID], content: bytes = PICTURE) -> str:
        """Begin an upload and return its address."""
        answer = self.ask("POST", "/v1/uploads", **beginning(*ids, content))
        assert 201 == answer.status, answer
        return answer.headers["Location"]

    def look(self, place: str) -> Answer:
        """Ask where an upload stands."""
        return self.ask("HEAD", place, **SPOKEN)

    def send(self, place: str, piece: bytes, offset: int, **headers: str) -> Answer:
        """Send a piece."""
        return self.ask("PATCH", place, piece, **going_on(offset) | headers)

    def finish(self, place: str, content: bytes = PICTURE) -> Answer:
        """Go on from where an upload stands, to its end, as often as others come between."""
        give_up_at = monotonic() + PATIENCE_S
        while True:
            held = self.look(place).offset
            answer = self.send(place, content[held:], held)
            if answer.status not in {423, 503} or monotonic() > give_up_at:
                return answer

    def head_of(self, place: str, offset: int, size: int, **headers: str) -> bytes:
        """Return what comes before a piece on the wire."""
        said = going_on(offset, **headers) | {"Host": "test", "Authorization": self.token}
        if "Transfer-Encoding" not in said:
            said["Content-Length"] = str(size)
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        return f"PATCH {place} HTTP/1.1\r\n{lines}\r\n".encode()

    @contextmanager
    def stalling(self, place: str, piece: bytes, offset: int, size: int):
        """Send the beginning of a piece and fall silent, the connection open."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as connection:
            connection.sendall(self.head_of(place, offset, size) + piece)
            yield connection


@pytest.fixture
def person(gunicorn):  # noqa: ARG001  # its database
    return make_person()


@pytest.fixture
def phone(gunicorn, person) -> Phone:
    return Phone(gunicorn.port, token_for(person.id))


def new() -> tuple[UUID, UUID]:
    """Return the ids of a new visit and photo."""
    return uuid4(), uuid4()


def received(connection: socket.socket) -> bytes:
    """Return all that is still answered."""
    with suppress(ConnectionResetError):
        return b"".join(iter(lambda: connection.recv(65536), b""))
    return b""


def file_of(place: str) -> Path:
    """Return the partial file of an upload."""
    return partial.folder() / UUID(place.rpartition("/")[2]).hex


def wait_for(size: int, place: str) -> None:
    """Return when so many bytes of an upload are in its file."""
    give_up_at = monotonic() + PATIENCE_S
    while not (file_of(place).exists() and file_of(place).stat().st_size >= size):
        assert monotonic() < give_up_at


CUTS = [0, 1, 100, 4_096, 32_768, SIZE // 2, SIZE - 1]


@pytest.mark.parametrize("ending", ["half-closed", "gone", "chunked"])
def test_what_breaks_off_is_kept_and_goes_on_from_there(gunicorn, phone, ending):
    promises = checker.Promises()
    for cut in CUTS:
        ids = new()
        place = phone.begin(ids)
        with socket.create_connection(("127.0.0.1", gunicorn.port), PATIENCE_S) as connection:
            if ending == "chunked":
                head = phone.head_of(place, 0, SIZE, **{"Transfer-Encoding": "chunked"})
                connection.sendall(head + b"%x\r\n" % SIZE + PICTURE[:cut])
            else:
                connection.sendall(phone.head_of(place, 0, SIZE) + PICTURE[:cut])
            if ending != "gone":
                connection.shutdown(socket.SHUT_WR)
                assert received(connection).startswith(b"HTTP/1.1 400 ")

        if ending == "gone" and cut:
            wait_for(cut, place)  # the server may hear of the end later than of our next request
        assert cut == phone.look(place).offset, cut
        assert 204 == phone.finish(place).status
        promises.photo(*ids, PICTURE)

    assert len(CUTS) == Photo.select().count()
    checker.check(promises)


def test_what_breaks_off_under_a_checksum_is_not_kept(phone):
    place = phone.begin(new())
    with socket.create_connection(("127.0.0.1", phone.port), PATIENCE_S) as connection:
        connection.sendall(phone.head_of(place, 0, SIZE, **checksum(PICTURE)) + PICTURE[:-1])
        connection.shutdown(socket.SHUT_WR)
        answer = received(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert 0 == phone.look(place).offset
    assert 204 == phone.send(place, PICTURE, 0, **checksum(PICTURE)).status


def test_photos_sent_in_parallel_do_not_touch_each_other(phone):
    promises = checker.Promises()
    pictures = {new(): phone_jpeg(number) for number in range(12)}

    def upload(ids: tuple[UUID, UUID]) -> None:
        content, random = pictures[ids], Random(str(ids[0]))
        place = phone.begin(ids, content)
        held = 0
        while held < len(content):
            piece = content[held : held + random.randint(1, len(content) // 3)]
            answer = phone.send(place, piece, held)
            if answer.status == 503:  # half of the threads are at it already
                continue
            assert 204 == answer.status, answer
            held = answer.offset
        promises.photo(*ids, content)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upload, pictures))

    assert len(pictures) == len(promises.photos)
    checker.check(promises)


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_a_stalled_holder_lets_go_when_another_request_comes(gunicorn, phone, method):
    half = SIZE // 2
    for _ in range(4):  # the kernel chooses the process
        ids = new()
        place = phone.begin(ids)
        with phone.stalling(place, PICTURE[:half], 0, SIZE) as stalled:
            wait_for_holder(place)
            begun = monotonic()
            body = PICTURE[half:] if method == "PATCH" else b""
            answer = phone.ask(method, place, body, **going_on(half))
            seconds = monotonic() - begun
            held_until = received(stalled)

        assert seconds < TAKE_OVER_S
        assert answer.status in {200, 204}, answer
        assert held_until.startswith(b"HTTP/1.1 423 "), held_until
        if method == "HEAD":
            assert half == answer.offset
            assert 204 == phone.send(place, PICTURE[half:], half).status
        if method != "DELETE":
            assert 1 == Photo.select().where(Photo.id == ids[1]).count()
    checker.check(checker.Promises())
    assert 2 == len(gunicorn.workers())


def wait_for_holder(place: str) -> None:
    """Return when a process holds the file of an upload."""
    give_up_at = monotonic() + PATIENCE_S
    while True:
        assert monotonic() < give_up_at
        with suppress(FileNotFoundError):
            lock = f":{file_of(place).stat().st_ino} "
            if any(lock in line for line in Path("/proc/locks").read_text("ascii").splitlines()):
                return


def test_two_that_want_the_same_upload_leave_it_whole(phone):
    """Whoever comes later goes on; each goes on until the upload is complete."""
    ids, promises = new(), checker.Promises()
    place = phone.begin(ids)

    def push(number: int) -> int:
        random = Random(number)
        for tries in count(1):
            asked = phone.look(place)
            if asked.status == 423:
                continue
            held = asked.offset
            if held == SIZE:
                return tries
            answer = phone.send(place, PICTURE[held : held + random.randint(1, SIZE // 8)], held)
            assert answer.status in {204, 409, 423}, answer
        return 0

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(push, range(3)))

    promises.photo(*ids, PICTURE)
    checker.check(promises)
    assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "photo.received").count()


def test_stalled_uploads_starve_nobody(gunicorn, phone):
    stalled = [phone.begin(new()) for _ in range(24)]  # more than there are threads
    with ExitStack() as stack:
        for place in stalled:
            stack.enter_context(phone.stalling(place, PICTURE[:1000], 0, SIZE))

        begun = monotonic()
        statuses = {phone.ask("GET", "/v1/me").status for _ in range(20)}
        quick = monotonic() - begun
        ids = new()
        place = phone.begin(ids)
        answer = phone.finish(place)
        seconds = monotonic() - begun

    assert {200} == statuses
    assert 204 == answer.status
    assert quick < 10
    assert seconds < 20
    gunicorn.stop()
    gunicorn.start()
    for place in stalled:
        assert 204 == phone.finish(place).status
    assert 25 == Photo.select().count()


@pytest.mark.parametrize("whom", ["worker", "all"])
def test_a_server_killed_while_a_piece_comes_keeps_what_is_on_the_disk(gunicorn, phone, whom):
    promises, half = checker.Promises(), SIZE // 2
    for checked in (False, True):
        ids = new()
        place = phone.begin(ids)
        assert 204 == phone.send(place, PICTURE[:1000], 0).status
        rest = PICTURE[1000:]
        said = checksum(rest) if checked else {}
        with socket.create_connection(("127.0.0.1", gunicorn.port), PATIENCE_S) as connection:
            head = phone.head_of(place, 1000, len(rest), **said)
            connection.sendall(head + rest[:half])
            wait_for_holder(place)
            if whom == "all":
                gunicorn.kill()
                gunicorn.start()
            else:
                for worker in gunicorn.workers():
                    os.kill(worker, signal.SIGKILL)
            assert b"" == received(connection)

        held = until_answered(phone, place).offset
        assert 1000 <= held <= 1000 + half
        assert not checked or held == 1000
        assert 204 == phone.finish(place).status
        promises.photo(*ids, PICTURE)
    checker.check(promises)


def until_answered(phone: Phone, place: str) -> Answer:
    """Ask where an upload stands until a server is there to answer."""
    give_up_at = monotonic() + PATIENCE_S
    while True:
        assert monotonic() < give_up_at
        with suppress(OSError, HTTPException):
            return phone.look(place)


STEPS = ["write", "fsync", "unlink", "rename"]


def test_killed_at_any_step_an_upload_goes_on(config, storage):  # noqa: ARG001  # storage first
    server = Server(config.database_url, Path(config.upload_dir), "--workers=1", "--preload")
    phone, promises = Phone(server.port, token_for(make_person().id)), checker.Promises()
    survived = {}
    try:
        for call in STEPS:
            for number in count(1):
                ids = new()
                place = phone.begin(ids)
                with injected(server.workers(), call, f"signal=KILL:when={number}"):
                    try:
                        answer = phone.send(place, PICTURE, 0)
                    except (OSError, HTTPException):
                        answer = None
                if answer:
                    assert 204 == answer.status
                    survived[call] = number - 1
                else:
                    asked = until_answered(phone, place)
                    assert 200 == asked.status
                    if asked.offset < SIZE:
                        assert (
                            204 == phone.send(place, PICTURE[asked.offset :], asked.offset).status
                        )
                promises.photo(*ids, PICTURE)
                checker.check(promises)
                if answer:
                    break
    finally:
        server.stop()
    assert all(survived.values())


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("write", "error=ENOSPC:when=1"),
        ("fsync", "error=EIO:when=2"),
        ("fsync", "error=EIO:when=3"),
    ],
)
def test_without_room_a_piece_is_refused_and_sent_again(config, storage, call, fault):  # noqa: ARG001
    server = Server(config.database_url, Path(config.upload_dir), "--workers=1", "--preload")
    phone, promises, ids = (
        Phone(server.port, token_for(make_person().id)),
        checker.Promises(),
        new(),
    )
    try:
        place = phone.begin(ids)
        with injected(server.workers(), call, fault):
            refused = phone.send(place, PICTURE[:1000], 0)
        held = phone.look(place).offset
        finished = phone.finish(place)
    finally:
        server.stop()

    assert (507, "60") == (refused.status, refused.headers["Retry-After"])
    assert 0 == held
    assert 204 == finished.status
    promises.photo(*ids, PICTURE)
    checker.check(promises)


def test_on_a_full_disk_the_same_upload_goes_on_when_there_is_room(config, storage, tmp_path):  # noqa: ARG001
    folder, promises, ids = tmp_path / "small", checker.Promises(), new()
    folder.mkdir()
    content = PICTURE[:40_000]
    small = f'mount -t tmpfs -o size=128k tmpfs "{folder}" && exec "$@"'
    under = ["unshare", "--map-root-user", "--mount", "sh", "-c", small, "sh"]
    server = Server(config.database_url, folder, under=under)
    inside = Path(f"/proc/{server.process.pid}/root{folder}")  # seen from our own mounts
    settings.bind(Config(database_url=config.database_url, upload_dir=str(inside)))
    phone = Phone(server.port, token_for(make_person().id))
    ballast = inside / "ballast"
    try:
        place = phone.begin(ids, content)
        assert 204 == phone.send(place, content[:5_000], 0).status
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        in_the_middle = phone.send(place, content[5_000:], 5_000)
        os.truncate(ballast, ballast.stat().st_size - 45_056)  # room for the pieces alone
        held = phone.look(place).offset
        at_the_end = phone.send(place, content[held:], held)
        still = phone.look(place)
        ballast.unlink()
        done = phone.look(place)
        promises.photo(*ids, content)
        checker.check(promises)
    finally:
        server.stop()

    assert (507, "60") == (in_the_middle.status, in_the_middle.headers["Retry-After"])
    assert 5_000 <= held < len(content)
    assert 507 == at_the_end.status == still.status
    assert "Upload-Offset" not in still.headers
    assert (200, len(content)) == (done.status, done.offset)
