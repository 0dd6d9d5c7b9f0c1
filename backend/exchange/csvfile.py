"""Writing CSV files whole, before anyone is told that they exist.

RFC 4180 with CRLF; texts and headers in quotes, nothing else; UTF-8, by default with the byte order
mark that Excel needs to see it. The file has no name, so a killed process leaves nothing behind.
"""

from __future__ import annotations

import base64
import errno
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from itertools import count
from operator import itemgetter
from tempfile import TemporaryFile
from typing import Any, cast

import peewee
from peewee import SQL, ModelSelect, Node, NodeList

from backend.exchange.cells import FORMULA_STARTS, SPACES
from backend.platform import blobs
from backend.platform.database import SQLITE_PRAGMAS, db, is_sqlite
from backend.platform.errors import StorageFullError

BOM = b"\xef\xbb\xbf"
CRLF = b"\r\n"
BUFFER_BYTES = 1_000_000
EXPORT_CACHE = -16_000  # kilobytes, as SQLite has it


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A finished file, open at its beginning. Rows do not count the header."""

    file: BufferedRandom
    rows: int
    size: int
    sha256: str

    @property
    def digest(self) -> str:
        """The Repr-Digest field of RFC 9530."""
        return f"sha-256=:{base64.b64encode(bytes.fromhex(self.sha256)).decode()}:"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A column ready to be selected; only texts are quoted, and they always."""

    header: str
    cell: Node
    is_text: bool


def write_query(query: ModelSelect, columns: Sequence[Rendered], *, bom: bool) -> CsvFile:
    """Write the rows of a query as these columns; the loop over the rows is the engine's.

    Raises StorageFullError when there is no room for the file.
    """
    with whole_or_nothing() as file:
        _begin(file, [column.header for column in columns], bom=bom)
        copy = _copy_sqlite if is_sqlite() else _copy_postgresql
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # the drivers are used bare here
            rows = copy(file, query, columns)
        return _finish(file, rows)


def write_rows(header: Sequence[str], rows: Iterable[Iterable[Any]], *, bom: bool) -> CsvFile:
    """Write rows that are at hand: texts, numbers, days and Nones. Raises StorageFullError."""
    with whole_or_nothing() as file:
        _begin(file, header, bom=bom)
        counted, written = _counted(rows)
        file.writelines(map(line_of, counted))
        return _finish(file, next(written))


def line_of(row: Iterable[Any]) -> bytes:
    """Return the line of a row: floats with six decimals, suspicious texts behind a `'`."""
    return ",".join(map(_cell_of, row)).encode() + CRLF


@contextmanager
def _small_cache() -> Iterator[Any]:
    """Keep little of what is read once; the rows are sorted in pieces of that size as well."""
    connection = db.connection()
    connection.execute(f"PRAGMA cache_size = {EXPORT_CACHE}")
    try:
        yield connection
    finally:
        connection.execute(f"PRAGMA cache_size = {SQLITE_PRAGMAS['cache_size']}")


def _copy_sqlite(file: BufferedRandom, query: ModelSelect, columns: Sequence[Rendered]) -> int:
    # SQLite's printf makes the whole line; its %w doubles the quotes within a text.
    places = ",".join('"%w"' if column.is_text else "%s" for column in columns)
    cells: list[Node] = [SQL(f"CAST(printf('{places}\r\n'")]
    for column in columns:
        cells += [SQL(", "), column.cell]
    line = NodeList([*cells, SQL(") AS BLOB)")], glue="")
    sql, parameters = query.select(line).sql()
    with _small_cache() as connection:
        lines = map(itemgetter(0), connection.execute(sql, parameters))
        counted, written = _counted(lines)
        file.writelines(counted)
    return next(written)


def _copy_postgresql(file: BufferedRandom, query: ModelSelect, columns: Sequence[Rendered]) -> int:
    named = [(f"c{number}", column) for number, column in enumerate(columns)]
    cells = [NodeList((column.cell, SQL(f"AS {name}"))) for name, column in named]
    texts = ", ".join(name for name, column in named if column.is_text)
    options = f"FORMAT csv, FORCE_QUOTE ({texts})" if texts else "FORMAT csv"
    sql, parameters = query.select(*cells).sql()
    with db.connection().cursor() as cursor:
        select = cursor.mogrify(sql, parameters)
        with cursor.copy(f"COPY ({select}) TO STDOUT WITH ({options})") as lines:
            for line in lines:  # a message is a row, ended by LF
                file.write(line[:-1])
                file.write(CRLF)
        return int(cursor.rowcount)


def _counted(rows: Iterable[Any]) -> tuple[Iterator[Any], Iterator[int]]:
    """Return the rows, and a counter whose next number is how many of them were taken."""
    numbers = count()
    return map(itemgetter(0), zip(rows, numbers, strict=False)), numbers


@contextmanager
def whole_or_nothing() -> Iterator[BufferedRandom]:
    """Yield a nameless file that is closed, and so removed, when the block fails.

    Raises StorageFullError when there is no room for it.
    """
    # Closed by whoever it is handed to.
    file = cast("BufferedRandom", TemporaryFile(buffering=BUFFER_BYTES, dir=blobs.root()))  # noqa: SIM115
    try:
        yield file
    except BaseException as error:
        file.close()
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError(retry_after_s=60) from error
        raise


def _begin(file: BufferedRandom, header: Sequence[str], *, bom: bool) -> None:
    file.write(BOM * bom + line_of(header))


def _cell_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    if not isinstance(value, str):
        return str(value)
    safe = f"'{value}" if value.lstrip(SPACES)[:1] in {*FORMULA_STARTS, "\0"} else value
    return '"' + safe.replace('"', '""') + '"'


def _finish(file: BufferedRandom, rows: int) -> CsvFile:
    size = file.tell()
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return CsvFile(file, rows, size, sha256)
