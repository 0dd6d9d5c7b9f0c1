"""Bulk loading: pages go straight into tables whose indexes are made afterwards.

Only an empty database is loaded. What an interrupted load leaves is thrown away with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from backend.demo.bulk.pages import NULL, Page
from backend.platform.database import SQLITE_PRAGMAS, db, is_sqlite

MEMORY_OF_A_SORT = "512MB"
_HASTY = {
    "foreign_keys": 0,  # what is loaded is checked as a whole, see `broken_references`
    "synchronous": "off",
    "cache_size": -2_000_000,
    "temp_store": 2,
}
_CONSTRAINTS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid), c.contype
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE t.relname = ANY(%s) AND c.contype IN ('f', 'u', 'p')
  AND NOT EXISTS (  -- keys that tables outside the load refer to stay
    SELECT FROM pg_constraint r JOIN pg_class o ON o.oid = r.conrelid
    WHERE r.contype = 'f' AND r.confrelid = c.conrelid AND c.contype <> 'f'
      AND NOT o.relname = ANY(%s))
ORDER BY array_position(ARRAY['f', 'u', 'p'], c.contype::text), 1, 2
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relname = ANY(%s)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
ORDER BY 1
"""
Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class _Rebuilding:
    """What makes an index or a constraint again."""

    name: str
    sql: str


@contextmanager
def open_tables(tables: Sequence[str], progress: Progress) -> Iterator[None]:
    """Take the indexes off some tables for as long as they are loaded, then make them again."""
    with _sqlite_in_haste() if is_sqlite() else _nothing():
        taken = _take_sqlite(tables) if is_sqlite() else _take_postgresql(list(tables))
        yield
        if not is_sqlite():
            db.execute_sql(f"SET maintenance_work_mem = '{MEMORY_OF_A_SORT}'")
        for done, each in enumerate(taken):
            progress(f"index {each.name}"[:40], done, len(taken))
            db.execute_sql(each.sql)
        progress("indexes", len(taken), len(taken))
        if not is_sqlite():
            db.execute_sql("RESET maintenance_work_mem")
            for table in tables:
                db.execute_sql(f'ALTER TABLE "{table}" RESET (autovacuum_enabled)')
            db.execute_sql("VACUUM (ANALYZE)")  # what the server would do soon by itself


def write(pages: Sequence[Page]) -> int:
    """Write pages by this process's connection and return how many rows they hold."""
    if is_sqlite():
        with db.atomic():
            for one in pages:
                _insert(one)
    else:
        _copy(pages)
    return sum(one.rows for one in pages)


def hurry() -> None:
    """Let this connection's commits not wait for the disk."""
    db.execute_sql("SET synchronous_commit = off")


def broken_references() -> list[tuple[Any, ...]]:
    """Return rows that refer to nothing; PostgreSQL would not have made its constraints then."""
    return list(db.execute_sql("PRAGMA foreign_key_check").fetchmany(20)) if is_sqlite() else []


def continue_numbers(tables: Sequence[str]) -> None:
    """Let PostgreSQL number the next rows of tables after those that came with their numbers."""
    if not is_sqlite():
        for table in tables:
            db.execute_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608
                f'(SELECT MAX(id) FROM "{table}"))'
            )


def _copy(pages: Sequence[Page]) -> None:
    with db.connection().cursor() as cursor:
        for one in pages:
            if one.rows:
                columns = ", ".join(f'"{name}"' for name in one.columns)
                with cursor.copy(f'COPY "{one.table}" ({columns}) FROM STDIN') as target:
                    target.write(one.text.encode())
                    target.write(b"\n")


def _insert(one: Page) -> None:
    if not one.rows:
        return
    columns = ", ".join(f'"{name}"' for name in one.columns)
    marks = ", ".join([f"NULLIF(?, '{NULL}')"] * len(one.columns))
    sql = f'INSERT INTO "{one.table}" ({columns}) VALUES ({marks})'  # noqa: S608
    rows = (line.split("\t") for line in one.text.split("\n"))
    db.connection().executemany(sql, rows)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _sqlite_in_haste() -> Iterator[None]:
    """Wait for no disk while an empty database is loaded: there is nothing to lose yet."""
    database = db.obj
    assert isinstance(database, SqliteDatabase)  # noqa: S101  # for the type checker
    before = {name: SQLITE_PRAGMAS.get(name, 0) for name in _HASTY}
    for name, value in _HASTY.items():
        db.execute_sql(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        for name, value in before.items():
            db.execute_sql(f"PRAGMA {name} = {value}")
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _take_sqlite(tables: Sequence[str]) -> list[_Rebuilding]:
    found = db.execute_sql(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        "ORDER BY name"
    ).fetchall()
    taken = [_Rebuilding(name, sql) for name, table, sql in found if table in tables]
    for each in taken:
        db.execute_sql(f'DROP INDEX "{each.name}"')
    return taken


def _take_postgresql(tables: list[str]) -> list[_Rebuilding]:
    constraints = db.execute_sql(_CONSTRAINTS, (tables, tables)).fetchall()
    indexes = db.execute_sql(_INDEXES, (tables,)).fetchall()
    for table, name, _, _ in constraints:
        db.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        db.execute_sql(f"DROP INDEX {name}")
    for table in tables:  # it would look at the same rows again and again
        db.execute_sql(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)')
    again = [
        _Rebuilding(f"{name}", f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for table, name, definition, _ in reversed(constraints)  # keys before what refers to them
    ]
    return [*again, *(_Rebuilding(name, sql) for name, sql in indexes)]
