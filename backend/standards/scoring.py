"""Judging a checklist: what was answered, against the rule each line declares.

An answer names its `line` and gives what the phone saw: `present`, `quantity`, `parts`,
`width_m`, `contiguous`, `not_applicable`. Whatever is left out or null is unanswered, and an
unanswered rule is neither passed nor failed. `present` answers the line's title, width included;
a width that was measured is held against the limit as well. `present: false` settles a line
whatever else was said.

A score counts letters, not lines: the city's counter (c1) and wall (c2) are one item, C. A letter
is worth what its weakest line is worth.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from backend.standards.codes import CheckResult, LineKind

Verdict = tuple[CheckResult, float | None, str]
"""Result, ratio (None unless passed or failed), and what is lacking."""

PASSED: Verdict = (CheckResult.PASS, 1.0, "")


class ContradictoryAnswersError(ValueError):
    """A line was answered more than once."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What one line came to; `lacking` is empty unless it failed or was not checked."""

    code: str
    letter: str
    required: bool
    result: CheckResult
    ratio: float | None
    weight: float
    lacking: str

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "code": self.code,
            "letter": self.letter,
            "required": self.required,
            "result": self.result.value,
            "ratio": self.ratio,
            "weight": self.weight,
            "lacking": self.lacking,
        }


@dataclass(frozen=True, slots=True)
class LetterResult:
    """What one item of the checklist came to."""

    letter: str
    required: bool
    result: CheckResult
    ratio: float | None
    weight: float

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "letter": self.letter,
            "required": self.required,
            "result": self.result.value,
            "ratio": self.ratio,
            "weight": self.weight,
        }


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """A judged checklist: numerators and denominators, never rates.

    Every sum counts letters, `lines_offered` and `lines_checked` too. `all_mandatory_pass` is None
    while a required letter is unchecked, and when none applies. `missing_required` are the
    required letters not checked, `unknown` the answered codes the template does not have.
    """

    template: str
    version: int
    lines: tuple[LineResult, ...]
    letters: tuple[LetterResult, ...]
    signage_num: float
    signage_den: float
    mandatory_pass: int
    mandatory_checked: int
    all_mandatory_pass: bool | None
    lines_offered: int
    lines_checked: int
    missing_required: tuple[str, ...]
    unknown: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "template": self.template,
            "version": self.version,
            "lines": [line.as_dict() for line in self.lines],
            "letters": [letter.as_dict() for letter in self.letters],
            "signage_num": self.signage_num,
            "signage_den": self.signage_den,
            "mandatory_pass": self.mandatory_pass,
            "mandatory_checked": self.mandatory_checked,
            "all_mandatory_pass": self.all_mandatory_pass,
            "lines_offered": self.lines_offered,
            "lines_checked": self.lines_checked,
            "missing_required": list(self.missing_required),
            "unknown": list(self.unknown),
        }


def judge(
    template: Mapping[str, Any],
    answers: Iterable[Mapping[str, Any]],
    *,
    county_c_mode: Literal["lenient", "strict"] = "lenient",
    partial_credit: bool = True,
    weights: tuple[float, float] = (2, 1),
) -> ChecklistResult:
    """Judge the answers to a checklist.

    `county_c_mode` says whether a wall may stand for the two counter sections. With
    `partial_credit` a failed quantity earns quantity / min_qty, else nothing. `weights` are those
    of a required and of a recommended letter, unless a line states its own.

    Raises ContradictoryAnswersError when a line is answered twice.
    """
    answered = _by_line(answers)
    rules = _RULES[county_c_mode]
    lines = []
    by_letter: dict[str, list[LineResult]] = {}
    for line in template["lines"]:
        code, required = line["code"], line["required"]
        answer = answered.pop(code, None)
        if answer is None:
            result, ratio, lacking = _unchecked("unanswered")
        elif answer.get("not_applicable"):
            result, ratio, lacking = CheckResult.NOT_APPLICABLE, None, ""
        else:
            result, ratio, lacking = rules[line["kind"]](line, answer)
        if result is CheckResult.FAIL and not partial_credit:
            ratio = 0.0
        weight = line.get("weight")
        if weight is None:
            weight = weights[0 if required else 1]
        judged = LineResult(code, line["letter"], required, result, ratio, weight, lacking)
        lines.append(judged)
        by_letter.setdefault(judged.letter, []).append(judged)
    letters = tuple(_letter(letter, members) for letter, members in by_letter.items())
    return _sum_up(template, tuple(lines), letters, unknown=tuple(answered))


def _by_line(answers: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for answer in answers:
        code = answer["line"]
        if code in found:
            raise ContradictoryAnswersError(f"{code} is answered more than once.")
        found[code] = answer
    return found


def _letter(letter: str, lines: list[LineResult]) -> LetterResult:
    """Join the lines of a letter: one failure fails it, one unchecked line leaves it open."""
    results = {line.result for line in lines}
    for result in (CheckResult.FAIL, CheckResult.NOT_CHECKED, CheckResult.PASS):
        if result in results:
            break
    else:
        result = CheckResult.NOT_APPLICABLE
    ratio = None
    if result in (CheckResult.PASS, CheckResult.FAIL):
        ratio = min(line.ratio for line in lines if line.ratio is not None)
    required = any(line.required for line in lines)
    return LetterResult(letter, required, result, ratio, max(line.weight for line in lines))


def _sum_up(
    template: Mapping[str, Any],
    lines: tuple[LineResult, ...],
    letters: tuple[LetterResult, ...],
    unknown: tuple[str, ...],
) -> ChecklistResult:
    num = den = 0.0
    passed = checked = unchecked = 0
    missing = []
    for letter in letters:
        if letter.ratio is not None:
            num += letter.weight * letter.ratio
            den += letter.weight
            if letter.required:
                checked += 1
                passed += letter.result is CheckResult.PASS
        elif letter.result is CheckResult.NOT_CHECKED:
            unchecked += 1
            if letter.required:
                missing.append(letter.letter)
    return ChecklistResult(
        template=template["code"],
        version=template["version"],
        lines=lines,
        letters=letters,
        signage_num=num,
        signage_den=den,
        mandatory_pass=passed,
        mandatory_checked=checked,
        all_mandatory_pass=None if missing or not checked else passed == checked,
        lines_offered=len(letters),
        lines_checked=len(letters) - unchecked,
        missing_required=tuple(missing),
        unknown=unknown,
    )


def _failed(lacking: str, ratio: float = 0.0) -> Verdict:
    return CheckResult.FAIL, ratio, lacking


def _unchecked(lacking: str) -> Verdict:
    return CheckResult.NOT_CHECKED, None, lacking


def _present(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass what is there and, if its width was measured, wide enough."""
    present, width = answer.get("present"), answer.get("width_m")
    if present is False:
        return _failed("absent")
    if present is None and width is None:
        return _unchecked("unanswered")
    wanted = line.get("min_width_m")
    if width is not None and wanted is not None and width < wanted:
        return _failed(f"width {width:g} of {wanted:g} m")
    return PASSED


def _width_choice(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass what is there and, if its width was measured, of one of the stated widths."""
    width = answer.get("width_m")
    verdict = _present(line, answer)
    if verdict is PASSED and width is not None and width not in line["widths_m"]:
        stated = " or ".join(f"{choice:g}" for choice in line["widths_m"])
        return _failed(f"width {width:g}, not {stated} m")
    return verdict


def _count(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass enough pieces, joined if the line says so; pieces known to be apart earn nothing."""
    present, quantity = answer.get("present"), answer.get("quantity")
    wanted: int = line["min_qty"]
    if present is False:
        quantity = 0
    elif quantity is None and present and wanted == 1:
        quantity = 1
    if quantity is None:
        return _unchecked("quantity unanswered")
    joined = answer.get("contiguous") if line.get("contiguous") else True
    if quantity < wanted:
        ratio = 0.0 if joined is False else max(quantity / wanted, 0.0)
        return _failed(f"quantity {quantity} of {wanted}", ratio)
    if joined is None:
        return _unchecked("contiguous unanswered")
    return PASSED if joined else _failed("not contiguous")


def _any_of(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass any one of the parts; `present` alone says that one of them is there."""
    if answer.get("present") is False:
        return _failed("absent")
    parts = answer.get("parts") or {}
    states = [parts.get(part) for part in line["parts"]]
    if True in states:
        return PASSED
    if None not in states:
        return _failed("absent")
    return PASSED if answer.get("present") else _unchecked("unanswered")


def _counter_or_wall(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass enough counter sections or the wall; fail only when both are known to fall short."""
    counter, wall = _counter(line, answer), _wall(line, answer)
    if PASSED in (counter, wall):
        return PASSED
    if counter[0] is CheckResult.FAIL and wall[0] is CheckResult.FAIL:
        return _failed(f"{counter[2]}, {wall[2]}", counter[1] or 0.0)
    return counter if counter[0] is CheckResult.NOT_CHECKED else wall


def _counter(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Judge the counter by its sections, which `parts` may say there are none of."""
    if answer.get("quantity") is None and _part(answer, "brand_counter") is False:
        return _failed(f"quantity 0 of {line['min_qty']}")
    return _count(line, answer)


def _wall(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Judge the wall by `parts` and its width; `present` may be about the counter."""
    present = False if answer.get("present") is False else _part(answer, "back_wall")
    verdict = _present(line, {"present": present, "width_m": answer.get("width_m")})
    return (verdict[0], verdict[1], f"wall {verdict[2]}") if verdict[2] else verdict


def _part(answer: Mapping[str, Any], part: str) -> bool | None:
    return (answer.get("parts") or {}).get(part)


_Rule = Callable[[Mapping[str, Any], Mapping[str, Any]], Verdict]
_LENIENT: dict[str, _Rule] = {
    LineKind.PRESENT: _present,
    LineKind.COUNT: _count,
    LineKind.ANY_OF: _any_of,
    LineKind.WIDTH_CHOICE: _width_choice,
    LineKind.COUNTER_OR_WALL: _counter_or_wall,
}
_RULES = {"lenient": _LENIENT, "strict": _LENIENT | {LineKind.COUNTER_OR_WALL: _counter}}
