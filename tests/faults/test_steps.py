"""One upload, killed or failing at each of its system calls, and on a disk that is full."""

from contextlib import suppress
from http.client import HTTPException
from itertools import count
from pathlib import Path

import pytest

from backend.config import Config
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs, settings
from tests.factories import make_person, make_store
from tests.faults import checker
from tests.faults.phones import Item, Reply, Signed, hand_in, send
from tests.faults.tracing import injected
from tests.serving import Server, token_for

# How the files of photos change, how the database does, and how the answer goes out.
CALLS = {
    "sqlite": ["write", "fsync", "rename", "pwrite64", "fdatasync", "sendto"],
    "postgresql": ["write", "fsync", "rename", "sendto"],
}
NO_ROOM = [
    ("write", "error=ENOSPC:when=1"),
    ("write", "error=EDQUOT:when=1"),
    ("fsync", "error=EIO:when=1"),  # of the file
    ("fsync", "error=ENOSPC:when=1"),
    ("rename", "error=ENOSPC:when=1"),
    ("fsync", "error=EIO:when=2"),  # of the folder
]


@pytest.fixture
def lone(config, storage):  # noqa: ARG001  # storage first
    """A server with one worker, which is replaced quickly when it dies."""
    running = Server(config.database_url, Path(config.upload_dir), "--workers=1", "--preload")
    yield running
    running.stop()


def last_photo(port: int, promises: checker.Promises) -> Item:
    """Hand in all of a visit but its last photo, which is returned."""
    person = make_person()
    *before, last = Signed(token_for(person.id)).day([make_store(owner=person)], [], photos=1)
    hand_in(port, before, promises)
    return last


def try_once(port: int, item: Item) -> Reply | None:
    """Send an item once; None when nothing, or not all, came back."""
    try:
        return send(port, item.request)
    except (OSError, HTTPException):
        return None


def test_killed_at_any_step_an_upload_is_whole_or_sent_again(lone, engine):
    promises, survived = checker.Promises(), {}

    for call in CALLS[engine]:
        for number in count(1):
            photo = last_photo(lone.port, promises)
            with injected(lone.workers(), call, f"signal=KILL:when={number}"):
                reply = try_once(lone.port, photo)
            if reply:
                assert 201 == reply.status
                photo.note(promises)
                survived[call] = number - 1
                break
            checker.check(promises)
            hand_in(lone.port, [photo], promises)

    checker.check(promises)
    assert {"complete"} == {visit.status for visit in Visit.select()}
    assert (1, 2, 1) == (survived["write"], survived["fsync"], survived["rename"])
    assert all(survived.values())


def test_without_room_an_upload_is_refused_and_can_be_sent_again(lone):
    promises = checker.Promises()

    for call, fault in NO_ROOM:
        photo = last_photo(lone.port, promises)
        with injected(lone.workers(), call, fault):
            reply = try_once(lone.port, photo)
        assert (507, "60") == (reply.status, reply.retry_after), (call, fault)
        assert "urn:xundian:problem:storage-full" == reply.json["type"]
        assert 1 == Photo.select().where(Photo.sha256.is_null()).count()
        assert [] == list((blobs.root() / "incoming").iterdir())
        checker.check(promises)
        assert 201 == hand_in(lone.port, [photo], promises)[0].status

    checker.check(promises)


def test_on_a_full_disk_only_photos_wait(config, storage, tmp_path):  # noqa: ARG001  # storage first
    folder, promises = tmp_path / "small", checker.Promises()
    folder.mkdir()
    small = f'mount -t tmpfs -o size=64k tmpfs "{folder}" && exec "$@"'
    under = ["unshare", "--map-root-user", "--mount", "sh", "-c", small, "sh"]
    server = Server(config.database_url, folder, under=under)
    inside = Path(f"/proc/{server.process.pid}/root{folder}")  # seen from our own mounts
    settings.bind(Config(database_url=config.database_url, upload_dir=str(inside)))
    try:
        photo = last_photo(server.port, promises)
        ballast = inside / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        refused = try_once(server.port, photo)
        other = last_photo(server.port, promises)  # check-ins and reports go on
        ballast.unlink()
        accepted = hand_in(server.port, [photo, other], promises)
        checker.check(promises)
    finally:
        server.stop()

    assert (507, "60") == (refused.status, refused.retry_after)
    assert [201, 201] == [reply.status for reply in accepted]
