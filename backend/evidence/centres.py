"""Where several points gather, told in metres round one of them."""

from collections.abc import Sequence
from math import cos, hypot, radians
from statistics import median

from backend.network.positions import Point

_METRES_PER_DEGREE = 111_195  # of latitude, on the mean sphere: 0.5 % off at most within China
_ROUNDS = 100
_CLOSE_ENOUGH_M = 0.05


def near_m(a: Point, b: Point) -> float:
    """Return about how far apart two points are that are no more than some kilometres apart.

    A hundred times faster than the geodesic, and good to 0.5 %.
    """
    return hypot(*_offset(a, b))


def middle(points: Sequence[Point]) -> Point:
    """Return the median of latitude and of longitude of one or more points."""
    return Point(median(p.lat for p in points), median(p.lon for p in points))


def geometric_median(points: Sequence[Point]) -> Point:
    """Return the point with the least sum of distances to one or more points (Weiszfeld's method).

    Up to half of the points may lie anywhere without moving it far.
    """
    origin = middle(points)
    offsets = [_offset(origin, point) for point in points]
    x = y = 0.0
    for _ in range(_ROUNDS):
        weights = [1 / max(hypot(east - x, north - y), _CLOSE_ENOUGH_M) for east, north in offsets]
        total = sum(weights)
        east = sum(w * o[0] for w, o in zip(weights, offsets, strict=True)) / total
        north = sum(w * o[1] for w, o in zip(weights, offsets, strict=True)) / total
        step, x, y = hypot(east - x, north - y), east, north
        if step < _CLOSE_ENOUGH_M:
            break
    lat = origin.lat + y / _METRES_PER_DEGREE
    lon = origin.lon + x / (_METRES_PER_DEGREE * cos(radians(origin.lat)))
    return Point(round(lat, 6), round(lon, 6))


def _offset(origin: Point, point: Point) -> tuple[float, float]:
    """Return the metres east and north of the origin."""
    east = (point.lon - origin.lon) * cos(radians(origin.lat))
    return east * _METRES_PER_DEGREE, (point.lat - origin.lat) * _METRES_PER_DEGREE
