"""Rollups made anew while others write: what comes in meanwhile wins, and a kill spoils nothing."""

from collections.abc import Callable

import pytest

from backend.fieldwork.models import Visit
from backend.insight import follow, rollups
from backend.insight.models import SalesDay, VisitFact
from backend.platform import consumers, jobs, ledger
from backend.platform.database import is_sqlite, transaction
from tests.factories import make_store
from tests.insight.facts import LATER, day, noon, visit_on

pytestmark = pytest.mark.usefixtures("app")


def report(number: int, store) -> Visit:
    """Store a visit, and say so in the ledger."""
    visit = visit_on(number, store)
    said = {"dealer": visit.dealer_id, "store": visit.store_id, "day": visit.business_on}
    with transaction():
        ledger.append(None, "visit.completed", visit.id, at=noon(number), **said)
    return visit


def follow_the_ledger() -> None:
    """Do what the worker does about new entries."""
    ledger.seal()
    consumers.advance(follow.CONSUMER)
    while jobs.run_together(follow.KIND, follow.refresh, at=LATER):
        pass


def once(what: Callable[[], object]) -> Callable[[int], None]:
    """Return a `progress` that does something the first time it is told of a step."""
    left = [what]
    return lambda _: left.pop()() if left else None


def known() -> set:
    """Return the visits that have facts."""
    return {row.visit_id for row in VisitFact.select()}


def test_a_report_that_comes_in_and_is_followed_at_once_is_not_lost():
    store = make_store()
    first = report(1, store)
    follow_the_ledger()
    came = []

    def come_in() -> None:
        came.append(report(1, store).id)
        follow_the_ledger()

    rollups.rebuild(once(come_in))

    assert {first.id, *came} == known()
    assert [1, 2] == sorted(row.seq % 1000 for row in VisitFact.select())


def test_a_report_that_nobody_followed_yet_is_in_the_facts_too():
    store, other = make_store(), make_store()
    report(1, store)
    Visit.update(quarantine_reason="clock").execute()
    came = []

    rollups.rebuild(once(lambda: came.append(report(3, other).id)), rows=1)
    if not is_sqlite():  # which reads in the turn in which it writes
        follow_the_ledger()

    assert set(came) == known()


class KilledError(Exception):
    """What ends a rebuild."""


def test_killed_half_way_all_facts_are_old_or_right_and_the_next_time_heals_them():
    visits = [report(number, make_store()) for number in range(4)]
    follow_the_ledger()
    right = sorted(VisitFact.select().tuples(), key=str)
    VisitFact.update(visits=99).execute()
    SalesDay.create(
        dealer_id=visits[0].dealer_id,
        day=day(2),
        store_id=0,
        **dict.fromkeys(rollups.facts.columns_of(SalesDay)[3:], 1),
    )
    told = []

    def die(days: int) -> None:
        told.append(days)
        if sum(told) > 2:  # visits are written after sales
            raise KilledError

    with pytest.raises(KilledError):
        rollups.rebuild(die, rows=1)
    left = sorted(row.visits for row in VisitFact.select())
    rollups.rebuild()

    assert 4 == len(left)
    assert {1} <= set(left) <= {1, 99}
    assert right == sorted(VisitFact.select().tuples(), key=str)
    assert 0 == SalesDay.select().count()
