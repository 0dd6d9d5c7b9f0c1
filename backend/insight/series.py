"""Series: figures by day, week or month, and beside each that of an earlier period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from backend.insight import periods, tables
from backend.insight.figures import Member, figures
from backend.insight.kpis import Figure, Kpi
from backend.insight.periods import By
from backend.insight.populations import NUMBERED, Population
from backend.insight.targets import Book
from backend.insight.windows import Against, Window
from backend.platform import clock


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of an earlier window, and by how much those that it is beside are more."""

    from_on: date
    to_on: date
    kpis: Mapping[str, Figure]
    differences: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of a member in one period."""

    from_on: date
    to_on: date
    is_partial: bool
    is_provisional: bool
    kpis: Mapping[str, Figure]
    compared: Mapping[str, Compared]


@dataclass(frozen=True, slots=True)
class Line(tables.Named):
    """The points of a member, the first period first."""

    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Series:
    """A page of members with their points; `total` is how many members there are in all."""

    by: By
    window: Window
    as_of: datetime
    total: int
    members: Sequence[Line]


def series(
    population: Population,
    *,
    by: By,
    window: Window,
    at: datetime,
    kpis: Sequence[Kpi],
    versus: Iterable[Against] = (),
    sku_id: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Series:
    """Return the figures of a page of members in each period of a window, and of earlier ones.

    Raises TooManyPointsError.
    """
    today = clock.business_date(at)
    spans = periods.periods(window, by)
    total, names = 0, list[tuple[Any, str, str]]()
    if population.grain in NUMBERED:
        total, names = tables.listed(population, limit, offset, today)
        population = replace(population, members=[key for key, _, _ in names])
    reading = _Reading(population.resolved(), at, kpis, sku_id, Book.of(kpis))
    found = [reading.of(each.window) for each in spans]
    if population.grain not in NUMBERED:
        keys = {key for members in found for key in members}
        total, names = tables.coded(population.grain, keys, limit, offset)
    lines = []
    for key, code, name in names:
        points = []
        for each in spans:
            now = reading.figures(each.window, key)
            beside = {
                str(against): reading.compared(now, periods.before(each.window, against, by), key)
                for against in versus
            }
            points.append(
                Point(
                    each.window.from_on,
                    each.window.to_on,
                    each.is_partial,
                    each.window.is_provisional(today),
                    now,
                    beside,
                )
            )
        lines.append(Line(key, code, name, points))
    return Series(by, window, at, total, lines)


def compare(
    population: Population,
    table: tables.Table,
    *,
    against: Against,
    kpis: Sequence[Kpi],
    sku_id: int | None = None,
) -> tables.Table:
    """Return a table with the figures of an earlier window beside those of each member."""
    keys = [row.member for row in table.members]
    if not keys:
        return table
    of_page = replace(population, members=keys)
    reading = _Reading(of_page.resolved(), table.as_of, kpis, sku_id, Book.of(kpis))
    earlier = periods.before(table.window, against)
    members = [
        replace(row, compared={str(against): reading.compared(row.kpis, earlier, row.member)})
        for row in table.members
    ]
    return replace(table, members=members)


class _Reading:
    """The figures of a population in windows, each of which is read once."""

    def __init__(
        self,
        population: Population,
        at: datetime,
        kpis: Sequence[Kpi],
        sku_id: int | None,
        book: Book,
    ) -> None:
        self.population, self.at, self.kpis = population, at, kpis
        self.sku_id, self.book = sku_id, book
        self.known: dict[Window, dict[Any, Member]] = {}

    def of(self, window: Window) -> dict[Any, Member]:
        """Return the members that had a part in a window."""
        if window not in self.known and self.population.members != []:
            found = figures(
                self.population, window=window, at=self.at, kpis=self.kpis, sku_id=self.sku_id
            )
            self.book.attain(self.population, window, found)
            self.known[window] = found
        return self.known.get(window, {})

    def figures(self, window: Window, key: Any) -> Mapping[str, Figure]:
        """Return the figures of a member in a window."""
        member = self.of(window).get(key) or tables.nobody(self.kpis, self.at)
        return member.figures

    def compared(self, now: Mapping[str, Figure], window: Window, key: Any) -> Compared:
        """Return the figures of a member in an earlier window beside those of now."""
        then = self.figures(window, key)
        differences = {code: _difference(now[code], then[code]) for code in now}
        return Compared(window.from_on, window.to_on, then, differences)


def _difference(now: Figure, then: Figure) -> float | None:
    return None if now.value is None or then.value is None else now.value - then.value
