"""What stands after what was said of a photo."""

import pytest

from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.standing import Part, Reason, Status, standing

SAYS = {"a": ("approved", []), "r": ("rejected", ["dark"]), "u": ("unsure", [])}


def said(*words: str) -> list[PhotoVerdict]:
    """Return what was said: a, r or u, of an arbiter in capitals."""
    parts = iter([Part.FIRST, Part.SECOND])
    found = []
    for number, word in enumerate(words, start=1):
        verdict, reasons = SAYS[word.lower()]
        part = Part.ARBITER if word.isupper() else next(parts)
        found.append(
            PhotoVerdict(
                number=number, part=part, person=number, verdict=verdict, reasons=reasons, note=""
            )
        )
    return found


@pytest.mark.parametrize(
    ("words", "wants_second", "expected", "by"),
    [
        ("", False, "pending", None),
        ("a", False, "approved", 1),
        ("r", False, "rejected", 1),
        ("u", False, "disputed", None),
        ("", True, "pending", None),
        ("a", True, "pending", None),
        ("r", True, "pending", None),
        ("u", True, "pending", None),
        ("aa", True, "approved", 2),
        ("rr", True, "rejected", 2),
        ("ar", True, "disputed", None),
        ("ua", True, "disputed", None),
        ("ru", True, "disputed", None),
        ("uu", True, "disputed", None),
        ("uA", False, "approved", 2),
        ("arR", True, "rejected", 3),
        ("aaR", True, "rejected", 3),
        ("rA", False, "approved", 2),
        ("rAR", False, "rejected", 3),
    ],
)
def test_what_stands(words, wants_second, expected, by):
    found = standing(said(*words), wants_second=wants_second)

    assert (expected, by) == (str(found.status), found.by and found.by.person_id)
    assert (["dark"] if expected == "rejected" else []) == list(found.reasons)


def test_two_who_agree_are_quoted_with_the_reasons_of_both():
    first, second = said("r", "r")
    first.note, second.reasons = "看不清", [str(Reason.BLURRED)]

    found = standing([first, second], wants_second=True)

    assert (Status.REJECTED, ["blurred", "dark"], "看不清") == (
        found.status,
        found.reasons,
        found.note,
    )
