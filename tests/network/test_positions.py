"""Datums, distances and mistaken datums."""

from importlib.metadata import version
from itertools import permutations
from math import inf, nan

import pytest

from backend.network.positions import (
    CONVERTER,
    Datum,
    OutsideServiceAreaError,
    Point,
    Position,
    metres_between,
    mismatch_suspected,
    to_datum,
    wgs84,
)

CHANGSHA = Point(28.194017, 112.976153)
URUMQI = Point(43.825592, 87.616848)
HARBIN = Point(45.803775, 126.534967)

AMAP = [  # samples in the documentation of AMap's conversion service: WGS-84 and GCJ-02
    ((39.990475, 116.481499), (39.991754014757, 116.487585177952)),
    ((39.990375, 116.481499), (39.991653917101, 116.487585177952)),
]
ALIBABA_GCJ02, ALIBABA_BD09 = (30.279164, 120.026268), (30.285238, 120.032768)


@pytest.mark.parametrize(("wgs", "gcj"), AMAP)
def test_converts_to_gcj02_as_amap_does(wgs, gcj):
    shown = to_datum(Point(*wgs), Datum.GCJ02)

    assert pytest.approx(gcj, abs=1e-6) == (shown.lat, shown.lon)
    assert Datum.GCJ02 is shown.crs


@pytest.mark.parametrize(("wgs", "gcj"), AMAP)
def test_converts_from_gcj02_as_amap_does(wgs, gcj):
    assert pytest.approx(wgs, abs=1e-6) == wgs84(Position(*gcj, Datum.GCJ02))


def test_converts_to_bd09_as_documented():
    shown = to_datum(wgs84(Position(*ALIBABA_GCJ02, Datum.GCJ02)), Datum.BD09)

    assert pytest.approx(ALIBABA_BD09, abs=2e-6) == (shown.lat, shown.lon)
    assert Datum.BD09 is shown.crs


def test_converts_from_bd09_as_documented():
    same = wgs84(Position(*ALIBABA_GCJ02, Datum.GCJ02))

    assert pytest.approx(same, abs=2e-6) == wgs84(Position(*ALIBABA_BD09, Datum.BD09))


def test_wgs84_is_only_rounded():
    assert Point(28.194018, 112.976153) == wgs84(Position(28.19401751, 112.9761526, Datum.WGS84))


@pytest.mark.parametrize("crs", Datum)
@pytest.mark.parametrize("point", [CHANGSHA, URUMQI, HARBIN])
def test_comes_back_to_where_it_was(point, crs):
    assert metres_between(point, wgs84(to_datum(point, crs))) < 0.25


@pytest.mark.parametrize("crs", Datum)
@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        pytest.param(2.999999, 110, id="south"),
        pytest.param(54.000001, 120, id="north"),
        pytest.param(30, 72.999999, id="west"),
        pytest.param(45, 136.000001, id="east"),
        pytest.param(116.481499, 39.990475, id="swapped"),
        pytest.param(0, 0, id="no fix"),
        pytest.param(nan, 110, id="not a number"),
        pytest.param(30, inf, id="infinite"),
    ],
)
def test_refuses_what_is_outside_the_service_area(lat, lon, crs):
    with pytest.raises(OutsideServiceAreaError):
        wgs84(Position(lat, lon, crs))


@pytest.mark.parametrize("crs", Datum)
@pytest.mark.parametrize(("lat", "lon"), [(3, 73), (3, 136), (54, 73), (54, 136)])
def test_converts_up_to_the_corners_without_a_warning(lat, lon, crs):
    point = wgs84(Position(lat, lon, crs))

    assert metres_between(Point(lat, lon), point) < 2_000
    assert crs is to_datum(point, crs).crs


def test_names_the_converter_with_its_version():
    assert f"prcoords-bored@{version('prcoords')}" == CONVERTER


@pytest.mark.parametrize(
    ("metres", "there"),
    [
        pytest.param(110.85, Point(30.001, 120), id="north"),
        pytest.param(96.49, Point(30, 120.001), id="east"),
        pytest.param(0, Point(30, 120), id="nowhere"),
    ],
)
def test_measures_on_the_ellipsoid_latitude_first(metres, there):
    assert pytest.approx(metres, abs=0.01) == metres_between(Point(30, 120), there)


@pytest.mark.parametrize(("true", "claimed"), list(permutations(Datum, 2)))
@pytest.mark.parametrize("store", [CHANGSHA, URUMQI, HARBIN])
def test_recognises_a_check_in_under_a_wrong_datum(store, true, claimed):
    sent = to_datum(store, true)
    seen = wgs84(Position(sent.lat, sent.lon, claimed))

    assert metres_between(store, seen) > 200
    assert mismatch_suspected(store, seen)


@pytest.mark.parametrize(("true", "claimed"), list(permutations(Datum, 2)))
def test_recognises_a_store_under_a_wrong_datum(true, claimed):
    sent = to_datum(CHANGSHA, true)
    store = wgs84(Position(sent.lat, sent.lon, claimed))

    assert mismatch_suspected(store, CHANGSHA)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(CHANGSHA, id="at the store"),
        pytest.param(Point(28.198, 112.970), id="off to the north-west"),
        pytest.param(Point(28.194017, 112.999), id="two kilometres east"),
        pytest.param(URUMQI, id="another city"),
    ],
)
def test_does_not_excuse_being_elsewhere(seen):
    assert not mismatch_suspected(CHANGSHA, seen)


def test_suspects_only_within_the_distance_allowed():
    sent = to_datum(CHANGSHA, Datum.GCJ02)
    seen = Point(sent.lat + 0.0004, sent.lon)  # 44 m further north

    assert mismatch_suspected(CHANGSHA, seen)
    assert not mismatch_suspected(CHANGSHA, seen, within_m=40)
