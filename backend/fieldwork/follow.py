"""What follows from violations: what opened becomes a task, and what ended ends it.

So does one that was retracted; when it is seen after all, its task is opened again.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from backend.fieldwork.case_models import Task
from backend.fieldwork.task_log import beginning, ending, insert_new, record
from backend.fieldwork.violation_models import Violation
from backend.network.models import Store
from backend.platform.consumers import Consumer
from backend.platform.database import take_turns
from backend.platform.models import LedgerEntry
from backend.standards.service import TaskOrigin, TaskState, TaskStep


def handle(entries: list[LedgerEntry]) -> None:
    """Make the tasks of violations that opened, and close those that ended."""
    opened = {UUID(entry.object_id): entry for entry in entries if entry.verb == "violation.opened"}
    if opened:
        _make(opened)
    resolved = {
        UUID(entry.object_id): entry
        for entry in entries
        if entry.verb in {"violation.resolved", "violation.retracted"}
    }
    if resolved:
        _close(resolved)


def task_of(violation_id: UUID) -> UUID:
    """Return the id of the task that a violation becomes."""
    return uuid5(violation_id, "task")


def _make(opened: dict[UUID, LedgerEntry]) -> None:
    """Store a task for each violation that opened, is open, and has none yet.

    A task that the product wrote off itself, because the violation was retracted, is opened
    again.
    """
    ids = list(opened)
    cases: Any = (
        Violation.select(Violation, Store.owner.alias("rep_id"))
        .join(Store)
        .where(Violation.id.in_(ids), Violation.resolved_at.is_null())
        .order_by(Violation.id)
        .objects()
    )
    known: dict[UUID | None, list[Task]] = defaultdict(list)
    for task in Task.select().where(Task.violation_id.in_(ids)).order_by(Task.id):
        known[task.violation_id].append(task)
    for case in cases:
        if case.id in known:
            _reopen(known[case.id], at=opened[case.id].at)
            continue
        row = {
            "store": case.store_id,
            "id": task_of(case.id),
            "origin": str(TaskOrigin.VIOLATION),
            "violation_id": case.id,
            "kind": case.kind,
            "subject": case.subject,
            "severity": case.severity,
            "note": case.note,
            "dealer": case.dealer_id,
            "region": case.region_id,
            "owner": case.rep_id,
            "due_on": None,
            "content_sha256": None,
        }
        insert_new(None, [row], at=opened[case.id].at)


def _reopen(tasks: list[Task], *, at: datetime) -> None:
    """Open again what the product itself wrote off, unless a task for the case is running."""
    if all(task.ended_at for task in tasks):
        for task in tasks:
            if task.state == TaskState.WRITTEN_OFF and task.ended_by_id is None:
                take_turns(f"task:{task.id}")
                record(None, task, TaskStep.REOPENED, beginning(task, at), at=at)
                return


def _close(resolved: dict[UUID, LedgerEntry]) -> None:
    """End the running tasks of violations that ended, with what proved it."""
    tasks = (
        Task.select(Task.id)
        .where(Task.violation_id.in_(list(resolved)), Task.ended_at.is_null())
        .order_by(Task.id)
    )
    for task_id in [task.id for task in tasks]:
        take_turns(f"task:{task_id}")
        task = Task.get(Task.id == task_id)
        case = Violation.get(Violation.store == task.store_id, Violation.id == task.violation_id)
        if task.ended_at is not None or case.resolved_at is None:
            continue  # closed or reopened meanwhile
        is_retracted = case.retracted_at is not None
        step = TaskStep.WRITTEN_OFF if is_retracted else TaskStep.CLOSED
        state = TaskState.WRITTEN_OFF if is_retracted else TaskState.CLOSED
        changes = ending(state, case.resolved_by_id, case.resolved_at) | {
            "proof_visit_id": case.proof_visit_id,
            "proof_photo_id": case.proof_photo_id,
        }
        at, note = resolved[case.id].at, case.resolution or ""
        record(None, task, step, changes, at=at, note=note)


CONSUMER = Consumer("fieldwork", handle)
