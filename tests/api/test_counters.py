"""Surveys of counters over HTTP."""

from datetime import date
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import rollups
from backend.insight.catalogue import BY_CODE
from backend.insight.figures import figures
from backend.insight.populations import Grain, Population
from backend.insight.windows import Window
from backend.platform.models import LedgerEntry
from backend.standards.mix_models import CounterSurvey
from tests.client import Client
from tests.factories import actor_of, make_person, make_store, make_survey
from tests.insight.facts import LATER

URL = "/v1/counter-surveys"


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def rep(client: Client, store) -> Client:
    return client.as_(store.owner)


def hand_in(client: Client, store, survey_id=None, **changes):
    body = {
        "store_id": store.id,
        "seen_on": "2026-03-02",
        "position_grade": 2,
        "display_area_m2": 6.5,
        "sections": 3,
        "competitors": ["C2", "C1", "C2"],
    }
    return client.put(f"{URL}/{survey_id or uuid4()}", json=body | changes)


def test_keep_position_area_and_competitors_together(rep: Client, store):
    survey_id = uuid4()

    answer = hand_in(rep, store, survey_id)

    assert 201 == answer.status_code
    assert {
        "id": str(survey_id),
        "store_id": store.id,
        "seen_on": "2026-03-02",
        "position_grade": 2,
        "display_area_m2": 6.5,
        "sections": 3,
        "competitors": ["C1", "C2"],
        "competitor_sections": None,
        "person_id": store.owner_id,
        "received_at": answer.json["received_at"],
    } == answer.json
    assert answer.json == rep.get(f"{URL}/{survey_id}").json
    assert ["counter_survey.recorded"] == [entry.verb for entry in LedgerEntry.select()]


def test_handed_in_again_are_the_same_and_with_other_content_a_conflict(
    client: Client, rep: Client, store
):
    survey_id, boss = uuid4(), client.as_(make_person("manager"))

    answers = [
        hand_in(rep, store, survey_id),
        hand_in(rep, store, survey_id),
        hand_in(rep, store, survey_id, sections=4),
        hand_in(boss, store, survey_id),
    ]

    assert [201, 200, 409, 409] == [answer.status_code for answer in answers]
    assert "urn:xundian:problem:id-taken" == answers[2].json["type"]
    assert 1 == CounterSurvey.select().count()


def test_may_count_the_sections_of_competitors(rep: Client, store):
    counted = hand_in(rep, store, competitor_sections=0)
    rollups.rebuild()

    found = figures(
        Population(actor=actor_of(store.owner), grain=Grain.ALL),
        window=Window(date(2026, 3, 1), date(2026, 3, 4)),
        at=LATER,
        kpis=[BY_CODE["display_share"]],
    )

    assert 0 == counted.json["competitor_sections"]
    assert 1 == found["all"].figures["display_share"].value


@pytest.mark.parametrize(
    "wrong",
    [
        {"position_grade": 0},
        {"position_grade": 6},
        {"sections": -1},
        {"competitor_sections": -1},
        {"competitor_sections": 1001},
        {"display_area_m2": -0.1},
        {"competitors": [""]},
    ],
)
def test_with_impossible_values_are_refused(rep: Client, store, wrong):
    assert set(wrong) == set(hand_in(rep, store, **wrong).json["errors"]["json"])


@pytest.mark.parametrize("missing", ["position_grade", "display_area_m2", "sections"])
def test_are_whole_or_refused(rep: Client, store, missing):
    body = {"store_id": store.id, "seen_on": "2026-03-02", "competitors": []}
    rest = {"position_grade": 2, "display_area_m2": 6.5, "sections": 3}
    del rest[missing]

    answer = rep.put(f"{URL}/{uuid4()}", json=body | rest)

    assert {missing} == set(answer.json["errors"]["json"])


def test_are_listed_latest_first_by_store_competitor_and_day(rep: Client, store):
    other = make_store(owner=store.owner)
    first = make_survey(store, seen_on=date(2026, 2, 1), competitors=["C1"]).id
    second = make_survey(store, seen_on=date(2026, 3, 1), competitors=["C10"]).id
    third = make_survey(other, seen_on=date(2026, 3, 2)).id

    def ask(**filters):
        return [survey["id"] for survey in rep.get(URL, query_string=filters).json]

    with assert_query_count(3):  # who asks, how many, which
        assert [str(third), str(second), str(first)] == ask()
    assert [str(second), str(first)] == ask(store_id=store.id)
    assert [str(first)] == ask(competitor="C1")
    assert [str(third), str(second)] == ask(**{"from": "2026-03-01"})
    assert [str(first)] == ask(to="2026-03-01")


def test_of_other_peoples_stores_are_hidden(client: Client, store):
    survey = make_survey(store)
    stranger = client.as_(make_person())

    answers = [hand_in(stranger, store), stranger.get(f"{URL}/{survey.id}")]

    assert [404, 404] == [answer.status_code for answer in answers]
    assert [] == stranger.get(URL).json
