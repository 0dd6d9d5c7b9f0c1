"""All rows of PostgreSQL tables made anew, while others read the old ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from backend.platform.database import BaseModel, Statement, db

SCHEMA = "anew"  # where tables are until they are whole; nobody else sees it

_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
# As "pretty" text they name no schema, so that they make the same again in whichever comes first.
_REST = """
    SELECT format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', %s::text, conname,
        pg_get_constraintdef(oid, true)) FROM pg_constraint WHERE conrelid = %s::regclass
    UNION ALL SELECT pg_get_indexdef(indexrelid, 0, true) FROM pg_index
    WHERE indrelid = %s::regclass AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
"""


@contextmanager
def replacing(models: Iterable[type[BaseModel]]) -> Iterator[None]:
    """Put the tables that the block fills into the place of the stored ones.

    It is part of the transaction that is open, and should be its end: from the end of the block to
    the commit readers wait. The tables must be marked `is_replaced`.
    """
    (home,) = db.execute_sql("SELECT current_schema()").fetchone()
    names = [f'"{model._meta.table_name}"' for model in models]  # noqa: SLF001
    (path,) = db.execute_sql("SELECT current_setting('search_path')").fetchone()
    db.execute_sql(f"CREATE SCHEMA {SCHEMA}; SET LOCAL search_path = {path}, {SCHEMA}")
    yield
    db.execute_sql(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
    db.execute_sql(f"DROP TABLE {', '.join(names)}")
    for name in names:
        db.execute_sql(f'ALTER TABLE {SCHEMA}.{name} SET SCHEMA "{home}"')
    db.execute_sql(f"DROP SCHEMA {SCHEMA} CASCADE; SET LOCAL search_path = {path}")


def keep(name: str, query: Statement) -> None:
    """Make a table of the rows of a query for the queries that fill; it goes when they are done.

    Unlike a temporary one it is read by several processes.
    """
    sql, values = query
    db.execute_sql(f"CREATE UNLOGGED TABLE {SCHEMA}.{name} AS {sql}", values)
    db.execute_sql(f"ANALYZE {SCHEMA}.{name}")


def fill(model: type[BaseModel], query: Statement) -> None:
    """Make a table of the rows of a query, which gives the model's columns in their order."""
    meta = model._meta  # noqa: SLF001
    sql, values = query
    table = f'{SCHEMA}."{meta.table_name}"'
    given = ", ".join(f'"{field.column_name}"' for field in meta.sorted_fields)
    columns = db.execute_sql(_COLUMNS, (meta.table_name,)).fetchall()
    typed = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind, _ in columns)
    needed = ", ".join(
        f'ALTER "{name}" SET NOT NULL' for name, _, is_needed in columns if is_needed
    )
    # As the key orders them: what belongs together lies together.
    key = ", ".join(f'"{field.column_name}"' for field in meta.get_primary_keys())
    # Several processes work out what a new table is made of, but not what is inserted into one.
    db.execute_sql(
        f"CREATE TABLE {table} AS SELECT {typed} FROM ({sql}) AS made ({given}) ORDER BY {key}",  # noqa: S608
        values,
    )
    db.execute_sql(f"ALTER TABLE {table} {needed}")
    _finish(meta.table_name)
    db.execute_sql(f"ANALYZE {table}")


def _finish(name: str) -> None:
    """Give a new table the constraints and indexes of the stored one."""
    statements = db.execute_sql(_REST, [name] * 3).fetchall()
    (path,) = db.execute_sql("SELECT current_setting('search_path')").fetchone()
    db.execute_sql(f"SET LOCAL search_path = {SCHEMA}, {path}")
    for (statement,) in statements:
        db.execute_sql(statement)
    db.execute_sql(f"SET LOCAL search_path = {path}")
