"""Scorecards worked out by hand: points, lines, caps, movement, and what contests take out."""

from datetime import timedelta

import pytest

from backend.insight import periods, scorecard_movement, scorecards
from backend.insight.windows import Against, Window
from backend.platform.errors import NotFoundError
from backend.standards.codes import ViolationKind
from backend.standards.scorecard_codes import Pillar
from tests.factories import (
    TODAY,
    make_contest,
    make_dealer,
    make_promotion,
    make_sku,
    make_store,
    make_violation,
)
from tests.insight.cards import (
    BEFORE,
    LATER,
    card_of,
    checklist,
    inspected,
    points_of,
    priced,
    shelf,
)
from tests.insight.facts import TO, WINDOW, boss, photo, promoted, violation, visit_on

pytestmark = pytest.mark.usefixtures("storage")
UPHELD = {"state": "upheld", "from_on": TODAY, "to_on": TO}


def pillar(card: scorecards.Card, name: Pillar):
    return next(one for one in card.pillars if one.pillar is name)


def test_the_lines_of_a_card_add_up_to_what_it_lacks():
    dealer, letters = make_dealer(), checklist()
    good, bad = make_store(dealer), make_store(dealer)
    hero, core = make_sku(), make_sku()
    shelf(inspected(1, good, letters), listed=(hero, core))
    visit = inspected(2, bad, letters, "BC")
    shelf(visit, listed=(hero,), missing=(core,))
    priced(visit, hero, "direct_price_cut")
    priced(visit, core, "overpricing")

    card = card_of(dealer)

    # Signage: of the bad store 6/9, so 5/6 in the mean; mandatory: 7 of 8; listing: 3 of 4;
    # prices: 1 of 2, but no violation. City stores weigh these three 30, 25 and 20, together 75.
    assert [0.4, pytest.approx(1 / 3), pytest.approx(20 / 75), 0, 0] == [
        one.share for one in card.pillars
    ]
    assert [pytest.approx((250 / 3 + 87.5) / 2), 75, 75, None, None] == [
        one.points for one in card.pillars
    ]
    assert pytest.approx(100 - card.score) == sum(line.points for line in card.lines.values())
    # C is two of nine in one of two stores, and one of eight; B is one of nine, not mandatory.
    assert {
        "display/letter:C": round(20 * (100 * 2 / 9 / 2) / 100 + 20 / 8, 6),
        "display/letter:B": round(20 / 9 / 2, 6),
        f"assortment/sku:{core.id}": round(100 / 3 / 4, 6),
        f"price/sku:{hero.id}": round(2000 / 75 / 4, 6),
    } == points_of(card)
    assert [bad.id] == list(card.lines["display/letter:C"].stores)
    assert ("C C 项", "C C item") == scorecards.titled(card.titles, "letter:C")


def test_only_the_latest_checklist_of_a_store_tells_its_state():
    dealer, letters = make_dealer(), checklist()
    store = make_store(dealer)
    inspected(1, store, letters, "CDE")
    inspected(3, store, letters, "D")

    assert {"display/letter:D"} == set(card_of(dealer).lines)


def test_facts_of_days_before_the_store_was_the_dealers_are_not_on_its_card():
    letters = checklist()
    inspected(1, make_store(make_dealer()), letters, "C")

    card = card_of(make_dealer())

    assert (None, None, {}) == (card.score, card.uncapped, card.lines)


def test_promotions_photos_and_price_violations_have_lines_of_their_own():
    dealer = make_dealer()
    store = make_store(dealer)
    spring = make_promotion(stores=[store], code="P-SPRING")
    visit = visit_on(1, store)
    promoted(visit, spring, is_executed=True, material_ok=False)
    photo(visit, verdict="rejected")
    photo(visit, verdict="approved")
    sku = make_sku()
    inspected(2, store, checklist())
    priced(inspected(3, store, checklist()), sku)
    make_violation(store, subject=f"sku:{sku.id}", kind=ViolationKind.DIRECT_PRICE_CUT)

    card = card_of(dealer)

    assert {
        f"promotion/promotion:{spring.id}": [store.id],
        "display/photo:other": [store.id],
        f"price/sku:{sku.id}": [store.id],
    } == {line.id: list(line.stores) for line in card.lines.values()}
    assert 0 == pillar(card, Pillar.PROMOTION).points


def test_a_promotion_that_one_visit_saw_executed_costs_nothing():
    dealer = make_dealer()
    store = make_store(dealer)
    spring = make_promotion(stores=[store])
    promoted(visit_on(1, store), spring, is_executed=True)
    promoted(visit_on(5, store), spring, is_executed=False)

    card = card_of(dealer)

    assert (100, {}) == (pillar(card, Pillar.PROMOTION).points, card.lines)


class TestCaps:
    def test_a_critical_line_that_fails_caps_the_display(self):
        dealer, letters = make_dealer(), checklist()
        stores = [make_store(dealer) for _ in range(9)]
        for store in stores[1:]:
            inspected(1, store, letters)
        inspected(1, stores[0], letters, "F")

        card = card_of(dealer)

        assert [("display/letter:F", Pillar.DISPLAY, 60, (stores[0].id,))] == [
            (cap.line, cap.pillar, cap.limit, cap.stores) for cap in card.caps
        ]
        assert 60 == card.capped[Pillar.DISPLAY] == card.score
        assert 95 < card.uncapped

    def test_a_grave_violation_caps_the_card_while_it_is_open_at_the_windows_end(self):
        dealer = make_dealer()
        store = make_store(dealer)
        inspected(1, store, checklist())
        case = violation(2, store, "fixture_missing")
        type(case).update(severity=4).execute()

        open_ = card_of(dealer)
        type(case).update(resolved_at=case.opened_at).execute()
        resolved = card_of(dealer)

        assert (60, 100) == (open_.score, open_.uncapped)
        assert [("critical/fixture_missing", None)] == [(c.line, c.pillar) for c in open_.caps]
        assert (100, []) == (resolved.score, resolved.caps)


class TestMovement:
    def test_adds_up_from_lines_to_the_score(self):
        dealer, letters = make_dealer(), checklist()
        one, other = make_store(dealer), make_store(dealer)
        inspected(-5, one, letters, "C")
        inspected(-5, other, letters)
        inspected(5, one, letters)
        inspected(5, other, letters, "DE")

        after, before = card_of(dealer), card_of(dealer, BEFORE)
        moved = scorecard_movement.movement(after, before, Against.PREVIOUS)

        assert pytest.approx(after.score - before.score) == moved.points
        assert pytest.approx(moved.points) == sum(kpi.points for kpi in moved.kpis)
        assert pytest.approx(moved.points) == sum(line.points for line in moved.lines)
        assert (pytest.approx(0), 0) == (moved.mix, moved.caps)
        assert {"display/letter:C": True, "display/letter:D": False, "display/letter:E": False} == {
            line.line: line.points > 0 for line in moved.lines
        }
        assert {one.id} == next(set(m.stores) for m in moved.lines if m.line.endswith("C"))

    def test_says_what_new_pillars_and_caps_did_to_it(self):
        dealer, letters = make_dealer(), checklist()
        store = make_store(dealer)
        inspected(-5, store, letters)
        visit = inspected(5, store, letters, "F")
        shelf(visit, missing=(make_sku(),))

        after, before = card_of(dealer), card_of(dealer, BEFORE)
        moved = scorecard_movement.movement(after, before, Against.PREVIOUS)

        kpis = sum(kpi.points for kpi in moved.kpis)
        assert pytest.approx(moved.points) == kpis + moved.mix + moved.caps
        assert moved.mix < 0
        assert moved.caps < 0
        assert [None] == [kpi.before for kpi in moved.kpis if kpi.kpi == "listing_rate"]

    def test_is_unknown_where_there_was_no_score(self):
        dealer = make_dealer()
        inspected(5, make_store(dealer), checklist())

        moved = scorecard_movement.movement(
            card_of(dealer), card_of(dealer, BEFORE), Against.PREVIOUS
        )

        assert (None, None, None) == (moved.points, moved.mix, moved.caps)

    @pytest.mark.parametrize(
        ("against", "window", "expected"),
        [
            (Against.PREVIOUS, WINDOW, BEFORE),
            (
                Against.PREVIOUS,
                Window(TODAY.replace(month=3, day=1), TODAY.replace(month=4, day=1)),
                Window(TODAY.replace(month=2, day=1), TODAY.replace(month=3, day=1)),
            ),
            (
                Against.LAST_YEAR,
                Window(TODAY.replace(year=2024, day=29, month=2), TODAY.replace(year=2024)),
                Window(TODAY.replace(year=2023, day=28, month=2), TODAY.replace(year=2023)),
            ),
        ],
    )
    def test_is_since_the_days_before_or_those_of_last_year(self, against, window, expected):
        assert expected == periods.before(window, against)


class TestUpheldContests:
    def test_take_a_letter_out_of_the_store_on_both_sides(self):
        dealer, letters = make_dealer(), checklist()
        one, other = make_store(dealer), make_store(dealer)
        for store in (one, other):
            inspected(1, store, letters, "C")
        contest = make_contest(dealer, line="display/letter:C", store=one, **UPHELD)

        card = card_of(dealer)

        assert {other.id} == set(card.lines["display/letter:C"].stores)
        signage, mandatory = pillar(card, Pillar.DISPLAY).kpis[:2]
        assert (pytest.approx(1 + 7 / 9), 2) == (signage.num, signage.den)
        assert (6, 7) == (mandatory.num, mandatory.den)
        assert 2 == card.left_out[contest.id]

    def test_take_out_a_store_of_which_nothing_else_was_seen(self):
        dealer, letters = make_dealer(), checklist()
        inspected(1, make_store(dealer), letters, "BCDEF")
        for letter in "BCDEF":
            make_contest(dealer, line=f"display/letter:{letter}", **UPHELD)

        card = card_of(dealer)

        assert (None, []) == (card.score, card.caps)

    def test_leave_other_windows_alone(self):
        dealer, letters = make_dealer(), checklist()
        inspected(1, make_store(dealer), letters, "C")
        days = {"from_on": TODAY - timedelta(days=28), "to_on": TODAY}
        make_contest(dealer, line="display/letter:C", **UPHELD | days)
        make_contest(make_dealer(), line="display/letter:C", **UPHELD)
        make_contest(dealer, line="display/letter:C", **UPHELD | {"state": "rejected"})

        assert {"display/letter:C"} == set(card_of(dealer).lines)

    def test_take_a_kpi_that_has_no_rows_out_of_a_card_of_the_very_window(self):
        dealer = make_dealer()
        visit = inspected(1, make_store(dealer), checklist())
        shelf(visit, missing=(make_sku(),))
        make_contest(dealer, line="assortment/listing_rate", **UPHELD)

        whole = card_of(dealer)
        part = card_of(dealer, Window(TODAY, TO - timedelta(days=1)))

        assert (100, {}) == (whole.score, whole.lines)
        assert part.score < 100

    def test_take_a_violation_out_of_the_price_and_of_the_caps(self):
        dealer = make_dealer()
        store = make_store(dealer)
        priced(inspected(1, store, checklist()), make_sku())
        cut = violation(2, store)
        grave = violation(2, store, "fixture_missing")
        type(grave).update(severity=4).where(type(grave).kind == "fixture_missing").execute()
        make_contest(dealer, line=f"price/{cut.subject}", store=store, **UPHELD)
        make_contest(dealer, line="critical/fixture_missing", **UPHELD)

        card = card_of(dealer)

        assert (100, [], {}) == (card.score, card.caps, card.lines)


def test_a_dealer_out_of_sight_has_no_card():
    with pytest.raises(NotFoundError):
        scorecards.get(boss(), 999, window=WINDOW, at=LATER)
