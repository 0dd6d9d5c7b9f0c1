"""What is known of visits when they are scored: all that was handed in of them, and around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any
from uuid import UUID

import orjson
from peewee import JOIN

from backend.evidence import repeats
from backend.evidence.models import PhotoMatch, PhotoReading
from backend.evidence.signal_models import VisitScore
from backend.fieldwork import fixes
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Store
from backend.network.positions import Point
from backend.platform.database import canonical
from backend.standards.codes import VisitStatus

AROUND = timedelta(days=3)
"""How far before and after a visit others of its person are looked at."""
NOT_ANSWERS = {"line", "note", "text"}


@dataclass(slots=True, eq=False)
class Stop:
    """A visit as one of the stops of its person's days; `left` is where it was left, if told."""

    visit_id: UUID
    person_id: int
    store_id: int | None
    door: Point | None
    is_complete: bool
    came_at: datetime
    left_at: datetime | None
    seen: Point | None
    accuracy_m: float
    raw: tuple[float, float] | None
    is_exact: bool
    is_time_known: bool
    is_scored: bool
    codes: list[str]
    answers_sha256: str | None
    left: Point | None = None


@dataclass(slots=True, eq=False)
class HandedIn:
    """One visit with everything that signals are read from; stops in the order they were made."""

    visit: Visit
    stop: Stop
    stops: list[Stop]
    report: Report | None = None
    document: dict[str, Any] = field(default_factory=dict)
    photos: list[dict[str, Any]] = field(default_factory=list)
    matches: list[tuple[UUID, UUID]] = field(default_factory=list)
    on_device: list[tuple[UUID, int, bool]] = field(default_factory=list)

    @property
    def fixes(self) -> list[dict[str, Any]]:
        """The positions it gave, at check-in and check-out, with what platforms say of them."""
        visit, left = self.visit, self.document.get("check_out", {}).get("position")
        seen = (visit.fix_facts or {}) | {
            "is_mock": visit.is_mock,
            "samples": visit.fix_samples or [],
        }
        return [seen, left] if left else [seen]


def gather(visit_ids: Collection[UUID]) -> list[HandedIn]:
    """Return what is known of visits, in as many queries for many as for one.

    Those that nobody checked in for are left out.
    """
    visits = list(Visit.select().where(Visit.id.in_(list(visit_ids))).order_by(Visit.id))
    if not visits:
        return []
    stops = _stops_around(visits)
    found = []
    for visit in visits:
        near = [stop for stop in stops[visit.person_id] if _is_near(stop, visit)]
        own = next(stop for stop in near if stop.visit_id == visit.id)
        found.append(HandedIn(visit, own, near))
    _add_reports(found)
    complete = [one for one in found if one.stop.is_complete]
    _add_photos(complete)
    _add_matches(complete)
    _add_devices(found)
    return found


def _is_near(stop: Stop, visit: Visit) -> bool:
    return abs(stop.came_at - visit.checked_in_at) <= AROUND


def _stops_around(visits: list[Visit]) -> dict[int, list[Stop]]:
    times: defaultdict[int, list[datetime]] = defaultdict(list)
    for visit in visits:
        times[visit.person_id].append(visit.checked_in_at)
    spans = [
        (Visit.person == person_id) & Visit.checked_in_at.between(begins, ends)
        for person_id, moments in times.items()
        for begins, ends in _joined(moments)
    ]
    rows: Any = (
        Visit.select(
            Visit.id,
            Visit.person,
            Visit.store,
            Visit.status,
            Visit.checked_in_at,
            Visit.checked_out_at,
            Visit.received_at,
            Visit.is_clock_suspect,
            Visit.lat,
            Visit.lon,
            Visit.accuracy_m,
            Visit.raw_lat,
            Visit.raw_lon,
            Visit.points_coarsened_at,
            Store.lat,
            Store.lon,
            VisitScore.score,
            VisitScore.codes,
            VisitScore.answers_sha256,
        )
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Visit, VisitScore, JOIN.LEFT_OUTER, on=VisitScore.visit_id == Visit.id)
        .where(reduce(or_, spans))
        .order_by(Visit.checked_in_at, Visit.id)
        .tuples()
    )
    stops: defaultdict[int, list[Stop]] = defaultdict(list)
    for row in rows.iterator():
        stop = _stop(*row)
        stops[stop.person_id].append(stop)
    return stops


def _joined(moments: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the times around some moments, those that overlap as one."""
    spans: list[tuple[datetime, datetime]] = []
    for moment in sorted(moments):
        begins, ends = moment - AROUND, moment + AROUND
        if spans and begins <= spans[-1][1]:
            spans[-1] = spans[-1][0], ends
        else:
            spans.append((begins, ends))
    return spans


def _stop(  # noqa: PLR0917  # the columns of a row
    visit_id: UUID,
    person_id: int,
    store_id: int | None,
    status: str,
    came_at: datetime,
    left_at: datetime | None,
    received_at: datetime,
    is_suspect: bool,  # noqa: FBT001
    lat: float | None,
    lon: float | None,
    accuracy_m: float | None,
    raw_lat: float | None,
    raw_lon: float | None,
    coarsened_at: datetime | None,
    store_lat: float | None,
    store_lon: float | None,
    score: int | None,
    codes: list[str] | None,
    answers_sha256: str | None,
) -> Stop:
    if coarsened_at is not None:  # rounded points are no places
        lat = lon = raw_lat = raw_lon = None
    return Stop(
        visit_id=visit_id,
        person_id=person_id,
        store_id=store_id,
        door=_point(store_lat, store_lon),
        is_complete=status == VisitStatus.COMPLETE,
        came_at=came_at,
        left_at=left_at,
        seen=_point(lat, lon),
        accuracy_m=accuracy_m or 0,
        raw=None if raw_lat is None or raw_lon is None else (raw_lat, raw_lon),
        # A clock that cannot be believed leaves only the time of arrival, which proves nothing.
        is_exact=coarsened_at is None,
        is_time_known=not (is_suspect and came_at == received_at),
        is_scored=score is not None,
        codes=codes or [],
        answers_sha256=answers_sha256,
    )


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)


def _add_reports(found: list[HandedIn]) -> None:
    """Put reports on visits, and on stops beside them the place where each was left."""
    wanted: dict[UUID, list[Stop]] = defaultdict(list)
    for one in found:
        for stop in (one.stop, *beside(one)):
            wanted[stop.visit_id].append(stop)
    reports = {
        report.visit_id: report
        for report in Report.select(
            Report.visit_id,
            Report.received_at,
            Report.device_at,
            Report.document,
            Report.missing,
            Report.lines_checked,
        ).where(Report.visit_id.in_(list(wanted)))
    }
    documents = {key: orjson.loads(report.document) for key, report in reports.items()}
    for visit_id, stops in wanted.items():
        said = documents.get(visit_id, {}).get("check_out", {}).get("position")
        sheet = fixes.columns_of(said)
        for stop in stops:
            if "lat" in sheet and stop.is_exact and stop.left_at != reports[visit_id].received_at:
                stop.left = Point(sheet["lat"], sheet["lon"])
    for one in found:
        if one.visit.id in documents:
            one.report, one.document = reports[one.visit.id], documents[one.visit.id]
        one.stop.answers_sha256 = _fingerprint(one.document) if one.stop.is_complete else None


def beside(one: HandedIn) -> list[Stop]:
    """Return the stops just before and just after a visit whose place and time are known."""
    known = [stop for stop in one.stops if stop is one.stop or (stop.seen and stop.is_time_known)]
    place = known.index(one.stop)
    return known[max(place - 1, 0) : place] + known[place + 1 : place + 2]


def _fingerprint(document: dict[str, Any]) -> str | None:
    """Return the SHA-256 over what a checklist's lines were answered, without words."""
    answers = sorted(document.get("answers", ()), key=lambda answer: answer["line"])
    said = [
        [answer["line"], {key: answer[key] for key in answer if key not in NOT_ANSWERS}]
        for answer in answers
    ]
    return sha256(canonical(said).encode()).hexdigest() if said else None


def _add_photos(found: Iterable[HandedIn]) -> None:
    of = {one.visit.id: one for one in found}
    rows: Any = (
        Photo.select(
            Photo.visit_id,
            Photo.id,
            Photo.captured_at,
            Photo.capture_source,
            PhotoReading.taken_at,
            PhotoReading.lat,
            PhotoReading.lon,
            PhotoReading.recapture_score,
        )
        .join(
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=(PhotoReading.visit_id == Photo.visit_id) & (PhotoReading.photo_id == Photo.id),
        )
        .where(Photo.visit_id.in_(list(of)), Photo.is_declared)
        .order_by(Photo.visit_id, Photo.id)
        .dicts()
    )
    for row in rows:
        of[row["visit_id"]].photos.append(row)


def _add_matches(found: Iterable[HandedIn]) -> None:
    of = {one.visit.id: one for one in found}
    pairs: Any = (
        PhotoMatch.select(PhotoMatch.visit_id, PhotoMatch.photo_id, PhotoMatch.earlier_visit_id)
        .where(
            PhotoMatch.visit_id.in_(list(of)),
            PhotoMatch.earlier_visit_id != PhotoMatch.visit_id,
            repeats.stands(),
        )
        .order_by(PhotoMatch.photo_id, PhotoMatch.earlier_visit_id)
        .distinct()
        .tuples()
    )
    for visit_id, photo_id, earlier_visit_id in pairs:
        of[visit_id].matches.append((photo_id, earlier_visit_id))


def _add_devices(found: Iterable[HandedIn]) -> None:
    """Put on visits who else checked in with the same device on the day."""
    of: defaultdict[tuple[str, Any], list[HandedIn]] = defaultdict(list)
    for one in found:
        if one.visit.device_id is not None:
            of[one.visit.device_id, one.visit.business_on].append(one)
    if not of:
        return
    days = [(Visit.device_id == device) & (Visit.business_on == day) for device, day in of]
    rows: Any = (
        Visit.select(Visit.device_id, Visit.business_on, Visit.id, Visit.person, VisitScore.codes)
        .join(VisitScore, JOIN.LEFT_OUTER, on=VisitScore.visit_id == Visit.id)
        .where(reduce(or_, days))
        .order_by(Visit.checked_in_at, Visit.id)
        .tuples()
    )
    for device, day, visit_id, person_id, codes in rows:
        for one in of[device, day]:
            is_to_know = codes is not None and "device_shared" not in codes
            one.on_device.append((visit_id, person_id, is_to_know))
