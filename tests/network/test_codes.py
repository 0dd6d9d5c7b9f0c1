"""The grammar of dealer and store codes."""

from dataclasses import replace

import pytest

from backend.config import Config
from backend.network import codes
from backend.network.codes import BadCodeError
from backend.platform import settings


@pytest.fixture(params=["2-2-3-4", "1-1-1-1", "3-5"])
def widths(request: pytest.FixtureRequest) -> list[int]:
    """The digits of each level, in force."""
    settings.bind(replace(Config(), code_widths=request.param))
    return [int(width) for width in request.param.split("-")]


def code_of(widths: list[int]) -> str:
    return "-".join("7" * width for width in widths)


def test_a_store_has_every_level_and_a_dealer_any_fewer(widths):
    codes.check_store(code_of(widths))
    for depth in range(1, len(widths)):
        codes.check_dealer(code_of(widths[:depth]))
        with pytest.raises(BadCodeError):
            codes.check_store(code_of(widths[:depth]))
    with pytest.raises(BadCodeError):
        codes.check_dealer(code_of(widths))


@pytest.mark.usefixtures("widths")
def test_the_problem_shows_how_a_code_is_written():
    with pytest.raises(BadCodeError) as caught:
        codes.check_store("x")

    codes.check_store(caught.value.facts["example"])
