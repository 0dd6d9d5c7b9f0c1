"""What a dealer's numbers come to, with the golden figures of the trade."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import summaries
from backend.insight.windows import Window
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform.actors import Role
from backend.standards.models import PromotionStore
from tests.factories import (
    actor_of,
    make_dealer,
    make_inspection,
    make_person,
    make_region,
    make_report,
    make_store,
    the_region,
)
from tests.insight.facts import (
    FROM,
    LATER,
    TO,
    WINDOW,
    boss,
    day,
    noon,
    photo,
    plan,
    promoted,
    promotion,
    rate,
    someone,
    summary,
    violation,
    visit_on,
)

pytestmark = pytest.mark.usefixtures("app")
RATES = (
    "store_coverage_rate",
    "visit_adherence_rate",
    "signage_compliance_score",
    "mandatory_item_pass_rate",
    "listing_rate",
    "on_shelf_availability",
    "price_compliance_rate",
    "promo_execution_rate",
    "photo_pass_rate",
    "reused_photo_rate",
)


def dealer_of(store: Store) -> Dealer:
    """Return the dealer a store first had."""
    return Dealer.get_by_id(StoreDealer.get(StoreDealer.store == store).dealer_id)


def move(store: Store, dealer, number: int) -> None:
    """Give a store to another dealer from a day of the window on."""
    StoreDealer.update(to_on=day(number)).where(
        StoreDealer.store == store, StoreDealer.to_on.is_null()
    ).execute()
    StoreDealer.create(store=store, dealer=dealer, from_on=day(number))


class TestCoverage:
    def test_a_store_of_three_days_is_on_neither_side(self):
        dealer = make_dealer()
        for store in [make_store(dealer) for _ in range(10)][:7]:
            visit_on(3, store)
        visit_on(26, make_store(dealer, opened_on=day(25)))

        found = summary(dealer)

        assert (0.7, 7, 10) == rate(found, "store_coverage_rate")
        assert (10, 10) == (found.kpis["store_coverage_rate"].n_stores, found.n_stores + 2)

    def test_without_active_stores_there_is_no_rate(self):
        dealer = make_dealer()
        make_store(dealer, status="prospect")

        assert (None, 0, 0) == rate(summary(dealer), "store_coverage_rate")

    def test_a_store_counts_until_it_closes_whatever_its_status_is_today(self):
        dealer = make_dealer()
        make_store(dealer, status="closed", closed_on=FROM)
        make_store(dealer, status="closed", closed_on=day(6))
        make_store(dealer, status="closed", closed_on=day(7))
        make_store(dealer, status="closed", closed_on=TO)
        make_store(dealer, status="at_risk")
        make_store(dealer, status="closed")

        assert (0, 0, 3) == rate(summary(dealer), "store_coverage_rate")

    def test_a_store_that_moves_counts_for_both_dealers_with_their_own_visits(self):
        before, after = make_dealer(), make_dealer()
        store = make_store(before)
        visit_on(2, store)
        move(store, after, 14)

        assert (1, 1, 1) == rate(summary(before), "store_coverage_rate")
        assert (0, 0, 1) == rate(summary(after), "store_coverage_rate")


class TestAdherence:
    def test_fifteen_of_nineteen_are_done_on_their_day(self):
        dealer = make_dealer()
        stores = [make_store(dealer) for _ in range(20)]
        for store in stores[:19]:
            plan(5, store)
        plan(5, stores[19], "cancelled_by_manager")
        for store in stores[:15]:
            visit_on(5, store)
        for store in stores[15:17]:
            visit_on(6, store)

        value, num, den = rate(summary(dealer), "visit_adherence_rate")

        assert (15, 19) == (num, den)
        assert pytest.approx(0.789474, abs=1e-6) == value

    def test_one_visit_does_one_entry(self):
        store = make_store()
        plan(5, store)
        plan(5, store)
        visit_on(5, store)
        plan(6, store)
        visit_on(6, store)
        visit_on(6, store)

        assert (2 / 3, 2, 3) == rate(summary(dealer_of(store)), "visit_adherence_rate")

    def test_an_entry_for_a_closed_store_is_dropped(self):
        store = make_store(status="closed", closed_on=day(5))
        plan(4, store)
        plan(5, store)

        assert (0, 0, 1) == rate(summary(dealer_of(store)), "visit_adherence_rate")

    def test_an_entry_counts_for_the_dealer_of_its_day(self):
        before, after = make_dealer(), make_dealer()
        store = make_store(before)
        plan(13, store)
        plan(14, store)
        plan(15, store)
        move(store, after, 14)

        assert (0, 0, 1) == rate(summary(before), "visit_adherence_rate")
        assert (0, 0, 2) == rate(summary(after), "visit_adherence_rate")


class TestStates:
    def test_a_city_stores_signage_is_seven_of_ten(self):
        store = make_store()
        make_report(
            visit_on(1, store),
            signage_num=7,
            signage_den=10,
            mandatory_pass=3,
            mandatory_checked=4,
        )

        found = summary(dealer_of(store))

        assert (0.7, 0.7, 1) == rate(found, "signage_compliance_score")
        assert (0.75, 3, 4) == rate(found, "mandatory_item_pass_rate")
        assert (4, True) == (
            found.violations_per_100_checks["signage"].den,
            found.violations_per_100_checks["signage"].low_n,
        )

    def test_signage_is_the_mean_of_stores_and_everything_else_is_pooled(self):
        dealer = make_dealer()
        for num, den in [(1, 2), (9, 10)]:
            visit = visit_on(1, make_store(dealer))
            counts = {"signage_num": num, "signage_den": den}
            make_report(visit, **counts, must_listed=num, must_answered=den)

        found = summary(dealer)

        assert (0.7, 1.4, 2) == rate(found, "signage_compliance_score")
        assert (pytest.approx(0.833333, abs=1e-6), 10, 12) == rate(found, "listing_rate")

    def test_availability_is_five_of_the_six_that_are_listed(self):
        store = make_store()
        counts = {"must_listed": 6, "must_answered": 8}
        make_report(visit_on(1, store), **counts, must_available=5, must_stock_answered=6)

        found = summary(dealer_of(store))

        assert (0.75, 6, 8) == rate(found, "listing_rate")
        assert (pytest.approx(0.833333, abs=1e-6), 5, 6) == rate(found, "on_shelf_availability")

    def test_the_latest_visit_with_the_section_decides(self):
        store = make_store()
        make_report(visit_on(1, store), signage_num=1, signage_den=10)
        make_report(visit_on(2, store), must_listed=1, must_answered=2)
        evening = noon(3) + timedelta(hours=5)
        make_report(visit_on(3, store, at=evening), signage_num=9, signage_den=10)
        make_report(visit_on(3, store), signage_num=5, signage_den=10)
        make_report(visit_on(4, store), signage_num=0, signage_den=0, promo_units=3)
        visit_on(5, store)

        found = summary(dealer_of(store))

        assert (0.9, 0.9, 1) == rate(found, "signage_compliance_score")
        assert (0.5, 1, 2) == rate(found, "listing_rate")
        assert (6, 6, None) == rate(found, "visits")

    def test_each_dealer_keeps_the_state_of_its_own_days(self):
        before, after = make_dealer(), make_dealer()
        store = make_store(before)
        make_report(visit_on(1, store), must_listed=1, must_answered=4)
        move(store, after, 14)
        make_report(visit_on(20, store), must_listed=3, must_answered=4)

        assert (0.25, 1, 4) == rate(summary(before), "listing_rate")
        assert (0.75, 3, 4) == rate(summary(after), "listing_rate")

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_parent_sees_a_moved_store_once_in_its_latest_state(self, order):
        parent = make_dealer()
        before, after = [make_dealer(parent=parent), make_dealer(parent=parent)][::order]
        store = make_store(before)
        make_report(visit_on(1, store), must_listed=1, must_answered=4)
        move(store, after, 4)
        make_report(visit_on(20, store), must_listed=3, must_answered=4)

        found = summary(parent, include_sub_dealers=True)

        assert (0.75, 3, 4) == rate(found, "listing_rate")
        assert (1, 1, 1) == rate(found, "store_coverage_rate")
        assert (0, 0, None) == rate(summary(parent), "visits")


class TestFlows:
    def test_prices_add_up_over_all_visits(self):
        dealer = make_dealer()
        for number, compliant in enumerate([2, 1, 0]):
            visit = visit_on(number, make_store(dealer))
            make_report(visit, prices_compliant=compliant, prices_checked=2)

        assert (0.5, 3, 6) == rate(summary(dealer), "price_compliance_rate")

    def test_a_promotion_is_executed_where_one_visit_saw_it(self):
        dealer = make_dealer()
        done, failed, unchecked, outside = (make_store(dealer) for _ in range(4))
        made = promotion(done, failed, unchecked)
        over = promotion(done, starts_on=FROM, ends_on=FROM)
        for number, executed in enumerate([False, True, False]):
            promoted(visit_on(number, done), made, is_executed=executed)
        promoted(visit_on(1, failed), made, is_executed=False)
        promoted(visit_on(1, unchecked), made, is_executed=None)
        promoted(visit_on(1, outside), made, is_executed=True)
        promoted(visit_on(4, done), over, is_executed=True)

        # Of `over` nobody came while it ran but for the visit of the first day to `done`.
        assert (0.25, 1, 4) == rate(summary(dealer), "promo_execution_rate")

    def test_a_promotion_with_something_wrong_about_it_is_not_executed(self):
        dealer = make_dealer()
        right, wrong = make_store(dealer), make_store(dealer)
        made = promotion(right, wrong)
        promoted(visit_on(0, right), made, is_executed=True, material_ok=True, area_ok=None)
        promoted(visit_on(0, wrong), made, is_executed=True, material_ok=True, area_ok=False)

        assert (0.5, 1, 2) == rate(summary(dealer), "promo_execution_rate")

    def test_a_store_enrolled_later_changes_nothing_past(self):
        dealer = make_dealer()
        store = make_store(dealer)
        made = promotion()
        promoted(visit_on(0, store), made, is_executed=True)
        PromotionStore.create(promotion=made, store=store, enrolled_at=noon(1))

        assert (None, 0, 0) == rate(summary(dealer), "promo_execution_rate")
        visit_on(1, store)
        assert (0.0, 0, 1) == rate(summary(dealer), "promo_execution_rate")

    def test_a_promotion_is_asked_of_every_enrolled_store_that_was_visited(self):
        dealer = make_dealer()
        done, failed, unchecked, unvisited = stores = [make_store(dealer) for _ in range(4)]
        made = promotion(*stores, starts_on=day(2), ends_on=day(9), stopped_on=day(6))
        promoted(visit_on(2, done), made, is_executed=True)
        promoted(visit_on(6, failed), made, is_executed=False)
        visit_on(4, unchecked)
        visit_on(5, unchecked)
        visit_on(1, unvisited)
        visit_on(7, unvisited)
        visit_on(4, unvisited, quarantine_reason="clock")
        visit_on(4, make_store(dealer))

        found = summary(dealer)

        assert (1 / 3, 1, 3) == rate(found, "promo_execution_rate")
        assert {"promo_unchecked_stores": 1} == found.kpis["promo_execution_rate"].also

    def test_what_was_seen_stays_where_a_store_is_taken_off_the_promotion(self):
        dealer = make_dealer()
        stores = [make_store(dealer) for _ in range(2)]
        made = promotion(*stores)
        promoted(visit_on(2, stores[0]), made, is_executed=True)
        visit_on(2, stores[1])
        PromotionStore.delete().execute()

        assert (1.0, 1, 1) == rate(summary(dealer), "promo_execution_rate")

    def test_promotion_units_add_up(self):
        store = make_store()
        make_report(visit_on(1, store), promo_units=3)
        make_report(visit_on(2, store), promo_units=4)

        assert (7, 7, None) == rate(summary(dealer_of(store)), "promo_units")

    def test_photos_are_judged_by_auditors_and_compared_once_analysed(self):
        store = make_store()
        visit = visit_on(1, store)
        photo(visit, verdict="approved", is_reused=True)
        photo(visit, verdict="rejected")
        photo(visit, verdict="pending")
        photo(visit, is_read=False)
        photo(visit, is_read=False, sha256=None)
        photo(visit, quarantine_reason="undecodable", is_reused=True, verdict="rejected")

        found = summary(dealer_of(store))

        assert (0.5, 1, 2) == rate(found, "photo_pass_rate")
        assert (pytest.approx(1 / 3), 1, 3) == rate(found, "reused_photo_rate")

    def test_violations_are_counted_by_kind_and_per_hundred_checks(self):
        store = make_store()
        make_report(
            visit_on(1, store),
            prices_compliant=38,
            prices_checked=40,
            mandatory_checked=8,
            mandatory_pass=8,
        )
        violation(1, store)
        violation(1, store, "excess_gift")
        violation(2, store, "excess_gift")
        violation(2, store, "out_of_stock")
        violation(28, store)

        found = summary(dealer_of(store))
        rates = found.violations_per_100_checks

        assert {"direct_price_cut": 1, "excess_gift": 2, "out_of_stock": 1} == (
            found.violations_by_kind
        )
        assert (7.5, 3, 40, False) == (
            rates["price"].value,
            rates["price"].num,
            rates["price"].den,
            rates["price"].low_n,
        )
        assert (None, 1, True) == (
            rates["stock"].value,
            rates["stock"].num,
            rates["stock"].inconsistent,
        )
        assert (None, False) == (rates["promotion"].value, rates["promotion"].inconsistent)
        assert (4, 49) == (rates["all"].num, rates["all"].den)

    def test_a_look_at_a_fixture_is_a_check_if_it_could_find_something(self):
        store = make_store()
        visit_on(1, store)
        violation(2, store, "fixture_misuse")
        for number, is_present, is_expected in (
            (2, True, True),
            (3, False, True),
            (4, True, False),
            (5, False, False),
            (28, True, True),
        ):
            make_inspection(
                store,
                someone(),
                inspected_at=noon(number),
                is_present=is_present,
                is_expected=is_expected,
            )

        rates = summary(dealer_of(store)).violations_per_100_checks

        assert (1, 3, False) == (
            rates["fixture"].num,
            rates["fixture"].den,
            rates["fixture"].inconsistent,
        )
        assert (1, 4) == (rates["all"].num, rates["all"].den)


class TestWhatCounts:
    def test_only_complete_and_believed_visits_do(self):
        store = make_store()
        visit_on(1, store, status="open")
        visit_on(1, store, status="reported")
        visit_on(1, store, quarantine_reason="clock")
        visit_on(1, store, kind="supervisor_patrol")

        assert (1, 1, None) == rate(summary(dealer_of(store)), "visits")

    def test_the_last_day_of_the_window_is_not_in_it(self):
        store = make_store()
        for number in (-1, 0, 27, 28):
            visit_on(number, store)

        assert (2, 2, None) == rate(summary(dealer_of(store)), "visits")

    def test_a_dealer_without_facts_has_counts_of_nought_and_no_rates(self):
        found = summary(make_dealer())

        assert dict.fromkeys(RATES) == {code: found.kpis[code].value for code in RATES}
        assert all(found.kpis[code].low_n for code in RATES)
        assert (0, 0) == (found.kpis["visits"].value, found.n_stores)
        assert {} == found.violations_by_kind

    def test_a_late_visit_shows_once_its_day_is_refreshed(self):
        store = make_store()
        summary(dealer_of(store))
        visit_on(1, store, received_at=LATER)

        assert (1, 1, None) == rate(summary(dealer_of(store)), "visits")

    def test_a_tier_keeps_to_its_stores(self):
        dealer = make_dealer()
        visit_on(1, make_store(dealer))
        visit_on(1, make_store(dealer, tier="town"))
        visit_on(2, make_store(dealer, tier="town"))
        summary(dealer)

        found = summaries.summaries(boss(), window=WINDOW, at=LATER, tier="town")

        assert (2, 2, None) == rate(found[0], "visits")
        assert (1, 2, 2) == rate(found[0], "store_coverage_rate")

    def test_it_is_provisional_while_phones_may_still_be_offline(self):
        dealer = make_dealer()
        soon = datetime.combine(TO + timedelta(days=2), datetime.min.time(), UTC)

        found = [summaries.summary(boss(), dealer.id, window=WINDOW, at=at) for at in (soon, LATER)]

        assert [True, False] == [each.is_provisional for each in found]
        assert [soon, LATER] == [each.as_of for each in found]


class TestScope:
    def test_another_regions_manager_gets_nothing(self):
        visit_on(1, make_store())
        other = make_person(Role.MANAGER, region=make_region(code="HB"))

        assert [] == summaries.summaries(actor_of(other), window=WINDOW, at=LATER)

    def test_sub_dealers_out_of_sight_add_nothing(self):
        region = the_region()
        inner = make_region(region, code="HN-CS")
        parent = make_dealer(region=inner)
        middle = make_dealer(parent=parent, region=region)
        visit_on(1, make_store(middle))
        visit_on(1, make_store(make_dealer(parent=middle, region=inner)))
        manager = actor_of(make_person(Role.MANAGER, region=inner))

        assert (2, 2, None) == rate(summary(parent, include_sub_dealers=True), "visits")
        assert (1, 1, None) == rate(
            summaries.summary(
                manager, parent.id, window=WINDOW, at=LATER, include_sub_dealers=True
            ),
            "visits",
        )

    def test_a_region_means_it_and_everything_below(self):
        root = the_region()
        inner = make_region(root, code="HN-CS")
        near, far = make_dealer(region=inner), make_dealer(region=root)
        elsewhere = make_region(code="HB")

        def codes(region_id: int) -> list[str]:
            found = summaries.summaries(boss(), window=WINDOW, at=LATER, region_id=region_id)
            return [each.dealer_code for each in found]

        assert sorted([near.code, far.code]) == codes(root.id)
        assert [near.code] == codes(inner.id)
        assert [] == codes(elsewhere.id)
        assert [] == codes(999_999)


@pytest.mark.parametrize("include_sub_dealers", [False, True])
def test_many_dealers_take_as_many_queries_as_one(include_sub_dealers):
    actor = boss()

    def ask() -> int:
        found = summaries.summaries(
            actor, window=WINDOW, at=LATER, include_sub_dealers=include_sub_dealers
        )
        return len(found)

    queries = 30 if include_sub_dealers else 29
    visit_on(1, make_store(make_dealer()))
    summary(make_dealer())
    with assert_query_count(queries):
        assert 2 == ask()
    for _ in range(10):
        visit_on(1, make_store(make_dealer()))
    summary(make_dealer())
    with assert_query_count(queries):
        assert 13 == ask()


def test_a_window_of_a_year_is_fine():
    store = make_store()
    visit_on(1, store)
    window = Window(TO - timedelta(days=400), TO)

    assert (1, 1, None) == rate(summary(dealer_of(store), window), "visits")
