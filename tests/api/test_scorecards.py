"""Scorecards over HTTP: live, frozen, and for whom."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import rollups, scorecard_versions
from backend.insight.windows import last_closed_month
from backend.platform import clock
from backend.platform.actors import Role
from tests.api.test_exports import export, rows
from tests.client import Client
from tests.factories import (
    make_contest,
    make_dealer,
    make_dealer_login,
    make_person,
    make_region,
    make_scorecard,
    make_sku,
    make_store,
    the_region,
)
from tests.insight.cards import LATER, checklist, inspected, shelf

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-03-01"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


class TestCard:
    def test_shows_a_dealer_its_pillars_lines_and_what_moved_them(self, client: Client):
        dealer, letters = make_dealer(name="长沙恒信通讯"), checklist()
        store = make_store(dealer, name="五一广场店", tier="town")
        inspected(-3, store, letters)
        shelf(inspected(3, store, letters, "CF"), missing=(make_sku(code="X1", name="一号"),))
        make_contest(dealer, line="display/letter:C", store=store)
        rollups.rebuild()

        answer = client.as_(make_dealer_login(dealer)).get(
            f"/v1/dealers/{dealer.id}/scorecard", query_string=MARCH
        )
        card = answer.json

        assert 200 == answer.status_code
        assert ("长沙恒信通讯", {"town": 1}, None) == (
            card["dealer_name"],
            card["stores_by_tier"],
            card["reason"],
        )
        assert [25, 35, 20, 5, 15] == [one["weight"] for one in card["pillars"]]
        assert ["display/letter:F"] == [cap["line"] for cap in card["caps"]]
        assert ("assortment/sku:1", "X1 一号", "五一广场店") == (
            card["lines"][0]["line"],
            card["lines"][0]["zh"],
            card["lines"][0]["stores"][0]["name"],
        )
        assert ("previous", "2026-02-02", 100) == (
            card["movement"]["against"],
            card["movement"]["from"],
            card["movement"]["before"],
        )
        assert pytest.approx(card["score"] - 100) == card["movement"]["points"]
        assert [("display/letter:C", "open")] == [
            (contest["line"], contest["state"]) for contest in card["contests"]
        ]

    def test_costs_as_many_queries_for_many_stores_as_for_one(self, manager: Client):
        dealer, letters = make_dealer(), checklist()
        for _ in range(4):
            shelf(inspected(1, make_store(dealer), letters, "C"), missing=(make_sku(),))
        rollups.rebuild()

        with assert_query_count(91):  # two windows, the stores' names and the contests
            manager.get(f"/v1/dealers/{dealer.id}/scorecard", query_string=MARCH)

    def test_may_be_compared_with_the_same_days_of_last_year(self, manager: Client):
        dealer = make_dealer()

        card = manager.get(
            f"/v1/dealers/{dealer.id}/scorecard", query_string=MARCH | {"against": "last_year"}
        ).json

        assert ("2025-03-02", None, "nothing_measured") == (
            card["movement"]["from"],
            card["score"],
            card["reason"],
        )

    @pytest.mark.parametrize(
        "query",
        [
            {"from": "2026-03-30", "to": "2026-03-02"},
            {"from": "2026-03-02"},
            MARCH | {"window": "d7"},
            {"against": "tomorrow"},
            {"window": "fortnight"},
        ],
    )
    def test_refuses_days_that_are_none(self, manager: Client, query):
        answer = manager.get(f"/v1/dealers/{make_dealer().id}/scorecard", query_string=query)

        assert 422 == answer.status_code

    def test_of_another_dealer_is_not_there(self, client: Client):
        mine, other = make_dealer(), make_dealer()
        child = make_dealer(parent=mine)
        login = client.as_(make_dealer_login(mine))

        answers = [login.get(f"/v1/dealers/{id_}/scorecard") for id_ in (other.id, child.id, 999)]

        assert [404, 404, 404] == [answer.status_code for answer in answers]
        assert 1 == len({answer.json["detail"] for answer in answers})


class TestFrozen:
    def test_stays_as_it_was_until_something_changes(self, client: Client, manager: Client):
        dealer, letters = make_dealer(), checklist()
        store = make_store(dealer)
        inspected(3, store, letters, "C")
        rollups.rebuild()
        march = date(2026, 3, 1)

        first = scorecard_versions.freeze_one(dealer.id, march, at=LATER)
        again = scorecard_versions.freeze_one(dealer.id, march, at=LATER + timedelta(days=1))
        inspected(4, store, letters)
        rollups.rebuild()
        second = scorecard_versions.freeze_one(dealer.id, march, at=LATER + timedelta(days=2))
        login = client.as_(make_dealer_login(dealer))
        newest = login.get(f"/v1/dealers/{dealer.id}/scorecards/2026-03-01").json
        oldest = login.get(f"/v1/dealers/{dealer.id}/scorecards/2026-03-01?version=1").json
        listed = login.get(f"/v1/dealers/{dealer.id}/scorecards").json

        assert (1, None, 2) == (first.version, again, second.version)
        assert (2, True, 100, []) == (
            newest["version"],
            newest["is_latest"],
            newest["score"],
            newest["lines"],
        )
        assert (1, False, "2026-03-01", "2026-04-01", ["display/letter:C"]) == (
            oldest["version"],
            oldest["is_latest"],
            oldest["from"],
            oldest["to"],
            [line["line"] for line in oldest["lines"]],
        )
        assert [("2026-03-01", 2), ("2026-03-01", 1)] == [
            (row["month"], row["version"]) for row in listed
        ]
        assert 404 == manager.get(f"/v1/dealers/{dealer.id}/scorecards/2026-04-01").status_code

    def test_of_another_dealer_is_not_there(self, client: Client):
        make_scorecard(other := make_dealer())
        login = client.as_(make_dealer_login(make_dealer()))

        for path in ("scorecards", "scorecards/2026-02-01"):
            assert 404 == login.get(f"/v1/dealers/{other.id}/{path}").status_code


class TestTable:
    def test_lists_a_month_the_lowest_score_first(self, client: Client):
        here, there = make_region(the_region()), make_region(the_region())
        boss = client.as_(make_person(Role.MANAGER, region=the_region()))
        good, bad, unseen = (make_dealer(region=here) for _ in range(3))
        make_scorecard(good, 90.0)
        make_scorecard(bad, 40.0, pillars={"display": 40.0})
        make_scorecard(bad, 20.0, version=2, is_latest=False)
        make_scorecard(unseen, None)
        make_scorecard(make_dealer(region=there), 10.0)
        make_scorecard(good, 10.0, month_on=date(2026, 1, 1))

        with assert_query_count(3):  # who asks, how many, which
            answer = boss.get("/v1/scorecards?month=2026-02-17&page_size=2")
        mine = boss.get(f"/v1/scorecards?month=2026-02-01&region_id={here.id}").json
        local = client.as_(make_person(Role.SUPERVISOR, region=there))

        assert [None, 10] == [row["score"] for row in answer.json]
        assert [unseen.code, bad.code, good.code] == [row["dealer_code"] for row in mine]
        assert {"display": 40} == mine[1]["pillars"]
        assert [10] == [row["score"] for row in local.get("/v1/scorecards?month=2026-02-01").json]

    def test_is_of_the_last_month_that_is_closed(self, manager: Client):
        closed = last_closed_month(clock.business_date(clock.now()))
        make_scorecard(make_dealer(), 55.0, month_on=closed.from_on)

        assert [55] == [row["score"] for row in manager.get("/v1/scorecards").json]


class TestExport:
    def test_has_the_latest_card_of_each_month_with_its_pillars(self, manager: Client):
        dealer = make_dealer(name="恒信通讯")
        make_scorecard(dealer, 70.25, version=2, pillars={"display": 66.66, "service": None})
        make_scorecard(dealer, 10.0, is_latest=False)
        make_scorecard(dealer, 20.0, month_on=date(2026, 1, 1))

        [row] = rows(export(manager, "scorecards", **FEBRUARY))

        assert ("恒信通讯", "2026-02-01", "2", "70.3", "66.7", "", "") == tuple(
            row[column]
            for column in (
                "经销商名称",
                "月份首日",
                "版本",
                "总分",
                "陈列得分",
                "价格得分",
                "服务得分",
            )
        )

    def test_is_of_dealers_in_sight(self, client: Client):
        here = make_region(the_region())
        mine, other = make_dealer(region=here), make_dealer()
        make_scorecard(mine)
        make_scorecard(other)
        local = client.as_(make_person(Role.SUPERVISOR, region=here))
        boss = client.as_(make_person(Role.MANAGER, region=the_region()))

        def codes(caller: Client, **asked):
            found = rows(export(caller, "scorecards", lang="en", **FEBRUARY | asked))
            return [row["Dealer code"] for row in found]

        assert [mine.code] == codes(local)
        assert [other.code] == codes(boss, dealer_id=other.id)
        assert (
            403
            == export(client.as_(make_person(Role.AUDITOR)), "scorecards", **FEBRUARY).status_code
        )
