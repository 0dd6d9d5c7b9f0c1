"""Tasks: what has to be put right in a store, by whom, until when, and its way to the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import Case, ModelSelect

from backend.fieldwork import proofs, violations
from backend.fieldwork.case_models import Task, TaskEvent
from backend.fieldwork.task_log import (
    NO_PROOF,
    beginning,
    ending,
    insert_new,
    record,
    refuse_own,
)
from backend.fieldwork.violation_models import Violation
from backend.network import people, sessions, stores
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import GRANTS, Actor, Permission, Role
from backend.platform.database import take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
)
from backend.standards.service import TaskOrigin, TaskState, TaskStep

RUNNING = (TaskState.OPEN, TaskState.ASSIGNED, TaskState.IN_PROGRESS, TaskState.SUBMITTED)
COMES_FROM: dict[TaskStep, tuple[TaskState, ...]] = {
    TaskStep.ASSIGNED: RUNNING,
    TaskStep.STARTED: (TaskState.ASSIGNED,),
    TaskStep.SUBMITTED: (TaskState.IN_PROGRESS,),
    TaskStep.REJECTED: (TaskState.SUBMITTED,),
    TaskStep.CLOSED: RUNNING,
    TaskStep.WRITTEN_OFF: RUNNING,
    TaskStep.REOPENED: (TaskState.CLOSED, TaskState.WRITTEN_OFF),
}
"""The states in which each step may be taken."""


class NotThatStepError(RuleError):
    """A task takes its steps in order."""

    code = "task-not-that-far"
    title = "The task cannot take this step now"
    title_zh = "任务当前状态不允许此操作"
    detail = "A task that is {state} cannot be {step}."
    detail_zh = "状态为 {state} 的任务不能执行 {step}。"


class NotYourTaskError(RuleError):
    """Whoever the task was given to works on it."""

    code = "not-your-task"
    title = "Somebody else's task"
    title_zh = "不是您的任务"
    detail = "Only its owner starts or submits a task; it belongs to {owner_id}."
    detail_zh = "只有负责人可以开始或提交任务，当前负责人为 {owner_id}。"


class NoTaskOwnerError(RuleError):
    """A task goes to somebody who visits stores."""

    code = "no-task-owner"
    title = "The person cannot own a task"
    title_zh = "该人员不能负责任务"
    detail = "Person {owner_id} is not active or does not visit stores."
    detail_zh = "人员 {owner_id} 已停用或不负责拜访门店。"


class OwnerOutOfReachError(RuleError):
    """Who is given a task can go to its store."""

    code = "owner-out-of-reach"
    title = "The store is not the person's to see"
    title_zh = "该人员无权查看门店"
    detail = "Person {owner_id} cannot see store {store_id}, so cannot do anything there."
    detail_zh = "人员 {owner_id} 无权查看门店 {store_id}，无法处理该任务。"


class CauseNeededError(RuleError):
    """What a trend asks for is a cause, in words."""

    code = "cause-needed"
    title = "Say what the cause is"
    title_zh = "请说明原因"
    detail = "A task about a dealer that falls ends with a note on its cause and what is done."
    detail_zh = "趋势下滑任务须以说明结束：写明原因和采取的措施。"


class TaskRunningError(ConflictError):
    """One violation has one running task."""

    code = "task-running"
    title = "There is a task for it"
    title_zh = "已有进行中的任务"
    detail = "Task {task_id} is running for this violation."
    detail_zh = "该违规已有进行中的任务 {task_id}。"


def list_tasks(
    actor: Actor,
    *,
    today: date,
    mine: bool = False,
    overdue: bool | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    violation_id: UUID | None = None,
    origin: str | None = None,
    kind: str | None = None,
    severity: int | None = None,
    state: str | None = None,
) -> ModelSelect[Task]:
    """Return tasks the actor may see with `is_overdue`, the first due first."""
    late = Task.late(today)
    tasks = _shown(today).where(Task.visible_to(actor))
    exact = {
        Task.store: store_id,
        Task.dealer: dealer_id,
        Task.violation_id: violation_id,
        Task.origin: origin,
        Task.kind: kind,
        Task.severity: severity,
        Task.state: state,
        Task.owner: actor.id if mine else None,
    }
    for column, value in exact.items():
        if value is not None:
            tasks = tasks.where(column == value)
    if overdue is not None:
        tasks = tasks.where(late if overdue else ~late)
    return tasks.order_by(Task.due_on, Task.severity.desc(), Task.id)


def get(actor: Actor, task_id: UUID, *, today: date) -> Task:
    """Return one task the actor may see, with `is_overdue`. Raises NotFoundError."""
    task = _shown(today).where(Task.visible_to(actor), Task.id == task_id).first()
    if task is None:
        raise NotFoundError(what="task")
    return task


def events(actor: Actor, task_id: UUID, *, today: date) -> ModelSelect[TaskEvent]:
    """Return the steps of a task, first to last. Raises NotFoundError."""
    task = get(actor, task_id, today=today)
    of_task = (TaskEvent.store == task.store_id) & (TaskEvent.task_id == task_id)
    return TaskEvent.select().where(of_task).order_by(TaskEvent.number)


def put(
    actor: Actor,
    task_id: UUID,
    *,
    store_id: int,
    severity: int | None,
    note: str,
    content_sha256: str,
    at: datetime,
    violation_id: UUID | None = None,
    owner_id: int | None = None,
    due_on: date | None = None,
) -> tuple[Task, bool]:
    """Make a task by hand; return it and whether it is new.

    It goes to the rep of the store unless another owner is named. For a violation its severity
    counts. Raises NotFoundError, IdTakenError, NoTaskOwnerError, OwnerOutOfReachError,
    TaskRunningError, or violations.AlreadyResolvedError.
    """
    today = clock.business_date(at)
    with transaction():
        take_turns(f"task:{task_id}")
        known = Task.get_or_none(Task.id == task_id)
        if known is not None:
            if (known.made_by_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(task_id))
            return get(actor, task_id, today=today), False
        store = stores.get(actor, store_id)
        if owner_id is not None:
            _check_owner(actor, owner_id, store_id, at)
        case = _case(actor, store_id, violation_id) if violation_id else None
        row = {
            "store": store_id,
            "id": task_id,
            "origin": str(TaskOrigin.HAND),
            "violation_id": violation_id,
            "kind": case and case.kind,
            "subject": case.subject if case else "",
            "severity": case.severity if case else severity or 1,
            "note": note,
            "dealer": stores.dealer_on(store_id, today),
            "region": store.region_id,
            "owner": owner_id or store.owner_id,
            "due_on": due_on,
            "content_sha256": content_sha256,
        }
        insert_new(actor, [row], at=at)
    return get(actor, task_id, today=today), True


def assign(
    actor: Actor,
    task_id: UUID,
    *,
    owner_id: int,
    due_on: date | None,
    note: str,
    version: int,
    at: datetime,
) -> Task:
    """Give a running task to somebody, perhaps with another day; what was submitted lapses.

    Raises NotFoundError, NoTaskOwnerError or OwnerOutOfReachError.
    """

    def changes(task: Task) -> dict[str, Any]:
        _check_owner(actor, owner_id, task.store_id, at)
        columns = {"owner": owner_id, "state": TaskState.ASSIGNED, **NO_PROOF}
        if due_on is not None:
            columns |= {"due_on": due_on}
            if task.escalates_on is not None:
                columns |= {"escalates_on": due_on + timedelta(days=1)}
        return columns

    return _step(actor, task_id, TaskStep.ASSIGNED, changes, note=note, version=version, at=at)


def start(actor: Actor, task_id: UUID, *, version: int, at: datetime) -> Task:
    """Begin one's own task. Raises NotYourTaskError."""

    def changes(task: Task) -> dict[str, Any]:
        _check_mine(actor, task)
        return {"state": TaskState.IN_PROGRESS}

    return _step(actor, task_id, TaskStep.STARTED, changes, note="", version=version, at=at)


def submit(
    actor: Actor,
    task_id: UUID,
    *,
    note: str,
    version: int,
    at: datetime,
    proof_visit_id: UUID | None = None,
    proof_photo_id: UUID | None = None,
) -> Task:
    """Say with a photo that one's own task is done, or in words what a trend came from.

    Raises NotYourTaskError, CauseNeededError or proofs.ProofNeededError.
    """

    def changes(task: Task) -> dict[str, Any]:
        _check_mine(actor, task)
        _check_proof(task, proof_visit_id, proof_photo_id, note)
        return {
            "state": TaskState.SUBMITTED,
            "submitted_by_id": actor.id,
            "proof_visit_id": proof_visit_id,
            "proof_photo_id": proof_photo_id,
        }

    return _step(actor, task_id, TaskStep.SUBMITTED, changes, note=note, version=version, at=at)


def reject(actor: Actor, task_id: UUID, *, reason: str, version: int, at: datetime) -> Task:
    """Send a submitted task back to its owner."""
    back = {"state": TaskState.IN_PROGRESS, **NO_PROOF}
    return _step(
        actor, task_id, TaskStep.REJECTED, lambda _: back, note=reason, version=version, at=at
    )


def close(
    actor: Actor,
    task_id: UUID,
    *,
    note: str,
    version: int,
    at: datetime,
    proof_visit_id: UUID | None = None,
    proof_photo_id: UUID | None = None,
) -> Task:
    """End a task on the proof that was submitted, or on one named here, and resolve its violation.

    One about a trend ends with words. Raises OwnTaskError, CauseNeededError, or ProofNeededError
    where nothing proves it or what proved it was before the last sighting.
    """

    def changes(task: Task) -> dict[str, Any]:
        refuse_own(actor, task)
        visit_id = proof_visit_id or task.proof_visit_id
        photo_id = proof_photo_id or task.proof_photo_id
        _check_proof(task, visit_id, photo_id, note, is_told=task.submitted_by_id is not None)
        case = _case_of(task)
        if case is not None and case.resolved_at is None and visit_id and photo_id:
            violations.resolve(
                actor,
                case.id,
                resolution=note or task.note or str(TaskState.CLOSED.zh),
                proof_visit_id=visit_id,
                proof_photo_id=photo_id,
                version=case.version,
                at=at,
            )
        return ending(TaskState.CLOSED, actor.id, at) | {
            "proof_visit_id": visit_id,
            "proof_photo_id": photo_id,
        }

    return _step(actor, task_id, TaskStep.CLOSED, changes, note=note, version=version, at=at)


def write_off(actor: Actor, task_id: UUID, *, reason: str, version: int, at: datetime) -> Task:
    """End a task that nobody will do; its violation stays open."""
    columns = ending(TaskState.WRITTEN_OFF, actor.id, at)
    return _step(
        actor, task_id, TaskStep.WRITTEN_OFF, lambda _: columns, note=reason, version=version, at=at
    )


def reopen(actor: Actor, task_id: UUID, *, reason: str, version: int, at: datetime) -> Task:
    """Take back the end of a task, and of its violation, with a new day by its severity.

    Raises TaskRunningError or violations.OpenAgainError when the case goes on elsewhere.
    """

    def changes(task: Task) -> dict[str, Any]:
        case = _case_of(task)
        if case is not None:
            _check_alone(task.store_id, case.id)
            if case.resolved_at is not None:
                violations.reopen(actor, case, at=at)
        return beginning(task, at)

    return _step(actor, task_id, TaskStep.REOPENED, changes, note=reason, version=version, at=at)


def _shown(today: date) -> ModelSelect[Task]:
    late = Case(None, [(Task.late(today), 1)], 0)
    return Task.select(Task, late.alias("is_overdue"))


def _step(
    actor: Actor,
    task_id: UUID,
    step: TaskStep,
    changes: Callable[[Task], dict[str, Any]],
    *,
    note: str,
    version: int,
    at: datetime,
) -> Task:
    """Take one step of one version of a task, and remember it."""
    today = clock.business_date(at)
    with transaction():
        take_turns(f"task:{task_id}")
        task = get(actor, task_id, today=today)
        if task.version != version:
            raise StaleError(version=task.version)
        if task.state not in COMES_FROM[step]:
            raise NotThatStepError(state=task.state, step=str(step), reason="state")
        record(actor, task, step, changes(task), at=at, note=note)
    return get(actor, task_id, today=today)


def _check_owner(actor: Actor, owner_id: int, store_id: int, at: datetime) -> None:
    owner = people.get(actor, owner_id)
    if Permission.TASK_WORK not in GRANTS[Role(owner.role)] or not owner.is_active:
        raise NoTaskOwnerError(
            owner_id=owner_id, errors={"json": {"owner_id": ["Does not visit stores."]}}
        )
    theirs = Store.visible_to(sessions.as_actor(owner, at=at))
    if not Store.select().where(theirs, Store.id == store_id).exists():
        raise OwnerOutOfReachError(
            owner_id=owner_id,
            store_id=store_id,
            errors={"json": {"owner_id": ["Cannot see the store."]}},
        )


def _check_proof(
    task: Task,
    visit_id: UUID | None,
    photo_id: UUID | None,
    note: str,
    *,
    is_told: bool = False,
) -> None:
    """Require what may end a task: a photo of its store, or words about a trend, now or before."""
    if task.origin == TaskOrigin.TREND:
        if not (note or is_told):
            raise CauseNeededError(reason="note")
    elif visit_id is None or photo_id is None:
        raise proofs.ProofNeededError(reason="proof")
    if visit_id is not None and photo_id is not None:
        proofs.check(task.store_id, visit_id, photo_id, after=_since(task))


def _check_mine(actor: Actor, task: Task) -> None:
    if task.owner_id != actor.id:
        raise NotYourTaskError(owner_id=task.owner_id)


def _case(actor: Actor, store_id: int, violation_id: UUID) -> Violation:
    """Return the open case a new task is for."""
    case = violations.get(actor, violation_id)
    if case.store_id != store_id:
        raise NotFoundError(what="violation")
    if case.resolved_at is not None:
        raise violations.AlreadyResolvedError(reason="resolved")
    _check_alone(store_id, violation_id)
    return case


def _check_alone(store_id: int, violation_id: UUID) -> None:
    running = Task.get_or_none(
        Task.store == store_id, Task.violation_id == violation_id, Task.ended_at.is_null()
    )
    if running is not None:
        raise TaskRunningError(task_id=str(running.id))


def _case_of(task: Task) -> Violation | None:
    if task.violation_id is None:
        return None
    case: Violation = Violation.get(
        Violation.store == task.store_id, Violation.id == task.violation_id
    )
    return case


def _since(task: Task) -> datetime:
    """Return after when a photo must have been taken to prove anything."""
    case = _case_of(task)
    return case.last_seen_at if case else task.made_at
