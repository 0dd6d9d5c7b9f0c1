"""Routes for photos in pieces: tus 1.0.0, with the extensions that OPTIONS names."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, g, request, url_for
from flask.views import MethodView
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from backend.api import tus
from backend.api.blueprint import Blueprint
from backend.api.problems import MEDIA_TYPE as PROBLEM
from backend.exchange import uploads
from backend.platform import blobs, clock
from backend.platform.actors import Actor, Permission
from backend.platform.errors import CorruptBodyError
from backend.platform.settings import settings
from schemas.base import ProblemSchema

blp = Blueprint("uploads", __name__, description="Photos in pieces, by tus 1.0.0")


def _header(name: str, what: str, example: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": what,
        "schema": {"type": "string", "example": example},
    }


RESUMABLE = _header("Tus-Resumable", "The version of tus", tus.VERSION, required=True)
LENGTH = _header("Upload-Length", "Bytes of the whole, once they are known", "250000")
CHECKSUM = _header(
    "Upload-Checksum",
    "What the body hashes to: `sha1` or `sha256`, a space, and the digest in base64",
    "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
)
CREATION = [
    RESUMABLE,
    LENGTH,
    _header("Upload-Defer-Length", "Instead of Upload-Length: it will be said later", "1"),
    _header(
        "Upload-Metadata",
        "`visit` and `photo` (their ids), `filetype` (the media type) and, as often as the phone "
        "can, `sha256` (of the whole, in hex); each value in base64. Other keys are kept and "
        "returned, and mean nothing",
        "visit YmExZjBkNGEtMGZiOS00NmRjLThhNTktNjU1NTM1NTgzMjI3,"
        "photo Nzc5NzI0MGEtYzU2Yi00NTk0LWI2OTAtZTYwNTNhYjNiY2Q1,filetype aW1hZ2UvanBlZw==",
        required=True,
    ),
    CHECKSUM,
]
PIECE = [
    RESUMABLE,
    _header("Upload-Offset", "Bytes that are held", "70000", required=True),
    LENGTH,
    CHECKSUM,
]
BODY = {"content": {tus.PIECE: {"schema": {"type": "string", "format": "binary"}}}}


def _said(*names: str) -> dict[str, Any]:
    kinds = {
        "Location": "Address of the upload",
        "Upload-Offset": "Bytes that are on the disk",
        "Upload-Length": "Bytes of the whole, if known",
        "Upload-Expires": "Until when it must be finished",
        "X-Photo-State": "When this request completed it: what a receipt says of the photo",
    }
    return {name: {"description": kinds[name], "schema": {"type": "string"}} for name in names}


MISMATCH = 460  # no status of HTTP, but of tus
DONE = _said("Upload-Offset", "Upload-Expires", "X-Photo-State")


def _refusing(*statuses: int) -> Any:
    """Document the problems an operation may answer."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            if status != MISMATCH:
                view = blp.alt_response(status, HTTPStatus(status).name)(view)
            else:
                view = blp.alt_response(
                    status,
                    schema=ProblemSchema,
                    content_type=PROBLEM,
                    description="Checksum Mismatch",
                )(view)
        return view

    return decorate


@blp.after_request
def say_version(response: Response) -> Response:
    """Add what tus wants of every answer."""
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        response.headers["Tus-Version"] = tus.VERSION
    if location := g.pop("begun", None):  # also when its first piece was refused
        response.headers["Location"] = location
    return response


@blp.route("/uploads")
class Uploads(MethodView):
    """The uploads."""

    @blp.doc(security=[])
    @blp.response(204)
    def options(self) -> Response:
        """Say what this server of tus can do"""
        return _abilities()

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.doc(parameters=CREATION, requestBody=BODY)
    @blp.response(201, headers=_said("Location") | DONE)
    @_refusing(400, 412, 413, 415, 423, 429, 460, 503, 507)
    def post(self, actor: Actor) -> Response:
        """Begin an upload

        The body may be its first piece. The whole becomes the photo that Upload-Metadata names, as
        if it had come by `PUT /v1/visits/{visit_id}/photos/{photo_id}`.
        """
        tus.speak()
        has_body = request.content_length != 0 and _has_body()
        if has_body:
            _expect_piece()
        checksum = tus.checksum()
        of = tus.described()
        progress = uploads.create(
            actor,
            visit_id=of.visit_id,
            photo_id=of.photo_id,
            media_type=of.media_type,
            sha256=of.sha256,
            length=tus.announced_length(),
            headline=of.headline,
            at=clock.now(),
        )
        upload_id = progress.upload.id
        g.begun = url_for("uploads.Upload", upload_id=upload_id)
        if has_body:
            progress = uploads.append(
                actor,
                upload_id,
                _chunks(),
                offset=progress.offset,
                size=request.content_length,
                checksum=checksum,
                at=clock.now(),
            )
        return Response(status=201, headers=tus.headers_of(progress))


@blp.route("/uploads/<uuid:upload_id>")
class Upload(MethodView):
    """One upload, seen by nobody but whoever began it."""

    @blp.doc(security=[])
    @blp.response(204)
    def options(self, upload_id: UUID) -> Response:  # noqa: ARG002  # the same for all
        """Say what this server of tus can do with an upload"""
        return _abilities()

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.doc(parameters=[RESUMABLE])
    @blp.response(200, headers=DONE | _said("Upload-Length"))
    @_refusing(404, 410, 412, 422, 423, 429, 503, 507)
    def head(self, actor: Actor, upload_id: UUID) -> Response:
        """Ask how much of an upload is held

        Whoever is still sending to it is let go of. Upload-Offset equals Upload-Length only when
        the photo is taken in.
        """
        tus.speak()
        progress = uploads.look(actor, upload_id, at=clock.now())
        headers = tus.headers_of(progress) | {"Upload-Metadata": progress.upload.headline}
        if progress.upload.length_bytes is None:
            headers["Upload-Defer-Length"] = "1"
        else:
            headers["Upload-Length"] = str(progress.upload.length_bytes)
        return Response(status=200, headers=headers)

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.doc(parameters=PIECE, requestBody=BODY)
    @blp.response(204, headers=DONE)
    @_refusing(400, 404, 409, 410, 412, 413, 415, 422, 423, 429, 460, 503, 507)
    def patch(self, actor: Actor, upload_id: UUID) -> Response:
        """Send a piece of an upload

        204 means that it is on the disk; for the last piece, that the photo is taken in and the
        phone may delete its copy. Whoever is still sending to the upload is let go of.
        """
        tus.speak()
        _expect_piece()
        progress = uploads.append(
            actor,
            upload_id,
            _chunks(),
            offset=tus.count("Upload-Offset"),
            size=request.content_length,
            length=tus.count("Upload-Length") if "Upload-Length" in request.headers else None,
            checksum=tus.checksum(),
            at=clock.now(),
        )
        return Response(status=204, headers=tus.headers_of(progress))

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.doc(parameters=[RESUMABLE])
    @blp.response(204)
    @_refusing(404, 410, 412, 423)
    def delete(self, actor: Actor, upload_id: UUID) -> Response:
        """End an upload and forget what came of it

        A photo that it completed stays.
        """
        tus.speak()
        uploads.terminate(actor, upload_id, at=clock.now())
        return Response(status=204)


def _abilities() -> Response:
    return Response(
        status=204,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": ",".join(tus.EXTENSIONS),
            "Tus-Checksum-Algorithm": ",".join(uploads.ALGORITHMS),
            "Tus-Max-Size": str(settings().max_photo_bytes),
        },
    )


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _expect_piece() -> None:
    if not tus.is_piece():
        raise tus.NotAPieceError


def _chunks() -> Iterator[bytes]:
    """Yield the body as it comes; raise CorruptBodyError after what came of one that broke off."""
    # One more than may come, so that too much is seen, not taken for the end.
    request.max_content_length = settings().max_photo_bytes + blobs.CHUNK
    came, broke = 0, False
    while True:
        try:
            chunk = request.stream.read(blobs.CHUNK)
        except (ClientDisconnected, ParseException):
            if broke:
                break
            broke = True  # the next read gives what had come by then
            continue
        if not chunk:
            break
        came += len(chunk)
        yield chunk
    announced = request.content_length
    if broke or (announced is not None and came != announced):
        raise CorruptBodyError(announced_bytes=announced, received_bytes=came)
