"""How alike the names of two stores are."""

import pytest

from backend.network.duplicate_search import similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒达手机店", "恒达通讯专卖店"),
        ("长沙恒达 （五一广场）店", "长沙恒达(五一广场）"),
        ("ＡＢＣ数码", "abc 手机"),
        ("手机店", "手机店"),
    ],
)
def test_common_words_width_and_marks_tell_nothing_apart(one, other):
    assert 1 == similarity(one, other)


@pytest.mark.parametrize(("one", "other"), [("恒达手机店", "大中手机店"), ("手机店", "通讯店")])
def test_what_is_left_does(one, other):
    assert similarity(one, other) < 0.75
