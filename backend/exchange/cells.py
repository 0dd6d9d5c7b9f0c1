"""How a stored value becomes a cell, written in SQL so that no row passes through Python.

Both engines must come to the same bytes: texts in quotes, nothing else in quotes, nothing for
null (`""` for a text), local times to the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from peewee import SQL, Node, NodeList

from backend.platform.database import is_sqlite
from backend.platform.settings import settings
from backend.standards.codes import Labelled

# A spreadsheet takes a cell for a formula by its first sign, or drops that sign and looks on.
FORMULA_STARTS = "=+@\t\r\n＝＋－＠-"
SPACES = " \u00a0\u2003\u3000\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of cell: `render` takes a column and whether the reader is Chinese.

    What is not `is_text` must never need quotes.
    """

    render: Callable[[Node, bool], Node]
    is_text: bool = False


def decimal(places: int) -> Cell:
    """Return the cell of a measured number: at most so many decimals, half away from zero."""
    scale = 10**places
    half = "CASE WHEN {} < 0 THEN -0.5 ELSE 0.5 END"

    def render(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
        # Ties are decided before either engine prints its shortest form, and -0 becomes 0.
        if is_sqlite():
            rounded = f"CAST({{}} * {scale} + {half} AS INTEGER) / {scale}.0"
            return _sql(f"CASE WHEN {{}} IS NOT NULL THEN printf('%.15g', {rounded}) END", value)
        return _sql(f"trunc({{}} * {scale} + {half}::float8) / {scale} + 0", value)

    return Cell(render)


def label(*kinds: type[Labelled]) -> Cell:
    """Return the cell that says a code of some kinds in the reader's language."""

    def render(value: Node, chinese: bool) -> Node:  # noqa: FBT001
        names = ((str(one), one.zh if chinese else one.en) for kind in kinds for one in kind)
        whens = " ".join(f"WHEN '{one}' THEN '{_doubled(name)}'" for one, name in names)
        return _sql(f"CASE {{}} {whens} ELSE '' END", value)

    return Cell(render, is_text=True)


def _plain(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
    return value


def _text(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
    # Suspicion is cheap, and seldom leads on to the closer look.
    if is_sqlite():
        suspect = f"{{}} GLOB '[{SPACES}{FORMULA_STARTS}]*'"
        start = f"instr('{FORMULA_STARTS}', substr(ltrim({{}}, '{SPACES}'), 1, 1)) > 0"
    else:
        signs = ", ".join(str(ord(sign)) for sign in SPACES + FORMULA_STARTS)
        suspect = f"ascii({{}}) IN ({signs})"  # the code point of the first sign
        start = f"strpos('{FORMULA_STARTS}', left(ltrim({{}}, '{SPACES}'), 1)) > 0"
    return _sql(
        f"CASE WHEN {suspect} AND {start} THEN '''' || {{}} ELSE coalesce({{}}, '') END", value
    )


def _identifier(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
    if not is_sqlite():
        return value
    return _sql(
        "substr({}, 1, 8) || '-' || substr({}, 9, 4) || '-' || substr({}, 13, 4) || '-'"
        " || substr({}, 17, 4) || '-' || substr({}, 21)",
        value,
    )


def _instant(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
    # One offset holds for every row: China has had no summer time since 1991.
    offset = ZoneInfo(settings().business_zone).utcoffset(datetime(2026, 1, 1)) or timedelta()  # noqa: DTZ001
    minutes = int(offset.total_seconds() // 60)
    if is_sqlite():
        return _sql(f"datetime(substr({{}}, 1, 19), '{minutes:+} minutes')", value)
    # To the nearest second, half a second earlier: that cuts the fraction off.
    seconds = minutes * 60 - 0.5
    return _sql(f"({{}} + interval '{seconds} seconds')::timestamp(0)", value)


def _yuan(value: Node, _chinese: bool) -> Node:  # noqa: FBT001
    if is_sqlite():
        return _sql("CASE WHEN {} IS NOT NULL THEN printf('%.2f', {} / 100.0) END", value)
    return _sql("({} / 100.0)::numeric(14, 2)", value)


def _yes_no(value: Node, chinese: bool) -> Node:  # noqa: FBT001
    yes, no = ("是", "否") if chinese else ("yes", "no")
    return _sql(f"CASE WHEN {{}} THEN '{yes}' WHEN NOT {{}} THEN '{no}' END", value)


def _codes(value: Node, chinese: bool) -> Node:  # noqa: FBT001
    inner = """replace(replace(replace({}, '","', ';'), '["', ''), '"]', '')"""
    return _text(_sql(f"CASE WHEN {{}} <> '[]' THEN {inner} END", value), chinese)


plain = Cell(_plain)
"""A whole number, a day, or a code or hash of our own, as it is."""
text = Cell(_text, is_text=True)
"""What people typed, after a `'` where a spreadsheet would see a formula."""
identifier = Cell(_identifier)
"""A UUID with its dashes."""
instant = Cell(_instant)
"""An instant as local time, `2026-03-02 12:00:00`."""
yuan = Cell(_yuan)
"""Whole fen as yuan, `1299.00`."""
yes_no = Cell(_yes_no)
"""Whether something holds; nothing while that is not known."""
codes = Cell(_codes, is_text=True)
"""A JSON list of codes as `one;other`."""


def _doubled(name: str) -> str:
    return name.replace("'", "''")


def _sql(template: str, value: Node) -> Node:
    """Put a value in the places of a template; our own constants stand in it as they are."""
    first, *others = template.split("{}")
    parts: list[Node] = [SQL(first)]
    for part in others:
        parts += [value, SQL(part)]
    return NodeList(parts, glue="")
