"""Suggestions: check-ins tell where a store is, or that its point was stored in a wrong datum.

They rest on check-ins of visits that count, with a usable fix. Nothing moves by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from peewee import ModelSelect

from backend.evidence.centres import geometric_median, middle, near_m
from backend.evidence.models import LocationReading, PointSuggestion
from backend.fieldwork import fixes, point_corrections
from backend.fieldwork.case_models import PointCorrection
from backend.fieldwork.fence import Outcome
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.positions import (
    Datum,
    Point,
    Position,
    metres_between,
    mismatch_suspected,
    wgs84,
)
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import NotFoundError, StaleError
from backend.platform.settings import settings
from backend.standards.service import CorrectionState, PointBasis

LATEST, FIRST, FEWEST_FIXES = 100, 10, 3
"""Check-ins that are looked at, those a first point is made of, and the fewest of these."""
FEWEST_FOR_DATUM, FEWEST_FOR_MOVE, FEWEST_PEOPLE = 3, 5, 2
WORTH_M = 50
"""A shorter move is within the noise of phones."""
DATUM_WITHIN_M, GATHERED_WITHIN_M = 60, 100
ELSEWHERE = 50
"""Latest check-ins of a person at other stores that tell whether the phone names its datum."""


class CheckIn(NamedTuple):
    """Who was where."""

    person_id: int
    point: Point


class Found(NamedTuple):
    """What check-ins say of a store: the position to store, and those that agree on it."""

    basis: PointBasis
    position: Position
    agreeing: list[CheckIn]


def list_suggestions(actor: Actor, *, is_datum: bool) -> ModelSelect[PointSuggestion]:
    """Return suggestions for stores in sight, those of most visits first.

    `is_datum` asks for stores whose datum is suspected, else for all others.
    """
    of_datum = PointSuggestion.basis == str(PointBasis.DATUM)
    found = PointSuggestion.select().where(
        PointSuggestion.visible_to(actor), of_datum if is_datum else ~of_datum
    )
    return found.order_by(PointSuggestion.visits.desc(), PointSuggestion.store)


def adopt(
    actor: Actor, store_id: int, *, version: int, note: str, content_sha256: str, at: datetime
) -> PointCorrection:
    """Make a suggestion a point correction, which is approved at once if the store moves little.

    Raises NotFoundError, StaleError, or what `point_corrections.adopt` raises.
    """
    with transaction():
        found = PointSuggestion.get_or_none(
            PointSuggestion.visible_to(actor), PointSuggestion.store == store_id
        )
        if found is None:
            raise NotFoundError(what="suggestion")
        if found.version != version:
            raise StaleError(version=found.version)
        return point_corrections.adopt(
            actor,
            store_id=store_id,
            position=Position(found.raw_lat, found.raw_lon, Datum(found.raw_crs)),
            from_point=found.from_point,
            accuracy_m=found.spread_m,
            basis=found.basis,
            note=note,
            content_sha256=content_sha256,
            at=at,
        )


def stores_off(visit_ids: Collection[UUID]) -> list[int]:
    """Return the stores that visits were to whose check-in was not near the store's point."""
    if not visit_ids:
        return []
    off: Any = (
        Visit.select(Visit.store)
        .join(LocationReading, on=LocationReading.visit_id == Visit.id)
        .where(
            Visit.id.in_(list(visit_ids)),
            Visit.store.is_null(False),
            (LocationReading.distance_m >= WORTH_M) | LocationReading.store_lat.is_null(),
        )
        .distinct()
        .tuples()
    )
    return [store_id for (store_id,) in off]


def suggest(store_id: int, *, at: datetime) -> None:
    """Weigh the check-ins at a store anew, and keep what they suggest, or that it is nothing."""
    with transaction():
        take_turns(f"suggestion:{store_id}")
        store = Store.get_by_id(store_id)
        found = _found(store)
        if found is None or _was_rejected(store_id, found):
            PointSuggestion.delete().where(PointSuggestion.store == store_id).execute()
            return
        _keep(store, found, at=at)


def _found(store: Store) -> Found | None:
    raw, point = store.position, store.point
    if raw is None or point is None:
        return _first_point(_check_ins(store.id, FIRST, is_latest=False))
    seen = _check_ins(store.id, LATEST)
    return _other_datum(store.id, raw, point, seen) or _other_place(store.id, point, seen)


def _first_point(seen: Sequence[CheckIn]) -> Found | None:
    if len(seen) < FEWEST_FIXES:
        return None
    point = middle([each.point for each in seen])
    return Found(PointBasis.FIRST_FIXES, Position(*point, Datum.WGS84), list(seen))


def _other_datum(
    store_id: int, raw: Position, point: Point, seen: Sequence[CheckIn]
) -> Found | None:
    """Read the stored point under each other datum, and see whether most check-ins are there."""
    for crs in (crs for crs in Datum if crs != raw.crs):
        position = Position(raw.lat, raw.lon, crs)
        there = wgs84(position)
        if near_m(point, there) < 2 * DATUM_WITHIN_M:  # where the two nearly agree
            continue
        agreeing = [each for each in seen if near_m(each.point, there) < DATUM_WITHIN_M]
        if len(agreeing) * 2 <= len(seen):
            continue
        agreeing = _believable(agreeing, store_id)
        if _are_enough(agreeing, FEWEST_FOR_DATUM):
            return Found(PointBasis.DATUM, position, agreeing)
    return None


def _other_place(store_id: int, point: Point, seen: Sequence[CheckIn]) -> Found | None:
    if len(seen) < FEWEST_FOR_MOVE:
        return None
    centre = geometric_median([each.point for each in seen])
    if near_m(point, centre) < WORTH_M:
        return None
    agreeing = [each for each in seen if near_m(each.point, centre) < GATHERED_WITHIN_M]
    if len(agreeing) * 2 <= len(seen):
        return None
    if mismatch_suspected(point, centre):
        agreeing = _believable(agreeing, store_id)
    if not _are_enough(agreeing, FEWEST_FOR_MOVE):
        return None
    return Found(PointBasis.CHECK_INS, Position(*centre, Datum.WGS84), agreeing)


def _check_ins(store_id: int, most: int, *, is_latest: bool = True) -> list[CheckIn]:
    """Return where visits that count began, as far as their fix is worth anything."""
    usable = Visit.accuracy_m.between(0, settings().usable_accuracy_m) & Visit.counts()
    visits = Visit.select(
        Visit.person,
        Visit.lat,
        Visit.lon,
        Visit.is_mock,
        Visit.fix_age_s,
        Visit.fix_facts,
    ).where(Visit.store == store_id, usable, Visit.points_coarsened_at.is_null())
    if is_latest:
        visits = visits.order_by(Visit.business_on.desc(), Visit.checked_in_at.desc(), Visit.id)
    else:
        visits = visits.order_by(Visit.business_on, Visit.checked_in_at, Visit.id)
    return [
        CheckIn(visit.person_id, visit.point)
        for visit in visits.limit(most)
        if visit.point is not None and not any(fixes.warnings(visit).values())
    ]


def _believable(agreeing: Sequence[CheckIn], store_id: int) -> list[CheckIn]:
    """Leave out people who lately were off by a datum at other stores more often than not.

    It is their phones that name a wrong one: they do not speak against this store.
    """
    faulty = set()
    for person_id in sorted({each.person_id for each in agreeing}):
        latest = (
            Visit.select(Visit.id)
            .where(Visit.person == person_id, Visit.store != store_id)
            .order_by(Visit.checked_in_at.desc())
            .limit(ELSEWHERE)
        )
        readings = list(
            LocationReading.select(LocationReading.outcome, LocationReading.flags).where(
                LocationReading.visit_id.in_(latest)
            )
        )
        off = sum("datum_mismatch_suspected" in reading.flags for reading in readings)
        if off > sum(reading.outcome == Outcome.INSIDE for reading in readings):
            faulty.add(person_id)
    return [each for each in agreeing if each.person_id not in faulty]


def _are_enough(agreeing: Sequence[CheckIn], fewest: int) -> bool:
    return len(agreeing) >= fewest and _people(agreeing) >= FEWEST_PEOPLE


def _people(seen: Sequence[CheckIn]) -> int:
    return len({each.person_id for each in seen})


def _was_rejected(store_id: int, found: Found) -> bool:
    """Return whether somebody has said no to about the same point before."""
    no = PointCorrection.select(PointCorrection.lat, PointCorrection.lon).where(
        PointCorrection.store == store_id,
        PointCorrection.state == str(CorrectionState.REJECTED),
        PointCorrection.basis != str(PointBasis.PHOTO),
    )
    there = wgs84(found.position)
    return any(near_m(Point(row.lat, row.lon), there) < WORTH_M for row in no)


def _keep(store: Store, found: Found, *, at: datetime) -> None:
    before, there = store.point, wgs84(found.position)
    row: dict[str, Any] = {
        "basis": str(found.basis),
        "raw_lat": found.position.lat,
        "raw_lon": found.position.lon,
        "raw_crs": str(found.position.crs),
        "lat": there.lat,
        "lon": there.lon,
        "from_lat": before and before.lat,
        "from_lon": before and before.lon,
        "moved_m": round(metres_between(before, there)) if before else None,
        "spread_m": round(median(near_m(each.point, there) for each in found.agreeing)),
        "visits": len(found.agreeing),
        "people": _people(found.agreeing),
    }
    known = PointSuggestion.get_or_none(PointSuggestion.store == store.id)
    if known is None:
        insert_rows(PointSuggestion, [row | {"store": store.id, "suggested_at": at, "version": 1}])
    elif row != {name: getattr(known, name) for name in row}:
        row |= {"suggested_at": at, "version": known.version + 1}
        PointSuggestion.update(**row).where(PointSuggestion.store == store.id).execute()
