"""Spreading visits over a cycle."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from backend.fieldwork.cycles import Call, FieldDay, Unplaced, propose
from backend.network.positions import Point
from backend.standards.journey_codes import NoFit

MONDAY = date(2026, 3, 2)
ALL_WEEK, ALL_WEEKS = frozenset(range(1, 8)), frozenset(range(1, 5))


def on(number: int) -> date:
    return MONDAY + timedelta(days=number)


def cycle(*, room: Fraction = Fraction(1), ahead_of: int = -1) -> list[FieldDay]:
    """Return the working days of a cycle; those up to `ahead_of` are past."""
    return [
        FieldDay(on(number), number // 7 + 1, room, number > ahead_of)
        for number in range(28)
        if number % 7 < 5
    ]


def call(store_id: int = 1, visits: int = 1, **fields) -> Call:
    defaults = {
        "cost": Fraction(1, 9),
        "weekdays": ALL_WEEK,
        "weeks": ALL_WEEKS,
        "from_on": date.min,
        "to_on": date.max,
    }
    return Call(store_id=store_id, visits=visits, **defaults | fields)


def days_of(proposal, store_id: int = 1) -> list[int]:
    return [(day - MONDAY).days for day, store in proposal.visits if store == store_id]


def sixty_three(seed: int = 7) -> list[Call]:
    """Return the stores of a rep in a city: 15 % A, 30 % B, 35 % C, 20 % D."""
    random = Random(seed)
    grades = random.choices([8, 4, 2, 1], [15, 30, 35, 20], k=63)
    return [
        call(number, visits, point=Point(28 + random.random() / 2, 112 + random.random() / 2))
        for number, visits in enumerate(grades)
    ]


class TestRhythm:
    @pytest.mark.parametrize(
        ("visits", "longest"),
        [(20, 3), (8, 5), (4, 11), (2, 18)],
    )
    def test_keeps_visits_apart(self, visits, longest):
        days = days_of(propose([call(visits=visits)], cycle()))

        assert visits == len(days) == len(set(days))
        assert longest >= max(later - day for day, later in pairwise(days))

    @pytest.mark.parametrize(
        ("fields", "allowed"),
        [
            ({"weekdays": frozenset({2, 4})}, {1, 3, 8, 10, 15, 17, 22, 24}),
            ({"weeks": frozenset({1, 3})}, {0, 1, 2, 3, 4, 14, 15, 16, 17, 18}),
            ({"weekdays": frozenset({1}), "weeks": frozenset({2})}, {7}),
            ({"from_on": on(14)}, set(range(14, 28))),
            ({"to_on": on(4)}, set(range(4))),
        ],
    )
    def test_follows_the_rules_of_the_store(self, fields, allowed):
        days = days_of(propose([call(visits=1, **fields)], cycle()))

        assert 1 == len(days)
        assert set(days) <= allowed

    def test_follows_both_rules_for_each_visit(self):
        proposal = propose([call(visits=8, weekdays=frozenset({2, 4}))], cycle())

        assert [1, 3, 8, 10, 15, 17, 22, 24] == days_of(proposal)

    def test_neither_doubles_nor_makes_up_for_what_is_there(self):
        proposal = propose([call(visits=4, taken=frozenset({on(1), on(2), on(15)}))], cycle())

        weeks = [day // 7 for day in days_of(proposal)]

        assert [1, 3] == weeks

    def test_leaves_the_past_alone(self):
        proposal = propose([call(visits=4)], cycle(ahead_of=12))

        assert [2, 3] == [day // 7 for day in days_of(proposal)]
        assert [] == proposal.unplaced


class TestRoom:
    def test_is_never_exceeded(self):
        calls = [call(number, 2, cost=Fraction(1, 6)) for number in range(80)]

        proposal = propose(calls, cycle())
        per_day = Counter(day for day, _ in proposal.visits)

        assert {6} == set(per_day.values())
        assert 160 - 120 == sum(each.visits for each in proposal.unplaced)
        assert {NoFit.DAYS_FULL} == {each.reason for each in proposal.unplaced}

    def test_of_a_part_that_is_full_is_sought_elsewhere(self):
        week = frozenset({1})
        busy = [call(number, 1, weeks=week, cost=Fraction(1, 5)) for number in range(2, 27)]

        proposal = propose([*busy, call(1, 4)], cycle())

        assert [] == proposal.unplaced
        assert 4 == len(days_of(proposal))
        assert 0 not in {day // 7 for day in days_of(proposal)}

    def test_is_kept_for_stores_that_are_due_a_single_visit(self):
        many = [call(number, 8, cost=Fraction(1, 4)) for number in range(20)]

        proposal = propose([*many, call(99, 1, cost=Fraction(1, 4))], cycle())

        assert 1 == len(days_of(proposal, 99))

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"weekdays": frozenset({6, 7})}, Unplaced(1, 3, NoFit.NO_ALLOWED_DAY)),
            (
                {"weekdays": frozenset({1}), "weeks": frozenset({1, 3})},
                Unplaced(1, 1, NoFit.TOO_FEW_DAYS),
            ),
            ({"cost": Fraction(2)}, Unplaced(1, 3, NoFit.DAYS_FULL)),
        ],
    )
    def test_that_is_missing_is_explained(self, fields, expected):
        assert [expected] == propose([call(visits=3, **fields)], cycle()).unplaced

    def test_of_half_days_is_half(self):
        calls = [call(number, 1, cost=Fraction(1, 8)) for number in range(200)]

        per_day = Counter(day for day, _ in propose(calls, cycle(room=Fraction(1, 2))).visits)

        assert {4} == set(per_day.values())


class TestSixtyThreeStores:
    def test_are_planned_the_same_whenever_asked(self):
        calls = sixty_three()
        shuffled = Random(1).sample(calls, len(calls))

        assert propose(calls, cycle()) == propose(shuffled, cycle())

    @pytest.mark.parametrize("seed", range(5))
    def test_fill_the_days_evenly(self, seed):
        calls = sixty_three(seed)

        proposal = propose(calls, cycle())
        per_day = Counter(day for day, _ in proposal.visits)

        due = sum(each.visits for each in calls)
        missing = sum(each.visits for each in proposal.unplaced)
        assert due == len(proposal.visits) + missing
        assert min(due, 180) == len(proposal.visits)
        assert 3 >= max(per_day.values()) - min(per_day.values())

    def test_are_grouped_by_place(self):
        west, east = Point(28.0, 112.0), Point(28.0, 113.0)
        calls = [call(number, 1, point=west if number % 2 else east) for number in range(20)]

        proposal = propose(calls, cycle()[:4])

        mixed = [
            day
            for day in {day for day, _ in proposal.visits}
            if len({store % 2 for on_day, store in proposal.visits if on_day == day}) > 1
        ]
        assert [] == mixed


class TestHolidays:
    def off(self, *numbers: int) -> list[FieldDay]:
        """Return a cycle with some days off."""
        return [
            replace(day, is_worked=(day.day - MONDAY).days not in numbers, room=Fraction(1))
            for day in cycle()
        ]

    def test_keep_their_place_in_the_rhythm(self):
        days = days_of(propose([call(visits=4)], self.off(0, 7, 8)))

        assert [0, 1, 2, 3] == [day // 7 for day in days]
        assert not {0, 7, 8} & set(days)

    def test_of_a_whole_week_move_the_visit(self):
        days = days_of(propose([call(visits=4)], self.off(7, 8, 9, 10, 11)))

        assert 4 == len(days)
        assert 1 not in {day // 7 for day in days}

    def test_are_no_days_to_choose(self):
        proposal = propose([call(visits=2, weekdays=frozenset({1}))], self.off(0, 7, 14))

        assert [21] == days_of(proposal)
        assert [Unplaced(1, 1, NoFit.TOO_FEW_DAYS)] == proposal.unplaced
