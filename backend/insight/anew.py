"""All rollups made anew on SQLite: each table read once, as it is stored, while others write on.

What was read is put into files beside the database, and from there into the rollups in turns of
writing that are short, some dealers at a time, so that tables and indexes grow where they end.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from backend.insight import facts
from backend.insight.facts import Batch, Key, Lines
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.insight.touched import Since
from backend.platform.database import BaseModel, Statement, db, snapshot, transaction

ROWS = 100_000  # of a turn to write: about half a second
READERS = 2
ROOM = {"cache_size": -256_000, "mmap_size": 2_000_000_000}  # KiB, and bytes
_VISITS = [f"made_visits_{number}" for number in range(READERS)]
_MADE: dict[type[BaseModel], list[str]] = {
    VisitFact: _VISITS,
    PromotionFact: _VISITS,
    SalesDay: ["made_sales"],
}
"""Of each rollup the files that hold its rows."""
_CHANGED = "made_changed"


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file to be made by statements, of the database and of files made before."""

    name: str
    statements: list[Statement]
    beside: Sequence[str] = ()


def make(spans: list[Batch], progress: Callable[[int, int], None], *, rows: int = ROWS) -> set[Key]:
    """Make the facts of all days, and return the store-days that were written to meanwhile.

    These are left as they were. `progress` gets how many turns to write are done, of how many.
    """
    since = Since()
    with _folder() as folder:
        with ThreadPoolExecutor(READERS) as readers:
            for readings in (_carried(spans), _visited(spans)):
                list(readers.map(lambda one: _read(folder, one), readings))
        with _attached(folder, ["made_sales", *_VISITS]):
            return _write_all(since, progress, rows)


def _carried(spans: list[Batch]) -> list[_Reading]:
    """Return the readings of sales, and of what visits carry."""
    days = sorted(day for batch in spans if batch.span for day in batch.span)
    whole = Batch(span=(days[0], days[-1]), lines=Lines.AS_STORED)
    lines, photographs = (
        [statement for name in names for statement in _added_up(name, whole)]
        for names in (("products", "prices"), ("photographs",))
    )
    return [
        _Reading("made_lines", lines),
        _Reading("made_photographs", photographs),
        _Reading("made_sales", _filled(SalesDay, [whole])),
    ]


def _added_up(name: str, whole: Batch) -> list[Statement]:
    columns = f"visit_id TEXT PRIMARY KEY, {_NAMES[name]}"
    return [
        (f"CREATE TABLE made.made_{name} ({columns}) WITHOUT ROWID", ()),
        (f"INSERT INTO made.made_{name} {facts.CARRIED[name](whole)}", ()),
    ]


_NAMES = {
    "products": "checks, units",
    "prices": "referenced, unreferenced, ratio_ppb",
    "photographs": "taken, hashed, reused, approved, rejected",
}


def _visited(spans: list[Batch]) -> list[_Reading]:
    """Return the readings of visits; those of a span lie together, and are few enough to sort."""
    batches = [replace(span, lines=Lines.ADDED_UP) for span in spans]
    half = -(-len(batches) // READERS)
    return [
        _Reading(
            name,
            [
                statement
                for table in (VisitFact, PromotionFact)
                for statement in _filled(table, batches[half * number : half * (number + 1)])
            ],
            beside=("made_lines", "made_photographs"),
        )
        for number, name in enumerate(_VISITS)
    ]


def _filled(table: type[BaseModel], batches: list[Batch]) -> list[Statement]:
    name, columns = table._meta.table_name, ", ".join(facts.columns_of(table))  # noqa: SLF001
    selects = [facts.SELECTS[table](batch) for batch in batches]
    return [
        (f"CREATE TABLE made.{name} AS SELECT {columns} FROM main.{name} WHERE 1 = 0", ()),
        *((f"INSERT INTO made.{name} {sql}", values) for sql, values in selects),
        (f"CREATE INDEX made.{name}_dealer ON {name} (dealer_id)", ()),
    ]


def _read(folder: Path, reading: _Reading) -> None:
    """Make a file, in a thread and with a connection of its own."""
    with db.connection_context(), _attached(folder, reading.beside):
        _attach("made", folder / reading.name)
        for pragma in ("journal_mode", "synchronous"):  # half a file is worth nothing
            db.execute_sql(f"PRAGMA made.{pragma} = off")
        with snapshot():
            for sql, values in reading.statements:
                db.execute_sql(sql, values)


def _write_all(since: Since, progress: Callable[[int, int], None], rows: int) -> set[Key]:
    changed: set[Key] = set()
    turns = _turns(rows)
    db.execute_sql(
        f"CREATE TEMPORARY TABLE {_CHANGED} "
        "(store_id INTEGER, day DATE, PRIMARY KEY (store_id, day)) WITHOUT ROWID"
    )
    try:
        progress(0, len(turns))
        for number, dealers in enumerate(turns):
            with transaction():
                more = since.more()
                changed |= more
                _leave(more)
                for table in _MADE:
                    _write(table, dealers)
            progress(number + 1, len(turns))
    finally:
        db.execute_sql(f"DROP TABLE {_CHANGED}")
    return changed


def _leave(keys: set[Key]) -> None:
    """Leave store-days to those that follow the ledger: what was read of them is old."""
    found = {(store_id, day.isoformat()) for _, day, store_id in keys}
    for key in found:
        db.execute_sql(f"INSERT OR IGNORE INTO {_CHANGED} VALUES (?, ?)", key)


def _write(table: type[BaseModel], dealers: tuple[int, int]) -> None:
    """Put the facts of some dealers in the place of those that were there."""
    name, columns = table._meta.table_name, ", ".join(facts.columns_of(table))  # noqa: SLF001
    mine = (
        "f.dealer_id > ? AND f.dealer_id <= ? AND NOT EXISTS "
        f"(SELECT 1 FROM {_CHANGED} c WHERE c.store_id = f.store_id AND c.day = f.day)"
    )
    made = " UNION ALL ".join(
        f"SELECT {columns} FROM {file}.{name} f WHERE {mine}" for file in _MADE[table]
    )
    db.execute_sql(f"DELETE FROM main.{name} AS f WHERE {mine}", dealers)
    # As the key orders them: what belongs to a dealer lies together, also in the indexes.
    db.execute_sql(
        f"INSERT INTO main.{name} ({columns}) {made} ORDER BY 1, 2, 3, 4",
        dealers * len(_MADE[table]),
    )


def _turns(rows: int) -> list[tuple[int, int]]:
    """Return which dealers take a turn together: those after one, up to another."""
    counted = " UNION ALL ".join(
        f"SELECT dealer_id, COUNT(*) AS facts FROM {file}.{table._meta.table_name} GROUP BY 1"  # noqa: SLF001
        for table, files in _MADE.items()
        for file in files
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
def _attached(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Let this connection read files, keep more pages at hand, and see them uncopied."""
    before = {name: db.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ROOM}
    for name in names:
        _attach(name, folder / name)
    for name, size in ROOM.items():
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
    db.execute_sql(f"PRAGMA {name}.cache_size = {ROOM['cache_size'] // 4}")
