"""What is written when a task is made or takes a step: its row, its log and the ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fieldwork.case_models import Task, TaskEvent
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows
from backend.platform.errors import RuleError
from backend.platform.settings import settings
from backend.standards.service import TaskState, TaskStep


class OwnTaskError(RuleError):
    """A second pair of eyes ends a task."""

    code = "own-task"
    title = "Your own task is not yours to close"
    title_zh = "不能关闭自己的任务"
    detail = "You own or submitted this task; another supervisor or a manager closes it."
    detail_zh = "您是该任务的负责人或提交人，请由其他主管或经理关闭。"


def refuse_own(actor: Actor, task: Task) -> None:
    """Raise OwnTaskError for what the actor owns or submitted."""
    if actor.id in (task.owner_id, task.submitted_by_id):
        raise OwnTaskError(reason="own")


def refuse_own_case(actor: Actor, store: Store, violation_id: UUID) -> None:
    """Raise OwnTaskError where the task of a violation is the actor's, or is going to be."""
    tasks = list(Task.select().where(Task.store == store.id, Task.violation_id == violation_id))
    for task in tasks:
        if task.ended_at is None:
            refuse_own(actor, task)
    if not tasks and store.owner_id == actor.id:
        raise OwnTaskError(reason="own")


def due_day(severity: int, on: date) -> date:
    """Return the day a task of a severity is due that was made on a day."""
    limits = settings()
    days = {
        1: limits.task_days_notice,
        2: limits.task_days_minor,
        3: limits.task_days_major,
        4: limits.task_days_critical,
    }
    return on + timedelta(days=days[severity])


def insert_new(actor: Actor | None, rows: list[dict[str, Any]], *, at: datetime) -> None:
    """Store new tasks, in the caller's transaction; a `due_on` of None is set by severity."""
    today = clock.business_date(at)
    for row in rows:
        due_on = row["due_on"] or due_day(row["severity"], today)
        row |= {
            "state": str(TaskState.ASSIGNED if row["owner"] else TaskState.OPEN),
            "made_at": at,
            "made_by_id": actor and actor.id,
            "due_on": due_on,
            "escalation": 0,
            "escalates_on": due_on + timedelta(days=1),
            "version": 1,
        }
    insert_rows(Task, rows)
    insert_rows(
        TaskEvent,
        [
            _event((row["store"], row["id"]), 1, TaskStep.OPENED, by=actor, at=at)
            | {"to_person_id": row["owner"], "note": row["note"]}
            for row in rows
        ],
    )
    for row in rows:
        ledger.append(
            actor,
            "task.opened",
            row["id"],
            at=at,
            store=row["store"],
            dealer=row["dealer"],
            region=row["region"],
            owner=row["owner"],
            severity=row["severity"],
            violation=row["violation_id"],
        )


def record(
    actor: Actor | None,
    task: Task,
    step: TaskStep,
    changes: dict[str, Any],
    *,
    at: datetime,
    note: str = "",
    to_person_id: int | None = None,
) -> None:
    """Change a task whose turn is held, and remember the step."""
    version = task.version + 1
    columns = {name: str(v) if name == "state" else v for name, v in changes.items()}
    if actor is not None:
        columns["acted_at"] = min(task.acted_at or at, at)
    Task.update(**columns, version=version).where(
        Task.store == task.store_id, Task.id == task.id
    ).execute()
    event = _event((task.store_id, task.id), version, step, by=actor, at=at) | {
        "to_person_id": to_person_id or changes.get("owner"),
        "note": note,
        "proof_visit_id": changes.get("proof_visit_id"),
        "proof_photo_id": changes.get("proof_photo_id"),
    }
    insert_rows(TaskEvent, [event])
    ledger.append(
        actor,
        f"task.{step}",
        task.id,
        at=at,
        store=task.store_id,
        dealer=task.dealer_id,
        region=task.region_id,
        owner=changes.get("owner", task.owner_id),
        to=to_person_id,
    )


def _event(
    task: tuple[int, UUID], number: int, step: TaskStep, *, by: Actor | None, at: datetime
) -> dict[str, Any]:
    return {
        "store": task[0],
        "task_id": task[1],
        "number": number,
        "step": str(step),
        "at": at,
        "person_id": by and by.id,
    }


def ending(state: TaskState, person_id: int | None, at: datetime) -> dict[str, Any]:
    """Return the columns that end a task."""
    return {"state": state, "ended_at": at, "ended_by_id": person_id, "escalates_on": None}


def beginning(task: Task, at: datetime) -> dict[str, Any]:
    """Return the columns that let an ended task begin again, with a new day by its severity."""
    due_on = due_day(task.severity, clock.business_date(at))
    return {
        "state": TaskState.ASSIGNED if task.owner_id else TaskState.OPEN,
        "due_on": due_on,
        "escalation": 0,
        "escalates_on": due_on + timedelta(days=1),
        "ended_at": None,
        "ended_by_id": None,
        **NO_PROOF,
    }


NO_PROOF = dict.fromkeys(("submitted_by_id", "proof_visit_id", "proof_photo_id"))
