"""What evidence owes when something was handed in: it follows the ledger and the jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

import orjson

from backend.evidence import photos, places, points, queueing, suggestions
from backend.platform import clock, jobs
from backend.platform.consumers import Consumer
from backend.platform.models import LedgerEntry
from backend.standards.service import JudgedFor

ANALYSE_PHOTO = "analyse-photo"
JUDGE_PLACE = "judge-place"
SUGGEST_POINT = "suggest-point"
PLACED = {"visit.checked_in": JudgedFor.CHECKED_IN, "visit.placed": JudgedFor.PLACED}
TOLD_LATER = {"visit.reported", "visit.amended", "visit.cancelled"}
MAY_COUNT = {"visit.placed", "visit.completed", "visit.cleared", "visit.amended"}


def handle(entries: list[LedgerEntry]) -> None:
    """Judge places, owe readings of photos, and queue complete visits for audit.

    Where a store's point moved, the places of all its visits are owed another judgement. Where
    visits that count were not near their store's point, it is owed a look at what they suggest.
    Photos of which more is known by now are drawn for audit again.
    """
    at = clock.now()
    owed: list[str] = []
    moved: list[str] = []
    asked: set[str] = set()  # stores
    placed: defaultdict[JudgedFor, list[UUID]] = defaultdict(list)
    with_photos = photos.held_for([UUID(e.object_id) for e in entries if e.verb in MAY_COUNT])
    for entry in entries:
        if entry.verb == "photo.received":
            owed.append(f"{orjson.loads(entry.facts)['visit']}:{entry.object_id}")
        if entry.verb == "photo.released":
            photos.settle(UUID(orjson.loads(entry.facts)["visit"]), at=at)
        if (why := PLACED.get(entry.verb)) is not None:
            placed[why].append(UUID(entry.object_id))
        if entry.verb == "store.amended" and "position" in orjson.loads(entry.facts)["fields"]:
            moved += map(str, places.visits_to(int(entry.object_id)))
            asked.add(entry.object_id)
        if entry.verb == "point_correction.rejected":
            asked.add(str(orjson.loads(entry.facts)["store"]))
        if entry.verb in MAY_COUNT and (visit_id := UUID(entry.object_id)) in with_photos:
            photos.settle(visit_id, at=at)
            # One that is being read right now saw the visit as it was before, so it is owed again.
            owed += [f"{visit_id}:{photo_id}" for photo_id in photos.unread(visit_id)]
    read = [UUID(orjson.loads(e.facts)["visit"]) for e in entries if e.verb == "photo.analysed"]
    late = [UUID(e.object_id) for e in entries if e.verb in TOLD_LATER]
    points.coarsen_late([*late, *read], at=at)
    scored = [UUID(e.object_id) for e in entries if e.verb == "visit.scored"]
    queueing.draw_again({*read, *scored}, at=at)
    for why, visit_ids in placed.items():
        places.judge_places(visit_ids, at=at, why=why)
    may_count = [UUID(entry.object_id) for entry in entries if entry.verb in MAY_COUNT]
    asked.update(map(str, suggestions.stores_off(may_count)))
    jobs.enqueue(ANALYSE_PHOTO, owed, at=at)
    jobs.enqueue(JUDGE_PLACE, moved, at=at)
    jobs.enqueue(SUGGEST_POINT, sorted(asked), at=at)


def analyse_photo(key: str) -> None:
    """Read the photo named by a job, `<visit id>:<photo id>`."""
    visit_id, photo_id = map(UUID, key.split(":"))
    photos.analyse(visit_id, photo_id, at=clock.now())


def judge_places_again(keys: list[str]) -> None:
    """Judge the places of the visits named by jobs against the stores' points of now."""
    places.judge_places([UUID(key) for key in keys], at=clock.now(), why=JudgedFor.STORE_MOVED)


def suggest_point(key: str) -> None:
    """Weigh what check-ins say of where the store named by a job is."""
    suggestions.suggest(int(key), at=clock.now())


CONSUMER = Consumer("evidence", handle)
JOBS: dict[str, Callable[[str], None]] = {
    ANALYSE_PHOTO: analyse_photo,
    SUGGEST_POINT: suggest_point,
}
BATCHES: dict[str, Callable[[list[str]], None]] = {JUDGE_PLACE: judge_places_again}
