"""Uploads below HTTP: two at one upload, silence, and what is over by the time it is held."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from uuid import uuid4

import pytest

from backend.exchange import upload_expiry, uploads
from backend.exchange.uploads import Checksum, InterruptedUploadError, TakenOverError
from backend.platform import clock, partial
from backend.platform.database import db
from backend.platform.errors import CorruptBodyError, NotFoundError
from backend.platform.patience import attended
from tests.factories import actor_of, make_person
from tests.pictures import phone_jpeg

pytestmark = pytest.mark.usefixtures("storage")
PICTURE = phone_jpeg(9)
PATIENCE_S = 60
NONE = Checksum("sha1", b"")


@pytest.fixture
def actor():
    return actor_of(make_person())


@pytest.fixture
def upload(actor):
    """An upload of which nothing came yet."""
    return uploads.create(
        actor,
        visit_id=uuid4(),
        photo_id=uuid4(),
        media_type="image/jpeg",
        sha256=None,
        length=len(PICTURE),
        headline="",
        at=clock.now(),
    ).upload


def stalling(content: bytes, silent_s: float) -> Iterator[bytes]:
    """Yield a body that falls silent after some content, as the server reads it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reading = attended(ours, silent_s=silent_s)
        theirs.sendall(content)
        while True:
            try:
                yield reading.recv(1000)
            except TimeoutError:
                raise CorruptBodyError from None


def send(actor, upload, chunks, offset=0, **more):
    """Append a piece."""
    return uploads.append(actor, upload.id, chunks, offset=offset, at=clock.now(), **more)


@pytest.mark.parametrize(("checksum", "kept"), [(None, 1500), (NONE, 0)])
def test_a_silent_piece_is_interrupted(actor, upload, checksum, kept):
    with pytest.raises(InterruptedUploadError):
        send(actor, upload, stalling(PICTURE[:1500], 0.01), checksum=checksum)

    assert kept == uploads.look(actor, upload.id, at=clock.now()).offset


def test_whoever_comes_later_goes_on_with_what_came_by_then(actor, upload):
    def stall():
        with db.connection_context(), pytest.raises(TakenOverError):
            send(actor, upload, stalling(PICTURE[:1500], PATIENCE_S))

    with ThreadPoolExecutor(1) as pool:
        stalled = pool.submit(stall)
        file, give_up_at = partial.folder() / upload.id.hex, monotonic() + PATIENCE_S
        while not (file.exists() and file.stat().st_size == 1500):
            assert monotonic() < give_up_at
        held = uploads.look(actor, upload.id, at=clock.now()).offset
        stalled.result(PATIENCE_S)

    assert 1500 == held
    assert "unannounced" == send(actor, upload, [PICTURE[1500:]], 1500).state


@pytest.mark.parametrize("asking", ["look", "send"])
def test_what_was_completed_or_ended_while_somebody_waited_leaves_no_file(actor, upload, asking):
    def ask():
        with db.connection_context():
            if asking == "look":
                return uploads.look(actor, upload.id, at=clock.now()).offset
            return send(actor, upload, [], len(PICTURE)).offset

    def waiting_for(act):
        """Hold the file until somebody waits for it, and do something to the upload meanwhile."""
        with ThreadPoolExecutor(1) as pool:
            with partial.held(upload.id.hex) as file:
                late = pool.submit(ask)
                give_up_at = monotonic() + PATIENCE_S
                while not file.is_wanted():
                    assert monotonic() < give_up_at
                act(file)
            return late.result(PATIENCE_S)

    def complete(file):
        file.write(PICTURE)
        uploads._complete_if_whole(actor, upload, file, at=clock.now())

    assert len(PICTURE) == waiting_for(complete)
    assert set() == partial.names()


def test_what_was_terminated_while_somebody_waited_is_not_found(actor, upload):
    def ask():
        with db.connection_context():
            uploads.look(actor, upload.id, at=clock.now())

    with ThreadPoolExecutor(1) as pool:
        with partial.held(upload.id.hex) as file:
            late = pool.submit(ask)
            give_up_at = monotonic() + PATIENCE_S
            while not file.is_wanted():
                assert monotonic() < give_up_at
            uploads.Upload.delete().execute()
            file.drop()
        with pytest.raises(NotFoundError):
            late.result(PATIENCE_S)

    assert set() == partial.names()


def test_the_worker_expires_sweeps_and_forgets_by_itself(upload):
    (partial.folder() / uuid4().hex).touch()
    uploads.Upload.update(expires_at=upload.created_at).execute()

    upload_expiry.JOBS["expire-uploads"]("2026-03-02T10:00:00+00:00")
    upload_expiry.JOBS["forget-uploads"]("2026-03-02T10:00:00+00:00")

    assert set() == partial.names()
    assert uploads.Upload.get().expired_at is not None
