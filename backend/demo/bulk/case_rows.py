"""Violations as rows, who saw them, and the tasks that the late ones became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID, uuid5

import numpy as np

from backend.demo.bulk.findings import Findings, Slots
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import NULL, Cells, Page, days, nulled, page, picked, whole
from backend.demo.bulk.stages import Stage
from backend.fieldwork.case_models import Task, TaskEvent
from backend.fieldwork.follow import task_of
from backend.fieldwork.task_log import due_day
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.standards.service import TaskState, TaskStep

TASKED_DAYS = 56
"""Violations of so many last days became tasks; earlier ones were mended without."""
_STARTS_AFTER_S = 6 * 3600
_RUNGS = 3


def kinds_of(found: Findings, offer: Offer) -> Cells:
    """Return the kind of each violation."""
    kinds = [str(kind) for kind in Slots(len(offer.campaigns)).kinds]
    return [kinds[slot] for slot in found.slot.tolist()]


def told(found: Findings, kinds: Cells, about: Cells) -> defaultdict[int, list[str]]:
    """Return by visit the violations it saw, as reports keep them."""
    seen: defaultdict[int, list[str]] = defaultdict(list)
    for visit, case in zip(found.sighted_by.tolist(), found.sighted.tolist(), strict=True):
        seen[visit].append(f'["{kinds[case]}","{about[case]}"]')
    return seen


def case_pages(stage: Stage, kinds: Cells, about: Cells, total_days: int) -> Iterator[Page]:
    """Yield the violations, their sightings, and tasks with their log."""
    found, visits, team = stage.found, stage.visits, stage.team
    count = len(found.store)
    case_ids = [
        uuid5(UUID(stage.ids[first]), f"{kind}:{subject}").hex
        for first, kind, subject in zip(found.first.tolist(), kinds, about, strict=True)
    ]
    severity = np.array([kind.severity for kind in Slots(len(stage.offer.campaigns)).kinds])[
        found.slot
    ]
    day = visits.day[found.first] if count else np.zeros(0, int)
    is_open = found.resolved < 0
    shared = {
        "store": whole(team.store_id[found.store]),
        "kind": kinds,
        "subject": about,
        "severity": whole(severity),
        "dealer": whole(team.dealer_on(found.store, day)),
    }
    yield page(
        Violation,
        count,
        id=case_ids,
        region=str(team.region_id),
        opened_at=stage.moments(visits.came[found.first]),
        opened_on=days(stage.start, day),
        opened_by_id=picked(stage.person, found.first),
        opened_visit_id=picked(stage.ids, found.first),
        is_manual="0",
        note="",
        sightings=whole(found.seen),
        last_seen_at=stage.moments(visits.came[found.last]),
        resolved_at=stage.moments(found.resolved, null=is_open),
        resolved_by_id=nulled([str(team.supervisor_id)] * count, is_open),
        resolution=nulled(["已整改"] * count, is_open),
        is_clock_suspect="0",
        version=whole(found.seen + ~is_open),
        **shared,
    )
    yield page(
        ViolationSighting,
        len(found.sighted),
        visit_id=picked(stage.ids, found.sighted_by),
        violation_id=picked(case_ids, found.sighted),
        seen_at=stage.moments(visits.came[found.sighted_by]),
        person_id=picked(stage.person, found.sighted_by),
        note="",
    )
    yield from _tasks(stage, case_ids, shared, total_days)


def _tasks(
    stage: Stage, case_ids: Cells, shared: dict[str, Cells], total_days: int
) -> Iterator[Page]:
    found, visits, team = stage.found, stage.visits, stage.team
    chosen = np.flatnonzero(visits.day[found.first] >= total_days - TASKED_DAYS)
    count = len(chosen)
    task_ids = [task_of(UUID(case_ids[each])).hex for each in chosen.tolist()]
    made = visits.sent[found.first[chosen]] + 60
    ended = found.resolved[chosen]
    is_closed = ended >= 0
    ended = np.maximum(ended, made + 120)
    owner = whole(team.owner_of(found.store[chosen]))
    severity = [int(each) for each in picked(shared["severity"], chosen)]
    ahead = np.array([(due_day(each, stage.start) - stage.start).days for each in range(1, 5)])
    due = made // 86_400 + ahead[np.array(severity, int) - 1]
    is_late = ~is_closed & (due < total_days)  # and everybody above was told
    mine = {name: picked(cells, chosen) for name, cells in shared.items()}
    started = np.where(
        is_closed, np.minimum(made + _STARTS_AFTER_S, (made + ended) // 2), made + 60
    )
    yield page(
        Task,
        count,
        id=task_ids,
        violation_id=picked(case_ids, chosen),
        note="",
        region=str(team.region_id),
        owner=owner,
        state=[
            str(TaskState.CLOSED if each else TaskState.IN_PROGRESS) for each in is_closed.tolist()
        ],
        made_at=stage.moments(made),
        acted_at=stage.moments(started),
        due_on=days(stage.start, due),
        escalation=whole(np.where(is_late, _RUNGS, 0)),
        escalates_on=days(stage.start, due + 1, null=is_closed | is_late),
        ended_at=stage.moments(ended, null=~is_closed),
        ended_by_id=nulled([str(team.supervisor_id)] * count, ~is_closed),
        version=whole(np.where(is_closed, 3, 2)),
        **mine,
    )
    boss, every, ends = (
        [str(team.supervisor_id)] * count,
        np.arange(count),
        np.flatnonzero(is_closed),
    )
    steps = (
        (TaskStep.OPENED, made, every, [NULL] * count, owner),
        (TaskStep.STARTED, started, every, owner, [NULL] * count),
        (TaskStep.CLOSED, ended, ends, boss, [NULL] * count),
    )
    for number, (step, at, which, person, to) in enumerate(steps, 1):
        yield page(
            TaskEvent,
            len(which),
            store=picked(mine["store"], which),
            task_id=picked(task_ids, which),
            number=str(number),
            step=str(step),
            at=stage.moments(at[which]),
            person_id=picked(person, which),
            to_person_id=picked(to, which),
            note="",
        )
