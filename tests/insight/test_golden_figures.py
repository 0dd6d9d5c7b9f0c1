"""The golden figures of the trade, asked for as everybody asks."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from backend.fieldwork.case_models import Complaint
from backend.insight import rollups
from backend.insight.catalogue import BY_CODE
from backend.insight.figures import figures
from backend.insight.populations import Grain, Population
from backend.insight.windows import Window
from backend.platform import settings
from backend.platform.actors import Role
from backend.standards.scoring import Checklist
from tests.factories import (
    make_checklist,
    make_complaint,
    make_count,
    make_dealer,
    make_inspection,
    make_person,
    make_plan_entry,
    make_price_observation,
    make_product_line,
    make_push,
    make_report,
    make_score,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_survey,
)
from tests.insight.facts import LATER, TO, WINDOW, boss, day, noon, plan, violation, visit_on

pytestmark = pytest.mark.usefixtures("app")


def ask(
    code: str,
    grain: Grain = Grain.ALL,
    member: object = "all",
    window: Window = WINDOW,
    **how,
):
    """Return a figure, of everything unless told."""
    rollups.rebuild()
    population = Population(actor=boss(), grain=grain)
    kpis = [BY_CODE["visits"], BY_CODE[code]]
    found = figures(population, window=window, at=LATER, kpis=kpis, **how)
    return found[member].figures[code] if found else None


def parts(code: str, **of) -> tuple:
    figure = ask(code, **of)
    return (round(figure.value, 6), figure.num, figure.den)


def test_coverage_leaves_a_new_store_out_of_both_sides():
    dealer = make_dealer()
    for number in range(10):
        store = make_store(dealer)
        if number < 7:
            visit_on(1, store)
    visit_on(26, make_store(dealer, opened_on=TO - timedelta(days=3)))

    assert (0.7, 7, 10) == parts("store_coverage_rate")


def test_coverage_of_no_store_is_unknown():
    visit_on(1, make_store(status="prospect"))

    figure = ask("store_coverage_rate")

    assert (None, 0, 0) == (figure.value, figure.num, figure.den)


def test_adherence_takes_the_day_itself():
    store = make_store()
    for number in range(20):
        plan(number, store, "cancelled_by_manager" if number == 0 else "planned")
    for number in range(1, 16):
        visit_on(number, store)
    for number in (21, 22):  # too late
        visit_on(number, store)

    assert (0.789474, 15, 19) == parts("visit_adherence_rate")


def test_of_two_who_were_asked_to_a_store_the_one_who_went_did_it():
    store, reps = make_store(), [make_person(), make_person()]
    visit = visit_on(1, store, person=reps[1])
    make_plan_entry(store, reps[0], planned_on=day(1), id=UUID(int=1))
    make_plan_entry(store, reps[1], planned_on=day(1), id=UUID(int=2), visit_id=visit.id)

    by_rep = [parts("visit_adherence_rate", grain=Grain.REP, member=rep.id) for rep in reps]

    assert [(0.0, 0, 1), (1.0, 1, 1)] == by_rep
    assert (0.5, 1, 2) == parts("visit_adherence_rate")


def test_patrols_of_supervisors_are_no_visits_of_reps():
    rep = make_person()
    store = make_store(owner=rep)
    make_plan_entry(store, rep, planned_on=day(1))
    visit_on(1, store, person=make_person(Role.SUPERVISOR), kind="supervisor_patrol")

    for code in ("store_coverage_rate", "visit_adherence_rate"):
        assert (0.0, 0, 1) == parts(code, grain=Grain.REP, member=rep.id)
        assert (1.0, 1, 1) == parts(code)


def test_signage_of_a_city_store():
    lines = [
        {"code": letter, "letter": letter.upper(), "zh": letter, "en": letter}
        | {"required": letter in "cdef"}
        for letter in "abcdefg"
    ]
    template = {"code": "city", "version": 1, "any_of_letters": []}
    template["lines"] = make_checklist(lines).lines
    answers = [{"line": letter, "yes": letter not in "be"} for letter in "abcdef"]
    judged = Checklist(template, weights=(2, 1)).judge(answers, [])
    make_report(
        visit_on(1, make_store()),
        signage_num=judged.signage_num,
        signage_den=judged.signage_den,
        mandatory_pass=judged.mandatory_pass,
        mandatory_checked=judged.mandatory_checked,
        lines_checked=judged.lines_checked,
        lines_offered=judged.lines_offered,
    )

    assert (0.7, 0.7, 1) == parts("signage_compliance_score")
    assert (0.75, 3, 4) == parts("mandatory_item_pass_rate")
    assert (round(6 / 7, 6), 6, 7) == parts("check_completion_rate")


def test_availability_asks_for_units_to_sell():
    make_report(
        visit_on(1, make_store()),
        must_listed=6,
        must_answered=8,
        must_available=5,
        must_stock_answered=6,
    )

    assert (0.75, 6, 8) == parts("listing_rate")
    assert (0.833333, 5, 6) == parts("on_shelf_availability")


@pytest.mark.parametrize(
    ("sold", "expected", "no_sales"), [([42, 42], 15.0, False), ([1, -1], None, True)]
)
def test_cover_divides_by_the_sales_of_28_days(sold, expected, no_sales):
    store, sku = make_store(), make_sku()
    make_count(store, {sku: 45}, at=noon(20))
    for number, units in enumerate(sold):
        make_sell_out(store, sku, on=day(number), units=units)

    figure = ask("stock_cover_days")

    assert (expected, 45, {"no_sales": no_sales}) == (figure.value, figure.num, figure.also)


def test_resolving_takes_a_mean_and_open_ones_are_told_beside():
    store = make_store()
    for days in (1, 2, 3, 10):
        violation(2, store, resolved_at=noon(2 + days))
    violation(2, store)

    figure = ask("mean_time_to_resolve_h")

    assert (96.0, 384, 4) == (figure.value, figure.num, figure.den)
    assert {
        "median": 60.0,
        "p90": 240.0,
        "open_backlog": 1,
        "oldest_open_h": 24 * 26 - 12,
    } == figure.also


def test_complaints_are_resolved_like_violations():
    store = make_store()
    violation(2, store, resolved_at=noon(2) + timedelta(hours=10))
    closed_after = {noon(-40): noon(3), noon(3): noon(5), noon(4): noon(28), noon(6): noon(5)}
    for received_at, closed_at in closed_after.items():
        complaint = make_complaint(store, at=received_at)
        Complaint.update(closed_at=closed_at).where(Complaint.id == complaint.id).execute()
    make_complaint(store, at=noon(27))

    figure = ask("mean_time_to_resolve_h")

    # 10 h, 43 days and 2 days; closed before it was received is no time, and two are open still.
    assert (1090 / 3, 1090, 3) == (figure.value, figure.num, figure.den)
    assert {
        "median": 48.0,
        "p90": 1032.0,
        "open_backlog": 2,
        "oldest_open_h": 24 * 24 - 12,
    } == figure.also


@pytest.mark.parametrize(("without", "hours", "median"), [(True, 66, 24), (False, 96, 36)])
def test_what_complaints_waited_is_taken_off_unless_set_otherwise(config, without, hours, median):
    settings.bind(replace(config, resolve_time_without_waiting=without))
    store = make_store()
    for days, waited_h in ((1, 0), (1.5, 12), (1.5, 18)):
        complaint = make_complaint(store, at=noon(3))
        Complaint.update(closed_at=noon(3) + timedelta(days=days), waited_s=waited_h * 3600).where(
            Complaint.id == complaint.id
        ).execute()

    figure = ask("mean_time_to_resolve_h")

    assert (hours, 3) == (figure.num, figure.den)
    assert (median, 36 - 12 * without) == (figure.also["median"], figure.also["p90"])


def test_complaints_of_a_dealer_are_its_own_and_of_no_store():
    dealer = make_dealer()
    complaint = make_complaint(
        make_store(dealer), at=noon(1), store_id=None, dealer_id=dealer.id, source="dealer"
    )
    Complaint.update(closed_at=noon(2)).where(Complaint.id == complaint.id).execute()

    assert (24, 24, 1) == parts("mean_time_to_resolve_h", grain=Grain.DEALER, member=dealer.id)


def test_what_a_reviewer_rejected_is_suspicious_all_the_same():
    store = make_store()
    for number, (score, reason) in enumerate(
        [
            (59, None),
            (60, None),
            (95, "rejected-by-reviewer"),
            (10, "rejected-by-reviewer"),
            (95, "clock"),
        ]
    ):
        make_score(visit_on(number, store, quarantine_reason=reason), score=score)
    make_score(
        visit_on(6, store, quarantine_reason="rejected-by-reviewer", status="cancelled"), score=95
    )
    visit_on(7, store)

    figure = ask("suspicious_visit_rate")

    assert (0.5, 2, 4, 1) == (figure.value, figure.num, figure.den, figure.n_stores)
    assert 0.5 == figure.suspect_share  # of the two that count
    assert 3 == ask("visits").value


def test_a_mystery_shop_counts_twice():
    shopped, asked = make_store(), make_store()
    person = make_person()
    levels = {"dealer_push": 4, "store_push": 3, "counter_push": None, "clerk_push": 5}
    make_push(shopped, person, assessed_on=day(1), is_mystery_shop=True, **levels)
    make_push(asked, person, assessed_on=day(1), **levels | {"clerk_push": 1})

    # (2 of 3) twice, and 1 of 3
    assert (round(5 / 9, 6), 5, 9) == parts("first_recommendation_rate")


def test_what_is_open_is_told_where_nothing_was_resolved():
    violation(2, make_store(), resolved_at=noon(40))

    figure = ask("mean_time_to_resolve_h")

    assert (None, 1, None) == (figure.value, figure.also["open_backlog"], figure.also["median"])


def test_display_compares_sections():
    make_survey(make_store(), make_person(), sections=2, competitor_sections=5, seen_on=day(1))

    assert (0.285714, 2, 7) == parts("display_share")


def test_of_a_month_the_month_before_says_who_orders_again():
    sku = make_sku()
    for earlier in (date(2026, 1, 30), date(2026, 2, 1), date(2026, 2, 28)):
        store = make_store()
        make_sell_in(sku, store=store, on=earlier)
        if earlier.day < 30:
            make_sell_in(sku, store=store, on=date(2026, 3, 1 if earlier.day == 1 else 31))
    march = Window(date(2026, 3, 1), date(2026, 4, 1))

    assert (1.0, 2, 2) == parts("repeat_order_rate", window=march)


def test_the_price_index_is_exact():
    visit = visit_on(1, make_store())
    for number, net_fen in enumerate((100_000, 199_999, 200_000)):
        make_price_observation(
            visit, make_sku(), number=number, net_fen=net_fen, reference_fen=300_000
        )

    assert 499_999 / 900_000 == pytest.approx(ask("price_index").value, abs=1e-9)


def test_what_is_short_is_said_for_each_kind_of_visit(config):
    settings.bind(replace(config, short_minutes_full_audit=20))
    for kind in ("full_audit", "routine"):
        visit_on(1, make_store(), kind=kind, checked_out_at=noon(1) + timedelta(minutes=10))

    assert (0.5, 1, 2) == parts("short_visit_share")


def test_what_a_rejected_visit_says_of_push_and_fixtures_counts_nowhere():
    store, person = make_store(), make_person()
    visit = visit_on(1, store, person=person, quarantine_reason="rejected")
    for visit_id in (visit.id, None):
        make_inspection(store, person, inspected_at=noon(1), visit_id=visit_id)
    make_push(store, person, visit_id=visit.id, clerk_push=5, assessed_on=day(1))

    assert 1 == ask("violations_per_100_checks_by_kind").den
    assert ask("first_recommendation_rate") is None


def test_stores_are_pooled_not_averaged():
    dealer = make_dealer()
    make_report(visit_on(1, make_store(dealer)), must_listed=1, must_answered=2)
    make_report(visit_on(1, make_store(dealer)), must_listed=9, must_answered=10)

    assert (0.833333, 10, 12) == parts("listing_rate")


def test_stores_that_are_left_out_are_told():
    sku = make_sku()
    for is_all in (True, None):
        visit = visit_on(1, make_store())
        make_report(visit, signage_num=1, signage_den=2, is_all_mandatory_pass=is_all)
        make_product_line(visit, sku, is_must=True, is_listed=True)

    passing = ask("mandatory_all_pass_store_rate")
    weighted = ask("weighted_distribution", sku_id=sku.id)

    assert (1, 1, {"incomplete_stores": 1}) == (passing.num, passing.den, passing.also)
    assert (None, {"unweighted_stores": 2}) == (weighted.value, weighted.also)
