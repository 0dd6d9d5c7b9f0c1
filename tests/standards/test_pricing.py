import pytest

from backend.standards.pricing import judge

REFERENCE = 299_900


def look(tag_fen, **seen):
    """Judge an observation against the reference, with nothing given away unless said."""
    defaults = {
        "quoted_fen": None,
        "discount_fen": 0,
        "gift_fen": 0,
        "reference_fen": REFERENCE,
    }
    return judge(tag_fen, **defaults | seen)


@pytest.mark.parametrize(
    ("findings", "tag_fen", "seen"),
    [
        ((), REFERENCE, {}),
        ((), REFERENCE, {"quoted_fen": REFERENCE}),
        (("direct_price_cut",), REFERENCE - 1, {}),
        (("direct_price_cut",), REFERENCE, {"quoted_fen": REFERENCE - 1}),
        (("direct_price_cut",), REFERENCE - 1, {"quoted_fen": REFERENCE}),
        (("direct_price_cut",), REFERENCE - 1, {"discount_fen": 100}),
        (("disguised_discount",), REFERENCE, {"discount_fen": 1}),
        (("disguised_discount", "overpricing"), REFERENCE + 100, {"discount_fen": 101}),
        (("overpricing",), REFERENCE + 100, {"discount_fen": 100}),
        (
            ("disguised_discount", "overpricing"),
            REFERENCE + 200,
            {"quoted_fen": REFERENCE + 50, "discount_fen": 100},
        ),
        (("overpricing",), REFERENCE + 1, {}),
        (("overpricing",), REFERENCE, {"quoted_fen": REFERENCE + 1}),
        (("direct_price_cut", "overpricing"), REFERENCE + 1, {"quoted_fen": REFERENCE - 1}),
        (("excess_gift",), REFERENCE, {"gift_fen": 1}),
        ((), REFERENCE, {"gift_fen": 9_900, "allowed_gift_fen": 9_900}),
        (("excess_gift",), REFERENCE, {"gift_fen": 9_901, "allowed_gift_fen": 9_900}),
        (("direct_price_cut", "excess_gift"), REFERENCE - 1, {"gift_fen": 1}),
        (("disguised_discount", "excess_gift"), REFERENCE, {"discount_fen": 1, "gift_fen": 1}),
    ],
)
def test_an_observation_shows_what_it_shows(findings, tag_fen, seen):
    assert findings == look(tag_fen, **seen).findings


@pytest.mark.parametrize(
    ("findings", "tag_fen", "seen"),
    [
        ((), REFERENCE + 1, {}),
        (("direct_price_cut",), REFERENCE - 1, {}),
        (("overpricing",), REFERENCE, {"promo_price_fen": REFERENCE - 1}),
    ],
)
def test_nothing_is_too_high_above_a_floor(findings, tag_fen, seen):
    assert findings == look(tag_fen, is_floor=True, **seen).findings


@pytest.mark.parametrize(
    ("net_fen", "tag_fen", "seen"),
    [
        (299_900, 299_900, {}),
        (289_900, 299_900, {"discount_fen": 10_000}),
        (297_900, 299_900, {"gift_fen": 5_000, "allowed_gift_fen": 3_000}),
        (299_900, 299_900, {"gift_fen": 2_000, "allowed_gift_fen": 3_000}),
        (284_900, 299_900, {"discount_fen": 10_000, "gift_fen": 5_000}),
        (299_900, 299_900, {"quoted_fen": 279_900}),
        (289_900, 299_900, {"discount_fen": 10_000, "reference_fen": None}),
    ],
)
def test_net_price_is_the_tag_less_discounts_and_excess_gifts(net_fen, tag_fen, seen):
    assert net_fen == look(tag_fen, **seen).net_fen


@pytest.mark.parametrize(
    ("complies", "seen"),
    [
        (True, {}),
        (True, {"quoted_fen": REFERENCE + 10_000}),
        (False, {"quoted_fen": REFERENCE - 1}),
        (False, {"discount_fen": 1}),
        (False, {"gift_fen": 1}),
        (None, {"reference_fen": None}),
    ],
)
def test_every_finding_but_overpricing_breaks_compliance(complies, seen):
    assert complies is look(REFERENCE, **seen).complies


def test_without_a_reference_nothing_is_found():
    verdict = look(1, reference_fen=None, gift_fen=99_900, discount_fen=1)

    assert () == verdict.findings
    assert verdict.reference_fen is None


@pytest.mark.parametrize("reference_fen", [REFERENCE, None])
@pytest.mark.parametrize(
    ("findings", "tag_fen"),
    [
        (("direct_price_cut",), 279_899),
        ((), 279_900),
        (("overpricing",), 279_901),
    ],
)
def test_a_running_promotional_price_replaces_the_reference(findings, tag_fen, reference_fen):
    verdict = look(tag_fen, reference_fen=reference_fen, promo_price_fen=279_900)

    assert findings == verdict.findings
    assert 279_900 == verdict.reference_fen


@pytest.mark.parametrize(
    ("findings", "seen"),
    [
        ((), {"tag_fen": 95_000}),
        (("direct_price_cut",), {"tag_fen": 94_999}),
        ((), {"tag_fen": 105_000}),
        (("overpricing",), {"tag_fen": 105_001}),
        ((), {"tag_fen": 100_000, "discount_fen": 5_000}),
        (("disguised_discount",), {"tag_fen": 100_000, "discount_fen": 5_001}),
    ],
)
def test_tolerance_widens_the_reference_on_both_sides(findings, seen):
    assert findings == look(reference_fen=100_000, tolerance=0.05, **seen).findings


@pytest.mark.parametrize("percent", range(1, 100))
def test_a_price_exactly_at_the_tolerance_is_never_a_cut(percent):
    assert () == look(100 - percent, reference_fen=100, tolerance=percent / 100).findings
