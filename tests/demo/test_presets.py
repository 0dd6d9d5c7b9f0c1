from random import Random

import pytest

from backend.demo import geography
from backend.demo.presets import PRESETS
from backend.network import divisions
from backend.network.divisions import Tier


def test_the_demo_is_as_large_as_announced():
    preset = PRESETS["demo"]
    provinces = preset.provinces

    assert (3, 600, 10) == (
        len(provinces),
        sum(province.stores for province in provinces),
        sum(province.reps for province in provinces),
    )
    assert 24 == sum(province.dealers + 1 for province in provinces)
    assert (2, 90) == (len(preset.areas), preset.days)


@pytest.mark.parametrize("province", PRESETS["demo"].provinces, ids=lambda p: p.code)
def test_every_prefecture_has_territories(province):
    for prefecture in province.prefectures:
        for territory in geography.counties_of(prefecture, Random(1), 3):
            assert all(divisions.is_within(county, prefecture) for county in territory)


def test_sites_are_in_the_township_they_name_and_of_its_tier():
    territory = geography.counties_of("430100", Random(1), 1)[0]

    sites = geography.sites(territory, 60, Random(2))

    for site in sites:
        assert site.tier == divisions.derive_tier(site.division_code)
        assert 6.1 > geography.kilometres(site.door, geography.point_of(site.division_code))
    assert set(Tier) == {site.tier for site in sites}
