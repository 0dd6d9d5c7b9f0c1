import pytest

from backend.demo.detection import Detection, compare

CERTAIN = (
    "frozen or repeated fix",
    "mock flag",
    "outside the fence",
    "reused photo",
    "rooted phone",
    "shared device",
    "short visit",
)


@pytest.mark.parametrize("detector", CERTAIN)
def test_what_was_planted_is_found(truth, detector):
    found = compare(truth)[detector]

    assert found.planted
    assert found.planted == found.right


def test_hardly_anything_else_is_called_wrong(truth):
    named = {name: found.precision for name, found in compare(truth).items() if found.found}

    assert named
    assert {} == {name: share for name, share in named.items() if share < 0.9}


def test_recall_and_precision_are_shares_of_the_planted_and_of_the_named():
    assert (0.5, 0.25) == (Detection(4, 9, 2, 6).recall, Detection(4, 9, 2, 6).precision)


def test_where_nothing_was_planted_or_named_there_is_no_share():
    assert (None, None) == (Detection(0, 0, 0, 0).recall, Detection(0, 0, 0, 0).precision)
