"""What came before the check-in or report it belongs to, and is taken in when that arrives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.fieldwork import amendments, cancellations, pauses, placing


def place(visit_id: UUID, *, at: datetime) -> None:
    """Take in whatever waits for a visit that is here, in the transaction of what arrived."""
    visit = placing.visit_of(visit_id)
    if visit is not None:
        cancellations.place(visit, at=at)
        amendments.place(visit, at=at)
        pauses.place(visit)
