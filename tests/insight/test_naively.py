"""Summaries from rollups equal a plain count over the rows, whatever happened in which order."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PromotionResult, Report, Visit
from backend.fieldwork.violation_models import Violation
from backend.insight import rollups, summaries
from backend.insight.models import VisitFact
from backend.insight.windows import Window
from backend.network.models import Dealer, StoreDealer
from backend.platform.database import db
from tests.factories import make_dealer, make_report, make_store
from tests.insight.facts import (
    LATER,
    boss,
    day,
    noon,
    plan,
    promoted,
    promotion,
    rate,
    violation,
    visit_on,
)

DAYS = 12
WINDOW = Window(day(2), day(10))
KINDS = ["direct_price_cut", "out_of_stock"]

few = st.integers(0, 3)
days = st.sampled_from([1, 2, 4, 4, 4, 9, 10])  # few, so that things meet
stores = st.integers(0, 2)
moves = st.lists(st.tuples(stores, st.integers(1, DAYS - 1)), max_size=2, unique_by=lambda m: m[0])
visits = st.lists(
    st.fixed_dictionaries(
        {
            "store": stores,
            "day": days,
            "status": st.sampled_from(["complete", "complete", "complete", "reported"]),
            "quarantine": st.sampled_from([None, None, None, "clock"]),
            "listed": st.none() | few,
            "answered": st.none() | few,
            "signage_den": st.none() | few,
            "units": st.none() | few,
            "executed": st.sampled_from([None, True, False]),
        }
    ),
    max_size=12,
)
plans = st.lists(
    st.tuples(stores, days, st.sampled_from(["planned", "planned", "cancelled_by_manager"])),
    max_size=6,
)
violations = st.lists(st.tuples(stores, days, st.sampled_from(KINDS)), max_size=4)
histories = st.fixed_dictionaries(
    {"moves": moves, "visits": visits, "plans": plans, "violations": violations}
)


@pytest.mark.thorough
@pytest.mark.usefixtures("app")
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories, choice=st.randoms())
def test_rollups_and_a_plain_count_agree(history, choice):
    with db.atomic() as undone:
        dealers = [make_dealer(), make_dealer()]
        _happen(dealers, history, choice)

        found = summaries.summaries(boss(), window=WINDOW, at=LATER)

        assert [_counted(dealer) for dealer in dealers] == [_shown(each) for each in found]
        undone.rollback()


def _happen(dealers, history, choice) -> None:
    """Let a history happen, refreshing in a wrong order, too early and too often."""
    places = [make_store(dealers[0]) for _ in range(3)]
    for store, since in history["moves"]:
        StoreDealer.update(to_on=day(since)).where(StoreDealer.store == places[store]).execute()
        StoreDealer.create(store=places[store], dealer=dealers[1], from_on=day(since))
    made, made_visits = promotion(*places[:2]), []
    for number, seen in enumerate(history["visits"]):
        store = places[seen["store"]]
        at = noon(seen["day"]).replace(minute=number)
        visit = visit_on(seen["day"], store, at=at, status=seen["status"])
        made_visits.append(visit)
        make_report(
            visit,
            must_listed=seen["listed"],
            must_answered=seen["answered"],
            signage_num=1,
            signage_den=seen["signage_den"],
            promo_units=seen["units"],
        )
        promoted(visit, made, is_executed=seen["executed"])
    keys = [(visit.dealer_id, visit.business_on, visit.store_id) for visit in made_visits]
    rollups.refresh(choice.sample(keys, len(keys) // 2))
    for visit, seen in zip(made_visits, history["visits"], strict=True):
        visit.quarantine_reason = seen["quarantine"]
        visit.save()
    for store, planned_on, status in history["plans"]:
        plan(planned_on, places[store], status)
    for store, opened_on, kind in history["violations"]:
        violation(opened_on, places[store], kind)
    keys += keys[:2]
    choice.shuffle(keys)
    for key in keys:
        rollups.refresh([key])
    before = list(VisitFact.select().dicts())
    rollups.rebuild()
    assert sorted(map(str, before)) == sorted(map(str, VisitFact.select().dicts()))


def _shown(found: Any) -> dict[str, Any]:
    codes = (
        "visits",
        "visit_adherence_rate",
        "listing_rate",
        "signage_compliance_score",
        "promo_execution_rate",
        "promo_units",
        "store_coverage_rate",
    )
    return {code: rate(found, code)[1:] for code in codes} | {
        "kinds": found.violations_by_kind,
        "n_stores": found.n_stores,
    }


def _counted(dealer: Dealer) -> dict[str, Any]:
    """Count a dealer's facts in the window straight from the rows, one thing at a time."""
    mine = [
        visit
        for visit in Visit.select().order_by(Visit.checked_in_at)
        if visit.status == "complete"
        and visit.quarantine_reason is None
        and visit.dealer_id == dealer.id
        and WINDOW.from_on <= visit.business_on < WINDOW.to_on
    ]
    reports = {report.visit_id: report for report in Report.select()}
    latest: dict[str, dict[int, Report]] = {"must_answered": {}, "signage_den": {}}
    for visit in mine:
        for section, by_store in latest.items():
            if getattr(reports[visit.id], section):
                by_store[visit.store_id] = reports[visit.id]
    listing, signage = latest["must_answered"].values(), latest["signage_den"].values()
    executed: dict[tuple[int, int], bool] = {}
    of_visit = {visit.id: visit for visit in mine}
    enrolled = _enrolled()
    for result in PromotionResult.select():
        visit = of_visit.get(result.visit_id)
        if visit and result.is_executed is not None and visit.store_id in enrolled:
            key = (visit.store_id, result.promotion_id)
            executed[key] = executed.get(key, False) or result.is_executed
    units = sum(reports[visit.id].promo_units or 0 for visit in mine)
    seen = {visit.store_id for visit in mine}
    active = _active(dealer)
    return {
        "visits": (len(mine), None),
        "visit_adherence_rate": _adherence(dealer, mine),
        "listing_rate": (
            sum(report.must_listed or 0 for report in listing),
            sum(report.must_answered for report in listing),
        ),
        "signage_compliance_score": (
            pytest.approx(sum(report.signage_num / report.signage_den for report in signage)),
            len(signage),
        ),
        "promo_execution_rate": (sum(executed.values()), len(executed)),
        "promo_units": (units, None),
        "store_coverage_rate": (len(active & seen), len(active)),
        "kinds": Counter(
            violation.kind
            for violation in Violation.select()
            if violation.dealer_id == dealer.id
            and WINDOW.from_on <= violation.opened_on < WINDOW.to_on
        ),
        "n_stores": len(seen),
    }


def _enrolled() -> set[int]:
    return set(sorted({link.store_id for link in StoreDealer.select()})[:2])


def _owned(dealer: Dealer, store: int, number: int) -> bool:
    link = StoreDealer.get(StoreDealer.store == store, StoreDealer.on(day(number)))
    return link.dealer_id == dealer.id


def _active(dealer: Dealer) -> set[int]:
    stores = {link.store_id for link in StoreDealer.select()}
    return {
        store
        for store in stores
        if sum(_owned(dealer, store, number) for number in range(2, 10)) >= 7
    }


def _adherence(dealer: Dealer, mine: list[Visit]) -> tuple[int, int]:
    free = Counter((visit.store_id, visit.business_on) for visit in mine)
    done = planned = 0
    for entry in PlanEntry.select().where(PlanEntry.status == "planned"):
        number = (entry.planned_on - day(0)).days
        if 2 <= number < 10 and _owned(dealer, entry.store_id, number):
            planned += 1
            if free[entry.store_id, entry.planned_on]:
                free[entry.store_id, entry.planned_on] -= 1
                done += 1
    return done, planned
