"""Neighbours: which other visits are to be weighed again because of one.

Only visits whose signals may come out otherwise are named, so that a day in its usual order
weighs each visit once.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from backend.evidence import detectors
from backend.evidence.detectors import Hit
from backend.evidence.handed_in import HandedIn, Stop, beside
from backend.evidence.signal_configs import Weights
from backend.evidence.signals import Signal


def concerned(one: HandedIn, found: dict[Signal, Hit], weights: Weights) -> set[UUID]:
    """Return the scored visits that may gain or lose a signal by what is known of this one.

    `found` is what was found on it, complete or not: a check-in alone is a place and a time.
    """
    limits = weights.limits
    at_point = detectors.at_same_point(one, limits[Signal.SAME_POINT_MANY_STORES])
    again = detectors.repeats_of(one, limits[Signal.REPEATED_FIX])
    reach = int(limits[Signal.UNIFORM_ANSWERS]["visits"])
    stops = [
        *_touched(Signal.IMPOSSIBLE_SPEED, beside(one), found),
        *_touched(Signal.SAME_POINT_MANY_STORES, at_point, found),
        *_touched(Signal.UNIFORM_ANSWERS, _answered_near(one, reach), found),
        *(stop for stop in again if Signal.REPEATED_FIX not in stop.codes),
    ]
    ids = {stop.visit_id for stop in stops if stop.is_scored}
    if Signal.DEVICE_SHARED in found:
        ids |= {visit_id for visit_id, _, is_to_know in one.on_device if is_to_know}
    return ids - {one.visit.id}


def _touched(signal: Signal, stops: Iterable[Stop], found: dict[Signal, Hit]) -> Iterable[Stop]:
    """Yield the stops that a hit names, and those that have the signal and may lose it."""
    named = found[signal].evidence["visits"] if signal in found else ()
    return (stop for stop in stops if str(stop.visit_id) in named or signal in stop.codes)


def _answered_near(one: HandedIn, reach: int) -> list[Stop]:
    answered = [s for s in one.stops if s.answers_sha256 is not None or s is one.stop]
    place = answered.index(one.stop)
    return answered[max(place - reach, 0) : place + reach + 1]
