"""What visits do to the plan."""

from datetime import timedelta
from itertools import permutations

import pytest

from backend.fieldwork import fulfilment
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.platform import consumers, jobs, ledger
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from tests.factories import NOON, TODAY, make_person, make_plan_entry, make_store, make_visit

pytestmark = pytest.mark.usefixtures("storage")
DAY = timedelta(days=1)


@pytest.fixture
def rep():
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


def arrive(*visits: Visit, verb: str = "visit.completed") -> None:
    """Let the consumer read of visits, one after the other."""
    for visit in visits:
        with transaction():
            ledger.append(None, verb, visit.id, at=NOON)
        ledger.seal()
        consumers.advance(fulfilment.CONSUMER)


def told() -> list[str]:
    entries = LedgerEntry.select().where(LedgerEntry.object == "plan")
    return sorted(entry.verb for entry in entries)


def state(entry: PlanEntry) -> tuple:
    now = PlanEntry.get_by_id(entry.id)
    return now.status, now.visit_id, now.days_late


class TestVisit:
    def test_does_what_was_planned_for_its_day(self, rep, store):
        entry = make_plan_entry(store, rep)
        visit = make_visit(store, rep)

        arrive(visit, visit)

        assert ("done", visit.id, 0) == state(entry)
        assert ["plan.done"] == told()

    @pytest.mark.parametrize(("late", "status"), [(1, "done"), (2, "done"), (3, "missed")])
    def test_does_what_was_missed_up_to_two_days_before(self, rep, store, late, status):
        entry = make_plan_entry(store, rep, planned_on=TODAY - late * DAY, status="missed")

        arrive(make_visit(store, rep))

        assert status == state(entry)[0]
        assert (late if status == "done" else None) == state(entry)[2]

    def test_does_nothing_planned_for_later_or_for_others(self, rep, store):
        entries = [
            make_plan_entry(store, rep, planned_on=TODAY + DAY),
            make_plan_entry(store),
            make_plan_entry(make_store(), rep),
            make_plan_entry(store, rep, status="excused"),
            make_plan_entry(store, rep, status="cancelled_by_manager"),
        ]

        arrive(make_visit(store, rep))

        assert ["planned"] * 3 + ["excused", "cancelled_by_manager"] == [
            state(entry)[0] for entry in entries
        ]

    @pytest.mark.parametrize("order", [*permutations(range(3))])
    def test_does_one_entry_whatever_arrives_first(self, rep, store, order):
        days = [TODAY - DAY, TODAY]
        first, second = (make_plan_entry(store, rep, planned_on=day) for day in days)
        visits = [
            make_visit(store, rep, at=NOON - DAY),
            make_visit(store, rep, at=NOON),
            make_visit(store, rep, at=NOON + DAY),
        ]

        arrive(*(visits[number] for number in order))

        assert ("done", visits[0].id, 0) == state(first)
        assert ("done", visits[1].id, 0) == state(second)

    def test_that_counts_no_more_takes_back_what_it_did(self, rep, store):
        entry = make_plan_entry(store, rep)
        visit = make_visit(store, rep)
        arrive(visit)
        Visit.update(quarantine_reason="second-visit-open").execute()

        arrive(visit, verb="visit.quarantined")

        assert ("planned", None, None) == state(entry)
        assert ["plan.done", "plan.reopened"] == told()

    def test_that_counts_no_more_leaves_the_entry_to_another(self, rep, store):
        entry = make_plan_entry(store, rep, planned_on=TODAY - DAY)
        visit, other = make_visit(store, rep), make_visit(store, rep)
        arrive(visit, other)
        Visit.update(quarantine_reason="second-visit-open").where(
            Visit.id == state(entry)[1]
        ).execute()

        arrive(Visit.get(~Visit.counts()), verb="visit.quarantined")

        assert ("done", Visit.get(Visit.counts()).id, 1) == state(entry)
        assert ["plan.done", "plan.done", "plan.missed"] == told()

    def test_that_is_not_complete_does_nothing(self, rep, store):
        entry = make_plan_entry(store, rep)

        arrive(make_visit(store, rep, status="open"), verb="visit.checked_in")

        assert "planned" == state(entry)[0]


class TestEndOfDay:
    def test_says_what_was_missed(self, rep, store):
        missed, later = (
            make_plan_entry(store, rep, planned_on=day) for day in (TODAY, TODAY + DAY)
        )
        jobs.enqueue("miss-plans", [TODAY.isoformat()], at=NOON)

        assert 1 == jobs.run_due(fulfilment.JOBS, at=NOON)

        assert ["missed", "planned"] == [state(entry)[0] for entry in (missed, later)]
        assert ["plan.missed"] == told()

    @pytest.mark.parametrize("late", [0, 1])
    def test_first_sees_what_visits_did_meanwhile(self, rep, store, late):
        entry = make_plan_entry(store, rep)
        visit = make_visit(store, rep, at=NOON + late * DAY)

        fulfilment.look_back(TODAY, at=NOON + 2 * DAY)

        assert ("done", visit.id, late) == state(entry)

    def test_misses_the_second_entry_of_one_visit(self, rep, store):
        entries = [make_plan_entry(store, rep) for _ in range(2)]
        make_visit(store, rep)

        for _ in range(2):
            fulfilment.look_back(TODAY, at=NOON + DAY)

        assert ["done", "missed"] == sorted(state(entry)[0] for entry in entries)
        assert ["plan.done", "plan.missed"] == told()
