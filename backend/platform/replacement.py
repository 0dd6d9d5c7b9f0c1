"""All rows of PostgreSQL tables made anew, while others read the old ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from backend.platform.database import BaseModel, Statement, db, transaction

SCHEMA = "anew"  # where tables are until they are whole; nobody else looks there

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


def replace(models: Sequence[type[BaseModel]], fillers: Sequence[Callable[[], None]]) -> None:
    """Put tables that fillers make into the place of the stored ones.

    Each filler runs beside the others, in a transaction of its own. What puts the tables in place
    is part of the transaction that is open, which no other of the kind may run beside and should
    end with this: until its commit readers wait. The tables must be marked `is_replaced`.
    """
    # Fillers may take longer than a transaction is allowed to wait for them.
    db.execute_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    with ThreadPoolExecutor(len(fillers)) as threads:
        threads.submit(_connected, _begin).result()
        for filled in [threads.submit(_connected, each) for each in fillers]:
            filled.result()
    (home,) = db.execute_sql("SELECT current_schema()").fetchone()
    names = [f'"{model._meta.table_name}"' for model in models]  # noqa: SLF001
    db.execute_sql(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
    db.execute_sql(f"DROP TABLE {', '.join(names)}")
    for name in names:
        db.execute_sql(f'ALTER TABLE {SCHEMA}.{name} SET SCHEMA "{home}"')
    forget()


def forget() -> None:
    """Drop what fillers made that was not put in place."""
    db.execute_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _begin() -> None:
    forget()  # of one that was killed
    db.execute_sql(f"CREATE SCHEMA {SCHEMA}")


def _connected(work: Callable[[], None]) -> None:
    with db.connection_context(), transaction():
        work()


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
