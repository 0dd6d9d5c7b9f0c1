"""What a judged checklist comes to: its lines, its letters, and what it still asks for.

A score counts letters, not lines: the city's counter (c1) and wall (c2) are one item, C. A letter
is worth what its weakest line is worth, or its strongest if one line is enough. A letter of
weight 0 is asked for and judged, but in no sum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from backend.standards.codes import CheckResult

# Members are looked up once: a report of thirty lines asks for them two hundred times.
PASS, FAIL, NOT_CHECKED, NOT_APPLICABLE = (
    CheckResult.PASS,
    CheckResult.FAIL,
    CheckResult.NOT_CHECKED,
    CheckResult.NOT_APPLICABLE,
)
JUDGED = (PASS, FAIL)


class LineResult(NamedTuple):
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
            "result": self.result,
            "ratio": self.ratio,
            "weight": self.weight,
            "lacking": self.lacking,
        }


class LetterResult(NamedTuple):
    """What one item of the checklist came to."""

    letter: str
    required: bool
    result: CheckResult
    ratio: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer or photos that a line still asks for; of photos, how many of how many there are."""

    line: str
    letter: str
    what: Literal["answer", "photo"]
    reason: str
    found: int | None = None
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """A judged checklist: numerators and denominators, never rates.

    Every sum counts letters, `lines_offered` and `lines_checked` too. `all_mandatory_pass` is None
    while a required letter is unchecked, and when none applies. `missing_required` are the
    required letters not checked, `missing` what would have to be handed in to check and to prove
    them, `failed_critical` the lines that fail the visit, `hidden` those no condition showed,
    `unknown` the answered codes the template does not have. `photo_slots` are the photos that
    lines ask for which are shown and apply, `photo_slots_filled` those there are. `json` are the
    lines as JSON values, those that passed as ready text; flawless reports share it.
    """

    template: str
    version: int
    lines: tuple[LineResult, ...]
    json: list[Any]
    letters: tuple[LetterResult, ...]
    signage_num: float
    signage_den: float
    mandatory_pass: int
    mandatory_checked: int
    all_mandatory_pass: bool | None
    lines_offered: int
    lines_checked: int
    photo_slots: int
    photo_slots_filled: int
    missing_required: tuple[str, ...]
    missing: tuple[Missing, ...]
    failed_critical: tuple[str, ...]
    hidden: tuple[str, ...]
    unknown: tuple[str, ...]


def letters_of(
    lines: Iterable[Mapping[str, Any]], any_of_letters: Collection[str]
) -> list[LetterResult]:
    """Return the items of a judged checklist from its lines as they are kept (`LineResult`)."""
    by_letter: dict[str, list[LineResult]] = {}
    for line in lines:
        judged = LineResult(**{**line, "result": CheckResult(line["result"])})
        by_letter.setdefault(judged.letter, []).append(judged)
    return [letter_of(each, members, each in any_of_letters) for each, members in by_letter.items()]


def letter_of(letter: str, lines: list[LineResult], is_any_of: bool) -> LetterResult:  # noqa: FBT001
    """Join the lines of a letter.

    One failure fails it, and one unchecked line leaves it open; or, where one line is enough,
    one pass passes it, and one unchecked line leaves it open.
    """
    if len(lines) == 1:  # most letters, of every report
        (line,) = lines
        return LetterResult(letter, line.required, line.result, line.ratio, line.weight)
    results = {line.result for line in lines}
    order = (FAIL, NOT_CHECKED, PASS)
    for result in reversed(order) if is_any_of else order:
        if result in results:
            break
    else:
        result = NOT_APPLICABLE
    ratio = None
    if result in JUDGED:
        worth = max if is_any_of else min
        ratio = worth(line.ratio for line in lines if line.ratio is not None)
    required = any(line.required for line in lines)
    return LetterResult(letter, required, result, ratio, max(line.weight for line in lines))
