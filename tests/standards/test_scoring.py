import json
from copy import deepcopy

import pytest

from backend.standards.manual import TEMPLATES
from backend.standards.scoring import ContradictoryAnswersError, judge

CITY, COUNTY, TOWN = (TEMPLATES[f"signage_{tier}"] for tier in ("city", "county", "town"))
GOOD = {
    "any_of": {"parts": {"fascia": True, "lightbox": False}},
    "count": {"quantity": 3, "contiguous": True},
    "present": {"present": True},
    "width_choice": {"present": True, "width_m": 3.0},
    "counter_or_wall": {"quantity": 2},
}


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


def test_a_result_survives_json():
    judged = judge(
        CITY, [*answers(CITY, city_c1_brand_counter={"quantity": 1}), {"line": "neon"}]
    ).as_dict()

    assert judged == json.loads(json.dumps(judged))
    assert {
        "code": "city_c1_brand_counter",
        "letter": "C",
        "required": True,
        "result": "fail",
        "ratio": 0.5,
        "weight": 2,
        "lacking": "quantity 1 of 2",
    } == judged["lines"][2]
    assert {
        "letter": "C",
        "required": True,
        "result": "fail",
        "ratio": 0.5,
        "weight": 2,
    } == judged["letters"][2]
    assert ("signage_city", 1, ["neon"], []) == tuple(
        judged[name] for name in ("template", "version", "unknown", "missing_required")
    )
