"""Lines of a checklist: which kinds ask for what, and what makes a set of lines contradictory.

A line is a mapping of plain JSON values. Every line has `code`, `letter` (lines that share a
letter are one item of the checklist), `kind` (`LineKind`: the rule that judges it), `required`,
`items` (the signage it is about) and `zh`, `en`, `rule_zh`, `rule_en` (what a salesperson reads).
It may have:

- `weight` of its letter in the score, if it is to differ from the usual one; 0 keeps the line
  out of every sum;
- `critical`: if it fails, the visit fails;
- `allows_na` (true unless said): whether "does not apply" is an answer;
- `condition`: `line`, `operator` (`is` or `is_not`) and `value`: the line is shown only when
  another line's answer is, or is not, that value;
- `photos`: `min_count`, `album_allowed` (else only the app's camera) and `subject` (any if None).

By kind: `min_qty`, `best_qty` and `contiguous` of a `count`; `parts` of an `any_of`;
`min_width_m` of a `present` or `counter_or_wall`; `widths_m` of a `width_choice`; `passes`
(the answer that passes, yes unless said) of a `yes_no`; `unit`, `min_value`, `max_value` of a
`measure`; `options`, `multiple` and `passing` (every option unless said) of a `choice`.
`dimension` and `logic` say to people what is measured and how parts combine.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.platform.errors import RuleError
from backend.standards.codes import LineKind

Line = Mapping[str, Any]

_QUANTITY = {"min_qty", "best_qty", "dimension", "logic"}
FIELDS_OF = {
    LineKind.PRESENT: {*_QUANTITY, "min_width_m"},
    LineKind.COUNT: {*_QUANTITY, "contiguous"},
    LineKind.ANY_OF: {*_QUANTITY, "parts"},
    LineKind.WIDTH_CHOICE: {*_QUANTITY, "widths_m"},
    LineKind.COUNTER_OR_WALL: {*_QUANTITY, "min_width_m"},
    LineKind.YES_NO: {"passes"},
    LineKind.MEASURE: {"unit", "min_value", "max_value"},
    LineKind.CHOICE: {"options", "multiple", "passing"},
    LineKind.TEXT: set(),
    LineKind.PHOTO: set(),
}
"""What a line may have only if it is of a kind."""
_SPECIAL = set().union(*FIELDS_OF.values())
_CHOICES = {LineKind.ANY_OF: "parts", LineKind.WIDTH_CHOICE: "widths_m", LineKind.CHOICE: "options"}
_TRUTH = {LineKind.PRESENT, LineKind.ANY_OF, LineKind.WIDTH_CHOICE, LineKind.YES_NO}
_NUMBER = {LineKind.COUNT, LineKind.MEASURE}
_NEVER_FAILS = {LineKind.TEXT, LineKind.PHOTO}


class DuplicateLineError(RuleError):
    """An answer could mean either of two lines."""

    code = "duplicate-line"
    title = "Two lines of one code"
    title_zh = "检查项编码重复"
    detail = "Two lines have the code {line}."
    detail_zh = "检查项编码 {line} 重复。"


class StrayFieldError(RuleError):
    """A line states what its kind does not know."""

    code = "stray-field"
    title = "Not a property of this kind of line"
    title_zh = "该类型检查项没有此属性"
    detail = "Line {line} is of the kind {kind}, which has no {field}."
    detail_zh = "检查项 {line} 的类型为 {kind}，没有属性 {field}。"


class LimitsCrossedError(RuleError):
    """Nothing lies between the limits."""

    code = "limits-crossed"
    title = "The lower limit is above the upper one"
    title_zh = "下限高于上限"
    detail = "Line {line}: {lower} is above {upper}."
    detail_zh = "检查项 {line}：{lower} 大于 {upper}。"


class NoOptionsError(RuleError):
    """There is nothing to choose from."""

    code = "no-options"
    title = "Nothing to choose from"
    title_zh = "没有可选项"
    detail = "Line {line} has no {field}, or has one of them twice."
    detail_zh = "检查项 {line} 缺少可选项（{field}），或可选项重复。"


class UnknownOptionError(RuleError):
    """What passes cannot be chosen."""

    code = "unknown-option"
    title = "No such option"
    title_zh = "选项不存在"
    detail = "Line {line} lets {option} pass, which is none of its options."
    detail_zh = "检查项 {line} 的合格选项 {option} 不在可选项中。"


class NoPhotosError(RuleError):
    """A line asks for photos and says how many: none."""

    code = "no-photos"
    title = "A photo line without photos"
    title_zh = "照片检查项未要求照片"
    detail = "Line {line} is of the kind photo and asks for none."
    detail_zh = "检查项 {line} 的类型为照片，但未要求照片。"


class CannotFailError(RuleError):
    """A line is to fail the visit, but no answer to it fails."""

    code = "cannot-fail"
    title = "A critical line that cannot fail"
    title_zh = "关键项不可能不合格"
    detail = "Line {line} is critical, but no answer to it fails."
    detail_zh = "检查项 {line} 为关键项，但任何答案都不会不合格。"


class MixedLetterError(RuleError):
    """One item of the checklist is asked for and only wished for."""

    code = "mixed-letter"
    title = "A letter both required and recommended"
    title_zh = "同一字母既必备又推荐"
    detail = "Letter {letter} has required and recommended lines."
    detail_zh = "字母 {letter} 同时包含必备项和推荐项。"


class UnknownLetterError(RuleError):
    """A rule is about a letter that no line has."""

    code = "unknown-letter"
    title = "No line has this letter"
    title_zh = "没有该字母的检查项"
    detail = "No line has the letter {letter}."
    detail_zh = "没有字母为 {letter} 的检查项。"


class UnknownConditionLineError(RuleError):
    """A line waits for the answer to a question nobody asks."""

    code = "unknown-condition-line"
    title = "The condition is about no line"
    title_zh = "条件引用的检查项不存在"
    detail = "Line {line} depends on {other}, which is no line of the checklist."
    detail_zh = "检查项 {line} 的条件引用了不存在的检查项 {other}。"


class ConditionCycleError(RuleError):
    """Lines wait for each other, so none would ever be shown."""

    code = "condition-cycle"
    title = "Conditions in a circle"
    title_zh = "条件循环"
    detail = "These lines wait for each other: {lines}."
    detail_zh = "以下检查项的条件互相依赖：{lines}。"


class ImpossibleConditionError(RuleError):
    """A line waits for an answer that cannot be given."""

    code = "impossible-condition"
    title = "Not an answer to that line"
    title_zh = "条件取值不可能出现"
    detail = "Line {line} depends on {other} being {value!r}, which is no answer to it."
    detail_zh = "检查项 {line} 的条件取值 {value!r} 不是检查项 {other} 的有效答案。"


def check(lines: Sequence[Line], any_of_letters: Iterable[str] = ()) -> None:
    """Require that the lines of a checklist can all be meant. Raises the errors of this module."""
    by_code: dict[str, Line] = {}
    letters: dict[str, bool] = {}
    for line in lines:
        code = line["code"]
        if code in by_code:
            raise DuplicateLineError(line=code)
        by_code[code] = line
        if letters.setdefault(line["letter"], line["required"]) != line["required"]:
            raise MixedLetterError(letter=line["letter"])
        _check_line(line)
    for letter in any_of_letters:
        if letter not in letters:
            raise UnknownLetterError(letter=letter)
    for line in lines:
        if line.get("condition"):
            _check_condition(line, by_code)


def can_fail(line: Line) -> bool:
    """Return whether there is an answer to a line that fails."""
    kind = line["kind"]
    if kind == LineKind.MEASURE:
        return line.get("min_value") is not None or line.get("max_value") is not None
    if kind == LineKind.CHOICE:
        return line.get("passing") is not None
    return kind not in _NEVER_FAILS


def _check_line(line: Line) -> None:
    code, kind = line["code"], line["kind"]
    for field in sorted((_SPECIAL - FIELDS_OF[kind]) & line.keys()):
        raise StrayFieldError(line=code, kind=str(kind), field=field)
    for lower, upper in (("min_qty", "best_qty"), ("min_value", "max_value")):
        least, most = line.get(lower), line.get(upper)
        if least is not None and most is not None and least > most:
            raise LimitsCrossedError(line=code, lower=f"{lower} {least}", upper=f"{upper} {most}")
    if kind in _CHOICES:
        _check_options(line, _CHOICES[kind])
    if kind == LineKind.PHOTO and not line.get("photos"):
        raise NoPhotosError(line=code)
    if line.get("critical") and not can_fail(line):
        raise CannotFailError(line=code)


def _check_options(line: Line, field: str) -> None:
    options = option_codes(line) if field == "options" else line.get(field) or []
    if not options or len(set(options)) < len(options):
        raise NoOptionsError(line=line["code"], field=field)
    passing = line.get("passing")
    if passing is not None:
        for option in passing or ["nothing"]:
            if option not in options:
                raise UnknownOptionError(line=line["code"], option=option)


def option_codes(line: Line) -> list[str]:
    """Return what may be chosen on a line."""
    return [option["code"] for option in line.get("options") or []]


def _check_condition(line: Line, by_code: Mapping[str, Line]) -> None:
    code, condition = line["code"], line["condition"]
    other = by_code.get(condition["line"])
    if other is None:
        raise UnknownConditionLineError(line=code, other=condition["line"])
    path = [code]
    while following := (by_code[path[-1]].get("condition") or {}).get("line"):
        if following == code:
            raise ConditionCycleError(lines=" → ".join([*path, code]))
        if following in path or following not in by_code:
            break  # wrong further on, and found from there
        path.append(following)
    if not _is_answer(condition["value"], other):
        raise ImpossibleConditionError(line=code, other=other["code"], value=condition["value"])


def _is_answer(value: object, line: Line) -> bool:
    kind = line["kind"]
    if kind in _TRUTH:
        return isinstance(value, bool)
    if kind in _NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == LineKind.CHOICE:
        return value in option_codes(line)
    return kind == LineKind.TEXT and isinstance(value, str) and value != ""
