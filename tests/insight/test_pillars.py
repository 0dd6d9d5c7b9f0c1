"""Points of KPIs and shares of pillars: pure."""

import pytest

from backend.insight import pillars
from backend.insight.kpis import Figure
from backend.insight.pillars import PRICE_VIOLATIONS, SCALES
from backend.standards.scorecard_codes import Pillar

EVENLY = dict.fromkeys(Pillar, 20)


def figure(value: float | None) -> Figure:
    return Figure(value, value or 0, 1, 1, low_n=True)


@pytest.mark.parametrize(
    ("code", "value", "points"),
    [
        ("listing_rate", 0.75, 75),
        ("display_share", 0.25, 50),
        ("display_share", 0.8, 100),
        (PRICE_VIOLATIONS, 5, 75),
        (PRICE_VIOLATIONS, 30, 0),
        ("feedback_score", 4, 75),
        ("complaint_rate", 2.5, 75),
        ("mean_time_to_resolve_h", 96, 50),
        ("mean_time_to_resolve_h", 2, 100),
    ],
)
def test_a_kpi_earns_points_between_its_ends(code, value, points):
    assert points == pytest.approx(SCALES[code].points(value))


def test_what_was_not_measured_gives_its_share_to_the_others():
    figures = {
        "listing_rate": figure(0.8),
        "on_shelf_availability": figure(None),
        "price_compliance_rate": figure(1.0),
    }
    weights = EVENLY | {Pillar.ASSORTMENT: 30, Pillar.PRICE: 10}

    found = {one.pillar: one for one in pillars.scored(figures, weights, set())}

    assert (80, 0.75, None) == (
        found[Pillar.ASSORTMENT].points,
        found[Pillar.ASSORTMENT].share,
        found[Pillar.ASSORTMENT].reason,
    )
    assert [(0.75, 80), (0.0, None)] == [
        (kpi.share, kpi.points) for kpi in found[Pillar.ASSORTMENT].kpis
    ]
    assert (100, 0.25) == (found[Pillar.PRICE].points, found[Pillar.PRICE].share)
    assert (None, 0, "nothing_measured") == (
        found[Pillar.SERVICE].points,
        found[Pillar.SERVICE].share,
        found[Pillar.SERVICE].reason,
    )


def test_that_nobody_complained_counts_only_beside_what_was_asked():
    quiet = {"complaint_rate": figure(0.0)}
    asked = quiet | {"feedback_score": figure(3)}

    found = [pillars.scored(each, EVENLY, set())[-1].points for each in (quiet, asked)]

    assert [None, 75] == found


def test_pillars_that_weigh_nothing_have_no_share():
    weights = dict.fromkeys(Pillar, 0)

    found = pillars.scored({"listing_rate": figure(0.8)}, weights, set())

    assert {0} == {one.share for one in found}


def test_a_kpi_that_was_taken_out_has_no_points():
    figures = {"listing_rate": figure(0.5), "on_shelf_availability": figure(0.9)}

    found = pillars.scored(figures, EVENLY, {"listing_rate"})

    assortment = found[1]
    assert (90, [True, False]) == (
        pytest.approx(assortment.points),
        [kpi.is_left_out for kpi in assortment.kpis],
    )


def test_every_kpi_that_is_declared_has_a_name():
    assert set(pillars.NAMES) <= set(SCALES)
    assert {"signage_compliance_score", "listing_rate", PRICE_VIOLATIONS} <= set(pillars.NAMES)
