"""The headers a client of tus sends, and a client that sends them through Flask's test client."""

import base64
import hashlib
from uuid import UUID

from tests.client import Client

PIECE = "application/offset+octet-stream"
SPOKEN = {"Tus-Resumable": "1.0.0"}


def encoded(value: str | bytes) -> str:
    """Return a value of Upload-Metadata, or a digest."""
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def metadata(visit_id: UUID, photo_id: UUID, content: bytes | None = None, **more: str) -> str:
    """Return Upload-Metadata of a JPEG; with its content, the hash of that is declared."""
    said = {"visit": str(visit_id), "photo": str(photo_id), "filetype": "image/jpeg"} | more
    if content is not None:
        said["sha256"] = hashlib.sha256(content).hexdigest()
    return ",".join(f"{key} {encoded(value)}" for key, value in said.items())


def checksum(content: bytes, algorithm: str = "sha1") -> dict[str, str]:
    """Return the header that says what a piece hashes to."""
    return {"Upload-Checksum": f"{algorithm} {encoded(hashlib.new(algorithm, content).digest())}"}


def beginning(
    visit_id: UUID, photo_id: UUID, content: bytes | None, length: int | None = None
) -> dict[str, str]:
    """Return the headers that begin an upload."""
    size = len(content or b"") if length is None else length
    return SPOKEN | {
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(visit_id, photo_id, content),
    }


def going_on(offset: int, **more: str) -> dict[str, str]:
    """Return the headers of a piece."""
    return SPOKEN | {"Content-Type": PIECE, "Upload-Offset": str(offset)} | more


class Tus:
    """A client of tus; every method answers the response."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def begin(self, visit_id: UUID, photo_id: UUID, content: bytes | None, **headers: str):
        """Begin an upload of some content, without sending any of it."""
        said = beginning(visit_id, photo_id, content)
        return self.client.post("/v1/uploads", headers=said | headers)

    def look(self, place: str):
        """Ask where an upload stands."""
        return self.client.head(place, headers=SPOKEN)

    def send(self, place: str, piece: bytes, offset: int, **headers: str):
        """Send a piece."""
        return self.client.patch(place, data=piece, headers=going_on(offset) | headers)

    def end(self, place: str):
        """Terminate an upload."""
        return self.client.delete(place, headers=SPOKEN)
