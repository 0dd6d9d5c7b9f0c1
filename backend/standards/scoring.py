"""Judging a checklist: what was answered, against the rule each line declares.

An answer names its `line` and gives what the phone saw; `answers` says how. Whatever is left out
or null is unanswered, and an unanswered rule is neither passed nor failed.

A line with a condition is shown once the line it depends on has the answer it waits for; until
that one is answered, or if it does not apply or is hidden itself, the line is hidden: neither
asked for nor counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson

from backend.platform.database import canonical
from backend.standards.answers import PASSED, RULES, Rule, Verdict, unchecked, values_of
from backend.standards.checklist_results import (
    FAIL,
    JUDGED,
    NOT_APPLICABLE,
    NOT_CHECKED,
    PASS,
    ChecklistResult,
    LetterResult,
    LineResult,
    Missing,
    letter_of,
)
from backend.standards.codes import CaptureSource, LineKind
from backend.standards.lines import can_fail

_PHOTO = LineKind.PHOTO


class ContradictoryAnswersError(ValueError):
    """A line was answered more than once."""


class _Line(NamedTuple):
    """A line with its rule (of photos there is none), its photos, and what it is if it passes."""

    stated: Mapping[str, Any]
    code: str
    rule: Rule | None
    slots: int
    passed: LineResult
    passed_json: orjson.Fragment


class Checklist:
    """A checklist made ready, so that it is read once and judges many reports.

    `weights` are those of a required and of a recommended letter, unless a line states its own or
    cannot fail.
    """

    def __init__(
        self, template: Mapping[str, Any], *, weights: tuple[float, float] = (2, 1)
    ) -> None:
        self.code: str = template["code"]
        self.version: int = template["version"]
        self._lines = {
            mode: [_made_ready(line, weights, rules) for line in template["lines"]]
            for mode, rules in RULES.items()
        }
        self._by_code = {line["code"]: line for line in template["lines"]}
        self._any_of = frozenset(template.get("any_of_letters", ()))
        self._has_conditions = any(line.get("condition") for line in template["lines"])
        lines = self._lines["lenient"]
        self._slots = {line.code: line.slots for line in lines if line.slots}
        self._flawless = self._sum_up(
            [line.passed for line in lines], [line.passed_json for line in lines]
        )

    def judge(
        self,
        answers: Iterable[Mapping[str, Any]],
        photos: Iterable[Mapping[str, Any]] = (),
        *,
        county_c_mode: Literal["lenient", "strict"] = "lenient",
        partial_credit: bool = True,
    ) -> ChecklistResult:
        """Judge the answers to the checklist, and count the photos it asks for.

        A photo names the line it is of as its `item`, its `subject` and its `capture_source`.
        `county_c_mode` says whether a wall may stand for the two counter sections. With
        `partial_credit` a failed quantity earns quantity / min_qty, else nothing.

        Raises ContradictoryAnswersError when a line is answered twice.
        """
        answered = _by_line(answers)
        hidden = _hidden(self._by_code, answered) if self._has_conditions else set()
        taken = _by_item(photos)
        lines, critical, short = [], [], {}
        json: list[Any] = []
        is_flawless = True
        for stated, code, rule, wanted, passed, passed_json in self._lines[county_c_mode]:
            answer = answered.pop(code, None)
            if code in hidden:
                continue
            lack = _shortage(stated, taken.get(code, ())) if wanted else None
            if lack:
                short[code] = lack
            if rule is None or answer is None or answer.get("not_applicable"):
                verdict = _without_rule(stated, rule, answer, lack)
            else:
                verdict = rule(stated, answer)
            if verdict is PASSED:
                lines.append(passed)
                json.append(passed_json)
                continue
            is_flawless = False
            result, ratio, lacking = verdict
            if result is FAIL:
                if not partial_credit:
                    ratio = 0.0
                if stated.get("critical"):
                    critical.append(code)
            judged = passed._replace(result=result, ratio=ratio, lacking=lacking)
            lines.append(judged)
            json.append(judged.as_dict())
        if is_flawless and not (hidden or short or answered):
            return self._flawless
        return self._sum_up(
            lines,
            json,
            short,
            failed_critical=tuple(critical),
            hidden=tuple(sorted(hidden)),
            unknown=tuple(answered),
        )

    def _sum_up(
        self,
        lines: list[LineResult],
        json: list[Any],
        short: Mapping[str, Missing] = MappingProxyType({}),
        *,
        failed_critical: tuple[str, ...] = (),
        hidden: tuple[str, ...] = (),
        unknown: tuple[str, ...] = (),
    ) -> ChecklistResult:
        by_letter: dict[str, list[LineResult]] = {}
        for line in lines:
            by_letter.setdefault(line.letter, []).append(line)
        letters = [
            letter_of(letter, members, letter in self._any_of)
            for letter, members in by_letter.items()
        ]
        num = den = 0.0
        offered = passed = checked = unchecked = unchecked_required = 0
        for _, required, result, ratio, weight in letters:
            if not weight:
                continue
            offered += 1
            if ratio is not None:
                num += weight * ratio
                den += weight
                if required:
                    checked += 1
                    passed += result is PASS
            elif result is NOT_CHECKED:
                unchecked += 1
                unchecked_required += required
        slots, filled = self._photos(lines, short)
        is_open = [letter for letter in letters if letter.result is NOT_CHECKED]
        return ChecklistResult(
            template=self.code,
            version=self.version,
            lines=tuple(lines),
            json=json,
            letters=tuple(letters),
            signage_num=num,
            signage_den=den,
            mandatory_pass=passed,
            mandatory_checked=checked,
            all_mandatory_pass=None if unchecked_required or not checked else passed == checked,
            lines_offered=offered,
            lines_checked=offered - unchecked,
            photo_slots=slots,
            photo_slots_filled=filled,
            missing_required=tuple(letter.letter for letter in is_open if letter.required),
            missing=tuple(self._missing(lines, letters, short)),
            failed_critical=failed_critical,
            hidden=hidden,
            unknown=unknown,
        )

    def _photos(self, lines: Iterable[LineResult], short: Mapping[str, Missing]) -> tuple[int, int]:
        """Return the photos that lines ask for which apply, and how many of them there are."""
        wanted = filled = 0
        for line in lines if self._slots else ():
            count = self._slots.get(line.code)
            if count and line.result is not NOT_APPLICABLE:
                wanted += count
                filled += (short[line.code].found or 0) if line.code in short else count
        return wanted, filled

    def _missing(
        self,
        lines: Iterable[LineResult],
        letters: Iterable[LetterResult],
        short: Mapping[str, Missing],
    ) -> Iterable[Missing]:
        """Yield what required lines lack, and the photos of those that were answered.

        A letter that passed asks for no more answers: one of its lines was enough.
        """
        lacking = [line for line in lines if line.result is NOT_CHECKED or line.code in short]
        excused = {each.letter for each in letters if each.result is PASS} if lacking else ()
        for line in lacking:
            is_open = line.result is NOT_CHECKED
            is_wanted = line.required and is_open and line.letter not in excused
            if is_wanted and self._by_code[line.code]["kind"] != _PHOTO:
                yield Missing(line.code, line.letter, "answer", line.lacking)
            if line.code in short and (is_wanted or line.result in JUDGED):
                yield short[line.code]


def _made_ready(
    line: Mapping[str, Any], weights: tuple[float, float], rules: Mapping[str, Rule]
) -> _Line:
    code, letter, required = line["code"], line["letter"], line["required"]
    weight = line.get("weight")
    if weight is None:
        weight = weights[0 if required else 1] if can_fail(line) else 0
    passed = LineResult(code, letter, required, PASSED[0], PASSED[1], weight, PASSED[2])
    return _Line(
        line,
        code,
        rules.get(line["kind"]),
        (line.get("photos") or {}).get("min_count", 0),
        passed,
        orjson.Fragment(canonical(passed.as_dict())),
    )


def _by_line(answers: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    answers = list(answers)
    codes = list(map(itemgetter("line"), answers))
    found = dict(zip(codes, answers, strict=True))
    if len(found) < len(codes):
        times = Counter(codes)
        raise ContradictoryAnswersError(f"{times.most_common(1)[0][0]} is answered more than once.")
    return found


def _without_rule(
    line: Mapping[str, Any],
    rule: Rule | None,
    answer: Mapping[str, Any] | None,
    lack: Missing | None,
) -> Verdict:
    """Return the verdict on photos, and on a line that is unanswered or does not apply."""
    is_skipped = answer is not None and answer.get("not_applicable")
    if is_skipped and line.get("allows_na", True):
        return NOT_APPLICABLE, None, ""
    if rule is None:
        return unchecked(lack.reason) if lack else PASSED
    return unchecked("always applies" if is_skipped else "unanswered")


def _hidden(
    by_code: Mapping[str, Mapping[str, Any]], answered: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    """Return the lines whose condition is not known to hold."""
    conditions = {
        code: line["condition"] for code, line in by_code.items() if line.get("condition")
    }
    shown: dict[str, bool] = {}

    def is_shown(code: str) -> bool:
        if code not in shown:
            condition = conditions.get(code)
            shown[code] = condition is None or holds(condition)
        return shown[code]

    def holds(condition: Mapping[str, Any]) -> bool:
        other, answer = by_code[condition["line"]], answered.get(condition["line"])
        if answer is None or answer.get("not_applicable") or not is_shown(other["code"]):
            return False
        values = values_of(other, answer)
        is_it = condition["value"] in values
        return bool(values) and is_it is (condition["operator"] == "is")

    return {code for code in conditions if not is_shown(code)}


def _by_item(photos: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for photo in photos:
        if photo["item"] is not None:
            found.setdefault(photo["item"], []).append(photo)
    return found


def _shortage(line: Mapping[str, Any], taken: Collection[Mapping[str, Any]]) -> Missing | None:
    """Return which photos a line still asks for: of its subject, from where it accepts them."""
    asked = line["photos"]
    subject, wanted = asked.get("subject"), asked["min_count"]
    fitting = [p for p in taken if subject is None or p["subject"] == subject]
    accepted = [
        p
        for p in fitting
        if asked.get("album_allowed") or p["capture_source"] == CaptureSource.IN_APP_CAMERA
    ]
    found = len(accepted)
    if found >= wanted:
        return None
    reasons = [f"{found} of {wanted} photos"]
    if len(fitting) < len(taken):
        reasons.append(f"{len(taken) - len(fitting)} not of the {subject}")
    if found < len(fitting):
        reasons.append(f"{len(fitting) - found} not by the camera of the app")
    return Missing(line["code"], line["letter"], "photo", ", ".join(reasons), found, wanted)
