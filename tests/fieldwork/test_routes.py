"""The order of a day's stores."""

from itertools import permutations
from math import hypot
from random import Random

import pytest

from backend.fieldwork.routes import length, metres, order, travel_minutes
from backend.network.positions import Point, metres_between


def plane(a: Point, b: Point) -> float:
    """Measure as on paper, for answers that can be checked by hand."""
    return hypot(a.lat - b.lat, a.lon - b.lon)


def scatter(count: int, seed: int = 0) -> list[Point]:
    random = Random(seed)
    return [Point(random.random(), random.random()) for _ in range(count)]


LINE = [Point(0, number) for number in (2, 0, 3, 1)]
CROSSED = [Point(0, 0), Point(1, 1), Point(1, 0), Point(0, 1)]


@pytest.mark.parametrize(
    ("points", "start", "expected"),
    [
        pytest.param([], None, [], id="nothing to visit"),
        pytest.param([Point(1, 1)], None, [0], id="one store"),
        pytest.param([Point(1, 1)], Point(5, 5), [0], id="one store from home"),
        pytest.param(LINE, Point(0, -1), [1, 3, 0, 2], id="along a line from home"),
        pytest.param(LINE, Point(0, 9), [2, 0, 3, 1], id="along a line from the other end"),
        pytest.param([Point(0, 0)] * 3, None, [0, 1, 2], id="three in one house"),
    ],
)
def test_is_the_shortest_by_hand(points, start, expected):
    assert expected == order(points, start, plane)


def test_without_a_start_may_begin_anywhere():
    assert order(LINE, None, plane) in ([1, 3, 0, 2], [2, 0, 3, 1])


def test_has_no_crossing():
    assert 3 == length(CROSSED, order(CROSSED, None, plane), None, plane)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("start", [None, Point(0.5, 0.5)])
@pytest.mark.parametrize("count", [2, 5, 12, 30])
def test_is_never_longer_than_the_order_given(count, start, seed):
    points = scatter(count, seed)

    found = order(points, start, plane)

    assert list(range(count)) == sorted(found)
    assert length(points, found, start, plane) <= length(points, range(count), start, plane)
    assert found == order(points, start, plane)


@pytest.mark.parametrize("seed", range(10))
def test_is_close_to_the_best_there_is(seed):
    points = scatter(6, seed)
    best = min(length(points, way, None, plane) for way in permutations(range(6)))

    assert length(points, order(points, None, plane), None, plane) <= best * 1.1


def test_keeps_an_order_that_is_best_already():
    points = [Point(0, number) for number in range(6)]

    assert [0, 1, 2, 3, 4, 5] == order(points, Point(0, -1), plane)


def test_measures_on_the_ground_either_way():
    a, b = Point(28.1951, 112.9769), Point(28.2282, 112.9388)

    assert metres_between(a, b) == pytest.approx(metres(a, b)) == metres(b, a)


@pytest.mark.parametrize(("tier", "minutes"), [("city", 36.8), ("county", 21.3), ("town", 23.8)])
def test_ten_kilometres_take_longer_in_a_city(tier, minutes):
    assert minutes == pytest.approx(travel_minutes(10_000, tier), abs=0.05)
