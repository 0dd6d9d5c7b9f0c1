"""Where points gather."""

import pytest

from backend.evidence.centres import geometric_median, middle, near_m
from backend.network.positions import Point, metres_between

DOOR = Point(28.1951, 112.9769)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(Point(28.2, 112.98), id="Changsha"),
        pytest.param(Point(18.2, 109.5), id="Sanya"),
        pytest.param(Point(53.4, 122.5), id="Mohe"),
    ],
)
@pytest.mark.parametrize(("lat", "lon"), [(0.003, 0), (0, 0.004), (-0.01, 0.01)])
def test_a_short_way_is_measured_to_half_a_percent(place, lat, lon):
    there = Point(place.lat + lat, place.lon + lon)

    assert metres_between(place, there) == pytest.approx(near_m(place, there), rel=0.005)


def test_one_point_is_its_own_centre():
    assert DOOR == geometric_median([DOOR]) == middle([DOOR])


def test_the_middle_is_not_led_astray_by_one():
    points = [DOOR, Point(28.1952, 112.9770), Point(29, 113)]

    assert Point(28.1952, 112.9770) == middle(points)


def test_the_geometric_median_of_a_square_is_its_centre():
    square = [Point(28.19 + lat, 112.97 + lon) for lat in (0, 0.002) for lon in (0, 0.002)]

    assert near_m(Point(28.191, 112.971), geometric_median(square)) < 0.5


def test_the_geometric_median_stays_where_most_are():
    honest = [Point(DOOR.lat + n * 1e-5, DOOR.lon) for n in range(-3, 4)]
    cheats = [Point(28.3, 113.1)] * 3

    assert near_m(DOOR, geometric_median(honest + cheats)) < 3


def test_the_geometric_median_has_the_least_sum_of_distances():
    points = [DOOR, Point(28.1961, 112.9779), Point(28.1941, 112.9790), Point(28.1975, 112.9760)]
    centre = geometric_median(points)

    def total(at: Point) -> float:
        return sum(near_m(at, point) for point in points)

    around = [Point(centre.lat + a, centre.lon + b) for a in (-1e-5, 1e-5) for b in (-1e-5, 1e-5)]
    assert all(total(centre) <= total(at) for at in around)
