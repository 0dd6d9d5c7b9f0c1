"""Which scores are owed when something was handed in: it follows the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from backend.evidence import scores
from backend.fieldwork.models import Visit
from backend.platform import clock, jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry
from backend.standards.codes import VisitStatus

SCORE, SCORE_AGAIN = "score-visit", "score-visit-again"
MOVED = {
    "visit.checked_in",
    "visit.placed",
    "visit.judged",
    "visit.completed",
    "visit.amended",
    "visit.cancelled",
}
"""What may also concern the visits around it."""
TOUCHED = {"visit.paused", "visit.located"}


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a score of each visit the entries are about; what is not complete waits until it is."""
    at = clock.now()
    moved = {entry.object_id for entry in entries if entry.verb in MOVED}
    touched = {entry.object_id for entry in entries if entry.verb in TOUCHED}
    touched |= {_visit_of(entry) for entry in entries if _is_of_a_photo(entry)}
    jobs.enqueue(SCORE, list(moved), at=at)
    jobs.enqueue(SCORE_AGAIN, _complete(touched - moved), at=at)


def score(keys: list[str]) -> None:
    """Score the visits named by jobs, and owe those around them that it concerns."""
    at = clock.now()
    concerned = scores.weigh([UUID(key) for key in keys], at=at)
    jobs.enqueue(SCORE_AGAIN, [str(visit_id) for visit_id in concerned], at=at)


def score_again(keys: list[str]) -> None:
    """Score the visits named by jobs."""
    scores.weigh([UUID(key) for key in keys], at=clock.now())


def _is_of_a_photo(entry: LedgerEntry) -> bool:
    """Return whether a photo was looked at, or what it repeats was decided."""
    return entry.verb == "photo.analysed" or entry.object == "photo_match"


def _visit_of(entry: LedgerEntry) -> str:
    visit_id: Any = orjson.loads(entry.facts)["visit"]
    return str(visit_id)


def _complete(visit_ids: set[str]) -> list[str]:
    """Return which visits are complete; others are owed a score when they are, or are already."""
    if not visit_ids:
        return []
    complete = Visit.select(Visit.id).where(
        Visit.id.in_([UUID(visit_id) for visit_id in visit_ids]),
        Visit.status == VisitStatus.COMPLETE,
    )
    ids = {str(visit.id) for visit in complete}
    return sorted(ids - jobs.waiting(SCORE, list(ids)))


CONSUMER = Consumer("signals", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {SCORE: score, SCORE_AGAIN: score_again}
