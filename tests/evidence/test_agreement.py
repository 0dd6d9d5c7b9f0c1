"""Agreement of two readers, by figures worked out by hand and from the literature."""

import pytest

from backend.evidence.agreement import Agreement, NoKappa, agreement, turned


@pytest.mark.parametrize(
    ("said", "photos", "agreed", "kappa"),
    [
        # The table of two readers of 50 proposals that textbooks use: 20, 5, 10, 15.
        ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 50, 35, 0.4),
        # The same share agreed on, with other shares of each word: 45, 15, 25, 15.
        ({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}, 100, 60, 6 / 46),
        ({("y", "y"): 25, ("y", "n"): 35, ("n", "y"): 5, ("n", "n"): 35}, 100, 60, 14 / 54),
        # Three words: observed 0.7, chance 0.5*0.4 + 0.3*0.4 + 0.2*0.2 = 0.36.
        (
            {
                ("a", "a"): 4,
                ("a", "b"): 1,
                ("b", "b"): 2,
                ("b", "c"): 1,
                ("c", "b"): 1,
                ("c", "c"): 1,
            },
            10,
            7,
            0.34 / 0.64,
        ),
        ({("y", "y"): 3, ("n", "n"): 4}, 7, 7, 1.0),
        ({("y", "n"): 5, ("n", "y"): 5}, 10, 0, -1.0),
        ({("y", "n"): 5}, 5, 0, 0.0),
        ({("y", "y"): 9, ("y", "n"): 1}, 10, 9, 0.0),
    ],
)
def test_kappa_is_what_is_left_beyond_chance(said, photos, agreed, kappa):
    found = agreement(said)

    assert (photos, agreed, None) == (found.photos, found.agreed, found.null_reason)
    assert pytest.approx(agreed / photos) == found.rate
    assert pytest.approx(kappa) == found.kappa


@pytest.mark.parametrize("said", [{}, {("y", "y"): 0}])
def test_nothing_read_twice_has_no_rate_and_no_kappa(said):
    assert Agreement(0, 0, None, None, NoKappa.NOTHING_READ_TWICE) == agreement(said)


def test_readers_who_only_ever_said_one_word_agree_without_a_kappa():
    assert Agreement(12, 12, 1.0, None, NoKappa.NO_VARIATION) == agreement({("y", "y"): 12})


def test_the_order_of_the_readers_changes_nothing():
    said = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "u"): 15}

    assert agreement(said) == agreement(turned(said))
