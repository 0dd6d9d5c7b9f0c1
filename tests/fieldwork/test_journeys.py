"""Planning a cycle around what is there."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork import fulfilment, journeys, plans, substitutions
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.journeys import Generation
from backend.network import sessions
from backend.network.models import Person, Store, StoreDealer, Substitution
from backend.platform import jobs, settings
from backend.platform.actors import Actor, Role
from backend.platform.errors import NotFoundError
from backend.platform.models import Job, LedgerEntry
from tests.factories import (
    NOON,
    actor_of,
    make_calendar_day,
    make_dealer,
    make_person,
    make_plan_entry,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.journeys import make_substitution, make_visit_rule
from tests.threads import kept_waiting

pytestmark = pytest.mark.usefixtures("storage")
START = date(2026, 3, 23)  # the first Monday of a cycle
BEFORE = NOON + timedelta(days=14)  # 16 March
DAY = timedelta(days=1)


@pytest.fixture
def boss() -> Actor:
    return actor_of(make_person(Role.SUPERVISOR))


@pytest.fixture
def rep() -> Person:
    return make_person()


def generate(boss: Actor, rep: Person, *, at: datetime = BEFORE, dry: bool = False) -> Generation:
    return journeys.generate(boss, rep.id, on=START + 9 * DAY, is_dry_run=dry, at=at)


def planned(store: Store | None = None) -> list[date]:
    entries = PlanEntry.select().where(PlanEntry.status == "planned").order_by(PlanEntry.planned_on)
    return [entry.planned_on for entry in entries if store in {None, Store(id=entry.store_id)}]


def sixty_three(rep: Person) -> None:
    """Store what a rep answers for in and round a city."""
    random, dealer = Random(7), make_dealer()
    for grade in random.choices("ABCD", [15, 30, 35, 20], k=63):
        lat, lon = 28.2 + random.random() / 5, 112.9 + random.random() / 5
        make_store(dealer, owner=rep, grade=grade, lat=lat, lon=lon)


class TestGenerate:
    def test_visits_each_store_as_often_as_it_is_due(self, boss, rep):
        stores = {grade: make_store(owner=rep, grade=grade) for grade in "ABCD"}
        make_store()

        made = generate(boss, rep)

        assert (START, START + 27 * DAY) == (made.starts_on, made.ends_on)
        assert {"A": 8, "B": 4, "C": 2, "D": 1} == {
            grade: len(planned(store)) for grade, store in stores.items()
        }
        assert 15 == PlanEntry.select().count()

    def test_twice_changes_nothing(self, boss, rep):
        for grade in "ABCD":
            make_store(owner=rep, grade=grade)
        first = generate(boss, rep)
        before = list(PlanEntry.select().order_by(PlanEntry.id).dicts())

        again = generate(boss, rep)

        assert before == list(PlanEntry.select().order_by(PlanEntry.id).dicts())
        assert ([], [], len(first.made)) == (again.made, again.withdrawn, again.kept)

    def test_is_the_same_for_the_same_input(self, boss, rep):
        sixty_three(rep)

        first, second = (generate(boss, rep, dry=True) for _ in range(2))

        assert [entry.__data__ for entry in first.made] == [entry.__data__ for entry in second.made]

    def test_of_63_stores_fills_the_days_evenly_with_few_queries(self, boss, rep):
        sixty_three(rep)

        with assert_query_count(11):
            made = generate(boss, rep, dry=True)

        per_day = Counter(entry.planned_on for entry in made.made)
        due = len(made.made) + sum(each.visits for each in made.unplaced)
        assert min(due, 9 * len(per_day)) == len(made.made)
        assert 3 >= max(per_day.values()) - min(per_day.values())

    def test_never_plans_more_than_a_day_holds(self, boss, rep, config):
        settings.bind(type(config)(plan_capacity_city=2, database_url=config.database_url))
        for _ in range(45):
            make_store(owner=rep, grade="D")

        made = generate(boss, rep)

        assert {2} == set(Counter(planned()).values())
        assert {"days_full"} == {each.reason for each in made.unplaced}
        assert 45 == len(made.made) + len(made.unplaced)

    def test_follows_the_rules_of_the_store(self, boss, rep):
        store = make_store(owner=rep, grade="A")
        make_visit_rule(store, weekdays=[2, 4])
        other = make_store(owner=rep, grade="A")
        make_visit_rule(other, weeks=[1, 3], visits=2)

        generate(boss, rep)

        assert {2, 4} == {day.isoweekday() for day in planned(store)}
        assert [0, 2] == [(day - START).days // 7 for day in planned(other)]

    def test_skips_holidays_and_works_on_make_up_days(self, boss, rep):
        store = make_store(owner=rep)
        make_visit_rule(store, visits=20)
        make_calendar_day(the_region(), START, kind="holiday")
        make_calendar_day(the_region(), START + 5 * DAY, kind="makeup_workday")

        generate(boss, rep)

        festival = date(2026, 4, 6)  # the Monday after Tomb-sweeping Day
        days = planned(store)
        assert not {START, festival} & set(days)
        assert START + 5 * DAY in days
        assert 19 == len(days)

    def test_leaves_closed_and_prospective_stores_out(self, boss, rep):
        make_store(owner=rep, status="prospect")
        make_store(owner=rep, status="closed", closed_on=START - 8 * DAY)
        make_store(owner=rep, status="closed")
        make_store(owner=rep, opened_on=START + 28 * DAY)
        closing = make_store(owner=rep, grade="B", status="closed", closed_on=START + 14 * DAY)
        opening = make_store(owner=rep, grade="B", opened_on=START + 25 * DAY)

        generate(boss, rep)

        assert 2 == len(planned(closing))
        assert max(planned(closing)) < START + 14 * DAY
        assert [True] == [day >= START + 25 * DAY for day in planned(opening)]
        assert 3 == PlanEntry.select().count()

    def test_tells_of_each_entry_for_its_dealer_of_the_day(self, boss, rep):
        before, after = make_dealer(), make_dealer()
        store = make_store(before, owner=rep, grade="C")
        StoreDealer.update(to_on=START + 14 * DAY).where(StoreDealer.store == store).execute()
        StoreDealer.create(store=store, dealer=after, from_on=START + 14 * DAY)

        generate(boss, rep)

        facts = [entry.facts for entry in LedgerEntry.select().where(LedgerEntry.object == "plan")]
        assert [1, 1] == [
            sum(f'"dealer":{dealer.id},' in fact for fact in facts) for dealer in (before, after)
        ]
        whole = LedgerEntry.get(LedgerEntry.verb == "journey.generated")
        assert f"{rep.id}:2026-03-23" == whole.object_id
        assert '"made":2' in whole.facts
        assert 2 == Job.select().where(Job.kind == "miss-plans").count()


class TestRegenerate:
    def test_keeps_what_was_touched_and_replaces_the_rest(self, boss, rep):
        store = make_store(owner=rep, grade="B")
        generate(boss, rep)
        first, second, third, _ = PlanEntry.select().order_by(PlanEntry.planned_on)
        PlanEntry.update(status="cancelled_by_manager").where(PlanEntry.id == first.id).execute()
        PlanEntry.update(status="rescheduled").where(PlanEntry.id == second.id).execute()
        make_plan_entry(store, rep, planned_on=third.planned_on, moved_from_id=second.id)
        make_visit_rule(store, weekdays=[5])

        again = generate(boss, rep)

        assert 2 == len(again.withdrawn)
        assert {3, 4} >= {(entry.planned_on - START).days // 7 + 1 for entry in again.made}
        assert {5} == {entry.planned_on.isoweekday() for entry in again.made}
        assert {"cancelled_by_manager", "rescheduled"} <= {
            entry.status for entry in PlanEntry.select()
        }

    def test_in_the_middle_leaves_the_days_so_far(self, boss, rep):
        store = make_store(owner=rep, grade="B")
        generate(boss, rep)
        days = planned(store)
        make_visit_rule(store, weekdays=[5])
        monday_of_week_three = NOON + (START + 14 * DAY - date(2026, 3, 2))

        generate(boss, rep, at=monday_of_week_three)

        assert days[:2] == planned(store)[:2]
        assert [5, 5] == [day.isoweekday() for day in planned(store)[2:]]

    def test_counts_visits_that_were_made_without_a_plan(self, boss, rep):
        store = make_store(owner=rep, grade="B")
        make_visit(store, rep, at=NOON + (START + DAY - date(2026, 3, 2)))

        generate(boss, rep, at=NOON + (START + DAY - date(2026, 3, 2)))

        assert [1, 2, 3] == [(day - START).days // 7 for day in planned(store)]

    def test_withdraws_what_is_no_longer_the_rep_s(self, boss, rep):
        store = make_store(owner=rep, grade="D")
        generate(boss, rep)
        Store.update(owner=make_person()).where(Store.id == store.id).execute()

        again = generate(boss, rep)

        assert ([], 1) == (again.made, len(again.withdrawn))
        assert 0 == PlanEntry.select().count()

    def test_leaves_stores_that_another_supervisor_answers_for(self, boss, rep):
        make_store(owner=rep, grade="D")
        [entry] = generate(boss, rep).made
        Store.update(region=make_region()).where(Store.id == entry.store_id).execute()

        again = generate(boss, rep)

        assert ([], [], 1) == (again.made, again.withdrawn, again.kept)
        assert [entry] == list(PlanEntry.select())

    def test_keeps_what_is_cancelled_at_the_same_moment(self, boss, rep):
        make_store(owner=rep, grade="D")
        [entry] = generate(boss, rep).made
        make_visit_rule(Store.get_by_id(entry.store_id), visits=0)

        def cancel():
            plans.cancel(boss, entry.id, reason="planning_mistake", at=BEFORE)

        with pytest.raises(NotFoundError), kept_waiting(cancel, lambda: plans.turn_of(rep.id)):
            generate(boss, rep)

        assert ["plan.created", "plan.withdrawn"] == [
            fact.verb
            for fact in LedgerEntry.select()
            .where(LedgerEntry.object == "plan")
            .order_by(LedgerEntry.verb)
        ]


class TestSubstitutes:
    def test_get_the_visits_of_their_days(self, boss, rep):
        other, store = make_person(), make_store(owner=rep, grade="B")
        make_substitution(rep, other, from_on=START, to_on=START + 7 * DAY)

        generate(boss, rep)

        asked = [
            (entry.person_id, entry.stands_in_for_id)
            for entry in PlanEntry.select().order_by(PlanEntry.planned_on)
        ]
        assert [(other.id, rep.id), *[(rep.id, None)] * 3] == asked
        assert [] == generate(boss, rep).made
        assert 4 == len(planned(store))

    def test_are_not_asked_for_more_than_a_day_holds(self, boss, rep, config):
        settings.bind(type(config)(plan_capacity_city=1, database_url=config.database_url))
        other, store = make_person(), make_store(owner=rep, grade="D")
        make_visit_rule(store, weeks=[1])
        make_substitution(rep, other, from_on=START, to_on=START + 7 * DAY)
        for number in range(4):
            make_plan_entry(make_store(), other, planned_on=START + number * DAY)

        generate(boss, rep)

        assert [START + 4 * DAY] == planned(store)

    def test_hand_in_until_nothing_can_arrive_any_more(self, rep):
        other = make_person()
        make_substitution(rep, other, from_on=START, to_on=START + 7 * DAY)
        made = make_substitution(rep, other, from_on=START + 8 * DAY, to_on=START + 9 * DAY)
        seen = []
        for days in (8, 36, 37, 39):
            at = NOON + (START + days * DAY - date(2026, 3, 2))
            for each in substitutions.list_substitutions(actor_of(other)):
                substitutions.close(each.id, at=at)
            owners = sessions.standing_in(other.id, at=at, is_writing=True)
            open_ones = Substitution.select().where(Substitution.is_open)
            seen.append((len(owners), open_ones.count()))

        assert [(2, 2), (2, 2), (1, 1), (0, 0)] == seen
        assert not Person.get_by_id(other.id).is_standing_in
        assert not substitutions.get(actor_of(rep), made.id).is_open

    def test_are_seen_off_by_a_job(self, rep):
        made = make_substitution(rep, make_person())
        jobs.enqueue("close-substitution", [str(made.id)], at=NOON)

        assert 1 == jobs.run_due(substitutions.JOBS, at=NOON)

        assert not substitutions.get(actor_of(rep), made.id).is_open
        assert {"miss-plans"} == set(fulfilment.JOBS)


def test_ids_tell_who_goes(boss, rep):
    make_store(owner=rep, grade="D")

    (alone,) = generate(boss, rep, dry=True).made
    make_substitution(rep, make_person(), from_on=START, to_on=START + 28 * DAY)
    (instead,) = generate(boss, rep, dry=True).made

    assert isinstance(alone.id, UUID)
    assert alone.id != instead.id
