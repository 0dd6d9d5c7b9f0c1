from datetime import date

from backend.insight.deciles import Member
from backend.insight.rankings import AbcClass, Borders, ranking

SINCE = date(2020, 1, 1)


def members(**values):
    return [Member(code, value, SINCE) for code, value in values.items()]


def test_the_member_that_crosses_a_border_belongs_to_the_better_class():
    places = ranking(members(p=60, q=20, r=15, s=5))

    assert ["A", "A", "B", "C"] == [place.abc for place in places]
    assert [0.6, 0.8, 0.95, 1.0] == [round(place.cumulative_share, 9) for place in places]
    assert [0.6, 0.2, 0.15, 0.05] == [place.share for place in places]


def test_customers_without_sales_are_not_in_the_list():
    assert ["p"] == [place.code for place in ranking(members(p=1, q=0, r=-4))]


def test_nobody_at_all_is_an_empty_list():
    assert [] == ranking([])


def test_a_place_names_the_rank_before():
    places = ranking(members(p=3, q=2, r=1), previous=members(q=9, p=8, r=0))

    assert [("p", 1, 2), ("q", 2, 1), ("r", 3, None)] == [
        (place.code, place.rank, place.previous_rank) for place in places
    ]


def test_a_hair_beyond_a_border_changes_no_class():
    values = members(p=71, q=20, r=9)

    was_a = ranking(values, previous_abc={"q": AbcClass.A})
    was_c = ranking(values, previous_abc={"q": AbcClass.C})
    far_off = ranking(
        values, previous_abc={"q": AbcClass.A, "r": AbcClass.B}, borders=Borders(slack=0.005)
    )

    assert ["A", "A", "C"] == [place.abc for place in was_a]
    assert ["A", "B", "C"] == [place.abc for place in was_c]
    assert ["A", "B", "C"] == [place.abc for place in far_off]
