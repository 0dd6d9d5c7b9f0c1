"""The retailer manual's signage checklists, as the first templates a brand starts with.

`code`, `version`, `tier`, `zh`, `en` and `lines` of each, as plain JSON values; `lines` says what a
line may have. `WITH_PRINCIPLES` is the next version of each: the same lines, and the manual's
three display principles.
"""

from typing import Any

_ITEMS: dict[str, dict[str, Any]] = {
    "fascia_or_lightbox": {
        "items": ["fascia_or_lightbox"],
        "kind": "any_of",
        "min_qty": 1,
        "best_qty": 1,
        "dimension": None,
        "logic": "any_of",
        "parts": ["fascia", "lightbox"],
        "zh": "门头或灯箱",
        "en": "Fascia sign or light box",
        "rule_zh": "门头、灯箱至少有一样，完好，灯箱能亮",
        "rule_en": "At least one of the two is up, undamaged, and lit if it is a light box",
    },
    "side_vertical_signs": {
        "items": ["side_vertical_signs"],
        "kind": "count",
        "min_qty": 2,
        "best_qty": 2,
        "dimension": "both_sides",
        "logic": "all_of",
        "zh": "店外两边竖牌",
        "en": "Vertical signs on both sides of the door",
        "rule_zh": "门两边各有一块",
        "rule_en": "One on each side of the door",
    },
    "street_banner": {
        "items": ["street_banner"],
        "kind": "width_choice",
        "min_qty": 1,
        "best_qty": None,
        "dimension": "width",
        "logic": "one_of",
        "widths_m": [3.0, 5.0],
        "zh": "店外横幅（3 米或 5 米）",
        "en": "Street banner, 3 m or 5 m wide",
        "rule_zh": "已悬挂，字迹清楚，宽 3 米或 5 米",
        "rule_en": "Hung, legible, 3 m or 5 m wide",
    },
    "brand_counter": {
        "items": ["brand_counter"],
        "kind": "count",
        "min_qty": 2,
        "best_qty": 3,
        "dimension": "sections",
        "logic": "all_of",
        "zh": "专柜",
        "en": "Branded counter",
        "rule_zh": "不少于 2 节，3 节最佳",
        "rule_en": "At least 2 sections; 3 is best",
    },
    "back_wall": {
        "items": ["back_wall"],
        "kind": "present",
        "min_qty": 1,
        "best_qty": 1,
        "dimension": "width",
        "logic": "all_of",
        "min_width_m": 2.0,
        "zh": "背景墙（2 米）",
        "en": "Back wall, 2 m wide",
        "rule_zh": "有背景墙，宽不少于 2 米",
        "rule_en": "A back wall at least 2 m wide",
    },
    "counter_or_wall": {
        "items": ["brand_counter", "back_wall"],
        "kind": "counter_or_wall",
        "min_qty": 2,
        "best_qty": None,
        "dimension": "sections_or_width",
        "logic": "any_of",
        "min_width_m": 2.0,
        "zh": "专柜 2 节或背景墙 2 米",
        "en": "Two counter sections or a 2 m back wall",
        "rule_zh": "专柜不少于 2 节，或背景墙宽不少于 2 米；从严时专柜必须不少于 2 节",
        "rule_en": "At least 2 counter sections or a 2 m wall; if strict, always the 2 sections",
    },
    "poster_strip": {
        "items": ["poster_strip"],
        "kind": "count",
        "min_qty": 3,
        "best_qty": None,
        "dimension": "joined_sheets",
        "logic": "all_of",
        "contiguous": True,
        "zh": "海报连贴",
        "en": "Poster strip",
        "rule_zh": "3 张以上，连贴成排",
        "rule_en": "At least 3 sheets, joined in one strip",
    },
    "welcome_mat": {
        "items": ["welcome_mat"],
        "kind": "present",
        "min_qty": 1,
        "best_qty": None,
        "dimension": None,
        "logic": None,
        "zh": "迎客地毯",
        "en": "Welcome mat",
        "rule_zh": "已铺设，干净",
        "rule_en": "Laid out and clean",
    },
    "blank_handwritten_poster": {
        "items": ["blank_handwritten_poster"],
        "kind": "present",
        "min_qty": 1,
        "best_qty": None,
        "dimension": None,
        "logic": None,
        "zh": "空白手写海报",
        "en": "Blank hand-written poster",
        "rule_zh": "有空白备用，或已写好张贴",
        "rule_en": "Blanks in stock, or one written and in use",
    },
    "x_banner": {
        "items": ["x_banner"],
        "kind": "present",
        "min_qty": 1,
        "best_qty": None,
        "dimension": None,
        "logic": None,
        "zh": "X 展架",
        "en": "X-banner stand",
        "rule_zh": "已摆放",
        "rule_en": "Standing in the store",
    },
}


def _template(
    tier: str, zh: str, en: str, *, required: str, lines: dict[str, str]
) -> dict[str, Any]:
    """Lay out a tier's checklist from its required letters and its items by place (A, C1 …)."""
    return {
        "code": f"signage_{tier}",
        "version": 1,
        "tier": tier,
        "zh": zh,
        "en": en,
        "lines": [
            {
                "code": f"{tier}_{place.lower()}_{item}",
                "letter": place[0],
                "required": place[0] in required,
                **_ITEMS[item],
            }
            for place, item in lines.items()
        ],
    }


TEMPLATES: dict[str, dict[str, Any]] = {
    "signage_city": _template(
        "city",
        "市区售点形象",
        "Signage of a city store",
        required="CDEF",
        lines={
            "A": "fascia_or_lightbox",
            "B": "side_vertical_signs",
            "C1": "brand_counter",
            "C2": "back_wall",
            "D": "poster_strip",
            "E": "welcome_mat",
            "F": "blank_handwritten_poster",
            "G": "x_banner",
        },
    ),
    "signage_county": _template(
        "county",
        "县级售点形象",
        "Signage of a county store",
        required="CDEF",
        lines={
            "A": "fascia_or_lightbox",
            "B": "side_vertical_signs",
            "C": "counter_or_wall",
            "D": "poster_strip",
            "E": "welcome_mat",
            "F": "blank_handwritten_poster",
        },
    ),
    "signage_town": _template(
        "town",
        "镇级售点形象",
        "Signage of a town store",
        required="ABCD",
        lines={
            "A": "street_banner",
            "B": "side_vertical_signs",
            "C": "poster_strip",
            "D": "blank_handwritten_poster",
        },
    ),
}

_PRINCIPLES: list[dict[str, Any]] = [
    {
        "code": "first_notice",
        "letter": "P1",
        "zh": "第一注目率",
        "en": "First notice",
        "rule_zh": "从门口看，首先看到的是本品牌；在门口拍一张照片",
        "rule_en": "Our brand is what you see first from the entrance; one photo from the door",
        "photos": {"min_count": 1, "album_allowed": False, "subject": "storefront"},
    },
    {
        "code": "no_waste",
        "letter": "P2",
        "zh": "不浪费",
        "en": "No waste",
        "rule_zh": "没有闲置或损坏未用的形象物料",
        "rule_en": "No signage material lies about unused or spoilt",
    },
    {
        "code": "uniform_image",
        "letter": "P3",
        "zh": "品牌形象的统一性",
        "en": "Uniform brand image",
        "rule_zh": "各项均为当期画面，没有过期或他牌画面",
        "rule_en": "Every item shows the current campaign; no obsolete or foreign artwork",
    },
]
"""Of weight 0: they are asked for and kept, and no score depends on them."""

WITH_PRINCIPLES: dict[str, dict[str, Any]] = {
    code: template
    | {
        "version": 2,
        "lines": [
            *template["lines"],
            *(
                {"kind": "yes_no", "required": False, "weight": 0, "items": []} | principle
                for principle in _PRINCIPLES
            ),
        ],
    }
    for code, template in TEMPLATES.items()
}
