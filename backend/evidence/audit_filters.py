"""Which photos of the queue somebody asks for, by anything of the visit."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict, Unpack
from uuid import UUID

from peewee import SQL, Expression, fn

from backend.evidence import repeats
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch
from backend.fieldwork.models import Photo, Visit
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
    plan_id: int | None


_OF_VISIT = {
    "dealer_id": Visit.dealer,
    "chain": Visit.chain,
    "tier": Visit.tier,
    "grade": Visit.grade,
    "kind": Visit.kind,
}
_FEW = {"store_id": Visit.store, "person_id": Visit.person}
"""These name few visits, which an index finds faster than a walk through the queue."""
_OF_PHOTO = {"subject": Photo.subject, "item": Photo.item}


def in_scope(actor: Actor, region_id: int | None = None) -> Expression:
    """Return the condition for photos of the actor's regions, or those below one of them."""
    regions = Region.select(Region.id).where(Region.visible_to(actor))
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        regions = regions.where(Region.path.startswith(top.path if top else "-"))
    return PhotoAudit.region_id.in_(regions)


def counts() -> Expression:
    """Return the condition for photos that are believed, on visits that count."""
    return _exists(
        Visit.select(SQL("1"))
        .join(Photo, on=(Photo.visit_id == Visit.id))
        .where(
            Visit.id == PhotoAudit.visit_id,
            Visit.counts(),
            Photo.id == PhotoAudit.photo_id,
            Photo.quarantine_reason.is_null(),
        )
    )


def matching(actor: Actor, **asked: Unpack[Filters]) -> Expression:
    """Return the condition for photos of the queue that the actor may see and asked for."""
    wanted: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    condition = in_scope(actor, wanted.get("region_id")) & counts()
    if (plan_id := wanted.get("plan_id")) is not None:
        condition &= PhotoAudit.plan == plan_id
    if (from_on := wanted.get("from_on")) is not None:
        condition &= PhotoAudit.business_on >= from_on
    if (to_on := wanted.get("to_on")) is not None:
        condition &= PhotoAudit.business_on < to_on
    for name in sorted(_FEW.keys() & wanted):
        condition &= PhotoAudit.visit_id.in_(
            Visit.select(Visit.id).where(_FEW[name] == wanted[name])
        )
    of_visit = [_OF_VISIT[name] == wanted[name] for name in sorted(_OF_VISIT.keys() & wanted)]
    if of_visit:
        visits = Visit.select(SQL("1")).where(Visit.id == PhotoAudit.visit_id, *of_visit)
        condition &= _exists(visits)
    of_photo = [_OF_PHOTO[name] == wanted[name] for name in sorted(_OF_PHOTO.keys() & wanted)]
    if of_photo:
        photos = Photo.select(SQL("1")).where(_same(Photo.visit_id, Photo.id), *of_photo)
        condition &= _exists(photos)
    if (place := wanted.get("place")) is not None:
        places = LocationReading.select(SQL("1")).where(
            LocationReading.visit_id == PhotoAudit.visit_id, LocationReading.outcome == place
        )
        condition &= _exists(places)
    if (is_repeat := wanted.get("is_repeat")) is not None:
        matches = PhotoMatch.select(SQL("1")).where(
            _same(PhotoMatch.visit_id, PhotoMatch.photo_id), repeats.stands()
        )
        condition &= _exists(matches) if is_repeat else ~_exists(matches)
    return condition


def only(visit_id: UUID, photo_id: UUID) -> Expression:
    """Return the condition for one photo."""
    return (PhotoAudit.visit_id == visit_id) & (PhotoAudit.photo_id == photo_id)


def _same(visit_id: Any, photo_id: Any) -> Expression:
    return (visit_id == PhotoAudit.visit_id) & (photo_id == PhotoAudit.photo_id)


def _exists(query: Any) -> Any:
    return fn.EXISTS(query)
