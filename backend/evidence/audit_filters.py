"""Which photos of the queue somebody asks for, by anything of the visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, TypedDict, Unpack
from uuid import UUID

from peewee import SQL, Expression, fn

from backend.evidence import repeats
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.signal_models import VisitScore
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Region
from backend.platform.actors import Actor


class Filters(TypedDict, total=False):
    """What may be asked of a photo; None asks nothing. `to_on` is the day after the last."""

    region_id: int | None
    dealer_id: int | None
    store_id: int | None
    chain: str | None
    tier: str | None
    grade: str | None
    person_id: int | None
    kind: str | None
    from_on: date | None
    to_on: date | None
    place: str | None
    subject: str | None
    item: str | None
    is_repeat: bool | None
    quality_flag: str | None
    band: str | None
    plan_id: int | None


_OF_ROW: dict[str, Callable[[Any], Expression]] = {
    "plan_id": lambda plan_id: PhotoAudit.plan == plan_id,
    "from_on": lambda day: PhotoAudit.business_on >= day,
    "to_on": lambda day: PhotoAudit.business_on < day,
    # These name few visits, which an index finds faster than a walk through the queue.
    "store_id": lambda store_id: _of_few(Visit.store == store_id),
    "person_id": lambda person_id: _of_few(Visit.person == person_id),
    "place": lambda outcome: _of_visit(
        LocationReading.visit_id, LocationReading.outcome == outcome
    ),
    "band": lambda band: _of_visit(VisitScore.visit_id, VisitScore.band == band),
    "is_repeat": lambda is_repeat: _repeats() if is_repeat else ~_repeats(),
    # The text of a document is canonical: its keys in order, without spaces.
    "quality_flag": lambda flag: _exists(
        PhotoReading,
        _same(PhotoReading.visit_id, PhotoReading.photo_id),
        PhotoReading.quality.contains(f'"code":"{flag}","is_flagged":true'),
    ),
}
_OF_VISIT = {
    "dealer_id": Visit.dealer,
    "chain": Visit.chain,
    "tier": Visit.tier,
    "grade": Visit.grade,
    "kind": Visit.kind,
}
_OF_PHOTO = {"subject": Photo.subject, "item": Photo.item}


def in_scope(actor: Actor, region_id: int | None = None) -> Expression:
    """Return the condition for photos of the actor's regions, or those below one of them."""
    regions = Region.select(Region.id).where(Region.visible_to(actor))
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        regions = regions.where(Region.path.startswith(top.path if top else "-"))
    return PhotoAudit.region_id.in_(regions)


def counts() -> Any:
    """Return the condition for photos that are believed, on visits that count."""
    believed = _exists(Photo, _same(Photo.visit_id, Photo.id), Photo.quarantine_reason.is_null())
    return _of_visit(Visit.id, Visit.counts()) & believed


def matching(actor: Actor, **asked: Unpack[Filters]) -> Expression:
    """Return the condition for photos of the queue that the actor may see and asked for."""
    wanted: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    conditions: list[Any] = [in_scope(actor, wanted.get("region_id")), counts()]
    conditions += [_OF_ROW[name](wanted[name]) for name in _OF_ROW if name in wanted]
    of_visit = [column == wanted[name] for name, column in _OF_VISIT.items() if name in wanted]
    if of_visit:
        conditions.append(_of_visit(Visit.id, *of_visit))
    of_photo = [column == wanted[name] for name, column in _OF_PHOTO.items() if name in wanted]
    if of_photo:
        conditions.append(_exists(Photo, _same(Photo.visit_id, Photo.id), *of_photo))
    return reduce(and_, conditions)


def only(visit_id: UUID, photo_id: UUID) -> Expression:
    """Return the condition for one photo."""
    return (PhotoAudit.visit_id == visit_id) & (PhotoAudit.photo_id == photo_id)


def _of_few(condition: Any) -> Expression:
    found: Expression = PhotoAudit.visit_id.in_(Visit.select(Visit.id).where(condition))
    return found


def _of_visit(visit_id: Any, *conditions: Any) -> Any:
    """Return the condition for photos of whose visit there is such a row, known by its column."""
    return _exists(visit_id.model, visit_id == PhotoAudit.visit_id, *conditions)


def _repeats() -> Any:
    return _exists(PhotoMatch, _same(PhotoMatch.visit_id, PhotoMatch.photo_id), repeats.stands())


def _same(visit_id: Any, photo_id: Any) -> Expression:
    return (visit_id == PhotoAudit.visit_id) & (photo_id == PhotoAudit.photo_id)


def _exists(model: Any, *conditions: Any) -> Any:
    return fn.EXISTS(model.select(SQL("1")).where(*conditions))
