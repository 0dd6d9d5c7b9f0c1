"""What of fieldwork goes along when a dealer or store is merged, and back when that is undone.

Open cases and whatever follows them, enrolments of promotions that are not over, lent fixtures,
open complaints, the rule of visits and planned visits. What is past or ended stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.fieldwork import fixtures, plans, violations
from backend.fieldwork.case_models import Complaint, Task, TaskEvent
from backend.fieldwork.fixture_models import Fixture, FixtureEvent
from backend.fieldwork.fixtures import WITH_DEALER, Happening
from backend.fieldwork.journey_models import PlanEntry, VisitRule
from backend.fieldwork.models import PromotionResult, Visit
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import PromotionDay
from backend.fieldwork.trade_models import CrossAreaSale
from backend.fieldwork.violation_models import Violation
from backend.network import stores
from backend.network.merge_parts import CHANGED, Merge, Moved, Part, linked
from backend.network.words import Subject
from backend.platform import ledger
from backend.platform.database import insert_rows, take_turns
from backend.standards import revision
from backend.standards.models import Promotion, PromotionStore
from backend.standards.trade_codes import FixtureStep


def _rehome(model: Any, condition: Any, store_id: int, **changes: Any) -> None:
    """Give rows that live with their store to another one.

    They are written anew: a sharded database moves no row from one place to another.
    """
    rows = [dict(row.__data__) for row in model.select().where(condition)]
    model.delete().where(condition).execute()
    insert_rows(model, [row | {"store": store_id} | changes for row in rows])


def _move_cases(merge: Merge) -> Moved:
    """Let open violations go on in the store that stays, with their price files.

    One that is open there too ends here, since it goes on there.
    """
    for store_id in sorted((merge.old.id, merge.new.id)):
        take_turns(f"store:{store_id}")
    there = {(case.kind, case.subject): case.id for case in _open_cases(merge.new.id)}
    moved = []
    for case in _open_cases(merge.old.id):
        twin = there.get((case.kind, case.subject))
        if twin is None:
            moved.append(_move_case(merge, case, merge.new.id, merge.new.region_id))
            continue
        note = f"→ {twin}"
        _change_case(case, resolved_at=merge.at, retracted_at=merge.at, resolution=note)
        ledger.append(
            merge.actor, "violation.retracted", case.id, at=merge.at, **violations.facts_of(case)
        )
        moved.append({"id": str(case.id), "version": case.version + 1, "twin": str(twin)})
    return moved


def _move_case(merge: Merge, case: Violation, store_id: int, region_id: int) -> dict[str, Any]:
    mine = (Violation.store == case.store_id) & (Violation.id == case.id)
    file = (PriceCase.store == case.store_id) & (PriceCase.violation_id == case.id)
    before, region = violations.facts_of(case), case.region_id
    _rehome(Violation, mine, store_id, region=region_id, version=case.version + 1)
    _rehome(PriceCase, file, store_id)
    CrossAreaSale.update(violation_store_id=store_id).where(
        CrossAreaSale.violation_id == case.id
    ).execute()
    for facts in (before, before | {"store": store_id, "region": region_id}):
        ledger.append(merge.actor, "violation.moved", case.id, at=merge.at, **facts)
    return {"id": str(case.id), "version": case.version + 1, "region": region}


def _return_cases(merge: Merge, moved: Moved) -> Moved:
    for store_id in sorted((merge.old.id, merge.new.id)):
        take_turns(f"store:{store_id}")
    taken = {(case.kind, case.subject) for case in _open_cases(merge.old.id)}
    left = []
    for one in moved:
        case = Violation.get_or_none(Violation.id == one["id"])
        home = merge.old.id if "twin" in one else merge.new.id
        if case is None or (case.store_id, case.version) != (home, one["version"]):
            left.append({"id": one["id"], "why": CHANGED})
        elif (case.kind, case.subject) in taken:
            left.append({"id": one["id"], "why": "seen_again"})
        elif "twin" in one:
            ending = ("resolved_at", "resolution", "retracted_at")
            _change_case(case, **dict.fromkeys(ending))
            facts = violations.facts_of(case)
            ledger.append(merge.actor, "violation.opened", case.id, at=merge.at, **facts)
        else:
            _move_case(merge, case, merge.old.id, one["region"])
    return left


def _open_cases(store_id: int) -> list[Violation]:
    cases = Violation.select().where(Violation.store == store_id, Violation.resolved_at.is_null())
    return list(cases.order_by(Violation.id))


def _change_case(case: Violation, **columns: Any) -> None:
    Violation.update(**columns, version=case.version + 1).where(
        Violation.store == case.store_id, Violation.id == case.id
    ).execute()


def _move_tasks(merge: Merge) -> Moved:
    """Let running tasks, and all of a case that went along, go on in the store that stays.

    Of a dealer's, only whose they are changes.
    """
    if merge.subject is Subject.DEALER:
        running = (Task.dealer == merge.old.id) & Task.ended_at.is_null()
        found = list(Task.select().where(running).order_by(Task.id))
        for task in found:
            _change_task(merge, task, dealer=merge.new.id)
        return [_named(task) for task in found]
    moved = []
    dealer_id = stores.dealer_on(merge.new.id, merge.day)
    for task in Task.select().where(Task.store == merge.old.id).order_by(Task.id):
        case = task.violation_id and Violation.get_or_none(Violation.id == task.violation_id)
        goes = case.store_id == merge.new.id if case else task.ended_at is None
        if goes:
            moved.append(_named(task) | {"dealer": task.dealer_id, "region": task.region_id})
            _move_task(merge, task, merge.new.id, dealer=dealer_id, region=merge.new.region_id)
    return moved


def _return_tasks(merge: Merge, moved: Moved) -> Moved:
    left = []
    for one in moved:
        task = Task.get_or_none(Task.id == one["id"])
        if task is None or task.version != one["version"]:
            left.append({"id": one["id"], "why": CHANGED})
        elif merge.subject is Subject.DEALER:
            _change_task(merge, task, dealer=merge.old.id)
        else:
            case = task.violation_id and Violation.get_or_none(Violation.id == task.violation_id)
            if case and case.store_id != merge.old.id:  # it stayed, and so does what follows it
                left.append({"id": one["id"], "why": CHANGED})
                continue
            _move_task(merge, task, merge.old.id, dealer=one["dealer"], region=one["region"])
    return left


def _named(task: Task) -> dict[str, Any]:
    return {"id": str(task.id), "version": task.version + 1}


def _move_task(merge: Merge, task: Task, store_id: int, **changes: Any) -> None:
    mine = (Task.store == task.store_id) & (Task.id == task.id)
    events = (TaskEvent.store == task.store_id) & (TaskEvent.task_id == task.id)
    _rehome(Task, mine, store_id, version=task.version + 1, **changes)
    _rehome(TaskEvent, events, store_id)
    _tell_task(merge, task, store=store_id, **changes)


def _change_task(merge: Merge, task: Task, **changes: Any) -> None:
    Task.update(**changes, version=task.version + 1).where(
        Task.store == task.store_id, Task.id == task.id
    ).execute()
    _tell_task(merge, task, **changes)


def _tell_task(merge: Merge, task: Task, **changes: Any) -> None:
    facts = {"store": task.store_id, "dealer": task.dealer_id, "region": task.region_id}
    told = {name: value for name, value in (facts | changes).items() if value is not None}
    ledger.append(merge.actor, "task.moved", task.id, at=merge.at, **told)


def _move_fixtures(merge: Merge) -> Moved:
    """Let what is lent stand in the store, or be with the dealer, that stays."""
    link = getattr(Fixture, merge.name)
    lent = Fixture.select().where(link == merge.old.id, Fixture.state.in_(WITH_DEALER))
    moved = []
    for fixture in lent.order_by(Fixture.id):
        moved.append({"id": fixture.id, "version": fixture.version + 1})
        _move_fixture(merge, fixture, merge.new, f"{merge.old.code} → {merge.new.code}")
    return moved


def _return_fixtures(merge: Merge, moved: Moved) -> Moved:
    left = []
    for one in moved:
        fixture = Fixture.get_by_id(one["id"])
        if fixture.version != one["version"]:
            left.append({"id": one["id"], "why": CHANGED})
            continue
        _move_fixture(merge, fixture, merge.old, f"{merge.new.code} → {merge.old.code}")
    return left


def _move_fixture(merge: Merge, fixture: Fixture, to: Any, note: str) -> None:
    take_turns(f"fixture {fixture.id}")
    changes = {merge.name: to.id}
    if merge.subject is Subject.STORE:
        changes["region"] = to.region_id
    fixtures.update(fixture, fixture.version, changes)
    last = FixtureEvent.select().where(FixtureEvent.fixture == fixture.id).count()
    fixtures.note(
        merge.actor,
        Fixture.get_by_id(fixture.id),
        FixtureStep.MOVED,
        Happening(happened_at=merge.at, note=note),
        number=last + 1,
        at=merge.at,
    )


def _move_enrolments(merge: Merge) -> Moved:
    """Enrol the store that stays in what is not over; a target goes along where it has none.

    The other stays enrolled, without a target, where it has results.
    """
    moved = []
    for mine, last_on in _enrolled(merge.old.id):
        if last_on < merge.day:
            continue
        take_turns(f"promotion:{mine.promotion_id}")
        theirs = _enrolment(mine.promotion_id, merge.new.id)
        target = mine.target_units if theirs is None or theirs.target_units is None else None
        if theirs is None:
            row = dict(mine.__data__) | {"store": merge.new.id, "version": 1}
            insert_rows(PromotionStore, [row])
        elif target is not None:
            _set_target(theirs, target)
        if _has_results(mine.promotion_id, merge.old.id):
            _set_target(mine, None)
        else:
            _drop(mine.promotion_id, merge.old.id)
        moved.append(
            {
                "promotion": mine.promotion_id,
                "target": mine.target_units,
                "is_new": theirs is None,
                "gave_target": target is not None,
                "version": 1 if theirs is None else theirs.version + (target is not None),
                "enrolled_by": mine.enrolled_by_id,
                "enrolled_at": mine.enrolled_at,
            }
        )
        _tell_enrolment(merge, mine.promotion_id)
    if moved:
        revision.bump()
    return moved


def _return_enrolments(merge: Merge, moved: Moved) -> Moved:
    left = []
    for one in moved:
        promotion_id = one["promotion"]
        take_turns(f"promotion:{promotion_id}")
        mine, theirs = (_enrolment(promotion_id, each.id) for each in (merge.old, merge.new))
        if mine is not None:
            _set_target(mine, one["target"])
        else:
            row = {"promotion": promotion_id, "store": merge.old.id, "version": 1}
            row |= {"target_units": one["target"], "enrolled_by_id": one["enrolled_by"]}
            since = one["enrolled_at"]
            row |= {"enrolled_at": since and datetime.fromisoformat(since)}
            insert_rows(PromotionStore, [row])
        has_results = one["is_new"] and _has_results(promotion_id, merge.new.id)
        if theirs is None or theirs.version != one["version"] or has_results:
            left.append({"id": promotion_id, "why": CHANGED})
        elif one["is_new"]:
            _drop(promotion_id, merge.new.id)
        elif one["gave_target"]:
            _set_target(theirs, None)
        _tell_enrolment(merge, promotion_id)
    if moved:
        revision.bump()
    return left


def _enrolled(store_id: int) -> list[tuple[PromotionStore, Any]]:
    mine = PromotionStore.select().where(PromotionStore.store == store_id)
    named = {one.promotion_id: one for one in mine}
    found = Promotion.select().where(Promotion.id.in_(list(named))).order_by(Promotion.id)
    return [(named[promotion.id], promotion.last_on) for promotion in found]


def _enrolment(promotion_id: int, store_id: int) -> PromotionStore | None:
    found: PromotionStore | None = PromotionStore.get_or_none(_key(promotion_id, store_id))
    return found


def _key(promotion_id: int, store_id: int) -> Any:
    return (PromotionStore.promotion == promotion_id) & (PromotionStore.store == store_id)


def _drop(promotion_id: int, store_id: int) -> None:
    PromotionStore.delete().where(_key(promotion_id, store_id)).execute()


def _set_target(enrolment: PromotionStore, target: int | None) -> None:
    PromotionStore.update(target_units=target, version=enrolment.version + 1).where(
        _key(enrolment.promotion_id, enrolment.store_id)
    ).execute()


def _has_results(promotion_id: int, store_id: int) -> bool:
    seen = (
        PromotionResult.select()
        .join(Visit, on=Visit.id == PromotionResult.visit_id)
        .where(Visit.store == store_id, PromotionResult.promotion == promotion_id)
    )
    entered = PromotionDay.select().where(
        PromotionDay.store == store_id, PromotionDay.promotion == promotion_id
    )
    return bool(seen.exists() or entered.exists())


def _tell_enrolment(merge: Merge, promotion_id: int) -> None:
    ledger.append(
        merge.actor,
        "promotion.enrolment_moved",
        promotion_id,
        at=merge.at,
        region=merge.new.region_id,
        store=merge.new.id,
        former_store=merge.old.id,
    )


def _move_rule(merge: Merge) -> Moved:
    rule = VisitRule.get_or_none(VisitRule.store == merge.old.id)
    if rule is None or VisitRule.select().where(VisitRule.store == merge.new.id).exists():
        return []
    _rehome(VisitRule, VisitRule.store == merge.old.id, merge.new.id)
    return [{"id": merge.old.id, "version": rule.version}]


def _return_rule(merge: Merge, moved: Moved) -> Moved:
    for one in moved:
        rule = VisitRule.get_or_none(VisitRule.store == merge.new.id)
        if rule is None or rule.version != one["version"]:
            return [{"id": one["id"], "why": CHANGED}]
        _rehome(VisitRule, VisitRule.store == merge.new.id, merge.old.id)
    return []


def planned(moving: Sequence[PlanEntry], former_dealers: Sequence[int | None]) -> Part:
    """Return the part for the planned visits that go along, with whose store it was then."""

    def move(merge: Merge) -> Moved:
        for entry, former in zip(moving, former_dealers, strict=True):
            _move_plan(merge, entry, merge.new, former)
        return [{"id": str(entry.id)} for entry in moving]

    return Part("plans", move, _return_plans)


def _return_plans(merge: Merge, moved: Moved) -> Moved:
    left = []
    for one in moved:
        entry = PlanEntry.get_by_id(one["id"])
        is_planned = entry.status == plans.PLANNED and entry.planned_on >= merge.day
        if entry.store_id != merge.new.id or not is_planned:
            left.append({"id": one["id"], "why": CHANGED})
            continue
        _move_plan(merge, entry, merge.old, stores.dealer_on(merge.new.id, entry.planned_on))
    return left


def _move_plan(merge: Merge, entry: PlanEntry, to: Any, former_dealer: int | None) -> None:
    before = plans.facts_of(entry, to.region_id, former_dealer)
    entry.store_id = to.id
    PlanEntry.update(store=to.id).where(PlanEntry.id == entry.id).execute()
    dealer_id = stores.dealer_on(to.id, entry.planned_on)
    for facts in (before, plans.facts_of(entry, to.region_id, dealer_id)):
        ledger.append(merge.actor, "plan.merged", entry.id, at=merge.at, **facts)


_COMPLAINTS = linked("complaints", Complaint, lambda _: Complaint.closed_at.is_null())
_FIXTURES = Part("fixtures", _move_fixtures, _return_fixtures)
_TASKS = Part("tasks", _move_tasks, _return_tasks)
OF_STORES = (
    Part("violations", _move_cases, _return_cases),
    _TASKS,  # they go where their cases are
    Part("enrolments", _move_enrolments, _return_enrolments),
    Part("visit_rule", _move_rule, _return_rule),
    _FIXTURES,
    _COMPLAINTS,
)
OF_DEALERS = (_TASKS, _FIXTURES, _COMPLAINTS)
PLANS = Part("plans", lambda _: [], _return_plans)
