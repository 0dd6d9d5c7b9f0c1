"""PostgreSQL: several statements in one round trip, and plans that are made once.

Values are written into the text of a statement, as a pooler in transaction mode wants it. The
texts that run on every request are planned once per connection, unless a pooler is between.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import peewee
import psycopg
from peewee import PostgresqlDatabase
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus

_log = logging.getLogger("peewee")  # where all queries are told of
Statement = tuple[str, Sequence[Any]]
MANY_VALUES = 50  # from which on psycopg remembers no statement


def database(url: str) -> Postgresql:
    """Return the handle of the database at an address; connections are opened per thread."""
    return Postgresql(
        url,
        autoconnect=False,
        prefer_psycopg3=True,
        # Server-side binding rejects GROUP BY over a repeated parameter, and what psycopg
        # prepares does not survive a pooler in transaction mode.
        cursor_factory=WritingCursor,
        prepare_threshold=None,
    )


class WritingCursor(psycopg.ClientCursor[Any]):
    """A cursor that takes a long statement apart once; psycopg would each time it runs."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Execute a statement with its values written into it."""
        if params and len(params) > MANY_VALUES:
            query, params = _written(query, params, Transformer(self).as_literal), None
        return super().execute(query, params, **options)

    def run(self, sql: str, values: Sequence[Any]) -> Self:
        """Run short statements at once, and keep what the last of them returned.

        psycopg waits for an answer in Python, which costs as much as all else; nothing can break
        off a statement that is run like this.
        """
        self._tx = Transformer(self)
        result = self._pgconn.exec_(_written(sql, values, self._tx.as_literal))
        if self._pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(self._pgconn.get_error_message())
        self._check_results([result])
        self._set_results([result])
        return self


def _written(sql: str, values: Sequence[Any], literal: Callable[[Any], bytes]) -> bytes:
    texts = _apart(sql)
    pairs = zip(texts[:-1], map(literal, values), strict=True)
    return b"".join([piece for pair in pairs for piece in pair]) + texts[-1]


@lru_cache(maxsize=256)
def _apart(sql: str) -> list[bytes]:
    """Return the texts around the marks of a statement."""
    return [text.encode() for text in _texts(sql)]


def _texts(sql: str) -> list[str]:
    return [text.replace("%%", "%") for text in re.split("(?<!%)%s", sql)]


# Of each text that is planned once: what plans it on a connection, and what runs it there.
_lasting: dict[str, tuple[str, str]] = {}


def plan_once(sql: str) -> None:
    """Let connections keep the plan of a text that runs on every request."""
    texts = _texts(sql)
    numbered = "".join(f"{text}${place}" for place, text in enumerate(texts[:-1], 1))
    marks = ", ".join(["%s"] * (len(texts) - 1))
    # Named after the text: whoever says it twice says the same.
    name = f"lasting_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"
    _lasting[sql] = (
        f"PREPARE {name} AS {numbered}{texts[-1]}",
        f"EXECUTE {name}({marks})" if marks else f"EXECUTE {name}",
    )


@dataclass(slots=True)
class Opening:
    """How a transaction begins: the turn it waits for, a statement, and the rows that returned."""

    lock: int
    first: Statement | None
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Postgresql(PostgresqlDatabase):
    """PostgreSQL where a transaction begins in one round trip, and ends in one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._here = threading.local()

    def begin(self, how: Opening | str | None = None) -> None:
        """Begin in an isolation level, or as an opening says."""
        if not isinstance(how, Opening):
            super().begin(how)
            return
        turn = ("SELECT pg_advisory_xact_lock(%s)", [how.lock])
        try:
            cursor = self.run_in_one_trip(
                [("BEGIN", []), turn, *([how.first] if how.first else [])]
            )
            # Each has its own snapshot, so the last one's is of our turn.
            if how.first:
                how.rows += cursor.fetchall()
        except Exception:
            self.rollback()
            raise

    def run_at_the_end(self, statements: list[Statement]) -> None:
        """Run statements with the commit of the transaction that is open, or what comes before."""
        self._here.last += statements

    def run_in_one_trip(self, statements: list[Statement]) -> Any:
        """Run statements in a single round trip and return a cursor over the last one's rows."""
        statements = self._left() + statements
        sql = ";\n".join([self._planned(sql) for sql, _ in statements])
        return self._run(sql, [value for _, values in statements for value in values])

    def execute_sql(self, sql: Any, params: Any = None) -> Any:
        """Run a statement, after those that were left for the end."""
        if left := self._left():
            self.run_in_one_trip(left)
        if sql in _lasting:
            return self._run(self._planned(sql), params)
        return super().execute_sql(sql, params)

    def _run(self, sql: str, values: Sequence[Any]) -> Any:
        _log.debug((sql, values))
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # as peewee would
            return self.cursor().run(sql, values)

    def commit(self) -> None:
        """Run what was left for the end, and commit."""
        if left := self._left():
            self.run_in_one_trip([*left, ("COMMIT", ())])
        else:
            super().commit()

    def rollback(self) -> None:
        """Forget what was left for the end, and undo the rest."""
        self._left()
        super().rollback()

    def _left(self) -> list[Statement]:
        """Return what was left for the end, which is then no longer."""
        left, self._here.last = self._here.last, []
        return left

    def _planned(self, sql: Any) -> Any:
        """Return what runs a text on this connection, where it is planned now if it lasts."""
        plans = self._here.plans
        if sql not in _lasting or plans is None:
            return sql
        if sql not in plans:
            with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not logged as a query
                self.cursor().execute(_lasting[sql][0])
            plans.add(sql)
        return _lasting[sql][1]

    def _connect(self) -> Any:
        connection = super()._connect()  # type: ignore[misc]  # left out of peewee's types
        (served_by,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        # A pooler greets us itself, and may send each transaction to another process.
        is_direct = served_by == connection.info.backend_pid
        if is_direct:  # what is planned once is found by its key, so the values say nothing
            connection.execute("SET plan_cache_mode = force_generic_plan")
        self._here.plans = set() if is_direct else None
        self._here.last = []
        return connection
