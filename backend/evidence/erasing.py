"""What may be kept no longer, class by class: some rows at a time, oldest first.

Each function takes up where a cursor says. It changes nothing when it is only to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression, Tuple, fn

from backend.evidence import custody, holds, points
from backend.evidence.models import LocationReading, PhotoReading
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network import contacts
from backend.network.archive_models import Contact
from backend.network.models import Dealer, Store
from backend.platform import clock, ledger
from backend.platform.settings import settings

SIZE = 200
OFF_HOURS_DAYS = 3  # in which a report may still be amended, and the place be judged
COPIES_ERASED = "photo.copies_erased"
Cursor = list[Any]


@dataclass(slots=True)
class Chunk:
    """What came of some rows: `cursor` is where to go on, None at the end; `blobs` may go."""

    done: int = 0
    held: Counter[str] = field(default_factory=Counter)
    oldest_kept_at: datetime | None = None
    cursor: Cursor | None = None
    blobs: list[str | None] = field(default_factory=list)

    def keep(self, since: datetime, why: str) -> None:
        """Count a row that is held back."""
        self.held[why] += 1
        if self.oldest_kept_at is None or since < self.oldest_kept_at:
            self.oldest_kept_at = since


@dataclass(frozen=True, slots=True)
class Look:
    """How to go through a class: since when rows are due, from where, and whether to act."""

    at: datetime
    due_before: datetime
    cursor: Cursor | None
    is_dry: bool


def exact_points(look: Look) -> Chunk:
    """Round the positions of visits whose day is long past, and of earlier ones off hours.

    What nobody checked in for comes last; its positions are removed.
    """
    if look.cursor is not None and look.cursor[0] == "unplaced":
        return _unplaced_points(look)
    is_off_hours = look.cursor is not None and look.cursor[0] == "off_hours"
    due_on = clock.business_date(look.due_before)
    lower = look.cursor and look.cursor[1]
    if is_off_hours:
        last_on = clock.business_date(look.at) - timedelta(days=OFF_HOURS_DAYS)
        due = Visit.is_off_hours & Visit.business_on.between(due_on, last_on)
    else:
        due = Visit.business_on < due_on
    if lower:
        day, visit_id = date.fromisoformat(lower[0]), UUID(lower[1])
        due &= _after((Visit.business_on, Visit.id), (day, visit_id))
    visits: Any = list(
        Visit.select(Visit, LocationReading.visit_id.alias("judged_id"))
        .join(LocationReading, JOIN.LEFT_OUTER, on=LocationReading.visit_id == Visit.id)
        .where(Visit.points_coarsened_at.is_null(), due)
        .order_by(Visit.business_on, Visit.id)
        .limit(SIZE)
        .objects()
    )
    chunk = Chunk()
    judged = []
    for visit in visits:
        if visit.judged_id is None:
            chunk.keep(visit.checked_in_at, "not_judged")
        else:
            judged.append(visit)
    chunk.done = len(judged)
    if not look.is_dry:
        points.coarsen(judged, at=look.at)
    if len(visits) == SIZE:
        last = visits[-1]
        place = [last.business_on.isoformat(), str(last.id)]
        chunk.cursor = ["off_hours" if is_off_hours else "old", place]
    else:
        chunk.cursor = ["unplaced" if is_off_hours else "off_hours", None]
    return chunk


def _unplaced_points(look: Look) -> Chunk:
    lower = look.cursor and look.cursor[1]
    after = UUID(lower) if lower else None
    ids = points.unplaced(before=look.due_before, after=after, limit=SIZE)
    if not look.is_dry:
        points.remove(ids)
    cursor = ["unplaced", str(ids[-1])] if len(ids) == SIZE else None
    return Chunk(done=len(ids), cursor=cursor)


def originals(look: Look) -> Chunk:
    """Erase the originals of photos, unless somebody has still to decide about them."""
    photos = list(
        Photo.select()
        .where(
            Photo.original_erased_at.is_null(),
            Photo.sha256.is_null(False),
            Photo.received_at < look.due_before,
            _photos_after(Photo.received_at, Photo.visit_id, Photo.id, look.cursor),
        )
        .order_by(Photo.received_at, Photo.visit_id, Photo.id)
        .limit(SIZE)
    )
    chunk = Chunk()
    for photo in _free(photos, chunk):
        chunk.done += 1
        if not look.is_dry:
            mine = (Photo.visit_id == photo.visit_id) & (Photo.id == photo.id)
            Photo.update(original_erased_at=look.at).where(mine).execute()
            facts: dict[str, Any] = {"visit": str(photo.visit_id), "sha256": photo.sha256}
            ledger.append(None, custody.ERASED, photo.id, at=look.at, **facts)
            chunk.blobs.append(photo.sha256)
    if len(photos) == SIZE:
        last = photos[-1]
        chunk.cursor = [last.received_at.isoformat(), str(last.visit_id), str(last.id)]
    return chunk


def copies(look: Look) -> Chunk:
    """Erase what is shown of photos, unless somebody has still to decide about them."""
    readings = list(
        PhotoReading.select()
        .where(
            PhotoReading.display_sha256.is_null(False),
            PhotoReading.received_at < look.due_before,
            _photos_after(
                PhotoReading.received_at, PhotoReading.visit_id, PhotoReading.photo_id, look.cursor
            ),
        )
        .order_by(PhotoReading.received_at, PhotoReading.visit_id, PhotoReading.photo_id)
        .limit(SIZE)
    )
    chunk = Chunk()
    by_id = {reading.photo_id: reading for reading in readings}
    for photo in _free(list(Photo.select().where(Photo.id.in_(list(by_id)))), chunk):
        chunk.done += 1
        if not look.is_dry:
            reading = by_id[photo.id]
            chunk.blobs += [reading.display_sha256, reading.thumbnail_sha256]
            mine = (PhotoReading.visit_id == photo.visit_id) & (PhotoReading.photo_id == photo.id)
            PhotoReading.update(display_sha256=None, thumbnail_sha256=None).where(mine).execute()
            ledger.append(None, COPIES_ERASED, photo.id, at=look.at, visit=str(photo.visit_id))
    if len(readings) == SIZE:
        last = readings[-1]
        chunk.cursor = [last.received_at.isoformat(), str(last.visit_id), str(last.photo_id)]
    return chunk


def former_contacts(look: Look) -> Chunk:
    """Erase the contacts who left, or whose store or dealer closed, long ago."""
    gone_on = fn.COALESCE(Contact.left_on, Store.closed_on, Dealer.closed_on)
    due = (
        Contact.select(Contact.id)
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Contact, Dealer, JOIN.LEFT_OUTER)
        .where(Contact.erased_at.is_null(), gone_on < clock.business_date(look.due_before))
        .order_by(Contact.id)
        .limit(SIZE)
    )
    if look.cursor:
        due = due.where(Contact.id > UUID(look.cursor[0]))
    ids = [contact.id for contact in due]
    if not look.is_dry:
        for contact_id in ids:
            contacts.forget(None, contact_id, at=look.at)
    return Chunk(done=len(ids), cursor=[str(ids[-1])] if len(ids) == SIZE else None)


def is_named(sha256: str) -> bool:
    """Return whether a row says that a blob is held."""
    of_photo = (Photo.sha256 == sha256) & Photo.original_erased_at.is_null()
    if Photo.select().where(of_photo).exists():
        return True
    shown = (PhotoReading.display_sha256 == sha256) | (PhotoReading.thumbnail_sha256 == sha256)
    return PhotoReading.select().where(shown).exists()


def _free(photos: Sequence[Photo], chunk: Chunk) -> list[Photo]:
    """Return the photos nothing holds; count the others."""
    held = holds.on(photos)
    for photo in photos:
        if photo.id in held:
            chunk.keep(photo.received_at, held[photo.id])
    return [photo for photo in photos if photo.id not in held]


def _photos_after(at: Any, visit_id: Any, photo_id: Any, cursor: Cursor | None) -> Any:
    if cursor is None:
        return True
    since = datetime.fromisoformat(cursor[0]), UUID(cursor[1]), UUID(cursor[2])
    return _after((at, visit_id, photo_id), since)


def _after(columns: tuple[Any, ...], values: tuple[Any, ...]) -> Expression:
    """Return the condition for rows that come later in the order of some columns."""
    stored = (column.db_value(value) for column, value in zip(columns, values, strict=True))
    later: Expression = Tuple(*columns) > Tuple(*stored)
    return later


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of data: the setting that says how many days it is kept, and what ends then."""

    setting: str
    erase: Callable[[Look], Chunk]
    oldest: Callable[[datetime], datetime | None]

    @property
    def days(self) -> int:
        """How many days it is kept."""
        days: int = getattr(settings(), self.setting)
        return days


def _oldest(column: Any, *conditions: Any) -> Callable[[datetime], datetime | None]:
    """Return what finds the oldest row that is not due."""

    def find(due_before: datetime) -> datetime | None:
        row = column.model.select(column).where(*conditions, column >= due_before)
        found: datetime | None = row.order_by(column).limit(1).scalar()
        return found

    return find


KINDS = {
    "points": Kind(
        "exact_point_days",
        exact_points,
        _oldest(Visit.checked_in_at, Visit.points_coarsened_at.is_null()),
    ),
    "originals": Kind(
        "original_days",
        originals,
        _oldest(Photo.received_at, Photo.original_erased_at.is_null()),
    ),
    "copies": Kind(
        "derivative_days",
        copies,
        _oldest(PhotoReading.received_at, PhotoReading.display_sha256.is_null(False)),
    ),
    "contacts": Kind(
        "former_contact_days",
        former_contacts,
        _oldest(Contact.created_at, Contact.erased_at.is_null()),
    ),
}
