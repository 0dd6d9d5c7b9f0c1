"""Statements: SQL that adds up facts by member and store, its values where their marks are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from backend.insight.populations import Population
from backend.insight.windows import Span, Window
from backend.platform import clock
from backend.platform.database import db


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures, over which window; `sku_id` for those of a product."""

    population: Population
    window: Window
    sku_id: int | None = None


@dataclass(slots=True)
class Statement:
    """SQL under construction: each value is added where its mark is."""

    values: list[Any] = field(default_factory=list)

    def day(self, value: date) -> str:
        """Return the mark of a day."""
        self.values.append(value.isoformat())
        return db.param

    def instant(self, day: date) -> str:
        """Return the mark of the instant at which a business day begins."""
        begins = datetime.combine(day, time(), clock.zone()).astimezone(UTC)
        self.values.append(begins.replace(tzinfo=None).isoformat(" ", "microseconds"))
        return db.param

    def within(self, column: str, window: Span) -> str:
        """Return the condition for the days of a window."""
        return f"{column} >= {self.day(window.from_on)} AND {column} < {self.day(window.to_on)}"

    def during(self, column: str, window: Span) -> str:
        """Return the condition for the instants of a window."""
        since, until = self.instant(window.from_on), self.instant(window.to_on)
        return f"{column} >= {since} AND {column} < {until}"

    def grouped(
        self, asked: Asked, source: str, where: str, sums: str, *, by_person: bool = False
    ) -> str:
        """Return the statement that adds up a source by member and store.

        The values of `source` and `where` must be there already.
        """
        members = asked.population.membership(by_person=by_person)
        self.values += members.values
        return (
            f"SELECT {members.key} AS k, f.store_id, {sums} FROM {source} f{members.joins} "
            f"WHERE {where}{members.where} GROUP BY 1, 2"
        )

    def listed(
        self, asked: Asked, source: str, where: str, columns: str, *, by_person: bool = False
    ) -> str:
        """Return the statement for the rows of a source themselves, with member and store.

        The values of `columns`, `source` and `where` must be there already.
        """
        members = asked.population.membership(by_person=by_person)
        self.values += members.values
        return (
            f"SELECT {members.key} AS k, f.store_id, {columns} FROM {source} f{members.joins} "
            f"WHERE {where}{members.where}"
        )

    def latest(self, asked: Asked, source: str, where: str, columns: str, order: str) -> str:
        """Return the statement that takes the first row of each member and store in an order."""
        members = asked.population.membership(by_person=True)
        self.values += members.values
        rank = f"ROW_NUMBER() OVER (PARTITION BY {members.key}, f.store_id ORDER BY {order})"
        return (
            f"SELECT k, store_id, {columns} FROM (SELECT {members.key} AS k, f.store_id, "
            f"{_named('f', columns)}, {rank} AS place FROM {source} f{members.joins} "
            f"WHERE {where}{members.where}) AS ranked WHERE place = 1"
        )


def _named(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))


Source = Callable[[Asked, Statement], str]


def of_last(last: str, columns: tuple[str, ...]) -> str:
    """Return the columns of the facts that are each store's latest by `seq`."""
    return (
        f"SELECT z.k, z.store_id, {', '.join(f'x.{each}' for each in columns)} "
        f"FROM ({last}) z JOIN visit_fact x ON x.store_id = z.store_id AND x.seq = z.seq"
    )


def whose(alias: str, day: str) -> str:
    """Return the condition for the dealer of a row's store on a day, as `d`."""
    return (
        f"d.store_id = {alias}.store_id AND d.from_on <= {day} "
        f"AND (d.to_on IS NULL OR d.to_on > {day})"
    )


def of_customers(table: str, day: str, columns: str, window: Span, sql: Statement) -> str:
    """Return the rows of a table about dealers and about stores, for the dealer of their day.

    Each kind by itself, so that either can be found by its dealer.
    """
    of_dealers = (
        f"SELECT c.dealer_id, c.store_id, {columns} FROM {table} c "
        f"WHERE c.dealer_id IS NOT NULL AND {sql.within(f'c.{day}', window)}"
    )
    of_stores = (
        f"SELECT d.dealer_id, c.store_id, {columns} FROM {table} c "
        f"JOIN store_dealer d ON {whose('c', f'c.{day}')} "
        f"WHERE c.dealer_id IS NULL AND {sql.within(f'c.{day}', window)}"
    )
    return f"({of_dealers} UNION ALL {of_stores})"
