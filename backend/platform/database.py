"""The database handle, the base model, the column types and the one way to write.

SQLite is the embedded engine and PostgreSQL the server engine; nothing outside this module
knows which one is in use, except where a comment says why.
"""

import fcntl
import hashlib
import itertools
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import peewee
from peewee import (
    AutoField,
    BigIntegerField,
    CharField,
    DatabaseProxy,
    DateField,
    DateTimeField,
    DoubleField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

from backend.config import Config
from backend.platform import postgresql

db = DatabaseProxy()

SQLITE_PRAGMAS = {
    "foreign_keys": 1,
    "journal_mode": "wal",
    "synchronous": "full",  # promise P1: a commit is on the disk before it is acknowledged
    "busy_timeout": 10_000,
    "cache_size": -64_000,
    # Turns of writing do it, see CHECKPOINT_EVERY; this bounds the file when they cannot keep up.
    "wal_autocheckpoint": 16_000,
}
Statement = postgresql.Statement
# Both drivers take and give these as Python has them.
AS_DRIVEN = (AutoField, IntegerField, BigIntegerField, CharField, DoubleField)
CHECKPOINT_EVERY = 64  # turns of writing of a process
MAX_PARAMETERS = 20_000  # below the limits of both engines (32,766 and 65,535)


class BaseModel(Model):
    """A table. `Meta.placement` says where a sharded PostgreSQL keeps it.

    `reference`: copied to every node; `local`: on the coordinator; `by <column>`: distributed
    by that column, which every key and unique index of the table must then contain.
    `Meta.is_replaced`: the whole table may be replaced by another, see `replacement`.
    """

    class Meta:
        database = db
        legacy_table_names = False


class UTCDateTimeField(DateTimeField):
    """An instant. Stored as naive UTC so both engines agree; always aware in Python."""

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is not UTC or not value.microsecond:
            return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]  # without the offset
        text = orjson.dumps(value)  # the same, in a third of the time
        return f"{text[1:11].decode()} {text[12:27].decode()}"

    def python_value(self, value: Any) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(f"{value}+00:00")  # a quarter of what `replace` costs
        return value.replace(tzinfo=UTC)


class DayField(DateField):
    """A calendar day, as ISO text on SQLite and a date on PostgreSQL."""

    def db_value(self, value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    def python_value(self, value: Any) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class JSONTextField(TextField):
    """A JSON document as canonical text: sorted keys, no spaces, the same bytes on both engines."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else canonical(value)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else orjson.loads(value)


def canonical(document: Any) -> str:
    """Return the one JSON text of a document: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


class Sqlite(SqliteDatabase):
    """SQLite asked directly, which costs half of what peewee's way does."""

    def execute_sql(self, sql: Any, params: Any = None) -> Any:
        """Run a statement."""
        self._log_query(sql, params)  # type: ignore[attr-defined]  # left out of its types
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # as peewee would
            return self.cursor().execute(sql, params or ())


def init(config: Config) -> None:
    """Bind `db` to the configured database; connections are opened per thread and kept."""
    if db.obj is not None and not db.is_closed():
        db.close()
    url = config.database_url
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        db.initialize(
            Sqlite(str(path), pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE", autoconnect=False)
        )
    else:
        db.initialize(postgresql.database(url))


def discard() -> None:
    """Drop this thread's connection, so that the next request opens a new one."""
    with suppress(Exception):
        db.close()


def is_sqlite() -> bool:
    """Return whether the embedded engine is in use."""
    return isinstance(db.obj, SqliteDatabase)


@contextmanager
def transaction(
    *, turn: str | None = None, first: Statement | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Run the block as one transaction, or as a savepoint of the one already open.

    A transaction with a `turn` waits until no other that named the same one is open. `first` is a
    query that is asked as soon as it is our turn; its rows are given to the block.
    """
    if db.in_transaction():
        if turn:
            take_turns(turn)
        with db.atomic():
            yield _rows_of(first)
    elif turn is None or is_sqlite():
        with _turn_to_write(), db.transaction():
            yield _rows_of(first)
    else:
        opening = postgresql.Opening(_lock_of(turn), first)
        with db.atomic(opening):
            yield opening.rows


def _rows_of(query: Statement | None) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = db.execute_sql(*query).fetchall() if query else []
    return found


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every query of the block see the same moment, without stopping any writer."""
    if is_sqlite():
        with db.atomic("DEFERRED"):
            yield
        return
    with db.atomic("REPEATABLE READ"):
        # A table that takes another's place later looks empty at the moment that is seen, so those
        # there are must stay; locking comes before the moment, which is that of the first query.
        # Wide rows are sorted in memory instead of on disk; days look as on the other engine.
        db.execute_sql(
            f"LOCK TABLE {', '.join(_replaced())} IN ACCESS SHARE MODE; "
            "SET LOCAL work_mem = '64MB'; SET LOCAL datestyle = 'ISO'"
        )
        yield


def _replaced() -> list[str]:
    metas = [model._meta for model in BaseModel.__subclasses__()]  # noqa: SLF001
    return [f'"{meta.table_name}"' for meta in metas if hasattr(meta, "is_replaced")]


def take_turns(about: str) -> None:
    """Make the rest of this transaction wait for others that named the same thing.

    On SQLite there is one writer at a time anyway.
    """
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_lock_of(about),))


def _lock_of(about: str) -> int:
    return int.from_bytes(hashlib.sha256(about.encode()).digest()[:8], "big", signed=True)


def insert_rows(
    model: type[Model], rows: Sequence[Mapping[str, Any]], *, ignore: bool = False
) -> int:
    """Insert rows that all have the same keys (field names), and return how many were new.

    Model defaults do not apply. With `ignore`, rows that collide with a stored key are left out.
    """
    return run(inserts(model, rows, ignore=ignore))


def run(statements: list[Statement]) -> int:
    """Run statements and return how many rows they changed."""
    return sum(execute(sql, values) for sql, values in statements)


def inserts(
    model: type[Model], rows: Sequence[Mapping[str, Any]], *, ignore: bool = False
) -> list[Statement]:
    """Return the statements `insert_rows` would run, for a writer that prepares before its turn."""
    if not rows:
        return []
    names = tuple(rows[0])
    writers = _writers(model, names)
    tail = " ON CONFLICT DO NOTHING" if ignore else ""
    size = MAX_PARAMETERS // len(names)
    statements: list[Statement] = []
    for start in range(0, len(rows), size):
        chunk = rows[start : start + size]
        sql = _insert_sql(model, names, len(chunk), tail, db.param)
        values = [row[name] for row in chunk for name in names]
        for place, written in writers:
            if len(chunk) == 1:
                values[place] = written(values[place])
            else:
                values[place :: len(names)] = _column(values[place :: len(names)], written)
        statements.append((sql, values))
    return statements


def execute(sql: str, values: Sequence[Any]) -> int:
    """Run a statement that changes rows, and return how many it changed."""
    count: int = db.obj.execute_sql(sql, values).rowcount
    return count


def run_in_one_trip(statements: list[Statement]) -> None:
    """Run statements, on PostgreSQL in a single round trip; what they changed is not counted."""
    if is_sqlite():
        run(statements)
    elif statements:
        db.obj.run_in_one_trip(statements)


def run_at_the_end(statements: list[Statement]) -> None:
    """Run the last statements of a transaction, on PostgreSQL in the round trip that commits it.

    What is asked after them all the same finds them done.
    """
    if is_sqlite():
        run(statements)
    else:
        db.obj.run_at_the_end(statements)


def _column(values: list[Any], written: Callable[[Any], Any]) -> Iterable[Any]:
    """Convert a column, once where all values are one, as the visit of all lines of a report."""
    first = values[0]
    if first is values[-1] and all(value is first for value in values):
        return [written(first)] * len(values)
    return map(written, values)


@lru_cache(maxsize=1000)
def _writers(model: type[Model], names: tuple[str, ...]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return the places of values that the driver does not take, and what makes it take them."""
    fields = [model._meta.combined[name] for name in names]  # noqa: SLF001  # peewee's public name
    return [
        (place, field.db_value)
        for place, field in enumerate(fields)
        if not isinstance(kind_of(field), AS_DRIVEN)
    ]


def kind_of(field: "Field[Any]") -> "Field[Any]":
    """Return the field that says what a value is: of a reference, the one it refers to."""
    return field.rel_field if isinstance(field, ForeignKeyField) else field


@lru_cache(maxsize=1000)
def _insert_sql(
    model: type[Model], names: tuple[str, ...], count: int, tail: str, mark: str
) -> str:
    meta = model._meta  # noqa: SLF001
    columns = ", ".join(f'"{meta.combined[name].column_name}"' for name in names)
    one = "(" + ", ".join([mark] * len(names)) + ")"
    sql = f'INSERT INTO "{meta.table_name}" ({columns}) VALUES {", ".join([one] * count)}{tail}'  # noqa: S608
    if count == 1 and not is_sqlite():
        postgresql.plan_once(sql)
    return sql


_turns = threading.local()
_turns_taken = itertools.count(1)


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """Queue for SQLite's single writer in the kernel.

    SQLite's own busy handler polls with growing sleeps, which starves writers under load; a
    blocking file lock hands the turn over at once. PostgreSQL needs no queue.
    """
    if not is_sqlite():
        yield
        return
    gate = _gate(f"{db.database}-turn")
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)
    if next(_turns_taken) % CHECKPOINT_EVERY == 0:
        _checkpoint()


def _checkpoint() -> None:
    """Copy the write-ahead log into the database while others write on.

    SQLite would do it within a commit, and everybody would wait.
    """
    with suppress(sqlite3.OperationalError):  # what was committed stands; the next one copies it
        db.connection().execute("PRAGMA wal_checkpoint(PASSIVE)")


def _gate(path: str) -> int:
    if getattr(_turns, "path", None) != path:
        if hasattr(_turns, "gate"):
            os.close(_turns.gate)
        # Kept open for the life of the thread.
        _turns.gate = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o640)
        _turns.path = path
    gate: int = _turns.gate
    return gate
