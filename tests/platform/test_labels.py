"""Codes with names."""

import pytest

from backend.platform.labels import Labelled


class Colour(Labelled):
    RED = "red", "红", "red"


def test_a_code_is_looked_up_by_itself():
    assert Colour.RED is Colour("red")
    assert ("红", "red") == (Colour.RED.zh, Colour.RED.en)


def test_a_code_without_a_name_in_both_languages_is_refused():
    with pytest.raises(TypeError, match="green has no names"):

        class Nameless(Labelled):
            GREEN = "green", "绿"
