"""Points on the ground and the three datums that Chinese clients send them in.

GCJ-02 lies 57-680 m from WGS-84 and BD-09 up to 1.5 km: more than any fence around a store. So
the datum is part of every position sent, and whatever is measured is measured on WGS-84.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import NamedTuple

import prcoords
from geopy.distance import geodesic

CONVERTER = f"prcoords-bored@{version('prcoords')}"
"""Kept with each converted point, so that a better converter can run again from the raw one."""


class Datum(StrEnum):
    """What a latitude and longitude refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in degrees of the stated datum, as a client sent it or wants it back."""

    lat: float
    lon: float
    crs: Datum


class Point(NamedTuple):
    """A WGS-84 place in degrees, latitude first: the opposite order to GeoJSON and AMap."""

    lat: float
    lon: float


class OutsideServiceAreaError(ValueError):
    """The position is not in the rectangle 3-54 N, 73-136 E around China."""


def wgs84(position: Position) -> Point:
    """Return the position on WGS-84, to six decimals (0.11 m).

    The formula is within 10 m of AMap's own service, 0.35 m in the east. Raise
    OutsideServiceAreaError, before converting, where it would be meaningless: this also catches
    swapped coordinates and NaN, but not neighbours inside the rectangle, such as Seoul.
    """
    if not (3 <= position.lat <= 54 and 73 <= position.lon <= 136):
        raise OutsideServiceAreaError(f"{position.lat}, {position.lon} is outside 3-54 N, 73-136 E")
    return _wgs84(position)


def to_datum(point: Point, crs: Datum) -> Position:
    """Return the point, as `wgs84` made it, in the datum a client asks for, to six decimals."""
    match crs:
        case Datum.WGS84:
            lat, lon = point
        case Datum.GCJ02:
            lat, lon = _gcj02(point)
        case Datum.BD09:
            lat, lon = _bd09(point)
    return Position(*_rounded(lat, lon), crs)


def metres_between(a: Point, b: Point) -> float:
    """Return the geodesic distance. It takes about 0.1 ms: filter many points by a box first."""
    return float(geodesic(a, b).m)


def mismatch_suspected(store: Point, seen: Point, within_m: float = 60) -> bool:
    """Tell whether a wrong datum, of the store or of the check-in, explains how far apart they are.

    That is so if `seen` lies within `within_m` of where the store is when its coordinates in one
    datum are read as another: six places, whichever of both is wrong. Ask only when `seen` is out
    of fence: in the few places where WGS-84 and GCJ-02 nearly agree, a point at the store itself
    would be suspected too.
    """
    shown = [to_datum(store, crs) for crs in Datum]
    return any(
        metres_between(_wgs84(Position(right.lat, right.lon, wrong)), seen) < within_m
        for right in shown
        for wrong in Datum
        if wrong is not right.crs
    )


def _wgs84(position: Position) -> Point:
    sent = (position.lat, position.lon)
    match position.crs:
        case Datum.WGS84:
            return _rounded(*sent)
        case Datum.GCJ02:
            return _rounded(*prcoords.gcj_wgs_bored(sent))
        case Datum.BD09:
            return _rounded(*prcoords.bd_wgs_bored(sent))


def _gcj02(point: Point) -> Point:
    return Point(*prcoords.wgs_gcj(point, check_china=False))


def _bd09(point: Point) -> Point:
    return Point(*prcoords.wgs_bd(point, check_china=False))


def _rounded(lat: float, lon: float) -> Point:
    return Point(round(lat, 6), round(lon, 6))
