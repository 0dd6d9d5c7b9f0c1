"""Business licence numbers."""

import pytest

from backend.network import licences
from backend.network.licences import BadLicenceError


@pytest.mark.parametrize("text", ["91350100M000100Y43", " 91350100m000100y43", "440301104082345"])
def test_both_forms_are_taken(text):
    assert text.strip().upper() == licences.checked(text)


@pytest.mark.parametrize(
    "text", ["", "91350100M000100Y44", "91350100I000100Y43", "44030110408234", "４" * 15]
)
def test_what_does_not_prove_itself_is_refused(text):
    with pytest.raises(BadLicenceError):
        licences.checked(text)
