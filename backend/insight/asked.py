"""What is asked for, and the statements that add up facts by member and store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.insight.populations import Population
from backend.insight.statements import Part, Sql, sql
from backend.insight.windows import Window


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures, over which window; `sku_id` for those of a product."""

    population: Population
    window: Window
    sku_id: int | None = None

    def grouped(self, source: Part, where: Part, sums: Part, *, by_person: bool = False) -> Sql:
        """Return the statement that adds up a source by member and store."""
        rows = self.listed(source, where, sums, by_person=by_person)
        return sql("{rows} GROUP BY 1, 2", rows=rows)

    def listed(self, source: Part, where: Part, columns: Part, *, by_person: bool = False) -> Sql:
        """Return the statement for the rows of a source themselves, with member and store."""
        members = self.population.membership(by_person=by_person)
        return sql(
            "SELECT {key} AS k, f.store_id, {columns} FROM {source} f{joins} WHERE {where}{only}",
            key=members.key,
            columns=columns,
            source=source,
            joins=members.joins,
            where=where,
            only=members.where,
        )

    def latest(self, source: Part, where: Part, columns: str, order: str) -> Sql:
        """Return the statement that takes the first row of each member and store in an order."""
        key = self.population.membership(by_person=True).key
        named = ", ".join(f"f.{column.strip()}" for column in columns.split(","))
        place = f"ROW_NUMBER() OVER (PARTITION BY {key}, f.store_id ORDER BY {order}) AS place"
        return sql(
            "SELECT k, store_id, {columns} FROM ({ranked}) AS ranked WHERE place = 1",
            columns=columns,
            ranked=self.listed(source, where, f"{named}, {place}", by_person=True),
        )


Source = Callable[[Asked], Sql]


def of_last(last: Sql, columns: tuple[str, ...]) -> Sql:
    """Return the columns of the facts that are each store's latest by `seq`."""
    return sql(
        "SELECT z.k, z.store_id, {columns} "
        "FROM ({last}) z JOIN visit_fact x ON x.store_id = z.store_id AND x.seq = z.seq",
        columns=", ".join(f"x.{each}" for each in columns),
        last=last,
    )


def whose(alias: str, day: str) -> str:
    """Return the condition for the dealer of a row's store on a day, as `d`."""
    return (
        f"d.store_id = {alias}.store_id AND d.from_on <= {day} "
        f"AND (d.to_on IS NULL OR d.to_on > {day})"
    )


def of_customers(table: str, day: str, columns: Part, where: Part) -> Sql:
    """Return the rows of a table `c` about dealers and about stores, for the dealer of their day.

    Each kind by itself, so that either can be found by its dealer.
    """
    return sql(
        "(SELECT c.dealer_id, c.store_id, {columns} FROM {table} c "
        "WHERE c.dealer_id IS NOT NULL AND {where} "
        "UNION ALL SELECT d.dealer_id, c.store_id, {columns} FROM {table} c "
        "JOIN store_dealer d ON {whose} WHERE c.dealer_id IS NULL AND {where})",
        columns=columns,
        table=table,
        whose=whose("c", f"c.{day}"),
        where=where,
    )
