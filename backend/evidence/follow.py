"""What evidence owes when something was handed in: it follows the ledger and the jobs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import orjson

from backend.evidence import photos, places
from backend.platform import clock, jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry

ANALYSE_PHOTO = "analyse-photo"
PLACED = {"visit.checked_in", "visit.placed"}
MAY_COUNT = {"visit.placed", "visit.completed", "visit.cleared"}


def handle(entries: list[LedgerEntry]) -> None:
    """Judge places, owe readings of photos, and queue complete visits for audit."""
    at = clock.now()
    owed = []
    with_photos = photos.held_for([UUID(e.object_id) for e in entries if e.verb in MAY_COUNT])
    for entry in entries:
        if entry.verb == "photo.received":
            owed.append(f"{orjson.loads(entry.facts)['visit']}:{entry.object_id}")
        if entry.verb in PLACED:
            places.judge_place(UUID(entry.object_id), at=at)
        if entry.verb in MAY_COUNT and (visit_id := UUID(entry.object_id)) in with_photos:
            photos.settle(visit_id, at=at)
            # One that is being read right now saw the visit as it was before, so it is owed again.
            owed += [f"{visit_id}:{photo_id}" for photo_id in photos.unread(visit_id)]
    jobs.enqueue(ANALYSE_PHOTO, owed, at=at)


def analyse_photo(key: str) -> None:
    """Read the photo named by a job, `<visit id>:<photo id>`."""
    visit_id, photo_id = map(UUID, key.split(":"))
    photos.analyse(visit_id, photo_id, at=clock.now())


CONSUMER = Consumer("evidence", handle)
JOBS: dict[str, Callable[[str], None]] = {ANALYSE_PHOTO: analyse_photo}
