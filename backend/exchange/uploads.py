"""Uploads: photos that arrive in pieces (tus 1.0.0) and then go the way of every photo.

What is held of one is what is on the disk, never what a process remembers. The last byte hands
the whole over to `photos.receive`; only when that said yes is the upload complete, and until then
no answer shows it as such.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import IO, Any
from uuid import UUID, uuid4

from backend.exchange.models import Upload
from backend.fieldwork import photo_tally, photos
from backend.platform import blobs, ledger, partial
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import (
    ConflictError,
    CorruptBodyError,
    IdTakenError,
    NotFoundError,
    Retry,
    RuleError,
    TooLargeError,
    TooManyError,
    UnavailableError,
    XundianError,
)
from backend.platform.partial import Partial
from backend.platform.patience import Ending, Seat, seats
from backend.platform.settings import settings


class ExpiredError(XundianError):
    """The upload was not finished in time."""

    code = "upload-expired"
    title = "The upload has expired"
    title_zh = "上传已过期"
    detail = "It was not finished in time, and what came of it is gone; start a new one."
    detail_zh = "上传未在期限内完成，已收到的部分已删除，请重新上传。"


class WrongOffsetError(ConflictError):
    """The piece does not begin where what is held ends."""

    code = "wrong-offset"
    title = "Not where the upload stands"
    title_zh = "偏移量不符"
    detail = "{offset} bytes are held; ask again with HEAD and go on from there."
    detail_zh = "服务器已收到 {offset} 字节，请用 HEAD 查询后续传。"


class WrongLengthError(CorruptBodyError):
    """The length was said before, or is less than what is held."""

    code = "wrong-length"
    title = "Not the length of this upload"
    title_zh = "长度不符"
    detail = "The length cannot become {announced}: {held} bytes are held, {known} were announced."
    detail_zh = "长度不能改为 {announced}：已收到 {held} 字节，先前声明为 {known}。"
    retry = Retry.NEVER


class LongerThanAnnouncedError(TooLargeError):
    """More bytes came than the upload has; the piece is left out."""

    code = "longer-than-announced"
    title = "More than was announced"
    title_zh = "超出声明的长度"
    detail = "Only {limit_bytes} bytes are still to come; nothing of this piece was kept."
    detail_zh = "仅剩 {limit_bytes} 字节待传，本段未保存。"


class ChecksumError(CorruptBodyError):
    """The piece is not what its checksum says; it is left out."""

    code = "checksum-mismatch"
    title = "The piece arrived damaged"
    title_zh = "校验和不符"
    detail = "The {algorithm} of the piece is another; nothing of it was kept, send it again."
    detail_zh = "该段的 {algorithm} 校验和不符，未保存，请重新发送。"


class TakenOverError(XundianError):
    """Another request went on with the upload; what had come by then is held."""

    code = "upload-taken-over"
    title = "Another request goes on with it"
    title_zh = "上传已被接管"
    detail = "What had arrived is held; ask with HEAD where to go on."
    detail_zh = "已到达的内容已保存，请用 HEAD 查询后续传。"
    retry = Retry.NOW


class InterruptedUploadError(UnavailableError):
    """The connection was silent for too long, or others needed its place."""

    code = "upload-interrupted"
    title = "The upload was interrupted"
    title_zh = "上传中断"
    detail = "What had arrived is held; ask with HEAD and go on in {retry_after_s} seconds."
    detail_zh = "已到达的内容已保存，请在 {retry_after_s} 秒后用 HEAD 查询并续传。"


class TooManyUploadsError(TooManyError):
    """As many uploads of the person are begun and not finished as may be."""

    code = "too-many-uploads"
    title = "Too many unfinished uploads"
    title_zh = "未完成的上传过多"
    detail = "{most} uploads are begun and not finished; finish or end one before the next."
    detail_zh = "已有 {most} 个未完成的上传，请先完成或终止其中一个。"


class RefusedUploadError(RuleError):
    """All bytes came, and the photo cannot be taken in as it is."""

    code = "upload-refused"
    title = "The photo cannot be taken in"
    title_zh = "照片无法接收"
    detail = "All bytes arrived and are kept until the upload expires, but: {why}"
    detail_zh = "全部内容已到达并保留至上传过期，但：{why_zh}"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands. `state` is what became of the photo if this request completed it."""

    upload: Upload
    offset: int
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece is said to hash to; the algorithm is one of `ALGORITHMS`."""

    algorithm: str
    digest: bytes


ALGORITHMS = ("sha1", "sha256")


def create(
    actor: Actor,
    *,
    visit_id: UUID,
    photo_id: UUID,
    media_type: str,
    sha256: str | None,
    length: int | None,
    headline: str,
    at: datetime,
) -> Progress:
    """Begin an upload; an empty one is complete at once.

    `length` is None while the client does not know it. Raises TooLargeError, QuotaError and
    TooManyUploadsError.
    """
    _refuse_too_large(length)
    photo_tally.check(actor, at=at)
    _refuse_too_many(actor, at=at)
    upload = Upload(
        id=uuid4(),
        person=actor.id,
        visit_id=visit_id,
        photo_id=photo_id,
        media_type=media_type,
        declared_sha256=sha256,
        length_bytes=length,
        headline=headline,
        created_at=at,
        expires_at=at + timedelta(hours=settings().upload_hours),
    )
    with transaction():
        upload.save(force_insert=True)
        ledger.append(
            actor, "upload.created", upload.id, at=at, visit=str(visit_id), photo=str(photo_id)
        )
    return look(actor, upload.id, at=at) if length == 0 else Progress(upload, 0)


def look(actor: Actor, upload_id: UUID, *, at: datetime) -> Progress:
    """Return where an upload stands; whoever is at work on it lets go of it.

    One of which all bytes are held, but whose photo was not taken in, is completed now.
    """
    upload = _find(actor, upload_id, at=at)
    if (length := _complete(upload)) is not None:
        return Progress(upload, length)
    with partial.held(upload.id.hex) as file:
        upload = _still(actor, upload_id, file, at=at)
        if (length := _complete(upload)) is not None:
            return Progress(upload, length)
        return _complete_if_whole(actor, upload, file, at=at)


def append(
    actor: Actor,
    upload_id: UUID,
    chunks: Iterable[bytes],
    *,
    offset: int,
    size: int | None = None,
    length: int | None = None,
    checksum: Checksum | None = None,
    at: datetime,
) -> Progress:
    """Add a piece at the end of what is held; on return it is on the disk.

    `size` is that of the piece and `length` that of the whole, if they were said. A piece that
    breaks off is kept as far as it came, unless it has a checksum.
    """
    upload = _find(actor, upload_id, at=at)
    if (held := _complete(upload)) is not None:
        return _nothing_more(upload, held, offset, size)
    with partial.held(upload.id.hex) as file:
        upload = _still(actor, upload_id, file, at=at)
        if (held := _complete(upload)) is not None:
            return _nothing_more(upload, held, offset, size)
        if offset != file.size:
            raise WrongOffsetError(offset=file.size)
        _measure(actor, upload, length, file.size, at=at)
        _write(file, chunks, size, _room(upload) - file.size, checksum)
        return _complete_if_whole(actor, upload, file, at=at)


def terminate(actor: Actor, upload_id: UUID, *, at: datetime) -> None:
    """End an upload and forget what came of it; a photo that it completed stays."""
    upload = _find(actor, upload_id, at=at)
    with partial.held(upload.id.hex) as file:
        with transaction():
            if Upload.delete().where(Upload.id == upload_id).execute():
                ledger.append(actor, "upload.terminated", upload_id, at=at)
        file.drop()


def _find(actor: Actor, upload_id: UUID, *, at: datetime) -> Upload:
    mine = Upload.visible_to(actor) & (Upload.id == upload_id)
    upload: Upload | None = Upload.get_or_none(mine)
    if upload is None:
        raise NotFoundError(what="upload")
    if upload.completed_at is None and upload.expires_at <= at:
        raise ExpiredError
    return upload


def _still(actor: Actor, upload_id: UUID, file: Partial, *, at: datetime) -> Upload:
    """Return the upload as it is now that its file is ours; drop the file if it is over."""
    try:
        upload = _find(actor, upload_id, at=at)
    except XundianError:
        file.drop()
        raise
    if _complete(upload) is not None:
        file.drop()
    return upload


def _complete(upload: Upload) -> int | None:
    """Return the length of an upload that is complete."""
    return None if upload.completed_at is None else upload.length_bytes


def _nothing_more(upload: Upload, held: int, offset: int, size: int | None) -> Progress:
    if offset != held:
        raise WrongOffsetError(offset=held)
    if size:
        raise LongerThanAnnouncedError(limit_bytes=0)
    return Progress(upload, offset)


def _room(upload: Upload) -> int:
    return settings().max_photo_bytes if upload.length_bytes is None else upload.length_bytes


def _refuse_too_large(length: int | None) -> None:
    limit = settings().max_photo_bytes
    if length is not None and length > limit:
        raise TooLargeError(limit_bytes=limit)


def _refuse_too_many(actor: Actor, *, at: datetime) -> None:
    """Keep one person from filling the disk with what is never finished."""
    most = settings().max_open_uploads
    begun: Any = (
        Upload.select(Upload.expires_at)
        .where(Upload.visible_to(actor), Upload.completed_at.is_null(), Upload.expires_at > at)
        .order_by(Upload.expires_at.desc())
        .limit(most)
        .tuples()
    )
    ends = [expires_at for (expires_at,) in begun]
    if len(ends) == most:
        wait = ends[-1] - at
        raise TooManyUploadsError(most=most, retry_after_s=ceil(wait.total_seconds()))


def _measure(actor: Actor, upload: Upload, length: int | None, held: int, *, at: datetime) -> None:
    """Record the length of the whole, once it is said."""
    known = upload.length_bytes
    if length is None or length == known:
        return
    _refuse_too_large(length)
    if known is not None or length < held:
        raise WrongLengthError(announced=length, held=held, known=known)
    upload.length_bytes = length
    with transaction():
        Upload.update(length_bytes=length).where(Upload.id == upload.id).execute()
        ledger.append(actor, "upload.measured", upload.id, at=at, length=length)


def _write(
    file: Partial,
    chunks: Iterable[bytes],
    size: int | None,
    room: int,
    checksum: Checksum | None,
) -> None:
    if size is not None and size > room:
        raise LongerThanAnnouncedError(limit_bytes=room)
    with seats.one(file.is_wanted) as seat:
        if checksum is None:
            _write_at_once(file, chunks, room, seat)
        else:
            _write_when_checked(file, chunks, room, seat, checksum)


def _write_at_once(file: Partial, chunks: Iterable[bytes], room: int, seat: Seat) -> None:
    """Add bytes as they come, and keep those that came when it breaks off."""
    before = file.size
    try:
        for chunk in chunks:
            if len(chunk) > room:
                raise LongerThanAnnouncedError(limit_bytes=before + room - file.size)
            file.write(chunk)
            room -= len(chunk)
    except TooLargeError:
        file.cut(before)
        raise
    except CorruptBodyError as error:
        file.sync()
        raise _ended(seat, error) from error
    file.sync()


def _write_when_checked(
    file: Partial, chunks: Iterable[bytes], room: int, seat: Seat, checksum: Checksum
) -> None:
    """Add bytes once all of them came and are what their checksum says."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    limit = room
    with file.beside() as aside:
        try:
            for chunk in chunks:
                if len(chunk) > room:
                    raise LongerThanAnnouncedError(limit_bytes=limit)
                digest.update(chunk)
                blobs.write_all(aside.fileno(), chunk)
                room -= len(chunk)
        except CorruptBodyError as error:
            raise _ended(seat, error) from error
        if digest.digest() != checksum.digest:
            raise ChecksumError(algorithm=checksum.algorithm)
        _copy(aside, file)
    file.sync()


def _copy(aside: IO[bytes], file: Partial) -> None:
    aside.seek(0)
    while chunk := aside.read(blobs.CHUNK):
        file.write(chunk)


def _ended(seat: Seat, error: CorruptBodyError) -> XundianError:
    """Return what to say of a body that did not come whole."""
    if seat.ending is None:
        return error
    if seat.ending is Ending.WANTED:
        return TakenOverError()
    return InterruptedUploadError(retry_after_s=1)


def _complete_if_whole(actor: Actor, upload: Upload, file: Partial, *, at: datetime) -> Progress:
    if file.size != upload.length_bytes:
        return Progress(upload, file.size)
    try:
        photo, _ = photos.receive(
            actor,
            upload.visit_id,
            upload.photo_id,
            file.chunks(),
            length=file.size,
            declared_sha256=upload.declared_sha256,
            media_type=upload.media_type,
            at=at,
        )
    except (photos.HashMismatchError, IdTakenError) as error:
        facts = error.facts
        raise RefusedUploadError(
            reason=error.code,
            why=error.detail.format(**facts),
            why_zh=error.detail_zh.format(**facts),
        ) from error
    upload.completed_at = at
    with transaction():
        Upload.update(completed_at=at).where(Upload.id == upload.id).execute()
        ledger.append(actor, "upload.completed", upload.id, at=at)
    file.drop()
    return Progress(upload, file.size, photos.state_of(photo))
