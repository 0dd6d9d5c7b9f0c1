"""The blob store: whole and on the disk, or not there at all."""

import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from backend.config import Config
from backend.platform import blobs
from backend.platform.errors import CorruptBodyError, StorageFullError, TooLargeError
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("storage")
CONTENT = b"a picture of a store" * 10_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def pieces(content: bytes = CONTENT, size: int = 30_000):
    """Yield a body as it arrives."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def left_over(config: Config) -> list[Path]:
    """Return what lies about in the folder for arrivals."""
    return list((Path(config.upload_dir) / "incoming").iterdir())


def test_keeps_bytes_under_their_hash(config: Config):
    with blobs.receive(pieces(), length=len(CONTENT), max_bytes=1_000_000) as arrival:
        blobs.keep(arrival)

    place = blobs.path_of(SHA256)
    assert (SHA256, len(CONTENT), CONTENT[:64]) == (arrival.sha256, arrival.size, arrival.head)
    assert CONTENT == place.read_bytes()
    assert SHA256 == blobs.digest_of(place)
    assert [] == left_over(config)


def test_forgets_what_is_not_kept(config: Config):
    with blobs.receive(pieces(), length=None, max_bytes=1_000_000) as arrival:
        assert [Path(arrival.path)] == left_over(config)

    assert [] == left_over(config)
    assert not blobs.path_of(SHA256).exists()


def test_keeps_the_same_bytes_twice_as_one():
    assert SHA256 == blobs.put(CONTENT) == blobs.put(CONTENT)
    assert [SHA256] == [place.name for place in blobs.path_of(SHA256).parent.iterdir()]


@pytest.mark.parametrize("announced", [len(CONTENT) + 1, len(CONTENT) - 1])
def test_refuses_a_body_that_is_not_as_long_as_announced(config: Config, announced):
    with (
        pytest.raises(CorruptBodyError) as refusal,
        blobs.receive(pieces(), length=announced, max_bytes=1_000_000),
    ):
        pass

    assert {"announced_bytes": announced, "received_bytes": len(CONTENT)} == refusal.value.facts
    assert [] == left_over(config)


def test_refuses_a_body_announced_as_too_large_before_reading_it():
    body = pieces()

    with pytest.raises(TooLargeError), blobs.receive(body, length=101, max_bytes=100):
        pass

    assert CONTENT[:30_000] == next(body)


def test_stops_reading_a_body_that_grows_too_large(config: Config):
    body = pieces()

    with pytest.raises(TooLargeError), blobs.receive(body, length=None, max_bytes=50_000):
        pass

    assert CONTENT[60_000:90_000] == next(body)
    assert [] == left_over(config)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_says_when_there_is_no_room(config: Config, number):
    def body():
        yield CONTENT
        raise OSError(number, "as a full disk says it")

    with pytest.raises(StorageFullError), blobs.receive(body(), length=None, max_bytes=10**6):
        pass

    assert [] == left_over(config)


def test_lets_other_failures_through():
    def body():
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), blobs.receive(body(), length=None, max_bytes=10**6):
        pass


def test_sweeps_what_a_killed_server_left_but_not_what_still_arrives(config: Config):
    blobs.prepare()
    long_ago, now = NOON - timedelta(days=2), NOON - timedelta(hours=1)
    for name, touched_at in (("left", long_ago), ("arriving", now)):
        path = Path(config.upload_dir) / "incoming" / name
        path.write_bytes(b"half a pic")
        os.utime(path, (touched_at.timestamp(), touched_at.timestamp()))

    swept = blobs.sweep(before=NOON - timedelta(days=1))

    assert (1, ["arriving"]) == (swept, [path.name for path in left_over(config)])
