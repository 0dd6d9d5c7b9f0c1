"""Telephone numbers as people write them."""

import pytest

from backend.network import phones
from backend.network.phones import BadPhoneError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812348000", "+8613812348000"),
        ("138 1234 8000", "+8613812348000"),
        ("+86 138-1234-8000", "+8613812348000"),
        ("0086-13812348000", "+8613812348000"),
        ("１３８１２３４８０００", "+8613812348000"),
        ("19912348000", "+8619912348000"),
        ("0731-88881234", "+8673188881234"),
        ("(0731)8888 1234 转 802", "+8673188881234"),
        ("010-88881234#12", "+861088881234"),
        ("+86 731 8888 1234", "+8673188881234"),
        ("400-820-1234", "+864008201234"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_one_number_has_one_form(text, number):
    assert number == phones.e164(text)


@pytest.mark.parametrize(
    "text", ["", "95555", "14412345678", "1064812345678", "88881234", "12345678901", "abc", "+"]
)
def test_what_cannot_be_called_is_refused(text):
    with pytest.raises(BadPhoneError):
        phones.e164(text)


def test_a_list_shows_the_ends_only():
    assert "138****8000" == phones.masked("+8613812348000")
    assert phones.masked(None) is None
