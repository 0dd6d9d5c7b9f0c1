"""The headers of tus 1.0.0: read strictly, written the same way everywhere."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from backend.api.photos import MEDIA_TYPES
from backend.exchange.uploads import ALGORITHMS, Checksum, Progress
from backend.platform.errors import XundianError

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "checksum",
    "expiration",
    "termination",
)
SHA256 = re.compile("[0-9a-f]{64}")
DIGITS = re.compile("[0-9]{1,15}")
METADATA = "visit <base64 of its id>,photo <base64 of its id>,filetype <base64 of image/jpeg>"


class UnspokenVersionError(XundianError):
    """The request does not say that it speaks a version of tus that the server speaks."""

    code = "tus-version"
    title = "Not a version of tus that is spoken here"
    title_zh = "不支持的 tus 版本"
    detail = f"Send the header Tus-Resumable: {VERSION}."
    detail_zh = f"请附上请求头 Tus-Resumable: {VERSION}。"


class UnreadableHeaderError(XundianError):
    """A header of tus is missing or not what tus says it is."""

    code = "tus-header"
    title = "A header of tus cannot be read"
    title_zh = "tus 请求头有误"
    detail = "Send the header {header} as `{form}`."
    detail_zh = "请按 `{form}` 填写请求头 {header}。"


class NotAPieceError(XundianError):
    """The body of a tus request says to be something else than a piece of an upload."""

    code = "not-a-piece"
    title = "Not a piece of an upload"
    title_zh = "内容类型有误"
    detail = f"Send the piece as {PIECE}."
    detail_zh = f"请以 {PIECE} 发送该段。"


@dataclass(frozen=True, slots=True)
class Described:
    """What a client says of an upload; `headline` is how it said it."""

    visit_id: UUID
    photo_id: UUID
    media_type: str
    sha256: str | None
    headline: str


def speak() -> None:
    """Refuse a request in another version of tus, or in none."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UnspokenVersionError


def described() -> Described:
    """Return what Upload-Metadata says; keys that are not ours are the client's own business."""
    headline = request.headers.get("Upload-Metadata", "")
    said = _pairs(headline)
    media_type = said.get("filetype", "")
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType(f"Name one of {', '.join(MEDIA_TYPES)} as filetype.")
    sha256 = said.get("sha256")
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise UnreadableHeaderError(header="Upload-Metadata", form="sha256 <base64 of 64 digits>")
    try:
        visit_id, photo_id = UUID(said.get("visit", "")), UUID(said.get("photo", ""))
    except ValueError:
        raise UnreadableHeaderError(header="Upload-Metadata", form=METADATA) from None
    return Described(visit_id, photo_id, media_type, sha256, headline)


def announced_length() -> int | None:
    """Return Upload-Length, or None when Upload-Defer-Length puts it off; one of them is there."""
    deferred = request.headers.get("Upload-Defer-Length")
    if deferred is not None and (deferred != "1" or "Upload-Length" in request.headers):
        raise UnreadableHeaderError(header="Upload-Defer-Length", form="1")
    return count("Upload-Length") if deferred is None else None


def count(header: str) -> int:
    """Return the number of bytes that a header says."""
    text = request.headers.get(header, "")
    if not DIGITS.fullmatch(text):
        raise UnreadableHeaderError(header=header, form="0, 1, 2, …")
    return int(text)


def checksum() -> Checksum | None:
    """Return what Upload-Checksum says the body hashes to."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in ALGORITHMS:
        form = " | ".join(f"{name} <base64>" for name in ALGORITHMS)
        raise UnreadableHeaderError(header="Upload-Checksum", form=form)
    return Checksum(algorithm, _decoded(value, "Upload-Checksum", f"{algorithm} <base64>"))


def is_piece() -> bool:
    """Return whether the request says that its body is a piece of an upload."""
    return request.mimetype == PIECE


def headers_of(progress: Progress) -> dict[str, str]:
    """Return what an answer says of an upload."""
    upload = progress.upload
    said = {"Upload-Offset": str(progress.offset)}
    if upload.completed_at is None:
        said["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    if progress.state:
        said["X-Photo-State"] = progress.state
    return said


def overridable(serve: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Let X-HTTP-Method-Override name the method of a request about uploads."""

    def overridden(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if not method or not environ["PATH_INFO"].startswith("/v1/uploads"):
            return serve(environ, start)
        was_head = environ["REQUEST_METHOD"] == "HEAD"
        environ["REQUEST_METHOD"] = method
        if method != "HEAD" or was_head:
            return serve(environ, start)

        def start_without_length(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            # The client takes it for the answer to a POST, and waits for as many bytes.
            said = [pair for pair in headers if pair[0].lower() != "content-length"]
            return start(status, said, *rest)

        return serve(environ, start_without_length)

    return overridden


def _pairs(headline: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for pair in headline.split(","):
        key, _, value = pair.strip(" ").partition(" ")
        if not key or key in said or not headline.isascii():
            raise UnreadableHeaderError(header="Upload-Metadata", form=METADATA)
        said[key] = _decoded(value, "Upload-Metadata", METADATA).decode(errors="replace")
    return said


def _decoded(value: str, header: str, form: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise UnreadableHeaderError(header=header, form=form) from None
