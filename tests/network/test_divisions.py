"""Administrative divisions and the tier they suggest."""

from collections import Counter

import pytest

from backend.network import divisions
from backend.network.divisions import Division, Level, Tier, UnknownDivisionError


def below(parent=None) -> list[Division]:
    """Return everything below a division, or everything there is."""
    return [each for child in divisions.children(parent) for each in (child, *below(child.code))]


@pytest.fixture(scope="module")
def everything() -> list[Division]:
    return below()


@pytest.fixture(scope="module")
def townships(everything) -> list[str]:
    return [division.code for division in everything if division.level is Level.TOWNSHIP]


def test_every_division_hangs_on_a_province(everything):
    assert {
        Level.PROVINCE: 34,  # 31 and Hong Kong, Macau, Taiwan
        Level.PREFECTURE: 342,
        Level.COUNTY: 2979,  # 2,978 - 3 that share the code of their prefecture + 4 only official
        Level.TOWNSHIP: 41352,
    } == Counter(division.level for division in everything)


def test_townships_are_of_the_four_kinds_counted_by_the_bureau_of_statistics(townships):
    kinds = Counter(int(code[6:]) // 100 for code in townships)

    assert 9067 == kinds[0]
    assert 21377 == kinds[1]
    assert 8198 == kinds[2] + kinds[3]
    assert 2710 == kinds[4] + kinds[5]


@pytest.mark.parametrize(
    ("code", "name", "level"),
    [
        ("430000", "湖南省", Level.PROVINCE),
        ("430100", "长沙市", Level.PREFECTURE),
        ("430102", "芙蓉区", Level.COUNTY),
        ("430102001", "文艺路街道", Level.TOWNSHIP),
        ("710000", "台湾省", Level.PROVINCE),
        ("441900", "东莞市", Level.PREFECTURE),
    ],
)
def test_gets_a_division_of_each_level(code, name, level):
    assert Division(code, name, level) == divisions.get(code)


@pytest.mark.parametrize(
    ("short", "canonical"), [("43", "430000"), ("4301", "430100"), ("4419", "441900")]
)
def test_takes_a_code_without_its_zero_pairs(short, canonical):
    assert canonical == divisions.get(short).code


@pytest.mark.parametrize("code", ["330113", "330114"])
def test_knows_the_codes_of_2021(code):
    assert divisions.get(code).name in {"临平区", "钱塘区"}


@pytest.mark.parametrize(
    "code", ["", "4", "430199", "990000", "430102999", "430102001000", "长沙", "٤٣", "-4", "43\n"]
)
def test_an_unknown_code_is_none_and_has_neither_name_nor_children(code):
    assert divisions.get(code) is None
    for question in (divisions.full_name, divisions.children, divisions.derive_tier):
        with pytest.raises(UnknownDivisionError):
            question(code)


def test_children_are_in_the_order_of_their_codes():
    names = [child.name for child in divisions.children("4301")]

    assert ["芙蓉区", "天心区", "岳麓区"] == names[:3]
    assert [] == divisions.children("430102001")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("430102001", "湖南省长沙市芙蓉区文艺路街道"),
        ("43", "湖南省"),
        pytest.param("110101", "北京市东城区", id="municipality"),
        pytest.param("110100", "北京市", id="dummy prefecture itself"),
        pytest.param("500229", "重庆市城口县", id="dummy prefecture of counties"),
        pytest.param("429021", "湖北省神农架林区", id="directly under a province"),
        pytest.param("659001", "新疆维吾尔自治区石河子市", id="directly under a region"),
        pytest.param("441900003", "广东省东莞市东城街道", id="no counties"),
        pytest.param("620201100", "甘肃省嘉峪关市新城镇", id="county that repeats its city"),
    ],
)
def test_full_names_leave_out_what_nobody_writes(code, name):
    assert name == divisions.full_name(code)


def test_full_names_tell_apart_counties_of_one_name(everything):
    counties = [each for each in everything if each.level is Level.COUNTY]
    repeated = {name: n for name, n in Counter(each.name for each in counties).items() if n > 1}

    assert (29, 66) == (len(repeated), sum(repeated.values()))
    assert 4 == repeated["鼓楼区"]
    assert len(counties) == len({divisions.full_name(each.code) for each in counties})


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("430000", "43"),
        ("430100", "4301"),
        ("430102", "430102"),
        ("430110", "430110"),
        ("441900100", "441900100"),
        ("43", "43"),
    ],
)
def test_a_stem_has_no_trailing_zero_pairs_but_keeps_those_of_a_township(code, digits):
    assert digits == divisions.stem(code)


@pytest.mark.parametrize(
    ("expected", "code", "area"),
    [
        (True, "430102001", "43"),
        (True, "430102001", "430000"),
        (True, "430102", "430100"),
        (True, "430102", "430102"),
        (True, "441900003", "441900"),
        (True, "540422", "540400"),
        (False, "430102", "430200"),
        (False, "430000", "430100"),
        (False, "430102", "430102001"),
        (False, "340100", "430000"),
    ],
)
def test_a_division_is_within_what_its_code_starts_with(expected, code, area):
    assert expected is divisions.is_within(code, area)


@pytest.mark.parametrize("area", ["", "4", "4301020", "abcdef"])
def test_no_division_is_within_a_malformed_area(area):
    with pytest.raises(UnknownDivisionError):
        divisions.is_within("430102", area)


@pytest.mark.parametrize(
    ("tier", "code"),
    [
        pytest.param(Tier.CITY, "130171100", id="zone, town"),
        pytest.param(Tier.CITY, "430102001", id="district, subdistrict"),
        pytest.param(Tier.CITY, "110115403", id="district, quasi unit"),
        pytest.param(Tier.TOWN, "110111101", id="district, town"),
        pytest.param(Tier.TOWN, "110111208", id="district, township"),
        pytest.param(Tier.CITY, "441900003", id="Dongguan, subdistrict"),
        pytest.param(Tier.TOWN, "441900101", id="Dongguan, town"),
        pytest.param(Tier.CITY, "442000001", id="Zhongshan, subdistrict"),
        pytest.param(Tier.TOWN, "460400100", id="Danzhou, town 100"),
        pytest.param(Tier.TOWN, "620201100", id="Jiayuguan, town 100"),
        pytest.param(Tier.COUNTY, "130121100", id="county without subdistricts, town 100"),
        pytest.param(Tier.TOWN, "130121101", id="county without subdistricts, town 101"),
        pytest.param(Tier.COUNTY, "430181001", id="county-level city, subdistrict"),
        pytest.param(Tier.TOWN, "430181104", id="county-level city with subdistricts, town"),
        pytest.param(Tier.TOWN, "130281100", id="county-level city with subdistricts, town 100"),
        pytest.param(Tier.TOWN, "130125400", id="county, quasi unit"),
        pytest.param(Tier.TOWN, "350527000", id="stand-in for the towns of its county"),
    ],
)
def test_the_tier_follows_from_the_code(tier, code):
    assert tier is divisions.derive_tier(code)


def test_tiers_of_all_townships(townships):
    # 350527000 is a town: taken for a subdistrict, as 000 is below 100, it would be a county.
    assert {Tier.TOWN: 30283, Tier.CITY: 7708, Tier.COUNTY: 3361} == Counter(
        map(divisions.derive_tier, townships)
    )


def test_a_county_has_no_tier():
    with pytest.raises(UnknownDivisionError):
        divisions.derive_tier("430102")


def test_124_county_rows_are_numbered_as_development_zones(everything):
    zones = [
        each for each in everything if each.level is Level.COUNTY and "71" <= each.code[4:] <= "80"
    ]

    assert 124 == len(zones)
    assert all(divisions.children(zone.code) for zone in zones)
