"""Routes for photos: the raw bytes in."""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

from flask import Request
from flask.views import MethodView
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from backend.api.blueprint import Blueprint, plainly, this_request
from backend.fieldwork import photos
from backend.fieldwork.arrivals import Result
from backend.platform import blobs, clock
from backend.platform.actors import Actor, Permission
from backend.platform.errors import RuleError
from backend.platform.patience import Ending, NoSeatError, seats
from backend.platform.settings import settings
from schemas.photos import PhotoUploadSchema

blp = Blueprint("photos", __name__, description="Photos of visits")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
STATUS = {Result.CREATED: 201, Result.REPLAYED: 200, Result.QUARANTINED: 202}
DIGEST_HEADER = {
    "in": "header",
    "name": "Repr-Digest",
    "description": "RFC 9530: the SHA-256 of the bytes, so that a damaged upload is refused",
    "schema": {
        "type": "string",
        "example": "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:",
    },
}
BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES},
}


class UnreadableDigestError(RuleError):
    """The digest header is not one."""

    code = "unreadable-digest"
    title = "The digest cannot be read"
    title_zh = "摘要格式错误"
    detail = "Write it as `sha-256=:<base64>:` (RFC 9530)."
    detail_zh = "请按 RFC 9530 写作 `sha-256=:<base64>:`。"


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>")
class PhotoUpload(MethodView):
    """One photo's bytes."""

    @plainly()
    @blp.guarded(Permission.VISIT_WRITE)
    @blp.doc(parameters=[DIGEST_HEADER], requestBody=BODY)
    @blp.response(201, PhotoUploadSchema)
    @blp.alt_response(200, schema=PhotoUploadSchema, description="Already held", success=True)
    @blp.alt_response(202, schema=PhotoUploadSchema, description="Kept in quarantine", success=True)
    @blp.alt_response(400, "BAD_REQUEST")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
    @blp.alt_response(503, "SERVICE_UNAVAILABLE")
    def put(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> tuple[dict[str, Any], int]:
        """Hand in the bytes of a photo

        Before or after the report that announces it. 201 means the bytes are on the disk under
        their SHA-256 and the row is committed: the phone may delete its copy. Bytes of another
        type are kept in quarantine (202), and never decoded. One that takes long while others do
        is refused (503): send it again later, or in pieces.
        """
        sent = this_request()
        length = sent.content_length
        sent.max_content_length = settings().max_photo_bytes
        with closing(_chunks(sent)) as chunks:
            photo, result = photos.receive(
                actor,
                visit_id,
                photo_id,
                chunks,
                length=length,
                declared_sha256=_declared_sha256(sent),
                media_type=sent.mimetype if sent.mimetype in MEDIA_TYPES else None,
                at=clock.now(),
            )
        shown = {
            "id": photo.id,
            "state": photos.state_of(photo),
            "sha256": photo.sha256,
            "size_bytes": photo.size_bytes,
            "reason": photo.quarantine_reason,
        }
        return shown, STATUS[result]


def _chunks(sent: Request) -> Generator[bytes]:
    """Yield the body as it comes. Raises NoSeatError when others need its thread."""
    with seats.if_slow() as seat:
        try:
            if sent.content_length is None:
                while chunk := sent.stream.read(blobs.CHUNK):
                    yield chunk
            else:
                yield from _straight(sent, sent.content_length)
        except (ClientDisconnected, ParseException):
            if seat.ending is Ending.CROWDED:
                raise NoSeatError(retry_after_s=1) from None
            raise


def _straight(sent: Request, length: int) -> Iterator[bytes]:
    """Yield a body of known length as gunicorn reads it; each layer above would copy it again."""
    body: Any = sent.environ["wsgi.input"]
    reader = getattr(body, "reader", body)  # of gunicorn's body, which has read nothing yet
    while length:
        try:
            chunk = reader.read(min(length, blobs.CHUNK))
        except OSError:
            chunk = b""
        if not chunk:
            raise ClientDisconnected
        length -= len(chunk)
        yield chunk


def _declared_sha256(sent: Request) -> str | None:
    header = sent.headers.get("Repr-Digest") or sent.headers.get("Content-Digest")
    if header is None:
        return None
    algorithm, _, value = header.strip().partition("=")
    if algorithm.lower() != "sha-256":
        return None  # another algorithm promises nothing we check
    try:
        digest = base64.b64decode(value.strip(":"), validate=True)
    except ValueError:  # no base64, or not even ASCII
        digest = b""
    if len(digest) != 32:
        raise UnreadableDigestError(reason="digest")
    return digest.hex()
