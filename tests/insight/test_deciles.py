from datetime import date

import pytest

from backend.insight.deciles import NOTHING_SOLD, TOO_SMALL, Member, money, purchase, ranked

VALUES = [100, 80, 60, 50, 45, 40, 35, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 2]


def members(*values, since=date(2020, 1, 1)):
    return [Member(f"D{number:02}", value, since) for number, value in enumerate(values)]


def test_money_deciles_of_the_golden_twenty():
    table = money(members(*VALUES))

    assert [180, 110, 85, 65, 54, 46, 38, 30, 22, 10] == [group.value for group in table.groups]
    assert 0.28125 == table.groups[0].share
    assert 0.453125 == table.groups[1].cumulative_share
    assert (640, None) == (table.total, table.reason)


def test_thirteen_members_spread_over_ten_groups():
    table = money(members(*range(13, 0, -1)))

    numbers = [group.number for group in table.groups for _ in group.members]
    assert [1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10] == numbers


def test_nine_members_make_no_table():
    assert ((), TOO_SMALL) == (money(members(*range(9))).groups, money(members(*range(9))).reason)


def test_without_sales_there_are_groups_but_no_shares():
    groups = money(members(*[0] * 9, -5)).groups

    assert {(None, None)} == {(group.share, group.cumulative_share) for group in groups}
    assert (-5, ("D09",)) == (groups[-1].value, groups[-1].members)


def test_purchase_deciles_of_the_golden_twenty():
    table = purchase(members(*VALUES))

    assert [1, 1, 1, 1, 1, 2, 2, 2, 3, 6] == [group.count for group in table.groups]
    assert [100, 80, 60, 50, 45, 75, 58, 50, 60, 62] == [group.value for group in table.groups]
    assert 0.05 == table.groups[0].share
    assert 1 == table.groups[-1].cumulative_share


def test_a_customer_who_carries_everything_fills_one_band():
    assert [1, 0, 0, 0, 0, 0, 0, 0, 0, 2] == [
        group.count for group in purchase(members(10, 0, 0)).groups
    ]


@pytest.mark.parametrize("values", [(), (0, 0), (3, -3)])
def test_nothing_sold_makes_no_purchase_table(values):
    assert ((), NOTHING_SOLD) == (purchase(members(*values)).groups, purchase([]).reason)


def test_equal_ones_are_ranked_by_how_long_they_are_customers_and_then_by_code():
    old, new = date(2019, 1, 1), date(2024, 1, 1)
    known = [Member("C", 5, new), Member("B", 5, old), Member("A", 5, new), Member("D", -1, old)]

    assert ["B", "A", "C", "D"] == [member.code for member in ranked(known)]
