"""The table of complaints: how many of which category about which department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL, fn

from backend.fieldwork.case_models import Complaint
from backend.fieldwork.complaints import received_between
from backend.platform.actors import Actor
from backend.standards.codes import SEVERITY_COLOUR


@dataclass(frozen=True, slots=True)
class Cell:
    """The complaints of one category about one department within a window.

    `share` is of all in the window; `bar` is the count as a part of the largest one.
    """

    category: str
    target_department: str
    count: int
    share: float
    severity: int
    bar: float

    @property
    def colour(self) -> str:
        """The colour of its gravest complaint."""
        return SEVERITY_COLOUR[self.severity]


def table(
    actor: Actor,
    *,
    from_on: date,
    to_on: date,
    store_id: int | None = None,
    dealer_id: int | None = None,
) -> list[Cell]:
    """Count the window's complaints by category and department, the most frequent first."""
    count = fn.COUNT(SQL("*"))
    cells = Complaint.select(
        Complaint.category, Complaint.target_department, count, fn.MAX(Complaint.severity)
    ).where(Complaint.visible_to(actor), *received_between(from_on, to_on))
    if store_id is not None:
        cells = cells.where(Complaint.store == store_id)
    if dealer_id is not None:
        cells = cells.where(Complaint.dealer == dealer_id)
    cells = cells.group_by(Complaint.category, Complaint.target_department)
    rows: list[Any] = list(cells.tuples())
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    total, most = sum(row[2] for row in rows), max((row[2] for row in rows), default=1)
    return [
        Cell(category, department, n, n / total, severity, n / most)
        for category, department, n, severity in rows
    ]
