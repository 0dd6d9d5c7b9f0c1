"""Files that bring sales in: read as people's spreadsheets write them, taken in whole or not.

A file is UTF-8, with or without a byte order mark, or GB18030; full-width signs count as plain
ones. The same bytes again are a replay, and so is a row that came in before.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID, uuid4, uuid5

from peewee import ModelSelect

from backend.exchange.models import ImportedFile
from backend.fieldwork import sales
from backend.fieldwork.sales_lines import Checked, Feed, Line, RowError, Wrong, check
from backend.network.models import Person
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import canonical, take_turns, transaction
from backend.platform.errors import RuleError
from backend.platform.settings import settings

ENCODINGS = ("utf-8-sig", "gb18030")
ROWS = UUID("8f0d5f43-6a2b-4c7e-9d61-2b5c7f1e4a90")
"""The namespace of rows that are known by what they say."""
LONGEST = 40
MOST_FEN = 1_000_000_000
HEADERS = {
    "day": ("日期", "销售日期", "业务日期"),
    "store_code": ("门店编码", "门店代码"),
    "dealer_code": ("经销商编码", "经销商代码"),
    "sku_code": ("产品编码", "型号编码", "sku"),
    "units": ("数量", "台数"),
    "amount": ("金额", "金额(元)"),
    "imei": ("串号", "串码"),
    "line_id": ("行编号", "单据行号"),
}
COLUMN_OF = {name: column for column, names in HEADERS.items() for name in (column, *names)}
NEEDED = {
    Feed.SELL_IN: ("day", "sku_code", "units", "amount"),
    Feed.SELL_OUT: ("day", "store_code", "sku_code", "units", "amount"),
}
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
WHOLE = re.compile(r"[+-]?\d{1,9}(\.0+)?")
AMOUNT = re.compile(r"[+-]?\d{1,9}(\.\d{1,2})?")
FORMULA = re.compile(r'="(.*)"|\'(.*)')
"""How spreadsheets are told to take a number for a text."""


class UnreadableFileError(RuleError):
    """The bytes are no text in an encoding that is read here, or no table."""

    code = "unreadable-file"
    title = "The file cannot be read"
    title_zh = "文件无法读取"
    detail = "Send a CSV file in UTF-8 or GB18030."
    detail_zh = "请上传 UTF-8 或 GB18030 编码的 CSV 文件。"


class WrongHeaderError(RuleError):
    """The first row does not name the columns."""

    code = "wrong-header"
    title = "The first row does not name the columns"
    title_zh = "表头有误"
    detail = "Missing: {missing}. Unknown: {unknown}. Named twice: {twice}."
    detail_zh = "缺少：{missing}；无法识别：{unknown}；重复：{twice}。"


class TooManyRowsError(RuleError):
    """The file has more rows than are taken at once."""

    code = "too-many-rows"
    title = "Too many rows"
    title_zh = "行数过多"
    detail = "The file has {rows} rows; split it into files of at most {limit}."
    detail_zh = "文件有 {rows} 行，请拆分为每个不超过 {limit} 行的文件。"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file, or would: `file` is null when nothing was stored."""

    rows: int
    rows_new: int
    rows_replayed: int
    encoding: str
    is_dry_run: bool
    is_replay: bool
    errors: Sequence[RowError] = ()
    file: ImportedFile | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    encoding: str
    lines: list[Line]
    errors: list[RowError]
    rows: int


def take_in(
    actor: Actor, feed: Feed, content: bytes, *, at: datetime, dry_run: bool = False
) -> Outcome:
    """Take in a file of sales, all rows or none; a dry run only says what would become of it.

    Raises UnreadableFileError, WrongHeaderError, TooManyRowsError, and LinesRefusedError unless
    it is a dry run.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    table = _read(feed, content)
    if dry_run:
        checked = check(actor, feed, table.lines, at=at)
        return _outcome(table, checked, is_dry_run=True)
    with transaction():
        take_turns(f"feed {feed}")
        mine = (ImportedFile.feed == str(feed)) & (ImportedFile.sha256 == sha256)
        if (known := ImportedFile.get_or_none(mine)) is not None:
            return _replay(known)
        if table.errors:
            wrong = check(actor, feed, table.lines, at=at).errors
            raise sales.refusal([*table.errors, *wrong])
        checked = sales.record(actor, feed, table.lines, at=at)
        file = ImportedFile.create(
            id=uuid4(),
            feed=str(feed),
            sha256=sha256,
            encoding=table.encoding,
            rows=table.rows,
            rows_new=len(checked.rows),
            person=actor.id,
            imported_at=at,
        )
        ledger.append(
            actor, "file.imported", file.id, at=at, feed=str(feed), sha256=sha256, rows=table.rows
        )
    return _outcome(table, checked, file=file)


def list_files(actor: Actor, *, feed: str | None = None) -> ModelSelect[ImportedFile]:
    """Return the files that people the actor may see have imported, newest first."""
    people = Person.select(Person.id).where(Person.visible_to(actor))
    files = ImportedFile.select().where(ImportedFile.person.in_(people))
    if feed is not None:
        files = files.where(ImportedFile.feed == feed)
    return files.order_by(ImportedFile.imported_at.desc(), ImportedFile.id)


def _outcome(
    table: _Table,
    checked: Checked,
    *,
    is_dry_run: bool = False,
    file: ImportedFile | None = None,
) -> Outcome:
    return Outcome(
        rows=table.rows,
        rows_new=len(checked.rows),
        rows_replayed=checked.replayed,
        encoding=table.encoding,
        is_dry_run=is_dry_run,
        is_replay=False,
        errors=[*table.errors, *checked.errors],
        file=file,
    )


def _replay(known: ImportedFile) -> Outcome:
    return Outcome(
        rows=known.rows,
        rows_new=0,
        rows_replayed=known.rows,
        encoding=known.encoding,
        is_dry_run=False,
        is_replay=True,
        file=known,
    )


def _read(feed: Feed, content: bytes) -> _Table:
    encoding, text = _decoded(content)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise UnreadableFileError(reason="table") from None
    columns = _columns(feed, rows[0] if rows else [])
    # A spreadsheet numbers its rows from 1, and the first is the header.
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    if len(filled) > settings().max_import_rows:
        raise TooManyRowsError(rows=len(filled), limit=settings().max_import_rows, reason="rows")
    lines, errors = [], []
    seen: Counter[str] = Counter()
    for number, row in filled:
        cells = {column: _plain(cell) for column, cell in zip(columns, row, strict=False)}
        line, wrong = _line(feed, number, cells, seen)
        errors += wrong
        if line is not None:
            lines.append(line)
    return _Table(encoding, lines, errors, len(filled))


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Full-width digits, commas and spaces become plain ones.
        return encoding.removesuffix("-sig"), unicodedata.normalize("NFKC", text)
    raise UnreadableFileError(reason="encoding")


def _columns(feed: Feed, header: Sequence[str]) -> list[str]:
    named = [name.strip().lower() for name in header]
    columns = [COLUMN_OF.get(name, "") for name in named]
    unknown = [name for name, column in zip(named, columns, strict=True) if not column]
    twice = [column for column, times in Counter(columns).items() if column and times > 1]
    missing = [column for column in NEEDED[feed] if column not in columns]
    if feed is Feed.SELL_IN and not {"store_code", "dealer_code"} & set(columns):
        missing.append("store_code")
    if unknown or twice or missing:
        raise WrongHeaderError(
            missing=", ".join(missing) or "-",
            unknown=", ".join(unknown)[:200] or "-",
            twice=", ".join(twice) or "-",
            reason="header",
        )
    return columns


def _plain(cell: str) -> str:
    cell = cell.strip()
    forced = FORMULA.fullmatch(cell)
    return (forced[1] or forced[2] or "").strip() if forced else cell


def _line(
    feed: Feed, number: int, cells: dict[str, str], seen: Counter[str]
) -> tuple[Line | None, list[RowError]]:
    """Return the line that a row says, or what cannot be read of it."""
    wrong = dict(_unreadable(feed, cells))
    values: dict[str, Any] = {}
    for column, read in READERS.items():
        cell = cells.get(column, "")
        if cell and column not in wrong:
            value = read(cell)
            values[column] = value
            if value is None:
                wrong[column] = UNLIKE[column]
    if wrong:
        return None, [RowError(number, column, what) for column, what in wrong.items()]
    texts = {name: cells.get(name) or None for name in ("store_code", "dealer_code", "imei")}
    line = Line(
        row=number,
        id=_id_of(
            feed,
            cells.get("line_id", ""),
            [*values.values(), *texts.values(), cells["sku_code"]],
            seen,
        ),
        sold_on=values["day"],
        sku_code=cells["sku_code"],
        units=values["units"],
        amount_fen=values.get("amount"),
        **texts,
    )
    return line, []


def _unreadable(feed: Feed, cells: dict[str, str]) -> Iterator[tuple[str, Wrong]]:
    for column in NEEDED[feed]:
        if column != "amount" and not cells.get(column):
            yield column, Wrong.MISSING
    for column, cell in cells.items():
        if len(cell) > LONGEST or not cell.isprintable():
            yield column, Wrong.UNREADABLE


def _id_of(feed: Feed, line_id: str, content: Sequence[Any], seen: Counter[str]) -> UUID:
    """Return the id of a row: its own, or one that follows from what it says.

    Of rows of a file that say the same, each is one of its own.
    """
    if line_id:
        return uuid5(ROWS, f"{feed} {line_id}")
    said = canonical([str(value) for value in content])
    seen[said] += 1
    return uuid5(ROWS, f"{feed} {said} {seen[said]}")


def _day(cell: str) -> date | None:
    if (found := DAY.fullmatch(cell)) is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _whole(cell: str) -> int | None:
    return int(cell.partition(".")[0]) if WHOLE.fullmatch(cell) else None


def _fen(cell: str) -> int | None:
    cell = cell.replace(",", "").removeprefix("¥")
    if not AMOUNT.fullmatch(cell):
        return None
    fen = int(Decimal(cell) * 100)
    return fen if abs(fen) <= MOST_FEN else None


READERS: dict[str, Callable[[str], Any]] = {"day": _day, "units": _whole, "amount": _fen}
UNLIKE = {"day": Wrong.NOT_A_DAY, "units": Wrong.NOT_WHOLE, "amount": Wrong.NOT_MONEY}
