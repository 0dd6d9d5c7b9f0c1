"""Partial files: bytes that arrive in pieces, each on the disk before anyone counts it.

How much is there is the length of the file and nothing else, so no crash can contradict it. One
writer holds a file at a time, over all processes of the machine; whoever wants it next rings a
bell (a lock on a second file), which the writer hears between pieces and lets go.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from backend.platform import blobs
from backend.platform.errors import Retry, StorageFullError, XundianError

PATIENCE_S = 5  # how long a holder may take to let go
STEP_S = 0.05
BELL = ".bell"


class HeldError(XundianError):
    """Somebody else holds the file and does not let go."""

    code = "upload-locked"
    title = "Somebody else is writing"
    title_zh = "正在被写入"
    detail = "Another request is at work on it; try again in {retry_after_s} seconds."
    detail_zh = "另一请求正在处理，请在 {retry_after_s} 秒后重试。"
    retry = Retry.AFTER


class Partial:
    """A file in the hands of its one writer. `size` is how many bytes are in it."""

    def __init__(self, path: Path, file: int, bell: int) -> None:
        self._path = path
        self._file = file
        self._bell = bell
        self.size = self._durable = os.lseek(file, 0, os.SEEK_END)

    def is_wanted(self) -> bool:
        """Return whether somebody waits for the file."""
        try:
            fcntl.flock(self._bell, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._bell, fcntl.LOCK_UN)
        return False

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end. Raises StorageFullError, after as many as there was room for."""
        try:
            with blobs.room():
                blobs.write_all(self._file, chunk)
        finally:
            self.size = os.lseek(self._file, 0, os.SEEK_END)

    def sync(self) -> None:
        """Make the bytes and the file's name durable.

        Raises StorageFullError, and forgets what was written since, for nobody knows what of it
        is on the disk.
        """
        try:
            with blobs.room():
                os.fsync(self._file)
                blobs.sync_folder(self._path.parent)
        except StorageFullError:
            self.cut(self._durable)
            raise
        self._durable = self.size

    def cut(self, size: int) -> None:
        """Forget all bytes but the first `size`."""
        os.ftruncate(self._file, size)
        self.size = os.lseek(self._file, size, os.SEEK_SET)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the first to the last."""
        at = 0
        while chunk := os.pread(self._file, blobs.CHUNK, at):
            at += len(chunk)
            yield chunk

    @contextmanager
    def beside(self) -> Iterator[IO[bytes]]:
        """Give a nameless file on the same disk, for bytes that are not to be believed yet."""
        with blobs.room(), tempfile.TemporaryFile(dir=self._path.parent, buffering=0) as aside:
            yield aside

    def drop(self) -> None:
        """Remove the file."""
        self._path.unlink()
        self._path.with_name(self._path.name + BELL).unlink(missing_ok=True)


@contextmanager
def held(name: str, *, patience_s: float = PATIENCE_S) -> Iterator[Partial]:
    """Hold the file of that name, which is made if there is none; others let go of it first.

    Everything in it is durable. Raises HeldError when its holder does not let go in time.
    """
    path = folder() / name
    with blobs.room():
        bell = _open(path.with_name(name + BELL))
    try:
        fcntl.flock(bell, fcntl.LOCK_SH)
        with blobs.room():
            file = _claim(path, patience_s)
        fcntl.flock(bell, fcntl.LOCK_UN)
        try:
            with blobs.room():
                os.fsync(file)  # of a writer that was killed
            yield Partial(path, file, bell)
        finally:
            os.close(file)
    finally:
        os.close(bell)


def names() -> set[str]:
    """Return the names of all partial files."""
    return {path.name.removesuffix(BELL) for path in folder().iterdir()}


def folder() -> Path:
    """Return the folder of partial files, in the file system of the blobs."""
    return blobs.root() / blobs.PARTIAL


def _claim(path: Path, patience_s: float) -> int:
    give_up_at = monotonic() + patience_s
    while True:
        file = _open(path)
        try:
            _wait_for(file, give_up_at)
        except BaseException:
            os.close(file)
            raise
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # it was removed while we waited


def _wait_for(file: int, give_up_at: float) -> None:
    while not _is_mine(file):
        if monotonic() > give_up_at:
            raise HeldError(retry_after_s=1)
        sleep(STEP_S)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)


def _is_mine(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
