"""The blob store: bytes under their SHA-256, on the disk before anyone says yes.

Arrival: temporary file in the same file system, fsync, rename, fsync of the folder. A blob whose
row never follows is harmless; a row whose blob is missing cannot exist.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.platform.errors import CorruptBodyError, StorageFullError, TooLargeError
from backend.platform.settings import settings

CHUNK = 256 * 1024
PARTIAL = "partial"  # folder of what arrives in pieces


@dataclass(slots=True)
class Arrival:
    """Bytes that arrived whole and are on the disk, but under their name only when kept."""

    path: str
    sha256: str
    size: int
    head: bytes
    is_kept: bool = False


@contextmanager
def receive(chunks: Iterable[bytes], *, length: int | None, max_bytes: int) -> Iterator[Arrival]:
    """Write a body to a temporary file, synced and hashed; it is removed unless kept.

    `length` is the announced size in bytes. Raises TooLargeError, CorruptBodyError when fewer
    or more bytes came than announced, and StorageFullError when there is no room.
    """
    # Texts, because making a `Path` costs a photo as much as asking the database.
    path = f"{settings().upload_dir}/incoming/{os.urandom(16).hex()}"
    arrival = None
    try:
        with room():
            arrival = _write(path, chunks, length, max_bytes)
            yield arrival
    finally:
        if arrival is None or not arrival.is_kept:
            Path(path).unlink(missing_ok=True)


def keep(arrival: Arrival) -> None:
    """Move an arrival to its place for good, durably.

    It was written a moment ago, and whoever erases spares what was.
    """
    folder = f"{settings().upload_dir}/{arrival.sha256[:2]}"
    with room(), _gate(fcntl.LOCK_SH):
        os.rename(arrival.path, f"{folder}/{arrival.sha256}")  # noqa: PTH104  # see receive
        arrival.is_kept = True
        sync_folder(folder)


def put(content: bytes) -> str:
    """Keep bytes that are at hand and return their SHA-256 in hex."""
    with receive([content], length=len(content), max_bytes=len(content)) as arrival:
        keep(arrival)
    return arrival.sha256


def erase(sha256: str, *, before: datetime) -> bool:
    """Remove a blob no row names, unless it came after an instant; return whether it is gone.

    Bytes are kept before the row that names them: what came just now may be about to be named.
    """
    place = path_of(sha256)
    with _gate(fcntl.LOCK_EX):
        if not place.is_file():
            return True
        if place.stat().st_mtime >= before.timestamp():
            return False
        place.unlink()
        sync_folder(place.parent)
    return True


@contextmanager
def _gate(how: int) -> Iterator[None]:
    """Let blobs be kept together, but never while one is erased."""
    fd = os.open(f"{settings().upload_dir}/incoming", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, how)
        yield
    finally:
        os.close(fd)


def path_of(sha256: str) -> Path:
    """Return where the blob with this hash is, if it is anywhere."""
    return root() / sha256[:2] / sha256


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a stored file in hex, reading it in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def root() -> Path:
    """Return the folder of the store."""
    return Path(settings().upload_dir)


def prepare() -> None:
    """Make the folders of the store, durably, so that no upload has to."""
    root().mkdir(parents=True, exist_ok=True)
    wanted = {"incoming", PARTIAL, *(f"{number:02x}" for number in range(256))}
    for name in wanted - {folder.name for folder in root().iterdir()}:
        (root() / name).mkdir(exist_ok=True)
    sync_folder(root())


def sweep(*, before: datetime) -> int:
    """Remove what began to arrive before an instant and never did; return how many there were.

    A killed server leaves such files; one that is still growing was touched a moment ago.
    """
    left = 0
    for path in (root() / "incoming").iterdir():
        with suppress(FileNotFoundError):  # it arrived meanwhile
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                left += 1
    return left


def _write(path: str, chunks: Iterable[bytes], length: int | None, max_bytes: int) -> Arrival:
    if length is not None and length > max_bytes:
        raise TooLargeError(limit_bytes=max_bytes)
    digest, size, head = hashlib.sha256(), 0, b""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise TooLargeError(limit_bytes=max_bytes)
            head = head or chunk[:64]
            digest.update(chunk)
            write_all(file, chunk)
        if length is not None and size != length:
            raise CorruptBodyError(announced_bytes=length, received_bytes=size)
        os.fsync(file)
    finally:
        os.close(file)
    return Arrival(path, digest.hexdigest(), size, head)


def write_all(fd: int, chunk: bytes) -> None:
    """Write a piece where a file stands, however many calls that takes."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(fd, rest) :]


def sync_folder(folder: str | Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def room() -> Iterator[None]:
    """Say StorageFullError when what is done within finds no room or a broken disk."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
            raise StorageFullError(retry_after_s=60) from error
        raise
