"""Closing: a visit without a report is closed when its day is over, until its report comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from backend.fieldwork import placing
from backend.fieldwork.models import Visit
from backend.platform import clock, jobs, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from backend.platform.settings import settings

CLOSE_JOB = "close-visits"


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a look at the open visits of each day that somebody checked in on."""
    wait = timedelta(hours=settings().auto_close_hours)
    latest: dict[str, datetime] = {}
    for entry in entries:
        if entry.verb == "visit.checked_in":
            day = orjson.loads(entry.facts).get("day")
            if day is None:  # written by an earlier release about an unknown store
                continue
            over = clock.instants_of(date.fromisoformat(day))[1]
            due = max(over, entry.at) + wait
            latest[day] = max(due, latest.get(day, due))
    for day, due in latest.items():
        jobs.enqueue(CLOSE_JOB, [day], at=due)


def close(day: date, *, at: datetime) -> int:
    """Close the visits of a day that are still open, and return how many.

    One whose check-in only just came is left: its report may be on the way.
    """
    wait = timedelta(hours=settings().auto_close_hours)
    if at < clock.instants_of(day)[1] + wait:
        return 0
    left_open: Any = Visit.select(Visit.id, Visit.person).where(
        Visit.business_on == day, Visit.status == placing.OPEN, Visit.received_at <= at - wait
    )
    closed = 0
    for visit_id, person_id in list(left_open.order_by(Visit.id).tuples()):
        with transaction(turn=placing.turn_of(person_id)):
            changed = (
                Visit.update(status=placing.UNREPORTED, auto_closed_at=at)
                .where(Visit.id == visit_id, Visit.status == placing.OPEN)
                .execute()
            )
            if changed:
                facts = placing.facts_of(Visit.get_by_id(visit_id))
                ledger.append(None, "visit.auto_closed", visit_id, at=at, **facts)
                closed += 1
    return closed


def _close_job(key: str) -> None:
    close(date.fromisoformat(key), at=clock.now())


CONSUMER = Consumer("closing", handle)
JOBS: dict[str, Callable[[str], None]] = {CLOSE_JOB: _close_job}
