"""The six methods of evaluating a promotion: what goes in, and what it comes to.

Inputs are plain mappings whose shape the API has checked; money is in fen, rates are 0 to 1, and
a rate over nothing is null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from backend.network import divisions
from backend.platform.errors import RuleError
from backend.standards.promotion_codes import EvaluationMethod

Inputs = Mapping[str, Any]
Output = dict[str, Any]
BASELINE_DAYS = 14  # fewer usable days before the start say nothing
CONTENT = 4  # a mark of 4 or 5 is a good one


class ContradictoryEvaluationError(RuleError):
    """The inputs of an evaluation contradict each other."""

    code = "contradictory-evaluation"
    title = "The evaluation contradicts itself"
    title_zh = "评估数据自相矛盾"
    detail = "{what}"
    detail_zh = "评估数据自相矛盾：{what}"


def evaluate(method: EvaluationMethod, inputs: Inputs) -> Output:
    """Return what a method makes of its inputs.

    Raises ContradictoryEvaluationError, or UnknownDivisionError for where a plan was tried.
    """
    return METHODS[method](inputs)


def opinion_test(inputs: Inputs) -> Output:
    """Find the plan most of those asked accept; of a tie, all are named."""
    plans = _by_plan(inputs["plans"])
    for name, plan in plans.items():
        if plan["accepted"] > plan["asked"]:
            raise ContradictoryEvaluationError(what=f"{name}: more accepted than were asked.")
    shares = {name: plan["accepted"] / plan["asked"] for name, plan in plans.items()}
    return {"acceptance": shares, "most_accepted": _best(shares)}


def pilot_test(inputs: Inputs) -> Output:
    """Find the plan with the best market record where it was tried.

    By growth over the same time before, if every plan has sales before; otherwise by units per
    store and day.
    """
    plans = _by_plan(inputs["plans"])
    per_store_day: dict[str, float] = {}
    growth: dict[str, float | None] = {}
    for name, plan in plans.items():
        days = (plan["ends_on"] - plan["starts_on"]).days + 1
        divisions.canonical(plan["division_code"])
        if days < 1:
            raise ContradictoryEvaluationError(what=f"{name}: it ends before it begins.")
        per_store_day[name] = plan["units"] / plan["stores"] / days
        growth[name] = _growth(plan["units_before"], plan["units"])
    known = {name: value for name, value in growth.items() if value is not None}
    by_growth = len(known) == len(growth)
    return {
        "units_per_store_day": per_store_day,
        "growth": growth,
        "best_by": "growth" if by_growth else "units_per_store_day",
        "best": _best(known if by_growth else per_store_day),
    }


def consumer_dynamics(inputs: Inputs) -> Output:
    """Add up participants and purchases on site, and follow the growth of the quantity."""
    days = sorted(inputs["days"], key=lambda each: each["day"])
    if len({each["day"] for each in days}) < len(days):
        raise ContradictoryEvaluationError(what="A day is named twice.")
    participants = sum(each["participants"] for each in days)
    units = sum(each["units"] for each in days)
    before = inputs["daily_units_before"]
    return {
        "participants": participants,
        "units": units,
        "units_per_participant": _ratio(units, participants),
        "growth_by_day": {
            _day(after): _growth(earlier["units"], after["units"])
            for earlier, after in pairwise(days)
        },
        "growth": _growth(days[0]["units"], days[-1]["units"]) if len(days) > 1 else None,
        "growth_over_before": None if before is None else _growth(before, units / len(days)),
    }


def consumer_opinion(inputs: Inputs) -> Output:
    """Count motives and attitudes, and average the ratings."""
    answers = inputs["answers"]
    return {
        "answers": len(answers),
        "motives": _counted(answers, "motive"),
        "attitudes": _counted(answers, "attitude"),
        "demands": _counted(answers, "demand"),
        "advice": sorted({each["advice"] for each in answers if each["advice"]}),
        **_marks("rating", answers),
    }


def before_after_comparison(inputs: Inputs) -> Output:
    """Set the change of sales against what the promotion cost, other things being equal.

    The baseline is the daily mean before the start; from fewer than 14 days there is none. Days
    after the end, no more than it ran, show what was only bought earlier. A control is the sales of
    similar stores without the promotion over equal spans.
    """
    before, during, after = inputs["before"], inputs["during"], inputs["after"]
    if after is not None and after["days"] > during["days"]:
        raise ContradictoryEvaluationError(what="More days after the end than it ran.")
    daily = before["units"] / before["days"] if before["days"] >= BASELINE_DAYS else None
    expected = None if daily is None else daily * during["days"]
    incremental = None if expected is None else during["units"] - expected
    dip = None
    if daily is not None and after is not None:
        dip = min(0, after["units"] - daily * after["days"])
    net = None if incremental is None or dip is None else incremental + dip
    margin_fen, cost_fen = inputs["unit_margin_fen"], inputs["cost_fen"]
    return {
        "baseline_daily": daily,
        "baseline_units": expected,
        "incremental_units": incremental,
        "uplift": _ratio(incremental, expected),
        "post_dip_units": dip,
        "net_incremental_units": net,
        "net_uplift": _ratio(net, expected),
        "cost_per_incremental_unit_fen": _ratio(cost_fen, incremental),
        "roi": _return(incremental, margin_fen, cost_fen),
        "net_roi": _return(net, margin_fen, cost_fen),
        "did_uplift": _against(before, during, inputs["control"]),
    }


def participant_survey(inputs: Inputs) -> Output:
    """Average opinion and influence, and count the benefits those who took part name."""
    answers = inputs["answers"]
    return {
        "answers": len(answers),
        "benefits": _counted(answers, "benefit"),
        **_marks("opinion", answers),
        **_marks("influence", answers),
    }


METHODS: dict[EvaluationMethod, Callable[[Inputs], Output]] = {
    EvaluationMethod.OPINION_TEST: opinion_test,
    EvaluationMethod.PILOT_TEST: pilot_test,
    EvaluationMethod.CONSUMER_DYNAMICS: consumer_dynamics,
    EvaluationMethod.CONSUMER_OPINION: consumer_opinion,
    EvaluationMethod.BEFORE_AFTER_COMPARISON: before_after_comparison,
    EvaluationMethod.PARTICIPANT_SURVEY: participant_survey,
}


def _by_plan(plans: Sequence[Inputs]) -> dict[str, Inputs]:
    named = {plan["plan"]: plan for plan in plans}
    if len(named) < len(plans):
        raise ContradictoryEvaluationError(what="A plan is named twice.")
    return named


def _best(values: Mapping[str, float]) -> list[str]:
    return [name for name, value in values.items() if value == max(values.values())]


def _growth(before: float, after: float) -> float | None:
    return after / before - 1 if before else None


def _ratio(part: float | None, whole: float | None) -> float | None:
    """Return a share; of nothing, or of less, there is none."""
    return part / whole if part is not None and whole is not None and whole > 0 else None


def _return(units: float | None, margin_fen: int | None, cost_fen: int) -> float | None:
    if units is None or margin_fen is None:
        return None
    return _ratio(units * margin_fen - cost_fen, cost_fen)


def _against(before: Inputs, during: Inputs, control: Inputs | None) -> float | None:
    """Return the growth over that of stores without the promotion, days made equal."""
    if control is None or not (control["units_before"] and control["units_during"]):
        return None
    change = _ratio(during["units"] / during["days"], before["units"] / before["days"])
    usual = control["units_during"] / control["units_before"]
    return None if change is None else change / usual - 1


def _counted(answers: Sequence[Inputs], name: str) -> dict[str, int]:
    return dict(Counter(each[name] for each in answers if each[name]).most_common())


def _marks(name: str, answers: Sequence[Inputs]) -> Output:
    marks = [each[name] for each in answers if each[name] is not None]
    return {
        f"{name}_mean": _ratio(sum(marks), len(marks)),
        f"{name}_good_share": _ratio(sum(mark >= CONTENT for mark in marks), len(marks)),
    }


def _day(row: Inputs) -> str:
    day: date = row["day"]
    return day.isoformat()
