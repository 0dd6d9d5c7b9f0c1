"""Rows as text: columns of many rows at once, in the form that PostgreSQL's COPY reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from peewee import Model

Array = NDArray[Any]
Cells = list[str]

NULL = "\\N"
SEED = 20_261_122


class Page(NamedTuple):
    """Some rows of a table: its columns, how many rows, and their text, a line each."""

    table: str
    columns: tuple[str, ...]
    rows: int
    text: str


def page(model: type[Model], count: int, **cells: Sequence[str] | str) -> Page:
    """Return rows of a model; a single text stands in every row."""
    meta = model._meta  # noqa: SLF001  # peewee's public name
    columns = tuple(meta.combined[name].column_name for name in cells)
    each: list[Iterable[str]] = [
        repeat(one, count) if isinstance(one, str) else one for one in cells.values()
    ]
    text = "\n".join(map("\t".join, zip(*each, strict=True)))
    return Page(meta.table_name, columns, count, text)


def chance(*numbers: int) -> Generator:
    """Return the source of chance that belongs to these numbers, the same every time."""
    return np.random.default_rng([SEED, *numbers])


def ids(random: Generator, count: int) -> Cells:
    """Return random UUIDs of version 4, as 32 hexadecimal digits."""
    octets = np.frombuffer(random.bytes(16 * count), np.uint8).reshape(count, 16).copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    return _pieces(octets.tobytes().hex(), 32)


def hashes(random: Generator, count: int) -> Cells:
    """Return what stands for SHA-256 sums of contents that nobody keeps."""
    return _pieces(random.bytes(32 * count).hex(), 64)


def whole(numbers: Array, *, null: Array | None = None) -> Cells:
    """Return whole numbers, or truths as 0 and 1; null where the mask says so."""
    return nulled(list(map(str, np.asarray(numbers).astype(np.int64).tolist())), null)


def decimal(numbers: Array, places: int, *, null: Array | None = None) -> Cells:
    """Return numbers with some decimal places."""
    form = f"%.{places}f"
    return nulled([form % number for number in numbers.tolist()], null)


def words(vocabulary: Sequence[str], chosen: Array, *, null: Array | None = None) -> Cells:
    """Return the words that indexes choose."""
    return nulled(np.array(vocabulary, dtype=object)[chosen].tolist(), null)


def picked(cells: Cells, chosen: Array) -> Cells:
    """Return the cells at some places."""
    return [cells[index] for index in chosen.tolist()]


def days(start: date, offsets: Array, *, null: Array | None = None) -> Cells:
    """Return the days that lie so many after `start`."""
    whole_days = np.asarray(offsets).astype(np.int64)
    known = {
        offset: (start + timedelta(days=offset)).isoformat()
        for offset in np.unique(whole_days).tolist()
        if abs(offset) < FAR
    }
    return nulled([known.get(offset, NULL) for offset in whole_days.tolist()], null)


def instants(seconds: Array, *, null: Array | None = None) -> Cells:
    """Return instants in UTC, given in seconds since 1970, as both engines store them."""
    count = len(seconds)
    if not count:
        return []
    stamps = np.datetime_as_string(np.asarray(seconds).astype("int64").astype("datetime64[s]"))
    text = ".000000\n".join(stamps.tolist()) + ".000000"
    return nulled(text.replace("T", " ").split("\n"), null)


def nulled(cells: Cells, null: Array | None) -> Cells:
    """Put null where the mask says so, and return the cells."""
    if null is not None:
        for index in np.flatnonzero(null).tolist():
            cells[index] = NULL
    return cells


FAR = 1_000_000
"""More days than any window has: never."""


def _pieces(text: str, length: int) -> Cells:
    return [text[start : start + length] for start in range(0, len(text), length)]
