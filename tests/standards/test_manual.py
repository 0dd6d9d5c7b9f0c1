import json

import pytest

from backend.standards.codes import LineKind
from backend.standards.manual import TEMPLATES, WITH_PRINCIPLES

LINES = [line for template in TEMPLATES.values() for line in template["lines"]]


def letters(tier, *, required):
    lines = TEMPLATES[f"signage_{tier}"]["lines"]
    return "".join(dict.fromkeys(line["letter"] for line in lines if line["required"] is required))


def tiers_with(item):
    return {
        template["tier"]
        for template in TEMPLATES.values()
        for line in template["lines"]
        if item in line["items"]
    }


def test_the_three_checklists_have_eighteen_lines_of_unique_code():
    assert 18 == len(LINES) == len({line["code"] for line in LINES})


def test_the_lines_carry_the_codes_of_the_manual():
    assert [
        "city_a_fascia_or_lightbox",
        "city_b_side_vertical_signs",
        "city_c1_brand_counter",
        "city_c2_back_wall",
        "city_d_poster_strip",
        "city_e_welcome_mat",
        "city_f_blank_handwritten_poster",
        "city_g_x_banner",
        "county_a_fascia_or_lightbox",
        "county_b_side_vertical_signs",
        "county_c_counter_or_wall",
        "county_d_poster_strip",
        "county_e_welcome_mat",
        "county_f_blank_handwritten_poster",
        "town_a_street_banner",
        "town_b_side_vertical_signs",
        "town_c_poster_strip",
        "town_d_blank_handwritten_poster",
    ] == [line["code"] for line in LINES]


@pytest.mark.parametrize(
    ("tier", "required", "recommended"),
    [("city", "CDEF", "ABG"), ("county", "CDEF", "AB"), ("town", "ABCD", "")],
)
def test_each_tier_requires_four_letters_and_recommends_the_rest(tier, required, recommended):
    assert required == letters(tier, required=True)
    assert recommended == letters(tier, required=False)


@pytest.mark.parametrize(
    ("item", "tiers"),
    [
        ("x_banner", {"city"}),
        ("street_banner", {"town"}),
        ("welcome_mat", {"city", "county"}),
        ("brand_counter", {"city", "county"}),
        ("back_wall", {"city", "county"}),
        ("fascia_or_lightbox", {"city", "county"}),
        ("poster_strip", {"city", "county", "town"}),
        ("blank_handwritten_poster", {"city", "county", "town"}),
        ("side_vertical_signs", {"city", "county", "town"}),
    ],
)
def test_an_item_is_asked_for_in_its_tiers_only(item, tiers):
    assert tiers == tiers_with(item)


def test_side_signs_become_required_in_town():
    assert {"city": False, "county": False, "town": True} == {
        template["tier"]: line["required"]
        for template in TEMPLATES.values()
        for line in template["lines"]
        if "side_vertical_signs" in line["items"]
    }


@pytest.mark.parametrize(
    ("code", "min_qty", "best_qty"),
    [
        ("city_a_fascia_or_lightbox", 1, 1),
        ("city_b_side_vertical_signs", 2, 2),
        ("city_c1_brand_counter", 2, 3),
        ("city_c2_back_wall", 1, 1),
        ("city_d_poster_strip", 3, None),
        ("county_c_counter_or_wall", 2, None),
        ("town_a_street_banner", 1, None),
    ],
)
def test_limits_and_optima_are_those_of_the_manual(code, min_qty, best_qty):
    (line,) = (line for line in LINES if line["code"] == code)

    assert (min_qty, best_qty) == (line["min_qty"], line["best_qty"])


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["code"])
def test_every_line_has_a_known_kind_and_reads_in_both_languages(line):
    assert line["kind"] in {*LineKind}
    assert all(line[text] for text in ("zh", "en", "rule_zh", "rule_en"))


def test_templates_are_version_one_and_survive_json():
    assert {1} == {template["version"] for template in TEMPLATES.values()}
    assert TEMPLATES == json.loads(json.dumps(TEMPLATES))


@pytest.mark.parametrize("code", TEMPLATES)
class TestPrinciples:
    def test_follow_the_lines_of_the_first_version(self, code):
        first, second = TEMPLATES[code], WITH_PRINCIPLES[code]

        assert (1, 2) == (first["version"], second["version"])
        assert first["lines"] == second["lines"][:-3]
        assert ["first_notice", "no_waste", "uniform_image"] == [
            line["code"] for line in second["lines"][-3:]
        ]

    def test_are_recommended_questions_outside_every_sum(self, code):
        for line in WITH_PRINCIPLES[code]["lines"][-3:]:
            assert ("yes_no", False, 0) == (line["kind"], line["required"], line["weight"])
            assert all(line[text] for text in ("zh", "en", "rule_zh", "rule_en"))

    def test_ask_for_a_photo_from_the_door(self, code):
        photos = [line.get("photos") for line in WITH_PRINCIPLES[code]["lines"][-3:]]

        door = {"min_count": 1, "album_allowed": False, "subject": "storefront"}
        assert [door, None, None] == photos
