"""What each method of evaluating a promotion makes of its inputs."""

from datetime import date

import pytest

from backend.fieldwork import evaluation_methods as methods
from backend.fieldwork.evaluation_methods import ContradictoryEvaluationError


def opinions(**plans: tuple[int, int]) -> dict:
    """Return plans with how many were asked and accepted."""
    rows = [{"plan": p, "asked": asked, "accepted": yes} for p, (asked, yes) in plans.items()]
    return {"plans": rows}


def pilot(plan: str, units: int, before: int | None, stores: int = 2, days: int = 5) -> dict:
    """Return what a plan sold where it was tried."""
    return {
        "plan": plan,
        "division_code": "430102",
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, days),
        "stores": stores,
        "units": units,
        "units_before": before,
    }


class TestOpinionTest:
    def test_finds_the_plan_most_accept(self):
        found = methods.opinion_test(opinions(gift=(40, 30), cut=(20, 10)))

        assert {"gift": 0.75, "cut": 0.5} == found["acceptance"]
        assert ["gift"] == found["most_accepted"]

    def test_names_all_of_a_tie(self):
        found = methods.opinion_test(opinions(gift=(40, 20), cut=(20, 10)))

        assert ["gift", "cut"] == found["most_accepted"]

    def test_refuses_more_acceptance_than_answers(self):
        with pytest.raises(ContradictoryEvaluationError, match="gift"):
            methods.opinion_test(opinions(gift=(4, 5), cut=(2, 1)))


class TestPilotTest:
    def test_finds_the_best_growth(self):
        found = methods.pilot_test({"plans": [pilot("a", 30, 20), pilot("b", 90, 80)]})

        assert {"a": 0.5, "b": 0.125} == found["growth"]
        assert ("growth", ["a"]) == (found["best_by"], found["best"])

    @pytest.mark.parametrize("before", [None, 0])
    def test_goes_by_units_where_a_plan_has_nothing_before(self, before):
        found = methods.pilot_test({"plans": [pilot("a", 30, 20), pilot("b", 90, before)]})

        assert {"a": 3.0, "b": 9.0} == found["units_per_store_day"]
        assert ("units_per_store_day", ["b"]) == (found["best_by"], found["best"])

    @pytest.mark.parametrize(
        ("plans", "what"),
        [
            ([pilot("a", 1, 1), pilot("a", 2, 2)], "twice"),
            ([pilot("a", 1, 1) | {"ends_on": date(2026, 2, 28)}], "ends before"),
        ],
    )
    def test_refuses_contradictions(self, plans, what):
        with pytest.raises(ContradictoryEvaluationError, match=what):
            methods.pilot_test({"plans": plans})


class TestConsumerDynamics:
    def test_follows_the_growth_of_the_quantity(self):
        days = [
            {"day": date(2026, 3, day), "participants": people, "units": units}
            for day, people, units in [(2, 50, 15), (1, 40, 10), (3, 10, 0)]
        ]
        found = methods.consumer_dynamics({"days": days, "daily_units_before": 5})

        assert (100, 25, 0.25) == tuple(
            found[name] for name in ("participants", "units", "units_per_participant")
        )
        assert {"2026-03-02": 0.5, "2026-03-03": -1.0} == found["growth_by_day"]
        assert -1.0 == found["growth"]
        assert pytest.approx(2 / 3) == found["growth_over_before"]

    def test_says_nothing_where_there_is_nothing(self):
        day = {"day": date(2026, 3, 1), "participants": 0, "units": 0}
        found = methods.consumer_dynamics({"days": [day], "daily_units_before": None})

        assert (None, None, None, {}) == tuple(
            found[name]
            for name in ("units_per_participant", "growth", "growth_over_before", "growth_by_day")
        )

    def test_refuses_a_day_twice(self):
        day = {"day": date(2026, 3, 1), "participants": 0, "units": 0}

        with pytest.raises(ContradictoryEvaluationError, match="twice"):
            methods.consumer_dynamics({"days": [day, day], "daily_units_before": None})


class TestSurveys:
    def test_count_motives_and_average_ratings(self):
        said = {"motive": None, "attitude": None, "demand": None, "advice": None, "rating": None}
        answers = [
            said | {"motive": "送父母", "rating": 5, "advice": "多送配件"},
            said | {"motive": "送父母", "attitude": "喜欢", "rating": 2},
            said | {"motive": "换新", "demand": "大屏"},
        ]
        found = methods.consumer_opinion({"answers": answers})

        assert {
            "answers": 3,
            "motives": {"送父母": 2, "换新": 1},
            "attitudes": {"喜欢": 1},
            "demands": {"大屏": 1},
            "advice": ["多送配件"],
            "rating_mean": 3.5,
            "rating_good_share": 0.5,
        } == found

    def test_average_what_participants_say(self):
        answers = [
            {"opinion": 4, "influence": 3, "benefit": "礼品"},
            {"opinion": 2, "influence": None, "benefit": None},
        ]

        assert {
            "answers": 2,
            "benefits": {"礼品": 1},
            "opinion_mean": 3.0,
            "opinion_good_share": 0.5,
            "influence_mean": 3.0,
            "influence_good_share": 0.0,
        } == methods.participant_survey({"answers": answers})


class TestComparison:
    GOLDEN = {
        "before": {"units": 140, "days": 28},
        "during": {"units": 96, "days": 14},
        "after": {"units": 56, "days": 14},
        "control": {"units_before": 60, "units_during": 63},
        "unit_margin_fen": 18_000,
        "cost_fen": 200_000,
    }

    def test_sets_the_change_against_the_spend(self):
        found = methods.before_after_comparison(self.GOLDEN)

        assert {
            "baseline_daily": 5.0,
            "baseline_units": 70.0,
            "incremental_units": 26.0,
            "uplift": pytest.approx(0.371429, abs=1e-6),
            "post_dip_units": -14.0,
            "net_incremental_units": 12.0,
            "net_uplift": pytest.approx(0.171429, abs=1e-6),
            "cost_per_incremental_unit_fen": pytest.approx(200_000 / 26),
            "roi": pytest.approx(1.34),
            "net_roi": pytest.approx(0.08),
            "did_uplift": pytest.approx(0.306122, abs=1e-6),
        } == found

    def test_looks_no_further_past_the_end_than_the_promotion_ran(self):
        longer = self.GOLDEN | {"after": {"units": 60, "days": 15}}

        with pytest.raises(ContradictoryEvaluationError, match="after the end"):
            methods.before_after_comparison(longer)

    @pytest.mark.parametrize(
        ("change", "nothing"),
        [
            ({"before": {"units": 65, "days": 13}}, {"uplift", "roi", "net_uplift"}),
            ({"before": {"units": 0, "days": 28}}, {"uplift", "net_uplift", "did_uplift"}),
            ({"after": None}, {"net_uplift", "net_roi", "post_dip_units"}),
            ({"control": None}, {"did_uplift"}),
            ({"control": {"units_before": 0, "units_during": 3}}, {"did_uplift"}),
            ({"unit_margin_fen": None}, {"roi", "net_roi"}),
            ({"cost_fen": 0}, {"roi", "net_roi"}),
            ({"during": {"units": 70, "days": 14}}, {"cost_per_incremental_unit_fen"}),
        ],
    )
    def test_says_nothing_it_cannot_know(self, change, nothing):
        found = methods.before_after_comparison(self.GOLDEN | change)

        assert nothing <= {name for name, value in found.items() if value is None}
