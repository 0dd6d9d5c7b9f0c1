"""Dealer summaries over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import rollups
from backend.platform import clock
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    make_dealer,
    make_person,
    make_region,
    make_report,
    make_store,
    make_visit,
    the_region,
)
from tests.insight.facts import violation, visit_on

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}


def test_a_dealers_numbers_come_with_their_parts(client: Client):
    dealer = make_dealer(name="长沙恒信通讯")
    visit = visit_on(1, make_store(dealer))
    make_report(visit, must_listed=6, must_answered=8)
    make_store(dealer)
    violation(1, make_store(dealer))
    rollups.rebuild()

    answer = client.as_(make_person(Role.MANAGER)).get(
        f"/v1/dealers/{dealer.id}/summary", query_string=MARCH
    )
    body = answer.json

    assert 200 == answer.status_code
    assert ("长沙恒信通讯", "2026-03-02", "2026-03-30", 1) == (
        body["dealer_name"],
        body["from"],
        body["to"],
        body["n_stores"],
    )
    beside = {"n_stores": 1, "low_n": False, "as_of": body["as_of"], "suspect_share": None}
    beside |= {"target": None, "attainment": None, "reason": None}
    listing, visits = (body["kpis"][code] for code in ("listing_rate", "visits"))
    assert {"value": 0.75, "num": 6, "den": 8, "also": None} | beside == listing
    assert {"value": 1, "num": 1, "den": None, "also": None} | beside == visits
    assert body["kpis"]["visit_adherence_rate"]["value"] is None
    assert {"direct_price_cut": 1} == body["violations_by_kind"]
    unchecked = {"value": None, "num": 1, "den": 0, "low_n": True, "inconsistent": True}
    unchecked |= {key: beside[key] for key in ("n_stores", "as_of", "suspect_share")}
    assert unchecked | {"reason": "inconsistent"} == body["violations_per_100_checks"]["price"]


def test_the_last_28_days_are_what_is_meant_without_a_window(client: Client):
    today = clock.business_date(datetime.now(UTC))
    store = make_store()
    visit = make_visit(store, at=datetime.now(UTC))
    rollups.rebuild()
    asked = client.as_(make_person(Role.SUPERVISOR))

    plain = asked.get(f"/v1/dealers/{visit.dealer_id}/summary").json
    named = asked.get(f"/v1/dealers/{visit.dealer_id}/summary?window=d28").json

    assert str(today + timedelta(days=1)) == plain["to"]
    assert (1, True) == (plain["kpis"]["visits"]["value"], plain["is_provisional"])
    assert plain["kpis"]["visits"] | {"as_of": None} == named["kpis"]["visits"] | {"as_of": None}


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-03-30&to=2026-03-02",
        "from=2026-03-02&to=2026-03-02",
        "from=2024-01-01&to=2026-03-02",
        "from=2026-03-02",
        "from=2026-03-02&to=2026-03-30&window=d7",
    ],
)
@pytest.mark.parametrize("path", ["summaries", "1/summary"])
def test_a_bad_window_is_refused(client: Client, path, query):
    answer = client.as_(make_person(Role.MANAGER)).get(f"/v1/dealers/{path}?{query}")

    assert (422, "urn:xundian:problem:bad-window") == (answer.status_code, answer.json["type"])
    assert 460 == answer.json["longest_days"]


@pytest.mark.parametrize(
    "query", ["window=w66", "from=yesterday", "tier=village", "dealer_ids=1,x", "region_id=0"]
)
def test_what_cannot_be_read_is_refused(client: Client, query):
    answer = client.as_(make_person(Role.MANAGER)).get(f"/v1/dealers/summaries?{query}")

    assert (422, "urn:xundian:problem:invalid-fields") == (answer.status_code, answer.json["type"])


def test_the_list_is_paged_by_code(client: Client):
    dealers = [make_dealer(code=f"43-01-{number}") for number in (203, 201, 202)]
    manager = client.as_(make_person(Role.MANAGER))

    page = manager.get("/v1/dealers/summaries?page=2&page_size=2")
    chosen = manager.get(f"/v1/dealers/summaries?dealer_ids={dealers[0].id},{dealers[1].id}")

    assert ["43-01-203"] == [each["dealer_code"] for each in page.json]
    assert '"total": 3' in page.headers["X-Pagination"]
    assert ["43-01-201", "43-01-203"] == [each["dealer_code"] for each in chosen.json]


def test_a_list_takes_as_many_queries_however_many_dealers(client: Client):
    manager = client.as_(make_person(Role.MANAGER))
    for _ in range(3):
        visit_on(1, make_store(make_dealer()))
    rollups.rebuild()
    with assert_query_count(31):  # one of them finds out who asks
        assert 3 == len(manager.get("/v1/dealers/summaries", query_string=MARCH).json)
    for _ in range(5):
        visit_on(1, make_store(make_dealer()))
    rollups.rebuild()
    with assert_query_count(31):
        assert 8 == len(manager.get("/v1/dealers/summaries", query_string=MARCH).json)


class TestScope:
    def test_another_regions_manager_sees_nothing_and_cannot_tell(self, client: Client):
        dealer = make_dealer()
        the_region()
        other = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

        hidden = other.get(f"/v1/dealers/{dealer.id}/summary")
        unknown = other.get("/v1/dealers/999999/summary")

        assert (404, hidden.data) == (unknown.status_code, unknown.data)
        assert [] == other.get("/v1/dealers/summaries").json

    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Role.REP, 403),
            (Role.AUDITOR, 403),
            (Role.SUPERVISOR, 200),
            (Role.MANAGER, 200),
            (Role.ADMIN, 200),
        ],
    )
    def test_numbers_are_for_the_office(self, client: Client, role, status):
        dealer = make_dealer()
        asked = client.as_(make_person(role))

        answers = [
            asked.get(path)
            for path in ("/v1/dealers/summaries", f"/v1/dealers/{dealer.id}/summary")
        ]

        assert [status, status] == [answer.status_code for answer in answers]
