"""From a ledger entry to a refreshed store-day."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.insight import follow
from backend.insight.models import StoreDay
from backend.network.models import Store, StoreDealer
from backend.platform import consumers, jobs, ledger
from backend.platform.database import transaction
from backend.platform.models import Job
from tests.factories import make_dealer, make_store
from tests.insight.facts import LATER, day, noon, plan, visit_on

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
    assert ([], [1]) == (owed(), [row.visits for row in StoreDay.select()])


@pytest.mark.parametrize(
    "facts",
    [{}, {"dealer": None, "store": 1, "day": "2026-03-02"}, {"store": 1, "region": 1}],
)
def test_other_entries_owe_nothing(facts):
    write("visit.checked_in", **facts)

    assert [] == owed()


def test_a_moved_store_takes_its_plans_along():
    before, after = make_dealer(), make_dealer()
    store = make_store(before)
    plan(5, store)
    plan(20, store)
    write("plan.created", dealer=before.id, store=store.id, day=day(20))
    work()
    StoreDealer.update(to_on=day(10)).execute()
    StoreDealer.create(store=store, dealer=after, from_on=day(10))

    write("store.moved", store.id, dealer=after.id, from_on=day(10))
    work()

    planned = StoreDay.select(StoreDay.dealer_id, StoreDay.day).order_by(StoreDay.day).tuples()
    assert [(before.id, day(5)), (after.id, day(20))] == list(planned)


@pytest.mark.parametrize(("field", "left"), [("closed_on", 0), ("name", 1)])
def test_a_closed_store_loses_the_plans_that_follow(field, left):
    store = make_store()
    link = StoreDealer.get(StoreDealer.store == store)
    plan(5, store)
    write("plan.created", dealer=link.dealer_id, store=store.id, day=day(5))
    work()
    Store.update(status="closed", closed_on=day(5) - timedelta(days=1)).execute()

    write("store.amended", store.id, fields=[field])
    work()

    assert left == StoreDay.select().count()
