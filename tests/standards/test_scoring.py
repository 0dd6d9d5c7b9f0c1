import json
from copy import deepcopy

import pytest

from backend.standards.checklist_results import Missing
from backend.standards.manual import TEMPLATES, WITH_PRINCIPLES
from backend.standards.scoring import Checklist, ContradictoryAnswersError

CITY, COUNTY, TOWN = (TEMPLATES[f"signage_{tier}"] for tier in ("city", "county", "town"))
GOOD = {
    "any_of": {"parts": {"fascia": True, "lightbox": False}},
    "count": {"quantity": 3, "contiguous": True},
    "present": {"present": True},
    "width_choice": {"present": True, "width_m": 3.0},
    "counter_or_wall": {"quantity": 2},
}


def judge(template, answers, photos=(), *, weights=(2, 1), **how):
    return Checklist(template, weights=weights).judge(answers, photos, **how)


def perfect(template):
    return {
        line["code"]: {"line": line["code"], **GOOD[line["kind"]]} for line in template["lines"]
    }


def answers(template, **changes):
    """Return perfect answers but for the lines named; None leaves a line unanswered."""
    found = perfect(template)
    for code, change in changes.items():
        if change is None:
            del found[code]
        else:
            found[code] = {"line": code, **change}
    return list(found.values())


def judge_line(template, code, answer, **settings):
    """Return result, ratio and what is lacking, of one line answered alone."""
    judged = judge(template, [{"line": code, **answer}], **settings)
    (line,) = (line for line in judged.lines if line.code == code)
    return line.result, line.ratio, line.lacking


def letter(judged, name):
    (found,) = (found for found in judged.letters if found.letter == name)
    return found


def test_golden_signage_city():
    judged = judge(
        CITY,
        answers(
            CITY,
            city_b_side_vertical_signs={"quantity": 0},
            city_e_welcome_mat={"present": False},
            city_g_x_banner=None,
        ),
        weights=(2, 1),
    )

    assert (7, 10) == (judged.signage_num, judged.signage_den)
    assert (3, 4) == (judged.mandatory_pass, judged.mandatory_checked)
    assert (6, 7) == (judged.lines_checked, judged.lines_offered)
    assert judged.all_mandatory_pass is False


@pytest.mark.parametrize(("template", "points"), [(CITY, 7), (COUNTY, 6), (TOWN, 4)])
def test_a_perfect_store_earns_everything(template, points):
    judged = judge(template, answers(template))

    assert judged.signage_num == judged.signage_den > 0
    assert (points, points) == (judged.lines_checked, judged.lines_offered)
    assert (4, 4) == (judged.mandatory_pass, judged.mandatory_checked)
    assert judged.all_mandatory_pass is True
    assert () == judged.missing_required
    assert {""} == {line.lacking for line in judged.lines}


def test_an_unanswered_checklist_has_no_score_and_misses_every_required_letter():
    judged = judge(TOWN, [])

    assert (0, 0) == (judged.signage_num, judged.signage_den)
    assert (0, 0) == (judged.mandatory_pass, judged.mandatory_checked)
    assert (0, 4) == (judged.lines_checked, judged.lines_offered)
    assert judged.all_mandatory_pass is None
    assert ("A", "B", "C", "D") == judged.missing_required


def test_a_failure_beside_an_unchecked_required_letter_leaves_the_store_undecided():
    judged = judge(
        CITY, answers(CITY, city_e_welcome_mat={"present": False}, city_d_poster_strip=None)
    )

    assert judged.all_mandatory_pass is None
    assert (2, 3) == (judged.mandatory_pass, judged.mandatory_checked)
    assert ("D",) == judged.missing_required


def test_a_recommended_letter_can_neither_be_missed_nor_fail_the_mandatory_ones():
    judged = judge(
        CITY,
        answers(CITY, city_a_fascia_or_lightbox=None, city_g_x_banner={"present": False}),
    )

    assert judged.all_mandatory_pass is True
    assert () == judged.missing_required


def test_what_does_not_apply_leaves_the_score_and_counts_as_checked():
    judged = judge(CITY, answers(CITY, city_e_welcome_mat={"not_applicable": True}))

    assert "not_applicable" == letter(judged, "E").result
    assert (9, 9) == (judged.signage_num, judged.signage_den)
    assert (3, 3) == (judged.mandatory_pass, judged.mandatory_checked)
    assert (7, 7) == (judged.lines_checked, judged.lines_offered)
    assert judged.all_mandatory_pass is True


def test_no_applicable_required_letter_leaves_nothing_to_pass():
    judged = judge(TOWN, [{"line": line["code"], "not_applicable": True} for line in TOWN["lines"]])

    assert judged.all_mandatory_pass is None
    assert () == judged.missing_required


@pytest.mark.parametrize(
    ("result", "ratio", "counter", "wall"),
    [
        ("pass", 1, {"quantity": 2}, {"present": True}),
        ("fail", 0.5, {"quantity": 1}, {"present": True}),
        ("fail", 0, {"quantity": 2}, {"present": False}),
        ("fail", 0, {"quantity": 1}, {"present": False}),
        ("fail", 0.5, {"quantity": 1}, None),
        ("not_checked", None, {"quantity": 2}, None),
        ("not_checked", None, None, None),
        ("pass", 1, {"quantity": 2}, {"not_applicable": True}),
        ("not_checked", None, None, {"not_applicable": True}),
        ("not_applicable", None, {"not_applicable": True}, {"not_applicable": True}),
    ],
)
def test_city_c_passes_only_with_counter_and_wall(result, ratio, counter, wall):
    judged = judge(CITY, answers(CITY, city_c1_brand_counter=counter, city_c2_back_wall=wall))

    assert (result, ratio) == (letter(judged, "C").result, letter(judged, "C").ratio)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"present": True}),
        (("fail", 0, "absent"), {"present": False}),
        (("not_checked", None, "unanswered"), {"present": None}),
        (("not_checked", None, "unanswered"), {"note": "could not see"}),
    ],
)
def test_a_present_line_passes_what_is_there(expected, answer):
    assert expected == judge_line(CITY, "city_e_welcome_mat", answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"present": True}),
        (("pass", 1, ""), {"present": True, "width_m": 2.0}),
        (("pass", 1, ""), {"width_m": 2.5}),
        (("fail", 0, "width 1.8 of 2 m"), {"present": True, "width_m": 1.8}),
        (("fail", 0, "absent"), {"present": False, "width_m": 2.5}),
        (("not_checked", None, "unanswered"), {}),
    ],
)
def test_a_measured_width_must_reach_the_limit(expected, answer):
    assert expected == judge_line(CITY, "city_c2_back_wall", answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"quantity": 2}),
        (("pass", 1, ""), {"quantity": 5}),
        (("fail", 0.5, "quantity 1 of 2"), {"quantity": 1}),
        (("fail", 0, "quantity 0 of 2"), {"quantity": 0}),
        (("fail", 0, "quantity -1 of 2"), {"quantity": -1}),
        (("fail", 0, "quantity 0 of 2"), {"present": False}),
        (("fail", 0, "quantity 0 of 2"), {"present": False, "quantity": 2}),
        (("not_checked", None, "quantity unanswered"), {"present": True}),
        (("not_checked", None, "quantity unanswered"), {"quantity": None}),
    ],
)
def test_a_count_line_passes_from_its_limit(expected, answer):
    assert expected == judge_line(TOWN, "town_b_side_vertical_signs", answer)


def test_a_count_line_of_one_piece_takes_presence_for_the_piece():
    template = deepcopy(TOWN)
    template["lines"][1]["min_qty"] = 1

    assert ("pass", 1, "") == judge_line(template, "town_b_side_vertical_signs", {"present": True})


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"quantity": 3, "contiguous": True}),
        (("fail", 0, "not contiguous"), {"quantity": 4, "contiguous": False}),
        (("fail", pytest.approx(2 / 3), "quantity 2 of 3"), {"quantity": 2, "contiguous": True}),
        (("fail", pytest.approx(1 / 3), "quantity 1 of 3"), {"quantity": 1}),
        (("fail", 0, "quantity 2 of 3"), {"quantity": 2, "contiguous": False}),
        (("not_checked", None, "contiguous unanswered"), {"quantity": 3}),
    ],
)
def test_posters_count_only_when_joined(expected, answer):
    assert expected == judge_line(COUNTY, "county_d_poster_strip", answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"parts": {"fascia": True, "lightbox": False}}),
        (("pass", 1, ""), {"parts": {"lightbox": True}}),
        (("pass", 1, ""), {"parts": {"fascia": True, "lightbox": True}}),
        (("pass", 1, ""), {"present": True}),
        (("pass", 1, ""), {"present": True, "parts": {"fascia": False}}),
        (("fail", 0, "absent"), {"parts": {"fascia": False, "lightbox": False}}),
        (("fail", 0, "absent"), {"present": True, "parts": {"fascia": False, "lightbox": False}}),
        (("fail", 0, "absent"), {"present": False}),
        (("fail", 0, "absent"), {"present": False, "parts": {"fascia": True}}),
        (("not_checked", None, "unanswered"), {"parts": {"fascia": False}}),
        (("not_checked", None, "unanswered"), {"parts": None}),
    ],
)
def test_an_any_of_line_passes_with_one_of_its_parts(expected, answer):
    assert expected == judge_line(CITY, "city_a_fascia_or_lightbox", answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"present": True, "width_m": 3}),
        (("pass", 1, ""), {"present": True, "width_m": 5.0}),
        (("pass", 1, ""), {"present": True}),
        (("pass", 1, ""), {"width_m": 5.0}),
        (("fail", 0, "width 4, not 3 or 5 m"), {"present": True, "width_m": 4.0}),
        (("fail", 0, "absent"), {"present": False}),
        (("not_checked", None, "unanswered"), {}),
    ],
)
def test_a_width_choice_passes_in_a_stated_width(expected, answer):
    assert expected == judge_line(TOWN, "town_a_street_banner", answer)


@pytest.mark.parametrize(
    ("lenient", "strict", "answer"),
    [
        (("pass", 1, ""), ("pass", 1, ""), {"quantity": 2}),
        (("pass", 1, ""), ("fail", 0.5, "quantity 1 of 2"), {"quantity": 1, "width_m": 2.0}),
        (
            ("pass", 1, ""),
            ("fail", 0, "quantity 0 of 2"),
            {"present": True, "parts": {"brand_counter": False, "back_wall": True}},
        ),
        (
            ("pass", 1, ""),
            ("not_checked", None, "quantity unanswered"),
            {"parts": {"back_wall": True}},
        ),
        (
            ("fail", 0.5, "quantity 1 of 2, wall absent"),
            ("fail", 0.5, "quantity 1 of 2"),
            {"quantity": 1, "parts": {"back_wall": False}},
        ),
        (
            ("fail", 0, "quantity 0 of 2, wall width 1.5 of 2 m"),
            ("fail", 0, "quantity 0 of 2"),
            {"quantity": 0, "parts": {"back_wall": True}, "width_m": 1.5},
        ),
        (
            ("fail", 0, "quantity 0 of 2, wall absent"),
            ("fail", 0, "quantity 0 of 2"),
            {"present": False},
        ),
        (
            ("not_checked", None, "wall unanswered"),
            ("fail", 0.5, "quantity 1 of 2"),
            {"quantity": 1},
        ),
        (
            ("not_checked", None, "quantity unanswered"),
            ("not_checked", None, "quantity unanswered"),
            {"present": True},
        ),
        (
            ("not_checked", None, "quantity unanswered"),
            ("not_checked", None, "quantity unanswered"),
            {"parts": {"back_wall": False}},
        ),
    ],
)
def test_county_c_takes_a_wall_for_the_counter_unless_strict(lenient, strict, answer):
    code = "county_c_counter_or_wall"

    assert lenient == judge_line(COUNTY, code, answer)
    assert lenient == judge_line(COUNTY, code, answer, county_c_mode="lenient")
    assert strict == judge_line(COUNTY, code, answer, county_c_mode="strict")


def test_without_partial_credit_a_short_quantity_earns_nothing():
    short = answers(TOWN, town_b_side_vertical_signs={"quantity": 1})

    assert (7, 8) == (judge(TOWN, short).signage_num, judge(TOWN, short).signage_den)
    assert 6 == judge(TOWN, short, partial_credit=False).signage_num


def test_weights_can_be_set_and_a_line_may_state_its_own():
    template = deepcopy(CITY)
    template["lines"][7]["weight"] = 5

    assert 3 * 4 + 2 * 3 == judge(CITY, answers(CITY), weights=(3, 2)).signage_den
    assert 2 * 4 + 1 * 2 + 5 == judge(template, answers(CITY)).signage_den


def test_a_line_of_weight_nothing_is_judged_but_not_scored():
    template = deepcopy(CITY)
    template["lines"][7]["weight"] = 0
    judged = judge(template, answers(CITY))

    assert 10 == judged.signage_den
    assert "pass" == letter(judged, "G").result


def test_an_answer_to_no_line_is_listed_and_changes_nothing():
    judged = judge(TOWN, [*answers(TOWN), {"line": "town_z_neon", "present": False}])

    assert ("town_z_neon",) == judged.unknown
    assert judged.signage_num == judged.signage_den


def test_answering_a_line_twice_is_refused():
    twice = [*answers(TOWN), {"line": "town_a_street_banner", "present": False}]

    with pytest.raises(ContradictoryAnswersError, match="town_a_street_banner"):
        judge(TOWN, twice)


def test_a_line_survives_json():
    judged = judge(CITY, answers(CITY, city_c1_brand_counter={"quantity": 1}))

    line = judged.lines[2].as_dict()

    assert line == json.loads(json.dumps(line))
    assert {
        "code": "city_c1_brand_counter",
        "letter": "C",
        "required": True,
        "result": "fail",
        "ratio": 0.5,
        "weight": 2,
        "lacking": "quantity 1 of 2",
    } == line


PRINCIPLES = ("first_notice", "no_waste", "uniform_image")


@pytest.mark.parametrize("asked", [{}, {"yes": True}, {"yes": False}])
def test_display_principles_change_no_number_of_the_golden_city(asked):
    golden = answers(
        CITY,
        city_b_side_vertical_signs={"quantity": 0},
        city_e_welcome_mat={"present": False},
        city_g_x_banner=None,
    )
    principles = [{"line": code, **asked} for code in PRINCIPLES]

    judged = judge(WITH_PRINCIPLES["signage_city"], [*golden, *principles])

    assert (7, 10) == (judged.signage_num, judged.signage_den)
    assert (3, 4) == (judged.mandatory_pass, judged.mandatory_checked)
    assert (6, 7) == (judged.lines_checked, judged.lines_offered)
    assert judged.all_mandatory_pass is False
    assert () == judged.missing_required


def line(code="x", **fields):
    return {"code": code, "letter": code, "kind": "yes_no", "required": True} | fields


def checklist(*lines, **fields):
    return {"code": "c", "version": 1, "lines": lines} | fields


def judge_alone(asked, answer):
    """Return result, ratio and what is lacking, of the only line of a checklist."""
    return judge_line(checklist(asked), asked["code"], answer)


@pytest.mark.parametrize(
    ("expected", "passes", "answer"),
    [
        (("pass", 1, ""), {}, {"yes": True}),
        (("fail", 0, "no"), {}, {"yes": False}),
        (("pass", 1, ""), {"passes": False}, {"yes": False}),
        (("fail", 0, "yes"), {"passes": False}, {"yes": True}),
        (("not_checked", None, "unanswered"), {}, {"yes": None}),
        (("not_checked", None, "unanswered"), {}, {"present": True}),
    ],
)
def test_a_yes_no_line_passes_with_the_answer_it_states(expected, passes, answer):
    assert expected == judge_alone(line(**passes), answer)


@pytest.mark.parametrize(
    ("expected", "limits", "answer"),
    [
        (("pass", 1, ""), {"min_value": 1.5, "max_value": 2}, {"value": 1.5}),
        (("pass", 1, ""), {"min_value": 1.5, "max_value": 2}, {"value": 2.0}),
        (("pass", 1, ""), {}, {"value": -40}),
        (("fail", 0, "value 1.4, at least 1.5 m"), {"min_value": 1.5, "unit": "m"}, {"value": 1.4}),
        (("fail", 0, "value 3, at most 2"), {"max_value": 2}, {"value": 3.0}),
        (("not_checked", None, "value unanswered"), {"max_value": 2}, {"quantity": 2}),
    ],
)
def test_a_measure_passes_within_its_limits(expected, limits, answer):
    assert expected == judge_alone(line(kind="measure", **limits), answer)


@pytest.mark.parametrize(
    ("expected", "fields", "answer"),
    [
        (("pass", 1, ""), {"passing": ["a"]}, {"choice": "a"}),
        (("pass", 1, ""), {"passing": ["a"]}, {"choices": ["a"]}),
        (("pass", 1, ""), {}, {"choice": "c"}),
        (("pass", 1, ""), {"passing": ["a", "b"], "multiple": True}, {"choices": ["a", "b"]}),
        (("fail", 0, "chosen b"), {"passing": ["a"]}, {"choice": "b"}),
        (
            ("fail", 0, "chosen b, c"),
            {"passing": ["a"], "multiple": True},
            {"choices": ["a", "b", "c"]},
        ),
        (("not_checked", None, "more than one chosen"), {}, {"choices": ["a", "b"]}),
        (("pass", 1, ""), {}, {"choice": "a", "choices": ["a"]}),
        (("not_checked", None, "no option z"), {}, {"choice": "z"}),
        (("not_checked", None, "nothing chosen"), {}, {"choices": []}),
        (("not_checked", None, "nothing chosen"), {}, {"choice": None, "choices": None}),
    ],
)
def test_a_choice_passes_when_all_that_was_chosen_passes(expected, fields, answer):
    options = [{"code": code, "zh": code, "en": code} for code in "abc"]

    assert expected == judge_alone(line(kind="choice", options=options, **fields), answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (("pass", 1, ""), {"text": "王店长"}),
        (("not_checked", None, "unanswered"), {"text": " "}),
        (("not_checked", None, "unanswered"), {"text": None}),
    ],
)
def test_a_text_passes_with_any_words(expected, answer):
    assert expected == judge_alone(line(kind="text"), answer)


def test_a_line_may_refuse_not_to_apply():
    refused = judge(
        checklist(line(allows_na=False)), [{"line": "x", "not_applicable": True, "yes": True}]
    )

    assert ("not_checked", "always applies") == (refused.lines[0].result, refused.lines[0].lacking)
    assert ["x"] == [each.line for each in refused.missing]


def test_lines_that_cannot_fail_are_outside_the_score_unless_they_state_a_weight():
    template = checklist(
        line("words", kind="text"),
        line("size", kind="measure"),
        line("own", kind="text", weight=3),
        line("asked"),
    )
    said = [
        {"line": "words", "text": "a"},
        {"line": "size", "value": 1},
        {"line": "own", "text": "a"},
        {"line": "asked", "yes": False},
    ]

    judged = judge(template, said)

    assert (3, 5) == (judged.signage_num, judged.signage_den)
    assert (1, 2) == (judged.mandatory_pass, judged.mandatory_checked)
    assert (2, 2) == (judged.lines_checked, judged.lines_offered)


def test_a_required_letter_of_no_weight_is_missed_but_decides_nothing():
    judged = judge(checklist(line("words", kind="text"), line("x")), [{"line": "x", "yes": True}])

    assert ("words",) == judged.missing_required
    assert ["words"] == [each.line for each in judged.missing]
    assert judged.all_mandatory_pass is True


class TestCritical:
    TEMPLATE = checklist(line("a", critical=True), line("b", critical=True, required=False))

    @pytest.mark.parametrize(
        ("failed", "said"),
        [
            ((), [{"line": "a", "yes": True}]),
            ((), [{"line": "a", "not_applicable": True}]),
            (("a",), [{"line": "a", "yes": False}, {"line": "b", "yes": True}]),
            (("a", "b"), [{"line": "a", "yes": False}, {"line": "b", "yes": False}]),
        ],
    )
    def test_lines_that_failed_are_named(self, failed, said):
        assert failed == judge(self.TEMPLATE, said).failed_critical


class TestLettersOfWhichOneIsEnough:
    @pytest.mark.parametrize(
        ("result", "ratio", "a", "b"),
        [
            ("pass", 1, {"quantity": 2}, None),
            ("pass", 1, {"quantity": 0}, {"quantity": 4}),
            ("not_checked", None, {"quantity": 1}, None),
            ("fail", 0.5, {"quantity": 1}, {"quantity": 1}),
            ("fail", 0.5, {"quantity": 1}, {"not_applicable": True}),
            ("not_applicable", None, {"not_applicable": True}, {"not_applicable": True}),
        ],
    )
    def test_pass_with_any_line(self, result, ratio, a, b):
        template = checklist(
            line("a", letter="L", kind="count", min_qty=2),
            line("b", letter="L", kind="count", min_qty=4),
            any_of_letters=["L"],
        )
        said = [{"line": code, **answer} for code, answer in (("a", a), ("b", b)) if answer]

        judged = judge(template, said)

        assert (result, ratio) == (letter(judged, "L").result, letter(judged, "L").ratio)

    def test_ask_for_no_more_once_one_line_passed(self):
        template = checklist(
            line("a", letter="L"),
            line("b", letter="L", photos={"min_count": 1}),
            any_of_letters=["L"],
        )

        passed = judge(template, [{"line": "a", "yes": True}])
        failed = judge(template, [{"line": "a", "yes": False}])

        assert () == passed.missing
        assert [("b", "answer"), ("b", "photo")] == [(m.line, m.what) for m in failed.missing]


def shown_if(other, value, operator="is"):
    return {"condition": {"line": other, "operator": operator, "value": value}}


class TestConditions:
    @pytest.mark.parametrize(
        ("is_hidden", "condition", "controller", "answer"),
        [
            (False, ("is", True), {}, {"yes": True}),
            (True, ("is", True), {}, {"yes": False}),
            (True, ("is_not", True), {}, {"yes": True}),
            (False, ("is_not", True), {}, {"yes": False}),
            (True, ("is_not", True), {}, None),
            (True, ("is_not", True), {}, {"yes": None}),
            (True, ("is_not", True), {}, {"not_applicable": True}),
            (False, ("is", True), {"kind": "present"}, {"present": True}),
            (False, ("is", True), {"kind": "present"}, {"width_m": 2.0}),
            (False, ("is", True), {"kind": "any_of", "parts": ["p"]}, {"parts": {"p": True}}),
            (False, ("is", False), {"kind": "any_of", "parts": ["p"]}, {"parts": {"p": False}}),
            (False, ("is", 2), {"kind": "count"}, {"quantity": 2}),
            (False, ("is", 0), {"kind": "count"}, {"present": False}),
            (True, ("is_not", 0), {"kind": "count"}, {"quantity": 0}),
            (False, ("is", 1.5), {"kind": "measure"}, {"value": 1.5}),
            (False, ("is", "a"), {"kind": "choice"}, {"choices": ["a", "b"]}),
            (True, ("is_not", "a"), {"kind": "choice"}, {"choices": ["a", "b"]}),
            (False, ("is_not", "a"), {"kind": "choice"}, {"choice": "b"}),
            (True, ("is_not", "a"), {"kind": "choice"}, {"choices": []}),
            (False, ("is", "是"), {"kind": "text"}, {"text": "是"}),
            (True, ("is_not", "是"), {"kind": "text"}, {"text": ""}),
        ],
    )
    def test_show_a_line_once_the_other_is_answered_so(
        self, is_hidden, condition, controller, answer
    ):
        options = {"options": [{"code": "a"}, {"code": "b"}], "multiple": True}
        if controller.get("kind") == "choice":
            controller = controller | options
        operator, value = condition
        template = checklist(line("y", **shown_if("x", value, operator)), line("x", **controller))

        judged = judge(template, [{"line": "x", **answer}] if answer else [])

        assert (("y",) if is_hidden else ()) == judged.hidden
        assert is_hidden is ("y" not in {each.code for each in judged.lines})

    def test_hide_what_depends_on_a_hidden_line(self):
        template = checklist(
            line("z", **shown_if("y", True)), line("y", **shown_if("x", True)), line("x")
        )
        said = [{"line": "x", "yes": False}, {"line": "y", "yes": True}]

        assert ("y", "z") == judge(template, said).hidden

    def test_of_hidden_lines_nothing_is_asked_or_counted(self):
        template = checklist(
            line("x"),
            line("y", critical=True, photos={"min_count": 1}, **shown_if("x", True)),
        )

        judged = judge(template, [{"line": "x", "yes": False}, {"line": "y", "yes": False}])

        assert (1, 1) == (judged.lines_checked, judged.lines_offered)
        assert (0, 2) == (judged.signage_num, judged.signage_den)
        assert ((), (), (), ()) == (
            judged.missing,
            judged.missing_required,
            judged.failed_critical,
            judged.unknown,
        )

    def test_that_hold_make_a_required_line_missing(self):
        template = checklist(line("x"), line("y", **shown_if("x", True)))

        judged = judge(template, [{"line": "x", "yes": True}])

        assert ("y",) == judged.missing_required
        assert [("y", "y", "answer", "unanswered")] == [
            (m.line, m.letter, m.what, m.reason) for m in judged.missing
        ]


def photo(item="x", **fields):
    return {"item": item, "subject": "checklist_item", "capture_source": "in_app_camera"} | fields


PHOTOS_OF_ALL = [photo(), photo(), photo("y"), photo("z")]


class TestPhotos:
    @pytest.mark.parametrize(
        ("missing", "asked", "taken"),
        [
            (None, {"min_count": 1}, [photo()]),
            (None, {"min_count": 2}, [photo(), photo(), photo()]),
            ("0 of 1 photos", {"min_count": 1}, []),
            ("0 of 1 photos", {"min_count": 1}, [photo("y"), photo(None)]),
            ("1 of 2 photos", {"min_count": 2}, [photo()]),
            (
                "0 of 1 photos, 1 not by the camera of the app",
                {"min_count": 1},
                [photo(capture_source="album")],
            ),
            (
                "0 of 1 photos, 1 not by the camera of the app",
                {"min_count": 1},
                [photo(capture_source="unknown")],
            ),
            (
                None,
                {"min_count": 2, "album_allowed": True},
                [photo(capture_source="album"), photo(capture_source="unknown")],
            ),
            (
                "0 of 1 photos, 1 not of the storefront",
                {"min_count": 1, "subject": "storefront"},
                [photo()],
            ),
            (
                None,
                {"min_count": 1, "subject": "storefront"},
                [photo(subject="storefront")],
            ),
        ],
    )
    def test_count_when_they_are_of_the_line_its_subject_and_an_accepted_source(
        self, missing, asked, taken
    ):
        judged = judge(checklist(line(photos=asked)), [{"line": "x", "yes": False}], taken)

        assert ([missing] if missing else []) == [each.reason for each in judged.missing]
        assert "fail" == judged.lines[0].result

    @pytest.mark.parametrize(
        ("missing", "required", "answer"),
        [
            (["answer", "photo"], True, None),
            (["photo"], True, {"yes": True}),
            ([], True, {"not_applicable": True}),
            ([], False, None),
            (["photo"], False, {"yes": True}),
            ([], False, {"not_applicable": True}),
        ],
    )
    def test_are_asked_of_required_lines_and_of_those_that_were_answered(
        self, missing, required, answer
    ):
        template = checklist(line(required=required, photos={"min_count": 1}))

        judged = judge(template, [{"line": "x", **answer}] if answer else [])

        assert missing == [each.what for each in judged.missing]

    @pytest.mark.parametrize(
        ("expected", "answers", "taken"),
        [
            ((3, 0), [], []),
            ((3, 1), [], [photo()]),
            ((3, 2), [{"line": "x", "yes": True}], [photo(), photo(), photo()]),
            ((1, 0), [{"line": "x", "not_applicable": True}], [photo()]),
            ((4, 0), [{"line": "y", "yes": True}], []),
            ((4, 4), [{"line": "y", "yes": True}], PHOTOS_OF_ALL),
            ((4, 4), [{"line": code, "yes": True} for code in "xyz"], PHOTOS_OF_ALL),
        ],
    )
    def test_are_slots_of_lines_that_are_shown_and_apply(self, expected, answers, taken):
        template = checklist(
            line(photos={"min_count": 2}),
            line("y", required=False, photos={"min_count": 1}),
            line(
                "z",
                photos={"min_count": 1},
                condition={"line": "y", "operator": "is", "value": True},
            ),
        )

        judged = judge(template, answers, taken)

        assert expected == (judged.photo_slots, judged.photo_slots_filled)

    def test_say_how_many_count_and_how_many_it_takes(self):
        judged = judge(
            checklist(line(photos={"min_count": 3})), [{"line": "x", "yes": True}], [photo()]
        )

        assert (Missing("x", "x", "photo", "1 of 3 photos", found=1, wanted=3),) == judged.missing

    @pytest.mark.parametrize(
        ("result", "missing", "required", "taken", "said"),
        [
            ("pass", [], True, [photo()], []),
            ("not_checked", ["photo"], True, [], []),
            ("not_checked", [], False, [], []),
            ("not_applicable", [], True, [], [{"line": "x", "not_applicable": True}]),
        ],
    )
    def test_are_the_whole_answer_to_a_photo_line(self, result, missing, required, taken, said):
        template = checklist(line(kind="photo", required=required, photos={"min_count": 1}))

        judged = judge(template, said, taken)

        assert result == judged.lines[0].result
        assert missing == [each.what for each in judged.missing]
