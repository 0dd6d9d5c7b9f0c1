"""League tables of reps over HTTP."""

import pytest
from playhouse.test_utils import count_queries

from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.insight import rollups
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import make_person, make_region, make_report, make_store, the_region
from tests.insight.facts import day, plan, visit_on

MARCH = {"from": "2026-03-16", "to": "2026-03-30"}
LISTED = {"a": 9, "b": 7, "c": 9, "d": 2}
"""What the reps found listed of 10; of `e` nobody knows, and `f` counted 3 products."""


def ask(client: Client, **query):
    return client.get("/v1/insight/league", query_string=MARCH | {"kpi": "listing_rate"} | query)


def shown(answer, *names: str) -> list[tuple]:
    return [tuple(each[name] for name in names) for each in answer.json["places"]]


@pytest.fixture
def reps(app):  # noqa: ARG001  # the database is there with it
    """Six reps of one region, what they found in the window, and what two found before."""
    people = {login: make_person(login=login, name=f"业务员{login}") for login in "abcdef"}
    for login, listed in LISTED.items():
        seen(people[login], 15, listed, 10)
    seen(people["f"], 15, 3, 3)
    seen(people["a"], 2, 1, 10)
    seen(people["d"], 2, 10, 10)
    rollups.rebuild()
    return people


def seen(person, number: int, listed: int, answered: int) -> None:
    visit = visit_on(number, make_store(owner=person), person=person)
    make_report(visit, must_listed=listed, must_answered=answered)


@pytest.mark.usefixtures("reps")
def test_rank_the_reps_for_the_office_by_name(client: Client):
    answer = ask(client.as_(make_person(Role.MANAGER)))

    assert [
        (1, "f", "业务员f", 1.0, True, None),
        (2, "a", "业务员a", 0.9, False, 2),
        (2, "c", "业务员c", 0.9, False, None),
        (4, "b", "业务员b", 0.7, False, None),
        (5, "d", "业务员d", 0.2, False, 1),
        (None, "e", "业务员e", None, True, None),
    ] == shown(answer, "rank", "login", "name", "value", "low_n", "previous_rank")
    assert [100, 50, 50, 25, 0, None] == [each["percentile"] for each in answer.json["places"]]
    assert (6, 5, None, None) == tuple(
        answer.json[name] for name in ("n_reps", "n_ranked", "reason", "own")
    )
    assert "2026-03-02" == answer.json["previous_from"]


def test_hide_from_a_rep_who_the_others_are(client: Client, reps):
    answer = ask(client.as_(reps["c"]))

    own = answer.json["own"]
    assert ("c", "业务员c", 2, 9, 10, 50) == tuple(
        own[name] for name in ("login", "name", "rank", "num", "den", "percentile")
    )
    assert own == answer.json["places"][1]
    assert [(1, 1.0), (2, 0.9), (2, 0.9), (4, 0.7), (5, 0.2), (None, None)] == shown(
        answer, "rank", "value"
    )
    others = [each for each in answer.json["places"] if not each["is_own"]]
    assert [{"rank", "value", "is_own"}] * 5 == [
        {name for name in each if each[name] is not None} | {"rank", "value"} for each in others
    ]
    for login in "abdef":
        assert f"业务员{login}" not in answer.text


@pytest.mark.parametrize("login", ["a", "e"])
def test_of_too_few_reps_with_a_value_show_only_the_own_figure(client: Client, reps, login):
    answer = ask(client.as_(reps[login]), **{"from": "2026-03-02", "to": "2026-03-16"})

    assert "too_few" == answer.json["reason"]
    assert [(login, None, None)] == shown(answer, "login", "rank", "percentile")
    assert [0.1 if login == "a" else None] == [each["value"] for each in answer.json["places"]]


def test_put_the_smallest_first_where_less_is_better(client: Client, reps):
    visit = Visit.get(person=reps["d"], business_on=day(15))
    PlanEntry.update(visit_id=visit.id).where(PlanEntry.id == plan(15, visit.store_id).id).execute()
    rollups.rebuild()
    manager = client.as_(make_person(Role.MANAGER))

    less = ask(manager, kpi="unplanned_visit_share").json
    visits = ask(manager, kpi="visits").json

    assert (False, None) == (less["is_higher_better"], visits["is_higher_better"])
    assert [("d", 1), *((login, 2) for login in "abcf"), ("e", None)] == [
        (each["login"], each["rank"]) for each in less["places"]
    ]
    assert [(1, 1)] * 5 + [(6, 0)] == [(each["rank"], each["value"]) for each in visits["places"]]


def test_are_of_the_readers_region(client: Client, reps):
    elsewhere = make_region(code="HB")
    below = make_region(code="CS-1", parent=the_region())
    make_person(login="below", region=below)
    make_person(login="gone", is_active=False)
    supervisor = client.as_(make_person(Role.SUPERVISOR, region=below))
    rep = client.as_(reps["a"])

    assert [("below",)] == shown(ask(supervisor), "login")
    assert 404 == ask(supervisor, region_id=reps["a"].region_id).status_code
    assert 7 == ask(rep, region_id=reps["a"].region_id).json["n_reps"]
    assert 404 == ask(rep, region_id=below.id).status_code
    assert 404 == ask(rep, region_id=elsewhere.id).status_code
    other = client.as_(make_person(Role.MANAGER, region=elsewhere))
    assert [] == ask(other).json["places"]


@pytest.mark.usefixtures("reps")
def test_come_in_pages_with_the_own_place_on_each(client: Client, reps):
    page = ask(client.as_(reps["f"]), page=2, page_size=4)

    assert [(5,), (None,)] == shown(page, "rank")
    assert 1 == page.json["own"]["rank"]
    assert '"total": 6' in page.headers["X-Pagination"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"kpi": "sales"}, "unknown-kpi"),
        ({"kpi": "numeric_distribution"}, "kpi-needs-product"),
        ({"to": "2026-03-01"}, "bad-window"),
    ],
)
def test_that_make_no_sense_are_refused(client: Client, query, problem):
    answer = ask(client.as_(make_person()), **query)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])


def test_ask_the_same_of_the_database_however_many_reps(client: Client, reps):
    rep = client.as_(reps["a"])
    with count_queries() as few:
        ask(rep)
    for number in range(20):
        make_person(login=f"more{number}")
    with count_queries() as many:
        ask(rep)

    assert few.count == many.count
    assert few.count < 12
