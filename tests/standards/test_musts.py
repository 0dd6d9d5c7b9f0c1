from dataclasses import replace
from itertools import pairwise, permutations
from uuid import UUID

import pytest

from backend.standards.codes import SkuRole
from backend.standards.musts import Place, Rule, Sku, resolve
from backend.standards.scopes import StoreTraits

STORE = StoreTraits(
    id=UUID(int=7), tier="county", grade="B", chain="suning", division_code="440305001"
)
PLACE = Place(
    sales_index=100,
    sections=3,
    competitors=frozenset({"acme"}),
    fit_bands=frozenset({"0-999"}),
)
HERO = Sku("hero-1", SkuRole.HERO, frozenset({"local:4403"}))
CORE = Sku("core-1", SkuRole.CORE, price_band="0-999")
FIGHTER = Sku("core-2", SkuRole.CORE, frozenset({"fighter:acme", "local:4403"}))
SKUS = [HERO, CORE, FIGHTER]

EVERYONE = ("all", "")
SCOPES = [
    EVERYONE,
    ("tier", "county"),
    ("grade", "B"),
    ("chain", "suning"),
    ("division", "44"),
    ("division", "4403"),
    ("division", "440305"),
    ("division", "440305001"),
    ("store", str(UUID(int=7))),
]


def musts(*rules, store=STORE, skus=SKUS, place=PLACE):
    """Return the fewest facings of each product that the store must list."""
    return {key: must.min_facings for key, must in resolve(rules, store, skus, place).items()}


def rule(scope=EVERYONE, select=("sku", "hero-1"), **fields):
    return Rule(*scope, *select, **fields)


def test_without_rules_nothing_is_a_must():
    assert {} == musts()


@pytest.mark.parametrize(
    ("ids", "select"),
    [
        ({"core-1"}, ("sku", "core-1")),
        ({"core-1", "core-2"}, ("role", "core")),
        ({"hero-1", "core-2"}, ("tag", "local:4403")),
        ({"core-2"}, ("tag", "fighter:acme")),
        ({"core-1"}, ("price_band", "0-999")),
        ({"hero-1", "core-2"}, ("standard", "local_models")),
        ({"core-1"}, ("standard", "local_fit_models")),
        ({"core-2"}, ("standard", "fighter_models")),
        (set(), ("price_band", "1000-1999")),
        (set(), ("sku", "retired")),
        (set(), ("role", "hero-1")),
    ],
)
def test_a_rule_selects_by_sku_role_tag_band_or_listing_standard(ids, select):
    assert ids == musts(rule(select=select)).keys()


@pytest.mark.parametrize("scope", SCOPES)
def test_a_rule_reaches_the_stores_of_its_scope(scope):
    assert {"hero-1": 1} == musts(rule(scope))


@pytest.mark.parametrize(
    "scope",
    [
        ("tier", "city"),
        ("grade", "A"),
        ("chain", "gome"),
        ("division", "45"),
        ("division", "440306"),
        ("division", "440305002"),
        ("division", ""),
        ("store", str(UUID(int=8))),
    ],
)
def test_a_rule_does_not_reach_other_stores(scope):
    assert {} == musts(rule(scope))


@pytest.mark.parametrize("scope", SCOPES[1:-1])
def test_a_trait_that_is_not_known_fits_no_rule(scope):
    stranger = StoreTraits(id=UUID(int=7), tier=None, grade=None, chain=None, division_code=None)

    assert {} == musts(rule(scope), store=stranger)


@pytest.mark.parametrize(
    "code", ["440000", "440300", "440305000", "440305000000", "440305001000", "440300000000"]
)
def test_trailing_zeros_of_a_division_stand_for_all_below_it(code):
    assert {"hero-1"} == musts(rule(("division", code))).keys()


def test_a_zero_inside_a_level_is_part_of_its_number():
    in_township_100 = StoreTraits(
        id=1, tier=None, grade=None, chain=None, division_code="440305100"
    )

    assert {} == musts(rule(("division", "440305100")))
    assert {"hero-1"} == musts(rule(("division", "440305100")), store=in_township_100).keys()


def test_a_padded_division_is_no_more_specific_than_a_bare_one():
    padded = rule(("division", "440000000000"), min_facings=9)

    assert {"hero-1": 2} == musts(padded, rule(("division", "4403"), min_facings=2))


def test_matching_rules_add_up():
    found = musts(
        rule(select=("role", "core"), min_facings=2),
        rule(("tier", "county"), ("sku", "hero-1"), min_facings=3),
    )

    assert {"hero-1": 3, "core-1": 2, "core-2": 2} == found


@pytest.mark.parametrize(("broad", "narrow"), [*pairwise(SCOPES)])
def test_the_more_specific_scope_wins_whatever_the_order_or_priority(broad, narrow):
    rules = [rule(broad, min_facings=9, priority=100), rule(narrow, min_facings=2)]

    assert {"hero-1": 2} == musts(*rules) == musts(*reversed(rules))


def test_a_more_specific_rule_can_exclude():
    found = musts(
        rule(select=("role", "core")),
        rule(("store", str(STORE.id)), ("sku", "core-1"), must_list=False),
    )

    assert {"core-2"} == found.keys()


def test_a_more_specific_rule_can_bring_back_what_a_broad_one_excludes():
    assert {"hero-1"} == musts(rule(must_list=False), rule(("tier", "county"))).keys()


def test_in_one_scope_priority_then_listing_then_facings_decide():
    weakest_first = [
        rule(must_list=False, min_facings=9),
        rule(min_facings=1),
        rule(min_facings=4),
        rule(must_list=False, priority=1),
        rule(min_facings=2, priority=1),
    ]

    for count, expected in [(2, {"hero-1": 1}), (3, {"hero-1": 4}), (4, {})]:
        for order in permutations(weakest_first[:count]):
            assert expected == musts(*order)
    assert {"hero-1": 2} == musts(*weakest_first)


def test_ids_of_any_kind_are_returned_as_they_came():
    sku = Sku(UUID(int=1), SkuRole.HERO)

    assert {UUID(int=1): 1} == musts(rule(select=("sku", str(UUID(int=1)))), skus=[sku])


def test_a_local_model_is_no_must_by_its_tag_outside_its_division():
    away = STORE._replace(division_code="110101001")

    assert {} == musts(rule(select=("tag", "local:4403")), store=away)
    assert {} == musts(rule(select=("standard", "local_models")), store=away)
    assert {"hero-1"} == musts(rule(select=("role", "hero")), store=away).keys()


def test_a_fighter_is_a_must_by_its_tag_only_beside_its_competitor():
    alone = replace(PLACE, competitors=frozenset({"other"}))

    assert {} == musts(rule(select=("tag", "fighter:acme")), place=alone)
    assert {} == musts(rule(select=("standard", "fighter_models")), place=alone)
    assert {"core-1", "core-2"} == musts(rule(select=("role", "core")), place=alone).keys()


def test_a_band_that_does_not_suit_the_place_makes_no_must():
    elsewhere = replace(PLACE, fit_bands=frozenset({"4000-6999"}))

    assert {} == musts(rule(select=("standard", "local_fit_models")), place=elsewhere)


@pytest.mark.parametrize(("least", "trait"), [("min_sales_index", 100), ("min_sections", 3)])
def test_a_rule_leaves_out_stores_below_its_least(least, trait):
    name = least.removeprefix("min_")

    for value, ids in [(trait, {"hero-1"}), (trait - 1, set()), (None, set())]:
        place = replace(PLACE, **{name: value})
        assert ids == musts(rule(**{least: trait}), place=place).keys()


def test_a_must_names_the_rule_that_decided():
    broad = rule(id=1, select=("role", "core"))
    narrow = rule(("tier", "county"), ("sku", "core-1"), id=2, season_plan_id=9)

    found = resolve([broad, narrow], STORE, SKUS)

    assert {"core-1": narrow, "core-2": broad} == {key: must.rule for key, must in found.items()}
