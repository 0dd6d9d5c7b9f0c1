"""What an answer to a checklist line comes to: one rule for each kind of line.

An answer gives what the phone saw: `present`, `quantity`, `parts`, `width_m`, `contiguous` of
signage; `yes`, `value`, `choice` or `choices`, and `text` of the other kinds. `present` answers
the line's title, width included; a width that was measured is held against the limit as well.
`present: false` settles a line whatever else was said.
"""

from collections.abc import Callable, Mapping
from typing import Any

from backend.standards.codes import CheckResult, LineKind
from backend.standards.lines import option_codes

Verdict = tuple[CheckResult, float | None, str]
"""Result, ratio (None unless passed or failed), and what is lacking."""

PASSED: Verdict = (CheckResult.PASS, 1.0, "")


def values_of(line: Mapping[str, Any], answer: Mapping[str, Any]) -> set[Any]:
    """Return what a condition on a line compares with: nothing while it is unanswered."""
    match line["kind"]:
        case LineKind.YES_NO:
            said = answer.get("yes")
        case LineKind.MEASURE:
            said = answer.get("value")
        case LineKind.COUNT:
            said = _quantity(line, answer)
        case LineKind.TEXT:
            said = answer.get("text") or None
        case LineKind.CHOICE:
            return set(_chosen(answer))
        case LineKind.ANY_OF:
            said = _some_part(line, answer)
        case _:
            said = answer.get("present")
            if said is None and answer.get("width_m") is not None:
                said = True
    return set() if said is None else {said}


def failed(lacking: str, ratio: float = 0.0) -> Verdict:
    """Return the verdict on what falls short."""
    return CheckResult.FAIL, ratio, lacking


def unchecked(lacking: str) -> Verdict:
    """Return the verdict on what nobody answered."""
    return CheckResult.NOT_CHECKED, None, lacking


def _present(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass what is there and, if its width was measured, wide enough."""
    present, width = answer.get("present"), answer.get("width_m")
    if present is False:
        return failed("absent")
    if present is None and width is None:
        return unchecked("unanswered")
    wanted = line.get("min_width_m")
    if width is not None and wanted is not None and width < wanted:
        return failed(f"width {width:g} of {wanted:g} m")
    return PASSED


def _width_choice(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass what is there and, if its width was measured, of one of the stated widths."""
    width = answer.get("width_m")
    verdict = _present(line, answer)
    if verdict is PASSED and width is not None and width not in line["widths_m"]:
        stated = " or ".join(f"{choice:g}" for choice in line["widths_m"])
        return failed(f"width {width:g}, not {stated} m")
    return verdict


def _count(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass enough pieces, joined if the line says so; pieces known to be apart earn nothing."""
    wanted, quantity = _wanted(line), _quantity(line, answer)
    if quantity is None:
        return unchecked("quantity unanswered")
    joined = answer.get("contiguous") if line.get("contiguous") else True
    if quantity < wanted:
        ratio = 0.0 if joined is False else max(quantity / wanted, 0.0)
        return failed(f"quantity {quantity} of {wanted}", ratio)
    if joined is None:
        return unchecked("contiguous unanswered")
    return PASSED if joined else failed("not contiguous")


def _wanted(line: Mapping[str, Any]) -> int:
    wanted: int = line.get("min_qty", 1)
    return wanted


def _quantity(line: Mapping[str, Any], answer: Mapping[str, Any]) -> int | None:
    """Return how many were seen; where one is wanted, its presence is one."""
    present, quantity = answer.get("present"), answer.get("quantity")
    if present is False:
        return 0
    return 1 if quantity is None and present and _wanted(line) == 1 else quantity


def _any_of(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass any one of the parts; `present` alone says that one of them is there."""
    said = _some_part(line, answer)
    if said is None:
        return unchecked("unanswered")
    return PASSED if said else failed("absent")


def _some_part(line: Mapping[str, Any], answer: Mapping[str, Any]) -> bool | None:
    if answer.get("present") is False:
        return False
    parts = answer.get("parts") or {}
    states = [parts.get(part) for part in line["parts"]]
    if True in states:
        return True
    if None not in states:
        return False
    return True if answer.get("present") else None


def _counter_or_wall(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass enough counter sections or the wall; fail only when both are known to fall short."""
    counter, wall = _counter(line, answer), _wall(line, answer)
    if PASSED in (counter, wall):
        return PASSED
    if counter[0] is CheckResult.FAIL and wall[0] is CheckResult.FAIL:
        return failed(f"{counter[2]}, {wall[2]}", counter[1] or 0.0)
    return counter if counter[0] is CheckResult.NOT_CHECKED else wall


def _counter(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Judge the counter by its sections, which `parts` may say there are none of."""
    if answer.get("quantity") is None and _part(answer, "brand_counter") is False:
        return failed(f"quantity 0 of {_wanted(line)}")
    return _count(line, answer)


def _wall(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Judge the wall by `parts` and its width; `present` may be about the counter."""
    present = False if answer.get("present") is False else _part(answer, "back_wall")
    verdict = _present(line, {"present": present, "width_m": answer.get("width_m")})
    return (verdict[0], verdict[1], f"wall {verdict[2]}") if verdict[2] else verdict


def _part(answer: Mapping[str, Any], part: str) -> bool | None:
    return (answer.get("parts") or {}).get(part)


def _yes_no(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass the answer that passes: yes, unless the line says no."""
    said = answer.get("yes")
    if said is None:
        return unchecked("unanswered")
    if said == line.get("passes", True):
        return PASSED
    return failed("yes" if said else "no")


def _measure(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass a value within the limits, which are included."""
    value, unit = answer.get("value"), line.get("unit") or ""
    least, most = line.get("min_value"), line.get("max_value")
    if value is None:
        return unchecked("value unanswered")
    if least is not None and value < least:
        return failed(f"value {value:g}, at least {least:g} {unit}".rstrip())
    if most is not None and value > most:
        return failed(f"value {value:g}, at most {most:g} {unit}".rstrip())
    return PASSED


def _choice(line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass when everything chosen passes; what is no option is no answer."""
    chosen, passing = _chosen(answer), line.get("passing")
    if not chosen:
        return unchecked("nothing chosen")
    options = option_codes(line)
    if strange := [each for each in chosen if each not in options]:
        return unchecked(f"no option {', '.join(strange)}")
    if len(chosen) > 1 and not line.get("multiple"):
        return unchecked("more than one chosen")
    wrong = [] if passing is None else [each for each in chosen if each not in passing]
    return failed(f"chosen {', '.join(wrong)}") if wrong else PASSED


def _text(_line: Mapping[str, Any], answer: Mapping[str, Any]) -> Verdict:
    """Pass any words."""
    return PASSED if (answer.get("text") or "").strip() else unchecked("unanswered")


def _chosen(answer: Mapping[str, Any]) -> list[str]:
    one = answer.get("choice")
    return list(dict.fromkeys([*([one] if one else []), *(answer.get("choices") or [])]))


Rule = Callable[[Mapping[str, Any], Mapping[str, Any]], Verdict]
_LENIENT: dict[str, Rule] = {
    LineKind.PRESENT: _present,
    LineKind.COUNT: _count,
    LineKind.ANY_OF: _any_of,
    LineKind.WIDTH_CHOICE: _width_choice,
    LineKind.COUNTER_OR_WALL: _counter_or_wall,
    LineKind.YES_NO: _yes_no,
    LineKind.MEASURE: _measure,
    LineKind.CHOICE: _choice,
    LineKind.TEXT: _text,
}
RULES = {"lenient": _LENIENT, "strict": _LENIENT | {LineKind.COUNTER_OR_WALL: _counter}}
"""By what county letter C is held to, then by kind; photos are counted, not answered."""
