import pytest

from backend.insight.rfv import BestRule, Buyer, Score, Segment, scores

GOLDEN_V = [5, 5, 7, 9, 12, 15, 18, 22, 30, 60]


def test_the_golden_values_are_scored_by_rank_and_ties_share_the_lower_place():
    found = scores(Buyer(f"D{n}", n, n + 1, value) for n, value in enumerate(GOLDEN_V))

    assert [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] == [score.v for score in found.values()]


def test_who_bought_last_is_the_most_recent():
    found = scores(
        Buyer(code, days, 1, 1) for code, days in zip("ABCDE", (1, 9, 30, 80, 200), strict=True)
    )

    assert [5, 4, 3, 2, 1] == [score.r for score in found.values()]


def test_who_never_bought_is_scored_nothing_and_ranks_nobody_down():
    buyers = [Buyer(f"D{n}", n, n + 1, n + 1) for n in range(5)]

    with_stranger = scores([*buyers, Buyer("X", None, 0, 0)])

    assert Score(0, 0, 0) == with_stranger.pop("X")
    assert scores(buyers) == with_stranger


def test_returns_beyond_purchases_are_worth_nothing():
    buyers = [Buyer(f"D{n}", n, n + 1, n + 1) for n in range(5)]

    assert Score(1, 5, 0) == scores([*buyers, Buyer("X", 9, 9, -7)])["X"]


def test_four_customers_are_too_few():
    assert {None} == set(scores(Buyer(f"D{n}", n, 1, 1) for n in range(4)).values())


def test_a_label_is_three_digits_and_a_sum_sorts():
    assert (543, 12) == (Score(5, 4, 3).label, Score(5, 4, 3).sum)


@pytest.mark.parametrize(
    ("segment", "score"),
    [
        (Segment.CHAMPIONS, Score(4, 5, 4)),
        (Segment.LOYAL, Score(1, 4, 5)),
        (Segment.PROMISING, Score(5, 2, 5)),
        (Segment.AT_RISK, Score(2, 3, 3)),
        (Segment.LOST, Score(1, 2, 1)),
        (None, Score(3, 3, 3)),
        (None, Score(0, 0, 0)),
    ],
)
def test_customers_have_a_name_for_how_they_buy(segment, score):
    assert segment is score.segment


@pytest.mark.parametrize(
    ("is_best", "year"),
    [
        (True, {"amount_fen": 100_001, "categories": 4, "order_days": 6}),
        (False, {"amount_fen": 100_000, "categories": 4, "order_days": 6}),
        (False, {"amount_fen": 100_001, "categories": 3, "order_days": 6}),
        (False, {"amount_fen": 100_001, "categories": 4, "order_days": 5}),
    ],
)
def test_the_best_spend_more_on_more_kinds_and_come_again(is_best, year):
    assert is_best is BestRule(100_000).holds(**year)
