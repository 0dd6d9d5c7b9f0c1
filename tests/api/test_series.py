"""Series and comparisons of figures over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import rollups
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import make_dealer, make_person, make_region, make_report, make_store
from tests.insight.facts import visit_on

WEEKS = {"from": "2026-03-02", "to": "2026-03-18", "kpis": "listing_rate,visits"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def ask(client: Client, **query):
    return client.get("/v1/insight/series", query_string=WEEKS | query)


@pytest.fixture
def dealer(client: Client):  # noqa: ARG001  # the database is there with it
    """A dealer whose store listed 1 of 2, then 3 of 4 a week later; another has nothing."""
    dealer = make_dealer(code="D1")
    store = make_store(dealer, tier="city")
    make_report(visit_on(1, store), must_listed=1, must_answered=2)
    make_report(visit_on(8, store), must_listed=3, must_answered=4)
    make_dealer(code="D2")
    rollups.rebuild()
    return dealer


def values(line, code: str = "listing_rate") -> list:
    return [point["kpis"][code]["value"] for point in line["points"]]


def test_a_point_is_worked_out_from_the_facts_of_its_week(manager: Client, dealer):
    body = ask(manager, versus="previous,last_year").json
    first, second = body["members"]
    week = first["points"][1]

    assert ("week", dealer.id, "D2") == (body["by"], first["id"], second["code"])
    assert [0.5, 0.75, None] == values(first)
    assert ([None] * 3, [0, 0, 0]) == (values(second), values(second, "visits"))
    assert [False, False, True] == [point["is_partial"] for point in first["points"]]
    listing = week["kpis"]["listing_rate"]
    assert (3, 4, 1) == (listing["num"], listing["den"], listing["n_stores"])
    assert not week["is_provisional"]
    assert ("2026-03-02", "2026-03-09", 0.5) == (
        week["compared"]["previous"]["from"],
        week["compared"]["previous"]["to"],
        week["compared"]["previous"]["kpis"]["listing_rate"]["value"],
    )
    assert {"listing_rate": 0.25, "visits": 0} == week["compared"]["previous"]["differences"]
    assert {"listing_rate": None, "visits": 1} == week["compared"]["last_year"]["differences"]


@pytest.mark.usefixtures("dealer")
def test_members_named_by_codes_have_series_too(manager: Client):
    tiers = ask(manager, grain="tier", by="month", versus="previous").json["members"]
    page = ask(manager, page=2, page_size=1)

    assert [("city", None, [0.75])] == [(each["code"], each["id"], values(each)) for each in tiers]
    assert ["D2"] == [each["code"] for each in page.json["members"]]
    assert '"total": 2' in page.headers["X-Pagination"]


@pytest.mark.usefixtures("dealer")
def test_the_queries_grow_with_points_and_not_with_members(manager: Client):
    with assert_query_count(11):  # two for each of three weeks
        ask(manager, versus="previous", to="2026-03-16")
    for _ in range(3):
        visit_on(1, make_store(make_dealer()))
    rollups.rebuild()
    with assert_query_count(11):
        ask(manager, versus="previous", to="2026-03-16")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"to": "2026-03-01"}, "bad-window"),
        ({"to": "2028-03-01"}, "bad-window"),
        ({"from": "0001-01-01", "to": "0001-03-01", "versus": "previous"}, "bad-window"),
        ({"from": "9999-12-01", "to": "9999-12-31"}, "bad-window"),
        ({"by": "day", "to": "2026-07-01"}, "too-many-points"),
        ({"kpis": "sales"}, "unknown-kpi"),
        ({"kpis": ""}, "invalid-fields"),
        ({"versus": "tomorrow"}, "invalid-fields"),
        ({"by": "year"}, "invalid-fields"),
    ],
)
def test_what_makes_no_sense_is_refused(manager: Client, query, problem):
    answer = ask(manager, **query)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])


@pytest.mark.usefixtures("dealer")
def test_others_stores_are_in_nobodys_series(client: Client):
    other = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

    assert [] == ask(other).json["members"]
    assert [] == ask(other, grain="tier").json["members"]


@pytest.mark.usefixtures("dealer")
def test_a_table_has_the_figures_of_an_earlier_window_beside_its_own(manager: Client):
    asked = {"from": "2026-03-09", "to": "2026-03-16", "kpis": "listing_rate"}

    for grain in ("dealer", "tier"):
        query = asked | {"grain": grain, "compare": "previous"}
        member = manager.get("/v1/insight/figures", query_string=query).json["members"][0]
        before = member["compared"]["previous"]

        assert ("2026-03-02", 0.5, {"listing_rate": 0.25}) == (
            before["from"],
            before["kpis"]["listing_rate"]["value"],
            before["differences"],
        )
    query = asked | {"members": 999, "compare": "last_year"}
    assert [] == manager.get("/v1/insight/figures", query_string=query).json["members"]
    plain = manager.get("/v1/insight/figures", query_string=asked).json["members"][0]
    assert {} == plain["compared"]
