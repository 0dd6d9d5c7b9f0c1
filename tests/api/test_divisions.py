"""Administrative divisions over HTTP."""

import pytest

from tests.client import Client
from tests.factories import make_person


@pytest.fixture
def rep(client: Client) -> Client:
    return client.as_(make_person())


def test_lists_the_provinces(rep):
    provinces = rep.get("/v1/divisions").json

    assert 34 == len(provinces)
    assert {
        "code": "110000",
        "name": "北京市",
        "level": "province",
        "full_name": "北京市",
        "tier": None,
    } == provinces[0]


def test_lists_townships_with_the_tier_they_suggest(rep):
    townships = {each["code"]: each for each in rep.get("/v1/divisions?parent=430102").json}

    assert "city" == townships["430102001"]["tier"]
    assert "湖南省长沙市芙蓉区文艺路街道" == townships["430102001"]["full_name"]


@pytest.mark.parametrize("parent", ["990000", "4", "长沙"])
def test_an_unknown_parent_is_a_problem(rep, parent):
    answer = rep.get("/v1/divisions", query_string={"parent": parent})

    assert 422 == answer.status_code
    assert "urn:xundian:problem:unknown-division" == answer.json["type"]
    assert parent == answer.json["division_code"]
