"""Own data: a person's copy of everything that is held about them (PIPL Art. 45)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BufferedRandom, BufferedReader
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from peewee import JOIN, Expression, Model

from backend.exchange import csvfile, manifests, personal
from backend.exchange.models import DataExport
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Dealer, Store
from backend.platform import blobs, clock, jobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import snapshot, transaction
from backend.platform.errors import ConflictError, NotFoundError
from backend.platform.settings import settings

MAKE, EXPIRE = "make-data-export", "expire-data-export"
README = """What is held about you, as of {at}.

rows/<table>.jsonl  every row that names you or hangs on your visits, one JSON object a line
photos.csv          your photos with their hashes
Not here: passwords and tokens (only their hashes are held), and the contacts at dealers and stores
whom you entered, because those are other people's data.

此文件包含系统中与您有关的全部数据：rows/ 下每张表一个文件，每行一个 JSON；
photos.csv 为您的照片清单。不含密码、令牌，以及您录入的联系人（属于他人的个人信息）。
"""


class NotReadyError(ConflictError):
    """The copy is still being made."""

    code = "data-export-not-ready"
    title = "Not ready yet"
    title_zh = "尚未生成"
    detail = "The copy is still being made; ask again in a minute."
    detail_zh = "数据副本正在生成，请稍后再试。"


def ask(actor: Actor, *, at: datetime) -> DataExport:
    """Owe a person a copy; while one is being made, that one is returned."""
    with transaction():
        waiting = DataExport.get_or_none(DataExport.person == actor.id, _is_wanted())
        if waiting is not None:
            return waiting
        export = DataExport.create(id=uuid4(), person=actor.id, asked_at=at)
        ledger.append(actor, "data_export.asked", export.id, at=at)
        jobs.enqueue(MAKE, [str(export.id)], at=at)
    return export


def list_own(actor: Actor) -> Any:
    """Return the person's own copies, the latest first."""
    mine = DataExport.select().where(DataExport.person == actor.id)
    return mine.order_by(DataExport.asked_at.desc(), DataExport.id)


def open_file(actor: Actor, export_id: UUID, *, at: datetime) -> tuple[DataExport, BufferedReader]:
    """Return one's own copy and its file, and put on record that it was taken.

    Raises NotFoundError, also when it expired, or NotReadyError.
    """
    export = DataExport.get_or_none(DataExport.id == export_id, DataExport.person == actor.id)
    if export is None or export.erased_at is not None:
        raise NotFoundError(what="data export")
    if export.made_at is None:
        raise NotReadyError
    with transaction():
        ledger.append(actor, "data_export.taken", export.id, at=at, sha256=export.sha256)
    return export, blobs.path_of(str(export.sha256)).open("rb")


def make(key: str) -> None:
    """Write the copy a job names, unless it was made or is no longer wanted.

    The row names the bytes before they are kept, so that they can be erased wherever this ends.
    """
    wanted = (DataExport.id == UUID(key)) & _is_wanted()
    export = DataExport.get_or_none(wanted)
    if export is None:
        return
    at = clock.now()
    ledger.seal_all()
    with csvfile.whole_or_nothing() as file, file:
        with snapshot():
            _write(file, export.person_id, at)
        file.seek(0)
        with blobs.receive(_pieces(file), length=None, max_bytes=2**40) as arrival:
            with transaction():
                DataExport.update(sha256=arrival.sha256).where(wanted).execute()
            blobs.keep(arrival)
            is_done = _finish(export.id, arrival.sha256, arrival.size, at)
    # Either another worker was first, or this one took over from one that was killed.
    _remove_unless_named(export.id, export.sha256 if is_done else arrival.sha256)


def expire(key: str) -> None:
    """Erase the copy a job names."""
    export = DataExport.get_or_none(DataExport.id == UUID(key), DataExport.erased_at.is_null())
    if export is not None:
        forget(export, at=clock.now())


def forget(export: DataExport, *, at: datetime) -> None:
    """Erase a copy; its row stays to say that there was one."""
    with transaction():
        DataExport.update(erased_at=at).where(DataExport.id == export.id).execute()
        if export.sha256 is not None:
            _remove(export.sha256)
        ledger.append(None, "data_export.erased", export.id, at=at)


def _finish(export_id: UUID, sha256: str, size: int, at: datetime) -> bool:
    """Say that a copy is ready, unless it was erased, or another one made, meanwhile."""
    expires_at = at + timedelta(days=settings().data_export_days)
    mine = (DataExport.id == export_id) & (DataExport.sha256 == sha256) & _is_wanted()
    with transaction():
        is_done = bool(
            DataExport.update(made_at=at, size_bytes=size, expires_at=expires_at)
            .where(mine)
            .execute()
        )
        if is_done:
            ledger.append(None, "data_export.made", export_id, at=at, sha256=sha256)
            jobs.enqueue(EXPIRE, [str(export_id)], at=expires_at)
    return is_done


def _is_wanted() -> Expression:
    return DataExport.made_at.is_null() & DataExport.erased_at.is_null()


def _remove_unless_named(export_id: UUID, sha256: str | None) -> None:
    held = DataExport.select().where(
        DataExport.id == export_id,
        DataExport.sha256 == sha256,
        DataExport.erased_at.is_null(),
    )
    if sha256 is not None and not held.exists():
        _remove(sha256)


def _remove(sha256: str) -> None:
    blobs.path_of(sha256).unlink(missing_ok=True)


def _pieces(file: BufferedRandom) -> Iterator[bytes]:
    while piece := file.read(blobs.CHUNK):
        yield piece


def _write(file: BufferedRandom, person_id: int, at: datetime) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", README.format(at=at.isoformat(timespec="seconds")))
        for model in personal.tables():
            rows = model.select().where(personal.about(model, person_id)).tuples()
            lines = _lines(model, rows)
            if (first := next(lines, None)) is None:
                continue
            with pack.open(f"rows/{personal.name_of(model)}.jsonl", "w") as target:
                target.write(first)
                target.writelines(lines)
        with pack.open("photos.csv", "w") as target:
            target.write(csvfile.BOM)
            target.writelines(map(csvfile.line_of, [manifests.HEADER]))
            target.writelines(map(csvfile.line_of, _photos(person_id)))


def _lines(model: type[Model], rows: Any) -> Iterator[bytes]:
    shown = [(place, f) for place, f in enumerate(personal.fields_of(model)) if _is_shown(f.name)]
    for row in rows.iterator():
        document = {field.column_name: row[place] for place, field in shown}
        yield orjson.dumps(document, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def _is_shown(name: str) -> bool:
    return name not in personal.SECRETS | personal.BLIND


def _photos(person_id: int) -> Iterator[tuple[Any, ...]]:
    own = (
        Photo.select()
        .join(Visit, on=Photo.visit_id == Visit.id)
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Visit, Dealer, JOIN.LEFT_OUTER)
        .where(Photo.person == person_id, Photo.sha256.is_null(False))
        .order_by(Photo.visit_id, Photo.id)
    )
    yield from manifests.in_batches(manifests.described(own), ledger.head())


JOBS: dict[str, Callable[[str], None]] = {MAKE: make, EXPIRE: expire}
