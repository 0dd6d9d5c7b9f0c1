"""Assortment rules over HTTP."""

from contextlib import suppress

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import assortment, revision
from backend.standards.assortment import ContradictoryRulesError
from backend.standards.models import AssortmentRule
from tests.client import Client
from tests.factories import (
    NOON,
    OPENED,
    actor_of,
    make_must_rule,
    make_person,
    make_region,
    make_season_plan,
    make_sku,
    make_store,
    the_region,
)
from tests.threads import at_once

URL = "/v1/assortment-rules"
BODY = {
    "scope_kind": "tier",
    "scope_value": "city",
    "select_kind": "role",
    "select_value": "hero",
    "must_list": True,
    "min_facings": 2,
    "priority": 1,
    "valid_from": "2026-01-01",
    "valid_to": "2026-07-01",
    "season_plan_id": None,
    "min_sales_index": 80,
    "min_sections": 2,
    "stock_cover_days": 14,
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_lists_rules_of_a_scope_and_a_day(client: Client):
    general = make_must_rule()
    plan = make_season_plan()
    city = make_must_rule(scope_kind="tier", scope_value="city", season_plan=plan)
    rep = client.as_(make_person())

    def ask(**filters):
        return [rule["id"] for rule in rep.get(URL, query_string=filters).json]

    with assert_query_count(3):  # who asks, how many, which
        assert [general.id, city.id] == ask()
    assert [city.id] == ask(scope_kind="tier")
    assert [city.id] == ask(scope_value="city")
    assert [city.id] == ask(season_plan_id=plan.id)
    assert [] == ask(day="2024-12-31")
    assert [general.id, city.id] == ask(day="2025-01-01")


def test_adds_a_rule(manager: Client):
    before = revision.current()

    answer = manager.post(URL, json=BODY)

    assert 201 == answer.status_code
    assert BODY | {"id": answer.json["id"]} == answer.json
    assert before != revision.current()
    assert ["assortment_rule.created"] == [entry.verb for entry in LedgerEntry.select()]


@pytest.mark.parametrize(
    ("scope", "stored"),
    [
        (("all", ""), ""),
        (("tier", "town"), "town"),
        (("grade", "A"), "A"),
        (("chain", "大中"), "大中"),
        (("division", "43"), "430000"),
        (("division", "430102001"), "430102001"),
    ],
)
def test_takes_every_kind_of_scope(manager: Client, scope, stored):
    kind, value = scope

    answer = manager.post(URL, json=BODY | {"scope_kind": kind, "scope_value": value})

    assert (201, stored) == (answer.status_code, answer.json["scope_value"])


def test_takes_a_store_in_sight_and_a_product(client: Client):
    store, sku = make_store(), make_sku()
    body = BODY | {
        "scope_kind": "store",
        "scope_value": str(store.id),
        "select_kind": "sku",
        "select_value": str(sku.id),
    }
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    assert 201 == client.as_(make_person(Role.MANAGER)).post(URL, json=body).status_code
    hidden = elsewhere.post(URL, json=body)
    assert (404, "store") == (hidden.status_code, hidden.json["what"])


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("bad-scope", {"scope_kind": "all"}),
        ("bad-scope", {"scope_value": "village"}),
        ("bad-scope", {"scope_kind": "grade", "scope_value": "E"}),
        ("bad-scope", {"scope_kind": "chain", "scope_value": ""}),
        ("bad-scope", {"scope_kind": "store", "scope_value": "x"}),
        ("bad-scope", {"scope_kind": "store", "scope_value": "01"}),
        ("unknown-division", {"scope_kind": "division", "scope_value": "99"}),
        ("bad-scope", {"select_value": "star"}),
        ("bad-scope", {"select_kind": "tag", "select_value": ""}),
        ("bad-scope", {"select_kind": "price_band", "select_value": ""}),
        ("bad-scope", {"select_kind": "standard", "select_value": "heroes"}),
        ("unknown-division", {"select_kind": "tag", "select_value": "local:99"}),
        ("no-competitor", {"select_kind": "tag", "select_value": "fighter:"}),
        ("invalid-fields", {"stock_cover_days": 0}),
        ("bad-scope", {"select_kind": "sku", "select_value": "YS-X1"}),
        ("bad-scope", {"select_kind": "sku", "select_value": "9" * 30}),
        ("ends-before-start", {"valid_to": "2026-01-01"}),
        ("invalid-fields", {"min_facings": -1}),
        ("invalid-fields", {"scope_kind": "town"}),
    ],
)
def test_refuses(manager: Client, problem, wrong):
    answer = manager.post(URL, json=BODY | wrong)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])
    assert 0 == AssortmentRule.select().count()


@pytest.mark.parametrize(
    ("selection", "stored"),
    [
        (("tag", "local:43"), "local:430000"),
        (("tag", "fighter:C1"), "fighter:C1"),
        (("price_band", "0-999"), "0-999"),
        (("standard", "local_fit_models"), "local_fit_models"),
    ],
)
def test_takes_every_kind_of_selection(manager: Client, selection, stored):
    kind, value = selection

    answer = manager.post(URL, json=BODY | {"select_kind": kind, "select_value": value})

    assert (201, stored) == (answer.status_code, answer.json["select_value"])


def test_names_its_season_plan(manager: Client):
    plan = make_season_plan()

    answer = manager.post(URL, json=BODY | {"season_plan_id": plan.id})
    unknown = manager.post(URL, json=BODY | {"season_plan_id": 999})

    assert (201, plan.id) == (answer.status_code, answer.json["season_plan_id"])
    assert (404, "season plan") == (unknown.status_code, unknown.json["what"])


OPPOSITE = {"must_list": False}


class TestContradictions:
    @pytest.mark.parametrize(
        ("status", "start", "end"),
        [
            (201, "2025-06-01", "2026-01-01"),
            (201, "2026-07-01", None),
            (409, "2025-06-01", "2026-01-02"),
            (409, "2025-06-01", None),
            (409, "2026-06-30", None),
            (409, "2026-03-01", "2026-03-02"),
        ],
    )
    def test_are_refused_on_days_that_both_rules_share(self, manager: Client, status, start, end):
        rule = manager.post(URL, json=BODY).json

        answer = manager.post(URL, json=BODY | OPPOSITE | {"valid_from": start, "valid_to": end})

        assert status == answer.status_code
        if status == 409:
            assert (
                "urn:xundian:problem:contradictory-rules",
                rule["id"],
                "2026-01-01",
                "2026-07-01",
            ) == tuple(answer.json[name] for name in ("type", "rule_id", "since", "until"))

    @pytest.mark.parametrize(
        "change",
        [
            {"priority": 2},
            {"scope_value": "county"},
            {"scope_kind": "grade", "scope_value": "A"},
            {"select_value": "core"},
            {"must_list": True},
        ],
    )
    def test_need_the_same_scope_selection_and_priority(self, manager: Client, change):
        manager.post(URL, json=BODY)

        assert 201 == manager.post(URL, json=BODY | OPPOSITE | change).status_code

    def test_end_with_the_older_rule(self, manager: Client):
        rule = manager.post(URL, json=BODY | {"valid_to": None}).json
        manager.post(f"{URL}/{rule['id']}/end", json={"valid_to": "2026-03-01"})

        answer = manager.post(URL, json=BODY | OPPOSITE | {"valid_from": "2026-03-01"})

        assert 201 == answer.status_code


def test_of_rules_that_contradict_each_other_one_is_kept(app):  # noqa: ARG001
    manager = actor_of(make_person(Role.MANAGER))
    sides = iter([True, False, True, False])

    def add() -> None:
        with suppress(ContradictoryRulesError):
            assortment.create(
                manager,
                scope_kind="all",
                select_kind="role",
                select_value="hero",
                must_list=next(sides),
                valid_from=OPENED,
                at=NOON,
            )

    at_once(4, add)

    assert 1 == len({rule.must_list for rule in AssortmentRule.select()})


def test_names_the_product_it_does_not_know(manager: Client):
    answer = manager.post(URL, json=BODY | {"select_kind": "sku", "select_value": "999"})

    assert (404, "sku", [999]) == (
        answer.status_code,
        answer.json["what"],
        answer.json["unknown"],
    )


def test_ends_a_rule_once(manager: Client):
    rule = make_must_rule()
    before = revision.current()

    def end(day, number=rule.id):
        return manager.post(f"{URL}/{number}/end", json={"valid_to": day})

    answers = [end("2026-03-01"), end("2026-03-01"), end("2026-04-01"), end("2026-03-01", 999)]

    assert [200, 200, 409, 404] == [answer.status_code for answer in answers]
    assert "2026-03-01" == answers[0].json["valid_to"]
    assert before != revision.current()
    assert 1 == LedgerEntry.select().count()


def test_cannot_end_before_it_begins(manager: Client):
    answer = manager.post(f"{URL}/{make_must_rule().id}/end", json={"valid_to": "2025-01-01"})

    assert (422, "urn:xundian:problem:ends-before-start") == (
        answer.status_code,
        answer.json["type"],
    )


def test_reps_write_nothing(client: Client):
    assert 403 == client.as_(make_person()).post(URL, json=BODY).status_code
