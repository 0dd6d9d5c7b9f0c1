"""From a ledger entry to a refreshed store-day."""

from typing import Any
from uuid import uuid4

import pytest

from backend.evidence import scores
from backend.insight import follow, rollups
from backend.insight.models import VisitFact
from backend.network import ownership
from backend.platform import consumers, jobs, ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import Job
from tests.factories import (
    actor_of,
    make_count,
    make_dealer,
    make_person,
    make_sku,
    make_store,
)
from tests.insight.facts import LATER, day, noon, visit_on

pytestmark = pytest.mark.usefixtures("app")


def write(verb: str, object_id: object = None, **facts: Any) -> None:
    """Append an entry and let the consumer read it."""
    with transaction():
        ledger.append(None, verb, object_id or uuid4(), at=noon(1), **facts)
    ledger.seal()
    consumers.advance(follow.CONSUMER)


def owed() -> list[str]:
    """Return the keys of the jobs there are."""
    return [job.key for job in Job.select().where(Job.kind == "store-day").order_by(Job.key)]


def work() -> None:
    """Do what is owed."""
    while jobs.run_together("store-day", follow.refresh, at=LATER):
        pass


def test_an_entry_that_names_a_store_day_refreshes_it():
    visit = visit_on(1, make_store())
    facts = {"dealer": visit.dealer_id, "store": visit.store_id, "day": visit.business_on}

    write("visit.completed", visit.id, **facts)
    write("photo.judged", **facts)
    due = owed()
    work()

    assert [f"{visit.dealer_id}:{day(1)}:{visit.store_id}"] == due
    assert ([], [1]) == (owed(), [row.visits for row in VisitFact.select()])


@pytest.mark.parametrize(
    "facts",
    [{}, {"dealer": None, "store": 1, "day": "2026-03-02"}, {"store": 1, "region": 1}],
)
def test_other_entries_owe_nothing(facts):
    write("visit.checked_in", **facts)

    assert [] == owed()


@pytest.mark.parametrize("verb", ["visit.scored", "visit.located"])
def test_what_is_found_out_about_a_visit_refreshes_its_day(verb):
    visit = visit_on(1, make_store())

    write(verb, visit.id, score=80)
    write(verb, uuid4(), score=80)

    assert [f"{visit.dealer_id}:{day(1)}:{visit.store_id}"] == owed()


def test_a_visit_found_honest_later_is_a_scored_one():
    visit = visit_on(1, make_store())
    rollups.rebuild()

    scores.weigh([visit.id], at=noon(2))
    ledger.seal()
    consumers.advance(follow.CONSUMER)
    work()

    assert [(1, 0)] == [(row.is_scored, row.is_suspect) for row in VisitFact.select()]


def test_a_plan_that_is_done_refreshes_the_day_of_the_visit_that_did_it():
    late, former = visit_on(3, make_store()), visit_on(4, make_store())

    write("plan.done", store=late.store_id, visit=str(late.id), former=str(former.id))

    assert 2 == len(owed())


def test_a_move_into_the_past_refreshes_what_was_counted_since():
    store, other = make_store(), make_dealer()
    for number in (1, 4):
        make_count(store, {make_sku(): 3}, at=noon(number))
    rollups.rebuild()
    boss = actor_of(make_person(Role.ADMIN))

    ownership.assign(boss, store.id, day(3), dealer_id=other.id, at=noon(9))
    ledger.seal()
    consumers.advance(follow.CONSUMER)
    work()

    rows = VisitFact.select().order_by(VisitFact.day)
    assert [(day(1), False), (day(4), True)] == [
        (row.day, row.dealer_id == other.id) for row in rows
    ]


def test_what_a_dealer_was_sold_itself_has_no_store():
    dealer = make_dealer()

    write("sell_in.recorded", f"dealer:{dealer.id}", dealer=dealer.id, day=day(1))
    write("export.made", uuid4())
    work()

    assert [] == owed()


def test_a_new_version_of_the_rollups_is_worked_out_at_once():
    visit_on(1, make_store())

    follow.rebuild("*")

    assert 1 == VisitFact.select().count()
