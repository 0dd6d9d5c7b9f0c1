import json
import pickle

import pytest

from backend.standards import codes, price_codes, promotion_codes
from backend.standards.codes import (
    SEVERITY_COLOUR,
    CaptureSource,
    CheckResult,
    Labelled,
    PriceFinding,
    PriceType,
    ViolationGroup,
    ViolationKind,
)
from backend.standards.promotion_codes import (
    COST_BASIS,
    ConsumerPromotionSubKind,
    EvaluationMethod,
    LaunchStage,
    TimingFactor,
)

CODES = [
    member
    for kind in {**vars(codes), **vars(price_codes), **vars(promotion_codes)}.values()
    if isinstance(kind, type) and issubclass(kind, Labelled)
    for member in kind
]


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{type(code).__name__}.{code}")
def test_every_code_names_itself_in_both_languages(code):
    assert any("\u4e00" <= letter <= "\u9fff" for letter in code.zh)
    assert code.en.isascii()
    assert code.en


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{type(code).__name__}.{code}")
def test_every_code_is_spelt_like_its_name(code):
    assert code.name.lower() == code.value


def test_a_code_is_its_text_and_can_be_found_by_it():
    assert "pass" == CheckResult.PASS
    assert CheckResult.PASS is CheckResult("pass")
    assert '"pass"' == json.dumps(CheckResult.PASS)
    assert ViolationKind.EXCESS_GIFT is pickle.loads(pickle.dumps(ViolationKind.EXCESS_GIFT))


def test_an_unknown_code_is_refused():
    with pytest.raises(ValueError, match="screenshot"):
        CaptureSource("screenshot")


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        (16, ViolationKind),
        (7, PriceType),
        (13, ConsumerPromotionSubKind),
        (5, TimingFactor),
        (6, EvaluationMethod),
        (5, LaunchStage),
    ],
)
def test_the_catalogues_of_the_manual_are_complete(count, kind):
    assert count == len(kind)


@pytest.mark.parametrize("kind", ViolationKind)
def test_every_violation_has_a_group_and_a_severity_with_a_colour(kind):
    assert isinstance(kind.group, ViolationGroup)
    assert kind.severity in SEVERITY_COLOUR


def test_every_kind_of_promotion_has_a_cost_basis():
    assert {*codes.DealerPromotionKind, *codes.ConsumerPromotionKind} == set(COST_BASIS)


def test_the_gravest_violations_are_lost_fixtures_diversion_and_false_data():
    gravest = {kind for kind in ViolationKind if kind.severity == 4}

    assert {"fixture_missing", "cross_area_sale", "data_integrity"} == gravest


def test_every_price_finding_but_overpricing_is_the_violation_of_the_same_name():
    assert {
        PriceFinding.DIRECT_PRICE_CUT: ViolationKind.DIRECT_PRICE_CUT,
        PriceFinding.DISGUISED_DISCOUNT: ViolationKind.DISGUISED_DISCOUNT,
        PriceFinding.EXCESS_GIFT: ViolationKind.EXCESS_GIFT,
        PriceFinding.OVERPRICING: None,
    } == {finding: finding.violation for finding in PriceFinding}
