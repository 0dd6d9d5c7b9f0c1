"""Which lines of a checklist contradict each other."""

import pytest

from backend.standards import lines
from backend.standards.manual import TEMPLATES, WITH_PRINCIPLES


def line(code="x", **fields):
    return {"code": code, "letter": code, "kind": "yes_no", "required": True} | fields


def choice(code="c", *options, **fields):
    found = [{"code": option, "zh": option, "en": option} for option in options or ("a", "b")]
    return line(code, kind="choice", options=found, **fields)


def shown_if(other, value, operator="is"):
    return {"condition": {"line": other, "operator": operator, "value": value}}


@pytest.mark.parametrize(
    "template",
    [*TEMPLATES.values(), *WITH_PRINCIPLES.values()],
    ids=lambda template: f"{template['code']} {template['version']}",
)
def test_the_manual_does_not_contradict_itself(template):
    lines.check(template["lines"])


@pytest.mark.parametrize(
    "consistent",
    [
        [line("x", kind="count", min_qty=3, best_qty=3)],
        [line("x", kind="count", min_qty=3, best_qty=None)],
        [line("x", kind="measure", min_value=1.5, max_value=None, critical=True)],
        [line("x", kind="photo", photos={"min_count": 1}), line("y", kind="text")],
        [choice(passing=["a"], critical=True)],
        [line("x"), line("y", **shown_if("x", False))],
        [line("y", **shown_if("x", 2, "is_not")), line("x", kind="count")],
        [line("y", **shown_if("x", 2.5)), line("x", kind="measure")],
        [line("y", **shown_if("c", "a")), choice()],
        [line("y", **shown_if("x", "no")), line("x", kind="text")],
        [line("z", **shown_if("y", True)), line("y", **shown_if("x", True)), line("x")],
        [line("x", letter="A", required=False), line("y", letter="A", required=False)],
    ],
)
def test_what_can_all_be_meant_is_accepted(consistent):
    lines.check(consistent)


@pytest.mark.parametrize(
    ("error", "message", "contradictory"),
    [
        (lines.DuplicateLineError, "code x", [line("x"), line("x", letter="B")]),
        (
            lines.MixedLetterError,
            "Letter A",
            [line("x", letter="A"), line("y", letter="A", required=False)],
        ),
        (lines.StrayFieldError, "no min_qty", [line(kind="text", min_qty=2)]),
        (lines.StrayFieldError, "no passes", [line(kind="count", passes=True)]),
        (
            lines.LimitsCrossedError,
            "min_qty 3 is above best_qty 2",
            [line(kind="count", min_qty=3, best_qty=2)],
        ),
        (
            lines.LimitsCrossedError,
            "min_value 2.5 is above max_value 2",
            [line(kind="measure", min_value=2.5, max_value=2)],
        ),
        (lines.NoOptionsError, "no options", [line(kind="choice")]),
        (lines.NoOptionsError, "no options", [line(kind="choice", options=[])]),
        (lines.NoOptionsError, "no options", [choice("c", "a", "a")]),
        (lines.NoOptionsError, "no parts", [line(kind="any_of", parts=[])]),
        (lines.NoOptionsError, "no widths_m", [line(kind="width_choice")]),
        (lines.UnknownOptionError, "lets z pass", [choice(passing=["a", "z"])]),
        (lines.UnknownOptionError, "lets nothing pass", [choice(passing=[])]),
        (lines.NoPhotosError, "asks for none", [line(kind="photo")]),
        (lines.CannotFailError, "is critical", [line(kind="text", critical=True)]),
        (lines.CannotFailError, "is critical", [line(kind="measure", critical=True)]),
        (lines.CannotFailError, "is critical", [choice(critical=True)]),
        (lines.UnknownConditionLineError, "depends on z", [line(**shown_if("z", True))]),
        (lines.ConditionCycleError, "x → x", [line("x", **shown_if("x", True))]),
        (
            lines.ConditionCycleError,
            "y → z → y",
            [
                line("y", **shown_if("z", True)),
                line("z", **shown_if("y", True)),
            ],
        ),
        (
            lines.ConditionCycleError,
            "y → z → y",
            [
                line("x", **shown_if("y", True)),
                line("y", **shown_if("z", True)),
                line("z", **shown_if("y", True)),
            ],
        ),
        (
            lines.UnknownConditionLineError,
            "y depends on q",
            [line("x", **shown_if("y", True)), line("y", **shown_if("q", True))],
        ),
        (lines.ImpossibleConditionError, "'yes'", [line("x"), line("y", **shown_if("x", "yes"))]),
        (lines.ImpossibleConditionError, "1", [line("x"), line("y", **shown_if("x", 1))]),
        (
            lines.ImpossibleConditionError,
            "True",
            [line("x", kind="count"), line("y", **shown_if("x", True))],
        ),
        (lines.ImpossibleConditionError, "'z'", [choice("x"), line("y", **shown_if("x", "z"))]),
        (
            lines.ImpossibleConditionError,
            "''",
            [line("x", kind="text"), line("y", **shown_if("x", ""))],
        ),
        (
            lines.ImpossibleConditionError,
            "True",
            [
                line("x", kind="photo", photos={"min_count": 1}),
                line("y", **shown_if("x", True)),
            ],
        ),
    ],
)
def test_a_contradiction_is_named(error, message, contradictory):
    with pytest.raises(error, match=message):
        lines.check(contradictory)


def test_one_line_is_enough_only_of_a_letter_there_is():
    lines.check([line("x", letter="A")], ["A"])

    with pytest.raises(lines.UnknownLetterError, match="letter B"):
        lines.check([line("x", letter="A")], ["A", "B"])
