"""Routes for tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import tasks
from backend.fieldwork.case_models import Task, TaskEvent
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.tasks import (
    AssignmentSchema,
    ClosureSchema,
    NewTaskSchema,
    ReasonSchema,
    SubmissionSchema,
    TaskEventSchema,
    TaskQuerySchema,
    TaskSchema,
)

blp = Blueprint("tasks", __name__, description="What has to be put right, by whom, until when")
Answer = tuple[Task, int, dict[str, str]]


@blp.route("/tasks")
class Tasks(MethodView):
    """The collection."""

    @blp.guarded(Permission.TASK_READ)
    @blp.arguments(TaskQuerySchema, location="query")
    @blp.response(200, TaskSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Task]:
        """List tasks, the first due first"""
        return tasks.list_tasks(actor, today=clock.business_date(clock.now()), **filters)


@blp.route("/tasks/<uuid:task_id>")
class TaskById(MethodView):
    """One task."""

    @blp.guarded(Permission.TASK_READ)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, task_id: UUID) -> Answer:
        """Get a task"""
        return _answer(tasks.get(actor, task_id, today=clock.business_date(clock.now())))

    @blp.guarded(Permission.TASK_WRITE)
    @blp.arguments(NewTaskSchema)
    @blp.response(201, TaskSchema)
    @blp.alt_response(200, schema=TaskSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Make a task by hand

        It goes to the rep of the store unless an owner is named. Tasks for what a visit saw come
        by themselves.
        """
        task, is_new = tasks.put(
            actor,
            task_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return _answer(task, 201 if is_new else 200)


@blp.route("/tasks/<uuid:task_id>/events")
class TaskEvents(MethodView):
    """The life of a task."""

    @blp.guarded(Permission.TASK_READ)
    @blp.response(200, TaskEventSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, task_id: UUID) -> ModelSelect[TaskEvent]:
        """List the steps of a task, first to last"""
        return tasks.events(actor, task_id, today=clock.business_date(clock.now()))


@blp.route("/tasks/<uuid:task_id>/assignment")
class TaskAssignment(MethodView):
    """Whose a task is."""

    @blp.guarded(Permission.TASK_WRITE)
    @blp.versioned
    @blp.arguments(AssignmentSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Assign a running task, perhaps with another day

        What was submitted for it lapses.
        """
        version = expected_version()
        return _answer(tasks.assign(actor, task_id, **body, version=version, at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/start")
class TaskStart(MethodView):
    """The beginning of the work."""

    @blp.guarded(Permission.TASK_WORK)
    @blp.versioned
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, task_id: UUID) -> Answer:
        """Start one's own task"""
        return _answer(tasks.start(actor, task_id, version=expected_version(), at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/submission")
class TaskSubmission(MethodView):
    """The word that it is done."""

    @blp.guarded(Permission.TASK_WORK)
    @blp.versioned
    @blp.arguments(SubmissionSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Submit one's own task with a photo that proves it done

        The photo is of a visit to the store after the violation was last seen, or after the task
        was made.
        """
        version = expected_version()
        return _answer(tasks.submit(actor, task_id, **body, version=version, at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/rejection")
class TaskRejection(MethodView):
    """The way back."""

    @blp.guarded(Permission.TASK_WRITE)
    @blp.versioned
    @blp.arguments(ReasonSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Send a submitted task back to its owner"""
        version = expected_version()
        return _answer(tasks.reject(actor, task_id, **body, version=version, at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/closure")
class TaskClosure(MethodView):
    """The end, on proof."""

    @blp.guarded(Permission.TASK_WRITE)
    @blp.versioned
    @blp.arguments(ClosureSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Close a task on its proof, and resolve its violation

        Nobody closes a task that they own or submitted.
        """
        version = expected_version()
        return _answer(tasks.close(actor, task_id, **body, version=version, at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/write-off")
class TaskWriteOff(MethodView):
    """The end without."""

    @blp.guarded(Permission.TASK_WRITE)
    @blp.versioned
    @blp.arguments(ReasonSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Write off a task that nobody will do; its violation stays open"""
        version = expected_version()
        return _answer(tasks.write_off(actor, task_id, **body, version=version, at=clock.now()))


@blp.route("/tasks/<uuid:task_id>/reopening")
class TaskReopening(MethodView):
    """The end taken back."""

    @blp.guarded(Permission.TASK_WRITE)
    @blp.versioned
    @blp.arguments(ReasonSchema)
    @blp.response(200, TaskSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], task_id: UUID) -> Answer:
        """Reopen a task that had ended, and its violation with it"""
        version = expected_version()
        return _answer(tasks.reopen(actor, task_id, **body, version=version, at=clock.now()))


def _answer(task: Task, status: int = 200) -> Answer:
    return task, status, etag(task.version)
