"""Partial files: one writer, everything counted is on the disk, and whoever waits is heard."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from backend.platform import partial
from backend.platform.errors import StorageFullError
from backend.platform.partial import HeldError

pytestmark = pytest.mark.usefixtures("storage")
NAME = "upload"
PATIENCE_S = 60


def test_is_as_long_as_what_was_written_whoever_asks():
    with partial.held(NAME) as file:
        file.write(b"abc")
        file.write(b"def")
        file.sync()
    with partial.held(NAME) as file:
        assert (6, [b"abcdef"]) == (file.size, list(file.chunks()))
        file.cut(2)
        file.write(b"x")
        assert (3, [b"abx"]) == (file.size, list(file.chunks()))

    assert {NAME} == partial.names()


def test_is_gone_when_dropped_and_can_be_made_anew():
    with partial.held(NAME) as file:
        file.write(b"abc")
        file.drop()
    assert set() == partial.names()

    with partial.held(NAME) as file:
        assert 0 == file.size


def test_is_refused_to_a_second_while_the_first_does_not_let_go():
    with partial.held(NAME) as file:
        with pytest.raises(HeldError) as refusal, partial.held(NAME, patience_s=0):
            pass
        assert not file.is_wanted()

    assert 1 == refusal.value.facts["retry_after_s"]


def test_passes_to_whoever_rings_once_its_holder_lets_go():
    def take_over():
        with partial.held(NAME) as file:
            return file.size, file.is_wanted()

    with ThreadPoolExecutor(1) as pool:
        with partial.held(NAME) as file:
            waiting = pool.submit(take_over)
            give_up_at = monotonic() + PATIENCE_S
            while not file.is_wanted():
                assert monotonic() < give_up_at
            file.write(b"what came by then")
        assert (17, False) == waiting.result(PATIENCE_S)


def test_that_was_dropped_while_somebody_waited_is_a_new_one_for_them():
    def take_over():
        with partial.held(NAME) as file:
            return file.size

    with ThreadPoolExecutor(1) as pool:
        with partial.held(NAME) as file:
            file.write(b"abc")
            waiting = pool.submit(take_over)
            give_up_at = monotonic() + PATIENCE_S
            while not file.is_wanted():
                assert monotonic() < give_up_at
            file.drop()
        assert 0 == waiting.result(PATIENCE_S)


def test_forgets_what_the_disk_may_not_have(monkeypatch):
    with partial.held(NAME) as file:
        file.write(b"kept")
        file.sync()
        file.write(b" and lost")
        # The disk fails: nothing but the system call itself is put out of order.
        monkeypatch.setattr("os.fsync", failing)
        with pytest.raises(StorageFullError):
            file.sync()
        assert (4, [b"kept"]) == (file.size, list(file.chunks()))


def failing(_fd):
    """Fail like a disk that loses what it was given."""
    raise OSError(5, "Input/output error")


def test_keeps_bytes_that_are_not_believed_yet_under_no_name():
    with partial.held(NAME) as file, file.beside() as aside:
        aside.write(b"of a piece that is not checked yet")
        named = sorted(path.name for path in Path(partial.folder()).iterdir())

    assert [NAME, NAME + partial.BELL] == named
