"""What a check-in's position proves."""

import math

import pytest

from backend.fieldwork.fence import Outcome, Verdict, judge
from backend.network.positions import Point

STORE = Point(39.990475, 116.481499)
STORE_AS_GCJ02 = Point(39.991754, 116.487585)
METRE = 1 / 111_035  # of latitude at 40° N


def north(metres: float) -> Point:
    return Point(STORE.lat + metres * METRE, STORE.lon)


@pytest.mark.parametrize(
    ("outcome", "metres", "accuracy_m", "radius_m"),
    [
        pytest.param("inside", 0, 0, 150, id="at the door"),
        pytest.param("inside", 150, 0, 150, id="on the line"),
        pytest.param("outside", 152, 0, 150, id="past the line"),
        pytest.param("inside", 179, 30, 180, id="accuracy widens the fence"),
        pytest.param("outside", 182, 30, 180, id="by no more than itself"),
        pytest.param("inside", 249, 100, 250, id="by 100 m at most"),
        pytest.param("outside", 252, 100, 250, id="and the whole accuracy was granted"),
        pytest.param("inside", 249, 200, 250, id="a poor fix inside"),
        pytest.param("uncertain", 252, 200, 250, id="a poor fix that may be inside"),
        pytest.param("uncertain", 349, 200, 250, id="a poor fix that may just be inside"),
        pytest.param("outside", 352, 200, 250, id="a poor fix that cannot be inside"),
    ],
)
def test_judges_by_distance_and_accuracy(outcome, metres, accuracy_m, radius_m):
    verdict = judge(STORE, north(metres), accuracy_m, 150)

    assert (Outcome(outcome), radius_m, False) == (
        verdict.outcome,
        verdict.radius_m,
        verdict.datum_mismatch,
    )
    assert metres == pytest.approx(verdict.distance_m, abs=1)


@pytest.mark.parametrize("accuracy_m", [None, 200.5, 5_000, -1, math.nan, math.inf])
def test_an_unusable_accuracy_never_accuses_nor_acquits(accuracy_m):
    assert Verdict(Outcome.UNCERTAIN, 0, None, datum_mismatch=False) == judge(
        STORE, STORE, accuracy_m, 150
    )


@pytest.mark.parametrize(("store", "seen"), [(None, STORE), (STORE, None), (None, None)])
def test_a_missing_point_is_uncertain(store, seen):
    assert Verdict(Outcome.UNCERTAIN, None, None, datum_mismatch=False) == judge(
        store, seen, 10, 150
    )


@pytest.mark.parametrize("reach", [10, 200])
def test_a_wrong_datum_is_told_from_being_elsewhere(reach):
    verdict = judge(STORE, STORE_AS_GCJ02, reach, 200)

    assert (Outcome.UNCERTAIN, True) == (verdict.outcome, verdict.datum_mismatch)


def test_a_wrong_datum_within_the_fence_is_inside():
    verdict = judge(STORE, STORE_AS_GCJ02, 10, 600)

    assert (Outcome.INSIDE, False) == (verdict.outcome, verdict.datum_mismatch)


def test_the_usable_accuracy_is_a_setting():
    assert Outcome.UNCERTAIN == judge(STORE, STORE, 60, 150, usable_accuracy_m=50).outcome
    assert Outcome.INSIDE == judge(STORE, STORE, 300, 150, usable_accuracy_m=300).outcome
