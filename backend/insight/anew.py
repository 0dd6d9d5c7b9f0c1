"""All rollups made anew on SQLite: each table read once, as it is stored, while others write on.

What was read is put into files beside the database, and from there into the rollups in turns of
writing that are short, some dealers at a time, so that tables and indexes grow where they end.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from backend.insight import facts
from backend.insight.facts import COUNTABLE, PLACE, Batch, Key
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.insight.touched import Since
from backend.platform.database import BaseModel, Statement, db, snapshot, transaction

ROWS = 100_000  # of a turn to write: about half a second
READERS = 2
MAPPED = 2_000_000_000  # bytes of a file
# KiB: what reads in order sorts quickest in the processor's own cache; indexes change all over.
READING, WRITING = 8_000, 256_000
_CHANGED = "made_changed"


_SALES, _VISITS, _PROMOTIONS = "made_sales", "made_visits", "made_promotions"
_MADE: dict[type[BaseModel], str] = {
    SalesDay: _SALES,
    VisitFact: _VISITS,
    PromotionFact: _PROMOTIONS,
}
"""Of each rollup the file that holds its rows."""
_PARTS: list[list[type[BaseModel]]] = [[SalesDay], [VisitFact, PromotionFact]]
"""Rollups that are written together; the first are written while the others are read."""
_CARRIED = {
    "products": "checks, units",
    "prices": "referenced, unreferenced, ratio_ppb",
    "photographs": "taken, hashed, reused, approved, rejected",
}
"""What visits carry, and what it adds up to."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file, and the statements that make it of the database and of files made before."""

    name: str
    statements: list[Statement]


def make(
    span: tuple[date, date], progress: Callable[[int, int], None], *, rows: int = ROWS
) -> set[Key]:
    """Make the facts of all days, and return the store-days that were written to meanwhile.

    These are left as they were. `progress` gets how many turns to write are done, of how many.
    """
    since = Since()
    stored = Batch(span=span, as_stored=True)
    with _folder() as folder, ThreadPoolExecutor(READERS) as readers, _changes():

        def read(reading: _Reading, after: Sequence[Future[str]] = ()) -> Future[str]:
            return readers.submit(_read, folder, reading, after)

        # What is written first is read first; a reading begins after those it waits for.
        sales = read(_filled(SalesDay, facts.SELECTS[SalesDay](stored)))
        carried = [read(_added_up(name, stored)) for name in _CARRIED]
        made = {
            _SALES: sales,
            _VISITS: read(_visited(stored), after=carried),
            _PROMOTIONS: read(_filled(PromotionFact, facts.SELECTS[PromotionFact](stored))),
        }
        changed: set[Key] = set()
        for number, tables in enumerate(_PARTS):
            with _attached(folder, [made[_MADE[table]].result() for table in tables], WRITING):
                turns = _turns(tables, rows)
                of = len(_PARTS) * len(turns)
                progress(number * len(turns), of)
                for done, dealers in enumerate(turns, 1):
                    changed |= _write(tables, dealers, since)
                    progress(number * len(turns) + done, of)
        return changed


def _added_up(name: str, stored: Batch) -> _Reading:
    """Return what makes the file of what visits carry, a row of each."""
    columns = f"visit_id TEXT PRIMARY KEY, {_CARRIED[name]}"
    create = f"CREATE TABLE made.made_{name} ({columns}) WITHOUT ROWID"
    fill = f"INSERT INTO made.made_{name} {facts.CARRIED[name](stored)}"
    return _Reading(f"made_{name}", [(create, ()), (fill, ())])


def _visited(stored: Batch) -> _Reading:
    """Return what makes the file of visits, all in one snapshot.

    The ids of visits are random. In their order, only indexes are read, to know where each visit's
    rows are; the rows themselves are read in the order in which visits are stored.
    """
    numbers, values = _numbers(stored)
    carried = ", ".join(_CARRIED.values())
    places = ", ".join(f"{table}.rowid" for table in _FOUND)
    joined = " ".join(
        f"LEFT JOIN {table} ON {table}.visit_id = v.id"
        for table in (*_FOUND, *(f"made_{name}" for name in _CARRIED))
    )
    place = (
        f"INSERT INTO made.made_places SELECT v.rowid, {places}, "
        f"EXISTS (SELECT 1 FROM plan_entry e WHERE e.visit_id = v.id), {carried} "
        f"FROM visit v INDEXED BY sqlite_autoindex_visit_1 {joined} ORDER BY v.rowid"
    )
    columns = f"place INTEGER PRIMARY KEY, {', '.join(_FOUND)}, is_planned, {carried}"
    filled = _filled(VisitFact, _of_places(stored))
    return _Reading(
        filled.name,
        [
            ("CREATE TABLE made.made_numbers (store_id INTEGER, day DATE, id TEXT, number)", ()),
            (f"INSERT INTO made.made_numbers {numbers}", values),
            ("CREATE INDEX made.made_number ON made_numbers (store_id, day, id)", ()),
            (f"CREATE TABLE made.made_places ({columns})", ()),
            (place, ()),
            *filled.statements,
        ],
    )


_FOUND = ("report", "visit_score", "location_reading")
"""Tables that have a row of each visit at most."""


def _numbers(stored: Batch) -> Statement:
    """Return which visit or count of its store-day each is, where several are stored."""
    counts, values = facts.counted(stored)
    sql = (
        "WITH shared AS MATERIALIZED (SELECT store_id, business_on AS day FROM visit "
        "WHERE store_id IS NOT NULL GROUP BY store_id, business_on HAVING COUNT(*) > 1 "
        "UNION SELECT store_id, counted_on FROM stock_count), "
        "moments AS (SELECT v.store_id, v.business_on AS day, v.id, v.checked_in_at AS began_at "
        "FROM shared s CROSS JOIN visit v "
        f"WHERE v.store_id = s.store_id AND v.business_on = s.day AND {COUNTABLE} "
        f"UNION ALL SELECT store_id, counted_on, id, counted_at FROM ({counts})) "
        f"SELECT store_id, day, id, {PLACE} FROM moments"
    )
    return sql, values


def _of_places(stored: Batch) -> Statement:
    """Return the facts of visits by the places of their rows."""
    visits, values = facts.picked(stored, "visit v NOT INDEXED", also=", v.rowid AS place")
    counts, counted_values = facts.counted(stored, also=", NULL")
    number = (
        "COALESCE((SELECT n.number FROM made_numbers n "
        "WHERE n.store_id = b.store_id AND n.day = b.day AND n.id = b.id), 1)"
    )
    sql = (
        f"SELECT {facts.said_of_visits('a.is_planned', 'a', 'a', 'a')} "
        f"FROM ({facts.numbered(visits, counts, number)}) p "
        "LEFT JOIN made_places a ON a.place = p.place "
        "LEFT JOIN report r ON r.rowid = a.report "
        "LEFT JOIN visit_score w ON w.rowid = a.visit_score "
        "LEFT JOIN location_reading g ON g.rowid = a.location_reading"
    )
    return sql, [*values, *counted_values]


def _filled(table: type[BaseModel], query: Statement) -> _Reading:
    """Return what makes the file of a rollup, which is read a few dealers at a time."""
    name, columns = table._meta.table_name, ", ".join(facts.columns_of(table))  # noqa: SLF001
    sql, values = query
    create = f"CREATE TABLE made.{name} ({columns})"
    fill = f"INSERT INTO made.{name} {sql}"
    index = f"CREATE INDEX made.{name}_dealer ON {name} (dealer_id)"
    if table is SalesDay:  # comes in the order of its key
        key = ", ".join(field.column_name for field in table._meta.get_primary_keys())  # noqa: SLF001
        create = f"CREATE TABLE made.{name} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"
        return _Reading(_MADE[table], [(create, ()), (fill, values)])
    return _Reading(_MADE[table], [(create, ()), (fill, values), (index, ())])


def _read(folder: Path, reading: _Reading, after: Sequence[Future[str]]) -> str:
    """Make a file, in a thread and with a connection of its own, and return its name."""
    with db.connection_context(), _attached(folder, [one.result() for one in after], READING):
        _attach("made", folder / reading.name)
        for pragma in ("journal_mode", "synchronous"):  # half a file is worth nothing
            db.execute_sql(f"PRAGMA made.{pragma} = off")
        with snapshot():
            for sql, values in reading.statements:
                db.execute_sql(sql, values)
    return reading.name


@contextmanager
def _changes() -> Iterator[None]:
    """Keep a table of the store-days that were written to meanwhile."""
    db.execute_sql(
        f"CREATE TEMPORARY TABLE {_CHANGED} "
        "(store_id INTEGER, day DATE, PRIMARY KEY (store_id, day)) WITHOUT ROWID"
    )
    try:
        yield
    finally:
        db.execute_sql(f"DROP TABLE {_CHANGED}")


def _write(tables: list[type[BaseModel]], dealers: tuple[int, int], since: Since) -> set[Key]:
    """Put the facts of some dealers in their place, and return what was written to meanwhile."""
    with transaction():
        more = since.more()
        _leave(more)
        for table in tables:
            _replace(table, dealers)
    return more


def _leave(keys: set[Key]) -> None:
    """Leave store-days to those that follow the ledger: what was read of them is old."""
    found = {(store_id, day.isoformat()) for _, day, store_id in keys}
    for key in found:
        db.execute_sql(f"INSERT OR IGNORE INTO {_CHANGED} VALUES (?, ?)", key)


def _replace(table: type[BaseModel], dealers: tuple[int, int]) -> None:
    """Put the facts of some dealers in the place of those that were there."""
    name, columns = table._meta.table_name, ", ".join(facts.columns_of(table))  # noqa: SLF001
    mine = (
        "f.dealer_id > ? AND f.dealer_id <= ? AND NOT EXISTS "
        f"(SELECT 1 FROM {_CHANGED} c WHERE c.store_id = f.store_id AND c.day = f.day)"
    )
    db.execute_sql(f"DELETE FROM main.{name} AS f WHERE {mine}", dealers)
    # As the key orders them: what belongs to a dealer lies together, also in the indexes.
    db.execute_sql(
        f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM {_MADE[table]}.{name} f "
        f"WHERE {mine} ORDER BY 1, 2, 3, 4",
        dealers,
    )


def _turns(tables: list[type[BaseModel]], rows: int) -> list[tuple[int, int]]:
    """Return which dealers take a turn together: those after one, up to another."""
    counted = " UNION ALL ".join(
        f"SELECT dealer_id, COUNT(*) AS facts FROM {_MADE[table]}.{table._meta.table_name} "  # noqa: SLF001
        "GROUP BY 1"
        for table in tables
    )
    ends, together = [0], 0
    for dealer_id, count in db.execute_sql(
        f"SELECT dealer_id, SUM(facts) FROM ({counted}) GROUP BY 1 ORDER BY 1"
    ).fetchall():
        if together and together + count > rows:
            ends.append(dealer_id - 1)
            together = 0
        together += count
    ends.append(2**62)  # also those that have facts no more
    return list(pairwise(ends))


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield an empty folder beside the database, of the only one that makes rollups anew."""
    place = Path(f"{db.database}-anew")
    place.mkdir(exist_ok=True)
    gate = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _empty(place)  # one that was killed left its files
        try:
            yield place
        finally:
            _empty(place)
    finally:
        os.close(gate)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@contextmanager
def _attached(folder: Path, names: Sequence[str], cache: int) -> Iterator[None]:
    """Let this connection read files, see them uncopied, and keep so many KiB of the database."""
    room = {"cache_size": -cache, "mmap_size": MAPPED}
    before = {name: db.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in room}
    for name in names:
        _attach(name, folder / name)
    for name, size in room.items():
        db.execute_sql(f"PRAGMA {name} = {size}")
    try:
        yield
    finally:
        for name in names:
            db.execute_sql(f"DETACH {name}")
        for name, size in before.items():
            db.execute_sql(f"PRAGMA {name} = {size}")


def _attach(name: str, path: Path) -> None:
    db.execute_sql(f"ATTACH ? AS {name}", (str(path),))
