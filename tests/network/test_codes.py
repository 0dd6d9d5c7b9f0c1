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


class TestCheckDigit:
    @pytest.fixture(autouse=True)
    def checked(self) -> None:
        settings.bind(replace(Config(), code_check_digit=True))

    @pytest.mark.parametrize(
        ("bare", "whole"),
        [("43-01-001", "43-01-001-6"), ("43-01-001-0001", "43-01-001-0001-4"), ("43", "43-0")],
    )
    def test_proves_a_code_that_is_read_out(self, bare, whole):
        assert whole == codes.with_check_digit(bare)
        check = codes.check_store if len(bare) > 9 else codes.check_dealer
        check(whole)
        with pytest.raises(BadCodeError):
            check(bare)

    def test_finds_a_wrong_digit_and_two_that_changed_places(self):
        for wrong in ("43-01-002-6", "34-01-001-6", "43-01-001-5"):
            with pytest.raises(BadCodeError):
                codes.check_dealer(wrong)

    def test_is_told_where_it_alone_is_wrong(self):
        with pytest.raises(BadCodeError) as wrong_digit:
            codes.check_dealer("43-01-001-9")
        with pytest.raises(BadCodeError) as wrong_grammar:
            codes.check_store("x")

        assert "43-01-001-6" == wrong_digit.value.facts["example"]
        codes.check_store(wrong_grammar.value.facts["example"])
