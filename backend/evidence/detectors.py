"""Detectors: one function per signal, from what was handed in to a hit or nothing.

Each takes a visit and the limits of its rule, and looks at rows already read: no queries here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from backend.evidence.handed_in import HandedIn, Stop, beside
from backend.evidence.signals import Signal
from backend.network.positions import Point, metres_between
from backend.standards.codes import CaptureSource, VisitOutcome

Limits = dict[str, float]
SAME_DEGREES = 1e-6
SLACK = 1e-9  # of numbers that were written as decimals
NOT_TRUSTED = 4
METRES_PER_DEGREE = 111_000


class Hit(NamedTuple):
    """That a rule applies: the value held against its threshold, and what it rests on."""

    value: float | None
    evidence: dict[str, Any]


class _Moment(NamedTuple):
    stop: Stop
    at: datetime
    point: Point


def frozen_fix(one: HandedIn, limits: Limits) -> Hit | None:
    """Find the longest row of identical fixes in the visit that lasts long enough."""
    samples = [sample for fix in one.fixes for sample in fix.get("samples") or ()]
    samples.sort(key=_when)
    longest, seconds = 0, 0.0
    row: list[dict[str, Any]] = []
    for sample in samples:
        row = [*row, sample] if row and _is_same(_raw(row[0]), _raw(sample)) else [sample]
        lasts_s = (_when(sample) - _when(row[0])).total_seconds()
        if lasts_s >= limits["seconds"] and len(row) > longest:
            longest, seconds = len(row), lasts_s
    return _many(longest, limits["fixes"], seconds=round(seconds))


def repeated_fix(one: HandedIn, limits: Limits) -> Hit | None:
    """Find earlier check-ins at other stores whose very fix the visit's check-in gives again."""
    earlier = [stop for stop in _of_same_fix(one, limits) if stop.came_at < one.stop.came_at]
    return _many(len(earlier), limits["visits"], visits=_ids(earlier))


def repeats_of(one: HandedIn, limits: Limits) -> list[Stop]:
    """Return the later check-ins at other stores that give the visit's very fix again."""
    return [stop for stop in _of_same_fix(one, limits) if stop.came_at > one.stop.came_at]


def mock_flag(one: HandedIn, limits: Limits) -> Hit | None:
    """Find what platforms say of positions that were made up."""
    flags = {name for fix in one.fixes for name in ("is_mock", "is_simulated") if fix.get(name)}
    if any(fix.get("trusted_level") == NOT_TRUSTED for fix in one.fixes):
        flags.add("trusted_level")
    return _many(len(flags), limits["flags"], flags=sorted(flags))


def impossible_speed(one: HandedIn, limits: Limits) -> Hit | None:
    """Find the fastest way to, from or within the visit, between places that are known."""
    moments = sorted(_moments(one), key=lambda moment: moment.at)
    worst = Hit(0.0, {})
    for a, b in itertools.pairwise(moments):
        if one.stop is not a.stop and one.stop is not b.stop:
            continue
        metres = metres_between(a.point, b.point) - a.stop.accuracy_m - b.stop.accuracy_m
        seconds = max((b.at - a.at).total_seconds(), 1.0)
        km_per_h = metres / seconds * 3.6
        if metres >= limits["metres"] and km_per_h > (worst.value or 0):
            others = [stop for stop in (a.stop, b.stop) if stop is not one.stop]
            evidence = {"metres": round(metres), "seconds": round(seconds), "visits": _ids(others)}
            worst = Hit(round(km_per_h, 1), evidence)
    return worst if (worst.value or 0) > limits["km_per_h"] else None


def same_point_many_stores(one: HandedIn, limits: Limits) -> Hit | None:
    """Count stores far from each other that were checked in at from the visit's point."""
    if one.stop.door is None:
        return None
    doors, others = [one.stop.door], at_same_point(one, limits)
    for stop in others:
        if stop.door is not None and all(
            metres_between(stop.door, door) >= limits["apart_m"] for door in doors
        ):
            doors.append(stop.door)
    return _many(len(doors), limits["stores"], visits=_ids(others))


def at_same_point(one: HandedIn, limits: Limits) -> list[Stop]:
    """Return the other stops, in time, that were made from the visit's point at other stores."""
    within, seen = timedelta(hours=limits["hours"]), one.stop.seen
    return [
        stop
        for stop in one.stops
        if seen is not None
        and stop.seen is not None
        and stop.store_id != one.stop.store_id
        and abs(stop.came_at - one.stop.came_at) <= within
        and abs(stop.seen.lat - seen.lat) * METRES_PER_DEGREE <= limits["metres"]
        and metres_between(stop.seen, seen) <= limits["metres"]
    ]


def short_visit(one: HandedIn, limits: Limits) -> Hit | None:
    """Measure the time in the store, where the whole checklist is answered."""
    report, visit = one.report, one.visit
    if report is None or visit.checked_out_at is None or visit.outcome != VisitOutcome.DONE:
        return None
    unanswered = [need for need in report.missing or () if need["what"] == "answer"]
    if unanswered or not report.lines_checked:
        return None
    stayed_s = (visit.checked_out_at - visit.checked_in_at).total_seconds()
    worked_s = round(stayed_s) - (visit.paused_s or 0)
    return Hit(worked_s, {}) if worked_s < limits["seconds"] else None


def uniform_answers(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the different stores in the row of visits around this one with the same answers."""
    if len(one.document.get("answers", ())) < limits["lines"]:
        return None
    answered = [stop for stop in one.stops if stop.answers_sha256 is not None]
    if one.stop not in answered:
        return None
    place, most = answered.index(one.stop), int(limits["visits"]) - 1
    row = [one.stop]
    for side in (answered[max(place - most, 0) : place][::-1], answered[place + 1 :][:most]):
        for stop in side:
            if stop.answers_sha256 != one.stop.answers_sha256:
                break
            row.append(stop)
    stores = len({stop.store_id for stop in row})
    return _many(stores, limits["visits"], visits=_ids(row[1:]))


def photo_reuse(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the photos that repeat one of another visit."""
    photos = sorted({str(photo_id) for photo_id, _ in one.matches})
    visits = sorted({str(visit_id) for _, visit_id in one.matches})
    return _many(len(photos), limits["photos"], photos=photos, visits=visits)


def photo_of_photo(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the photos in which a fine pattern repeats as plainly as a screen's."""
    depths = ((photo, photo["recapture_score"]) for photo in one.photos)
    screens = [photo for photo, depth in depths if depth is not None and depth >= limits["depth"]]
    return _many(len(screens), limits["photos"], photos=_photos(screens))


def exif_mismatch(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the photos whose own time or place is far from what was declared."""
    late, far = timedelta(minutes=limits["minutes"]), limits["metres"]
    photos, minutes, metres = [], 0.0, 0.0
    for photo in one.photos:
        off = timedelta(0)
        if photo["taken_at"] is not None and photo["captured_at"] is not None:
            off = abs(photo["taken_at"] - photo["captured_at"])
        away = 0.0
        if photo["lat"] is not None and one.stop.seen is not None:
            here = Point(photo["lat"], photo["lon"])
            away = metres_between(here, one.stop.seen) - one.stop.accuracy_m
        if off >= late or away >= far:
            photos.append(str(photo["id"]))
            minutes, metres = max(minutes, off.total_seconds() / 60), max(metres, away)
    evidence = {"photos": photos, "minutes": round(minutes), "metres": round(metres)}
    return _many(len(photos), limits["photos"], **evidence)


def album_upload(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the photos that came from an album."""
    album = [p for p in one.photos if p["capture_source"] == CaptureSource.ALBUM]
    return _many(len(album), limits["photos"], photos=_photos(album))


def device_shared(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the people who checked in with the visit's device on its day."""
    people = {person_id for _, person_id, _ in one.on_device}
    others = [
        str(visit_id)
        for visit_id, person_id, _ in one.on_device
        if person_id != one.visit.person_id
    ]
    return _many(len(people), limits["people"], visits=others)


def clock_drift(one: HandedIn, limits: Limits) -> Hit | None:
    """Measure how far the phone's clock was off; unknown where it is only implausible."""
    skew_s = one.visit.skew_s
    if skew_s is None:
        return Hit(None, {}) if one.visit.is_clock_suspect else None
    return Hit(round(abs(skew_s)), {}) if abs(skew_s) > limits["seconds"] else None


def rooted(one: HandedIn, limits: Limits) -> Hit | None:
    """Find what the phone says of itself."""
    return _many(int(bool(one.visit.is_rooted)), limits["flags"])


def times_spread(one: HandedIn, limits: Limits) -> Hit | None:
    """Measure the time between the first and the last photo, where there are several."""
    times = [photo["captured_at"] for photo in one.photos if photo["captured_at"] is not None]
    if len(times) < max(limits["photos"], 1):
        return None
    seconds = (max(times) - min(times)).total_seconds()
    return Hit(seconds, {"count": len(times)}) if seconds < limits["seconds"] else None


def captured_outside(one: HandedIn, limits: Limits) -> Hit | None:
    """Count the photos taken before the check-in or after the check-out, by the phone's clock."""
    if "check_out" not in one.document:
        return None
    spare = timedelta(minutes=limits["minutes"])
    begins = one.visit.device_at - spare
    ends = _instant(one.document["check_out"]["clock"]["device_at"]) + spare
    outside = [
        photo
        for photo in one.photos
        if photo["captured_at"] is not None and not begins < photo["captured_at"] < ends
    ]
    return _many(len(outside), limits["photos"], photos=_photos(outside))


def accessory_fix(one: HandedIn, limits: Limits) -> Hit | None:
    """Find positions that came from an accessory."""
    return _many(sum(bool(fix.get("is_accessory")) for fix in one.fixes), limits["flags"])


DETECTORS: dict[Signal, Callable[[HandedIn, Limits], Hit | None]] = {
    Signal.FROZEN_FIX: frozen_fix,
    Signal.REPEATED_FIX: repeated_fix,
    Signal.MOCK_FLAG: mock_flag,
    Signal.IMPOSSIBLE_SPEED: impossible_speed,
    Signal.SAME_POINT_MANY_STORES: same_point_many_stores,
    Signal.SHORT_VISIT: short_visit,
    Signal.UNIFORM_ANSWERS: uniform_answers,
    Signal.PHOTO_REUSE: photo_reuse,
    Signal.PHOTO_OF_PHOTO: photo_of_photo,
    Signal.EXIF_MISMATCH: exif_mismatch,
    Signal.ALBUM_UPLOAD: album_upload,
    Signal.DEVICE_SHARED: device_shared,
    Signal.CLOCK_DRIFT: clock_drift,
    Signal.ROOTED: rooted,
    Signal.TIMES_SPREAD: times_spread,
    Signal.CAPTURED_OUTSIDE: captured_outside,
    Signal.ACCESSORY_FIX: accessory_fix,
}
"""All but what the tokens say, which is not told by the visit alone."""


def _many(count: int, threshold: float, **evidence: Any) -> Hit | None:
    return Hit(count, evidence) if count and count >= threshold else None


def _of_same_fix(one: HandedIn, limits: Limits) -> list[Stop]:
    raw, within = one.stop.raw, timedelta(hours=limits["hours"])
    return [
        stop
        for stop in one.stops
        if raw is not None
        and stop.raw is not None
        and stop.door is not None
        and one.stop.door is not None
        and abs(stop.came_at - one.stop.came_at) <= within
        and _is_same(raw, stop.raw)
        and metres_between(stop.door, one.stop.door) >= limits["apart_m"]
    ]


def _moments(one: HandedIn) -> Iterable[_Moment]:
    for stop in (one.stop, *beside(one)):
        if stop.seen is not None and stop.is_time_known:
            yield _Moment(stop, stop.came_at, stop.seen)
        if stop.left is not None and stop.left_at is not None:
            yield _Moment(stop, stop.left_at, stop.left)


def _raw(sample: dict[str, Any]) -> tuple[float, float]:
    return sample["lat"], sample["lon"]


def _is_same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) <= SAME_DEGREES + SLACK for x, y in zip(a, b, strict=True))


def _when(sample: dict[str, Any]) -> datetime:
    return _instant(sample["at"])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ids(stops: Iterable[Stop]) -> list[str]:
    return [str(stop.visit_id) for stop in stops]


def _photos(photos: Iterable[dict[str, Any]]) -> list[str]:
    return [str(photo["id"]) for photo in photos]
