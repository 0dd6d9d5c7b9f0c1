"""Figures of every part of the network."""

import pytest

from backend.insight import rollups
from backend.insight.catalogue import KPIS
from backend.insight.populations import Grain
from backend.network import archive_scores
from backend.network.words import Subject
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    make_card,
    make_dealer,
    make_person,
    make_region,
    make_report,
    make_sku,
    make_store,
)
from tests.insight.facts import visit_on

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def ask(client: Client, **query):
    return client.get("/v1/insight/figures", query_string=MARCH | query)


def listing(answer) -> dict:
    """Return the listing rate of each member by code."""
    return {
        each["code"]: (each["kpis"]["listing_rate"]["num"], each["kpis"]["listing_rate"]["den"])
        for each in answer.json["members"]
    }


@pytest.fixture
def network(client):  # noqa: ARG001  # the database is there with it
    """Two dealers' stores of different traits, visited by a rep and a supervisor's patrol."""
    supervisor = make_person(Role.SUPERVISOR, login="boss")
    rep = make_person(Role.REP, login="rep", supervisor=supervisor)
    first = make_store(
        make_dealer(code="D1"), code="S1", owner=rep, grade="A", chain="苏宁", tier="city"
    )
    second = make_store(make_dealer(code="D2"), code="S2", owner=rep, grade="B", tier="town")
    make_report(visit_on(1, first, person=rep), must_listed=1, must_answered=2)
    make_report(visit_on(1, second, person=rep), must_listed=9, must_answered=10)
    patrol = visit_on(2, first, person=supervisor, kind="supervisor_patrol")
    make_report(patrol, must_listed=2, must_answered=2)
    rollups.rebuild()
    return first


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("dealer", {"D1": (2, 2), "D2": (9, 10)}),
        ("store", {"S1": (2, 2), "S2": (9, 10)}),
        ("rep", {"rep": (10, 12)}),
        ("area", {"boss": (11, 12)}),
        ("tier", {"city": (2, 2), "town": (9, 10)}),
        ("grade", {"A": (2, 2), "B": (9, 10)}),
        ("chain", {"苏宁": (2, 2)}),
        ("province", {"43": (11, 12)}),
        ("all", {"all": (11, 12)}),
    ],
)
@pytest.mark.usefixtures("network")
def test_are_pooled_over_the_stores_of_each_member(manager: Client, grain, expected):
    assert expected == listing(ask(manager, grain=grain))


@pytest.mark.usefixtures("network")
def test_can_be_narrowed_to_some_stores_and_some_kpis(manager: Client):
    town = ask(manager, grain="all", tier="town", kpis="listing_rate,visits")
    chain = ask(manager, grain="dealer", chain="苏宁")
    division = ask(manager, grain="all", division="44")

    assert {"all": (9, 10)} == listing(town)
    assert {"listing_rate", "visits"} == set(town.json["members"][0]["kpis"])
    assert {"D1": (2, 2), "D2": (0, 0)} == listing(chain)
    assert {} == listing(division)


def test_pages_come_by_code_and_stores_without_visits_are_in_them(manager: Client):
    dealer = make_dealer()
    for number in (3, 1, 2):
        make_store(dealer, code=f"S{number}")

    page = ask(manager, grain="store", page=2, page_size=2)

    assert ["S3"] == [each["code"] for each in page.json["members"]]
    assert '"total": 3' in page.headers["X-Pagination"]
    assert page.json["members"][0]["kpis"]["listing_rate"]["value"] is None


@pytest.mark.usefixtures("network")
def test_every_grain_answers_every_kpi(manager: Client):
    sku = make_sku()

    for grain in Grain:
        answer = ask(manager, grain=str(grain), sku_id=sku.id)

        assert 200 == answer.status_code, answer.json
        for member in answer.json["members"]:
            assert {kpi.code for kpi in KPIS} == set(member["kpis"])


def test_others_stores_are_in_nobodys_figures(client: Client, network):
    other = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

    assert [] == ask(other, grain="dealer").json["members"]
    assert [] == ask(other, grain="store", members=str(network.id)).json["members"]
    assert [] == ask(other, grain="tier").json["members"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "2026-03-30", "to": "2026-03-02"}, "bad-window"),
        ({"kpis": "sales"}, "unknown-kpi"),
        ({"kpis": "numeric_distribution"}, "kpi-needs-product"),
        ({"kpis": "weighted_distribution", "sku_id": 999_999}, "kpi-needs-product"),
        ({"members": "D1"}, "bad-member"),
        ({"grain": "planet"}, "invalid-fields"),
        ({"division": "430"}, "invalid-fields"),
    ],
)
def test_what_makes_no_sense_is_refused(manager: Client, query, problem):
    answer = ask(manager, **query)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])


def test_an_unknown_region_is_not_found(manager: Client):
    assert 404 == ask(manager, region_id=999_999).status_code


def test_the_kpis_are_declared(manager: Client):
    declared = manager.get("/v1/insight/kpis").json

    assert 42 == len(declared)
    assert "覆盖率" == declared[1]["zh"]


def test_the_fields_of_archives_are_pooled_over_stores(manager: Client):
    dealer = make_dealer(code="D1")
    bare, chain = make_store(dealer), make_store(dealer, address="黄兴中路 1 号")
    make_card(chain, customer_type="chain", phone_e164="+8613812348000")
    archive_scores.measure_all(Subject.STORE)
    lacking = {one["id"]: len(one["missing"]) for one in manager.get("/v1/archive/incomplete").json}

    found = ask(manager, kpis="archive_completeness").json["members"][0]["kpis"]
    opened = manager.get(
        "/v1/insight/figures/archive_completeness/rows", query_string=MARCH | {"member": dealer.id}
    ).json

    figure = found["archive_completeness"]
    parts = [(row["num"], row["den"]) for row in opened["rows"]]
    assert [lacking[bare.id], lacking[chain.id]] == [den - num for num, den in parts]
    assert parts[1][1] == parts[0][1] + 1  # whose name a chain should say
    assert (figure["num"], figure["den"]) == tuple(map(sum, zip(*parts, strict=True)))
    assert figure["num"] / figure["den"] == figure["value"] == opened["value"]
    assert (2, False) == (figure["n_stores"], figure["low_n"])
