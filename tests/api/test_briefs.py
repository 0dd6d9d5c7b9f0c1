"""What to know before a visit: one store, and the stores of a day."""

from datetime import timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.case_models import Task
from backend.insight import stock
from backend.platform.actors import Role
from backend.standards.journey_codes import PlanStatus
from tests.factories import (
    NOON,
    TODAY,
    make_checklist,
    make_contact,
    make_count,
    make_person,
    make_plan_entry,
    make_product_line,
    make_promotion,
    make_region,
    make_report,
    make_sell_out,
    make_sku,
    make_store,
    make_task,
    make_violation,
    make_visit,
)

ON = f"?on={TODAY}"


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


def brief(client, person, store, on=ON):
    """Return the brief of a store."""
    return client.as_(person).get(f"/v1/stores/{store.id}/brief{on}").json


def test_names_what_is_open_in_the_store(client, rep, store):
    case = make_violation(store)
    make_violation(store, resolved_at=NOON)
    make_violation()
    task = make_task(store)
    done = make_task(store)
    Task.update(state="closed", ended_at=NOON).where(Task.id == done.id).execute()

    found = brief(client, rep, store)

    assert (store.code, str(TODAY), None) == (found["store"]["code"], found["on"], found["plan"])
    assert [str(case.id)] == [one["id"] for one in found["violations"]]
    assert [str(task.id)] == [one["id"] for one in found["tasks"]]


def test_shows_the_last_visit_that_counted_whoever_made_it(client, rep, store):
    day = timedelta(days=1)
    make_report(make_visit(store, at=NOON - 9 * day), signage_num=1, signage_den=10)
    last = make_visit(store, at=NOON - 3 * day, outcome="done")
    make_report(last, signage_num=7, signage_den=10, must_listed=6)
    make_visit(store, rep, at=NOON - 2 * day, status="open")
    make_visit(store, rep, at=NOON - 2 * day, quarantine_reason="second-visit-open")
    make_visit(store, rep, at=NOON + 2 * day)

    found = brief(client, rep, store)["last_visit"]

    assert (str(TODAY - 3 * day), last.person_id, "done") == (
        found["visited_on"],
        found["person_id"],
        found["outcome"],
    )
    assert (0.7, 6) == (found["score"]["signage_score"], found["score"]["must_listed"])


def test_knows_nothing_of_a_store_nobody_visited(client, rep, store):
    found = brief(client, rep, store)

    assert (None, None, []) == (found["last_visit"], found["checklist"], found["missing"])
    assert [] == found["photos"] == found["deciders"] == found["stock_flags"]


def test_names_must_list_products_that_were_missing(client, rep, store):
    visit = make_visit(store, at=NOON - timedelta(days=1))
    make_report(visit)
    absent, sold_out, fine, extra, unseen = (make_sku() for _ in range(5))
    make_product_line(visit, absent, is_listed=False)
    make_product_line(visit, sold_out, is_listed=True, stock=0)
    make_product_line(visit, fine, is_listed=True, stock=3)
    make_product_line(visit, extra, is_must=False, is_listed=False)
    make_product_line(visit, unseen, is_listed=None)

    missing = brief(client, rep, store)["missing"]

    assert {(absent.code, False), (sold_out.code, True)} == {
        (one["sku_code"], one["is_listed"]) for one in missing
    }


def test_names_promotions_the_store_takes_part_in_that_day(client, rep, store):
    running = make_promotion(stores=[store])
    make_promotion()
    make_promotion(stores=[store], ends_on=TODAY - timedelta(days=1))

    assert [running.code] == [one["code"] for one in brief(client, rep, store)["promotions"]]


def test_names_the_photos_that_the_checklist_asks_for(client, rep, store):
    photo = {"min_count": 2, "album_allowed": False, "subject": None}
    make_checklist([{"code": "door", "photos": photo}, {"code": "mat"}])

    found = brief(client, rep, store)

    assert found["checklist"]["code"].startswith("checklist-")
    assert [("door", 2)] == [(one["line"], one["min_count"]) for one in found["photos"]]


def test_flags_stock_that_calls_for_something(client, rep, store):
    short, fine = make_sku(), make_sku()
    make_count(store, {short: 1, fine: 28})
    for days in (0, 40):
        make_sell_out(store, short, on=TODAY - timedelta(days=days), units=28)
    make_sell_out(store, fine, on=TODAY - timedelta(days=1), units=28)
    stock.refresh([store.id], at=NOON)

    flags = brief(client, rep, store)["stock_flags"]

    assert [(short.code, 1, "understock")] == [
        (one["sku_code"], one["stock"], one["flag"]) for one in flags
    ]


def test_names_those_who_decide_and_still_work_there(client, rep, store):
    boss = make_contact(store, buying_role="decider")
    make_contact(store, buying_role="user")
    make_contact(store, buying_role="decider", left_on=TODAY - timedelta(days=9))

    assert [boss.name] == [one["name"] for one in brief(client, rep, store)["deciders"]]


def test_of_a_store_out_of_sight_is_not_found(client, store):
    for person in (make_person(), make_person(Role.MANAGER, region=make_region())):
        assert 404 == client.as_(person).get(f"/v1/stores/{store.id}/brief").status_code


def test_is_of_today_unless_said_and_takes_a_handful_of_queries(client, rep, store):
    make_sku()  # so that there are standards, which are read once
    make_violation(store)
    make_report(make_visit(store))
    phone = client.as_(rep)
    phone.get(f"/v1/stores/{store.id}/brief{ON}")

    with assert_query_count(10):
        # who asks, the store, the standards' stamp, the last visit, what it missed, violations,
        # tasks, promotions, stock, contacts
        phone.get(f"/v1/stores/{store.id}/brief{ON}")
    assert 200 == phone.get(f"/v1/stores/{store.id}/brief").status_code


class TestDay:
    def test_has_ones_planned_stores_in_order_with_a_fixed_number_of_queries(self, client, rep):
        make_sku()
        stores = [make_store(owner=rep) for _ in range(5)]
        cases = [make_violation(one) for one in stores]
        plans = [make_plan_entry(one, rep) for one in stores]
        make_plan_entry(stores[0], rep, status=str(PlanStatus.CANCELLED))
        make_plan_entry(stores[0], rep, planned_on=TODAY + timedelta(days=1))
        make_plan_entry(make_store())
        phone = client.as_(rep)
        phone.get(f"/v1/brief{ON}")

        with assert_query_count(11):  # as above, with how many and which instead of the store
            answer = phone.get(f"/v1/brief{ON}&page_size=3")
        rest = phone.get(f"/v1/brief{ON}&page_size=3&page=2").json

        assert [str(plan.id) for plan in plans] == [
            one["plan"]["id"] for one in [*answer.json, *rest]
        ]
        assert [[str(case.id)] for case in cases[:3]] == [
            [case["id"] for case in one["violations"]] for one in answer.json
        ]
        assert '"total": 5' in answer.headers["X-Pagination"]

    def test_of_somebody_else_is_for_the_office(self, client, rep, store):
        make_plan_entry(store, rep)
        supervisor = client.as_(make_person(Role.SUPERVISOR))
        other = client.as_(make_person())
        asked = f"/v1/brief{ON}&person_id={rep.id}"

        assert [store.code] == [one["store"]["code"] for one in supervisor.get(asked).json]
        assert [] == other.get(asked).json == supervisor.get(f"/v1/brief{ON}").json

    def test_without_plans_is_empty(self, client, rep):
        assert [] == client.as_(rep).get("/v1/brief").json
